// SPDX-License-Identifier: MIT

// Command run_output_error captures standard output while standard error still reaches the terminal; the command fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	command := "echo to stdout; echo to stderr 1>&2; exit 1"
	output, err := subprocess.Output(context.Background(), []string{command}, subprocess.Shell())
	var failed *subprocess.ExitError
	switch {
	case errors.As(err, &failed):
		fmt.Printf("ERROR: Command '%s' returned non-zero exit status %d\n", command, failed.ReturnCode)
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Printf("Have %d bytes in stdout: %s\n", len(output), output)
	}
}
