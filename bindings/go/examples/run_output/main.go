// SPDX-License-Identifier: MIT

// Command run_output captures standard output.
package main

import (
	"context"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	completed, err := subprocess.Run(context.Background(), []string{"ls", "-1"}, subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("returncode:", completed.ReturnCode)
	fmt.Printf("Have %d bytes in stdout:\n%s\n", len(completed.Stdout), completed.Stdout)
}
