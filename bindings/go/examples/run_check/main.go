// SPDX-License-Identifier: MIT

// Command run_check treats a nonzero return code as an error.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	_, err := subprocess.Run(context.Background(), []string{"false"}, subprocess.Check())
	var failed *subprocess.ExitError
	switch {
	case errors.As(err, &failed):
		fmt.Printf("ERROR: Command '['false']' returned non-zero exit status %d\n", failed.ReturnCode)
	case err != nil:
		log.Fatal(err)
	}
}
