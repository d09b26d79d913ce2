// SPDX-License-Identifier: MIT

// Command signal_setpgrp signals a whole process group: the shell and the program that the shell started, signal_child.
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
./signal_child
`

func main() {
	process, err := subprocess.Start([]string{"sh", "-s"}, subprocess.NewGroup(), subprocess.Dir(filepath.Dir(os.Args[0])),
		subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe), subprocess.StderrTo(subprocess.ToStdout))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	group, err := syscall.Getpgid(process.Pid())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Calling setpgid() from", process.Pid())
	fmt.Println("Process group is now", group)
	fmt.Printf("PARENT      : Pausing before signaling %d...\n", process.Pid())
	if _, err := process.Stdin().Write([]byte(script)); err != nil {
		log.Fatal(err)
	}
	process.Stdin().Close()
	lines := bufio.NewScanner(process.Stdout())
	for lines.Scan() {
		fmt.Println(lines.Text())
		if strings.Contains(lines.Text(), "Pausing") {
			fmt.Printf("PARENT      : Signaling process group %d\n", process.Pid())
			if err := process.SignalGroup(syscall.SIGUSR1); err != nil {
				log.Fatal(err)
			}
		}
	}
	if _, err := process.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
}
