// SPDX-License-Identifier: MIT

// Command pipeline does what pipes does by hand: three commands, one Process.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"libsubprocess.dev/subprocess"
)

func main() {
	file := "index.rst"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	process, err := subprocess.Pipeline([]subprocess.Stage{
		{Argv: []string{"cat", file}},
		{Argv: []string{"grep", ".. literalinclude::"}},
		{Argv: []string{"cut", "-f", "3", "-d:"}},
	}, subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()

	fmt.Println("Included files:")
	lines := bufio.NewScanner(process.Stdout())
	for lines.Scan() {
		fmt.Println(strings.TrimLeft(lines.Text(), " "))
	}
	if _, err := process.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
}
