// SPDX-License-Identifier: MIT

// Command os_system runs a command whose output goes straight to the terminal.
package main

import (
	"context"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	completed, err := subprocess.Run(context.Background(), []string{"ls", "-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("returncode:", completed.ReturnCode)
}
