// SPDX-License-Identifier: MIT

// Command shell_variables lets a shell expand a variable.
package main

import (
	"context"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	completed, err := subprocess.Run(context.Background(), []string{"echo $HOME"}, subprocess.Shell())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("returncode:", completed.ReturnCode)
}
