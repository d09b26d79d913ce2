// SPDX-License-Identifier: MIT

// Command bench compares what it costs to start a tiny child and to capture its 6 bytes: this package and os/exec, in turns.
//
//	go run ./bench [ROUNDS [PROGRAM]]
//
// PROGRAM prints "hello\n". An ordinary dynamic program, as /bin/echo is, costs ten times of what is measured; a small static one
// shows the difference.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"sort"
	"strconv"
	"time"

	"libsubprocess.dev/subprocess"
)

const perTurn = 50

type contender struct {
	name  string
	run   func() ([]byte, error)
	turns []time.Duration // of one child, by turn
}

func (c *contender) turn() {
	start := time.Now()
	for i := 0; i < perTurn; i++ {
		output, err := c.run()
		if err != nil || string(output) != "hello\n" {
			log.Fatalf("%s: %q, %v", c.name, output, err)
		}
	}
	c.turns = append(c.turns, time.Since(start)/perTurn)
}

func (c *contender) median() time.Duration {
	sort.Slice(c.turns, func(i, j int) bool { return c.turns[i] < c.turns[j] })
	return c.turns[len(c.turns)/2]
}

func main() {
	rounds := 40
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	argv := []string{"/bin/echo", "hello"}
	if len(os.Args) > 2 {
		argv[0] = os.Args[2]
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	contenders := []*contender{
		{name: "os/exec Output", run: func() ([]byte, error) { return exec.Command(argv[0], argv[1]).Output() }},
		{name: "subprocess.Output", run: func() ([]byte, error) { return subprocess.Output(context.Background(), argv) }},
		{name: "with a cancellable context", run: func() ([]byte, error) { return subprocess.Output(ctx, argv) }},
		{name: "Cmd.Output", run: func() ([]byte, error) { return subprocess.Command(argv[0], argv[1]).Output() }},
	}
	for round := 0; round < rounds; round++ {
		for _, c := range contenders {
			c.turn()
		}
	}
	fmt.Printf("%s, %d rounds of %d children, median\n", runtime.Version(), rounds, perTurn)
	base := contenders[0].median()
	for _, c := range contenders {
		fmt.Printf("%-28s %8.1f us  %.2fx\n", c.name, float64(c.median().Nanoseconds())/1e3, float64(base)/float64(c.median()))
	}
}
