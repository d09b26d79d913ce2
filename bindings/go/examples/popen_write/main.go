// SPDX-License-Identifier: MIT

// Command popen_write starts a command, then feeds it.
package main

import (
	"context"
	"fmt"
	"log"

	"libsubprocess.dev/subprocess"
)

func main() {
	fmt.Println("write:")
	process, err := subprocess.Start([]string{"cat", "-"}, subprocess.StdinFrom(subprocess.Pipe))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	if _, err := process.Communicate(context.Background(), []byte("stdin: to stdin\n")); err != nil {
		log.Fatal(err)
	}
}
