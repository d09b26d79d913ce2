// SPDX-License-Identifier: MIT

// Command popen2 talks to a command in both directions: feeds its input and reads its output.
package main

import (
	"context"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	fmt.Println("popen2:")
	process, err := subprocess.Start([]string{"cat", "-"}, subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	result, err := process.Communicate(context.Background(), []byte("through stdin to stdout"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("pass through: '%s'\n", result.Stdout)
}
