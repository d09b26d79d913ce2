// SPDX-License-Identifier: MIT

// Command signal_parent_shell [SECONDS] signals a shell. The program that the shell runs, signal_child, does not get it.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"libsubprocess.dev/subprocess"
)

const script = `echo "Shell script in process $$"
set -x
./signal_child $1
`

func main() {
	argv := append([]string{"sh", "-s"}, os.Args[1:]...) // -s: the script comes from standard input
	process, err := subprocess.Start(argv, subprocess.Dir(filepath.Dir(os.Args[0])), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe), subprocess.StderrTo(subprocess.ToStdout))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	fmt.Printf("PARENT      : Pausing before signaling %d...\n", process.Pid())
	if _, err := process.Stdin().Write([]byte(script)); err != nil {
		log.Fatal(err)
	}
	process.Stdin().Close()
	lines := bufio.NewScanner(process.Stdout())
	for lines.Scan() {
		fmt.Println(lines.Text())
		if strings.Contains(lines.Text(), "Pausing") {
			fmt.Printf("PARENT      : Signaling child %d\n", process.Pid())
			if err := process.Signal(syscall.SIGUSR1); err != nil {
				log.Fatal(err)
			}
		}
	}
	if _, err := process.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
}
