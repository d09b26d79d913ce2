// SPDX-License-Identifier: MIT

// Command signal_child [SECONDS] is the child of the signal examples. Waits for SIGUSR1, by default at most 3 seconds.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	seconds := 3
	if len(os.Args) > 1 {
		seconds, _ = strconv.Atoi(os.Args[1])
	}
	say := func(text string) { fmt.Printf("CHILD %6d: %s\n", os.Getpid(), text) }

	say("Setting up signal handler")
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGUSR1)
	say("Pausing to wait for signal")
	select {
	case <-received:
		say("Received USR1")
	case <-time.After(time.Duration(seconds) * time.Second):
		say("Never received signal")
	}
}
