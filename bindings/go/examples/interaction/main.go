// SPDX-License-Identifier: MIT

// Command interaction holds a conversation with a child, repeater: first line by line, then all at once.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"libsubprocess.dev/subprocess"
)

func converse(oneAtATime bool) error {
	ctx := context.Background()
	// The child is in the directory that this program was started from.
	process, err := subprocess.Start([]string{"./repeater"}, subprocess.Dir(filepath.Dir(os.Args[0])),
		subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		return err
	}
	defer process.Close()
	for i := 0; i < 5; i++ {
		if _, err := fmt.Fprintln(process.Stdin(), i); err != nil {
			return err
		}
		if oneAtATime {
			line, err := process.Stdout().ReadLine(ctx)
			if err != nil {
				return err
			}
			fmt.Print(string(line))
		}
	}
	rest, err := process.Communicate(ctx, nil) // end of input, and what remains
	if err != nil {
		return err
	}
	fmt.Println(string(rest.Stdout))
	return nil
}

func main() {
	fmt.Println("One line at a time:")
	if err := converse(true); err != nil {
		log.Fatal(err)
	}
	fmt.Println("\nAll output at once:")
	if err := converse(false); err != nil {
		log.Fatal(err)
	}
}
