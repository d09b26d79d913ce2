// SPDX-License-Identifier: MIT

// Command popen3 watches standard output and standard error, each for itself, while it feeds the command.
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
	fmt.Println("popen3:")
	process, err := subprocess.Start([]string{`cat -; echo "to stderr" 1>&2`}, subprocess.Shell(),
		subprocess.StdinFrom(subprocess.Pipe), subprocess.Capture())
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	result, err := process.Communicate(context.Background(), []byte("through stdin to stdout"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("pass through:", quoted(result.Stdout))
	fmt.Println("stderr      :", quoted(result.Stderr))
}
