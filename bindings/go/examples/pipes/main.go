// SPDX-License-Identifier: MIT

// Command pipes joins cat FILE | grep ".. literalinclude::" | cut -f 3 -d: by hand; pipeline needs one call.
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

// start starts a command that reads from the one before it, if there is one.
func start(before *subprocess.Process, argv ...string) *subprocess.Process {
	options := []subprocess.Option{subprocess.StdoutTo(subprocess.Pipe)}
	if before != nil {
		options = append(options, subprocess.StdinFrom(subprocess.OutputOf(before.Stdout())))
		defer before.Stdout().Close() // should this one end early, that one must notice
	}
	process, err := subprocess.Start(argv, options...)
	if err != nil {
		log.Fatal(err)
	}
	return process
}

func main() {
	file := "index.rst"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	cat := start(nil, "cat", file)
	defer cat.Close()
	grep := start(cat, "grep", ".. literalinclude::")
	defer grep.Close()
	cut := start(grep, "cut", "-f", "3", "-d:")
	defer cut.Close()

	fmt.Println("Included files:")
	lines := bufio.NewScanner(cut.Stdout())
	for lines.Scan() {
		fmt.Println(strings.TrimLeft(lines.Text(), " "))
	}
	for _, process := range []*subprocess.Process{cat, grep, cut} {
		if _, err := process.Wait(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
}
