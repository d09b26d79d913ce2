// SPDX-License-Identifier: MIT

// Command signal_parent sends a signal to a child, signal_child, as soon as the child says that it is ready.
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

func main() {
	process, err := subprocess.Start([]string{"./signal_child"}, subprocess.Dir(filepath.Dir(os.Args[0])),
		subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		log.Fatal(err)
	}
	defer process.Close()
	fmt.Println("PARENT      : Pausing before sending signal...")
	lines := bufio.NewScanner(process.Stdout())
	for lines.Scan() {
		fmt.Println(lines.Text())
		if strings.Contains(lines.Text(), "Pausing") {
			fmt.Println("PARENT      : Signaling child")
			if err := process.Signal(syscall.SIGUSR1); err != nil {
				log.Fatal(err)
			}
		}
	}
	if _, err := process.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
}
