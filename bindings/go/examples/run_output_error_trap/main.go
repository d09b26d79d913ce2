// SPDX-License-Identifier: MIT

// Command run_output_error_trap captures both streams, each for itself; without Check a failing command is no error.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"libsubprocess.dev/subprocess"
)

// quoted writes a text as Python does, as far as this program needs it.
func quoted(text []byte) string {
	return "'" + strings.ReplaceAll(string(text), "\n", "\\n") + "'"
}

func main() {
	completed, err := subprocess.Run(context.Background(), []string{"echo to stdout; echo to stderr 1>&2; exit 1"},
		subprocess.Shell(), subprocess.Capture())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("returncode:", completed.ReturnCode)
	fmt.Printf("Have %d bytes in stdout: %s\n", len(completed.Stdout), quoted(completed.Stdout))
	fmt.Printf("Have %d bytes in stderr: %s\n", len(completed.Stderr), quoted(completed.Stderr))
}
