// SPDX-License-Identifier: MIT

// Command popen_read starts a command, then reads all of its output.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"libsubprocess.dev/subprocess"
)

// quoted writes a text as Python does, as far as this program needs it.
func quoted(text []byte) string {
	return "'" + strings.ReplaceAll(string(text), "\n", "\\n") + "'"
}

func main() {
	fmt.Println("read:")
	process, err := subprocess.Start([]string{"echo", `"to stdout"`}, subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	result, err := process.Communicate(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stdout:", quoted(result.Stdout))
}
