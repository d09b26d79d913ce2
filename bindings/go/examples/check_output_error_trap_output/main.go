// SPDX-License-Identifier: MIT

// Command check_output_error_trap_output merges standard error into the captured output.
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
	output, err := subprocess.Output(context.Background(), []string{"echo to stdout; echo to stderr 1>&2"},
		subprocess.Shell(), subprocess.StderrTo(subprocess.ToStdout))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Have %d bytes in output: %s\n", len(output), quoted(output))
}
