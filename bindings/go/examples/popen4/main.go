// SPDX-License-Identifier: MIT

// Command popen4 reads standard output and standard error as one stream, in the order of writing.
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
	fmt.Println("popen4:")
	process, err := subprocess.Start([]string{`cat -; echo "to stderr" 1>&2`}, subprocess.Shell(),
		subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe), subprocess.StderrTo(subprocess.ToStdout))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	result, err := process.Communicate(context.Background(), []byte("through stdin to stdout\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("combined output:", quoted(result.Stdout))
	if result.Stderr == nil { // it was not captured by itself
		fmt.Println("stderr value    : None")
	}
}
