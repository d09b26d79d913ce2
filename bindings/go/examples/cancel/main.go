// SPDX-License-Identifier: MIT

// Command cancel COMMAND [ARG...] runs a command until it ends or Ctrl-C is pressed, which cancels the context.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"

	"libsubprocess.dev/subprocess"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// In a group of its own the command does not get the terminal's Ctrl-C: to end it is up to us.
	result, err := subprocess.Run(ctx, os.Args[1:], subprocess.NewGroup())
	switch {
	case err == nil:
		fmt.Println("done, returncode:", result.ReturnCode)
	case errors.Is(err, context.Canceled):
		fmt.Println("canceled, returncode:", result.ReturnCode)
	default:
		log.Fatal(err)
	}
}
