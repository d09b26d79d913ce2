// SPDX-License-Identifier: MIT

// Command run_output_error_suppress throws both streams away; what was not captured is nil.
package main

import (
	"context"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func textOrNone(output []byte) string {
	if output == nil {
		return "None"
	}
	return string(output)
}

func main() {
	completed, err := subprocess.Run(context.Background(), []string{"echo to stdout; echo to stderr 1>&2; exit 1"},
		subprocess.Shell(), subprocess.StdoutTo(subprocess.DevNull), subprocess.StderrTo(subprocess.DevNull))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("returncode:", completed.ReturnCode)
	fmt.Println("stdout is", textOrNone(completed.Stdout))
	fmt.Println("stderr is", textOrNone(completed.Stderr))
}
