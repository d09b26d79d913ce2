// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

// residentSize is our own, in bytes.
func residentSize(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	must(t, err)
	return pages * os.Getpagesize()
}

// everyWay goes each way through the package once: success, failure, limits, forgotten and closed processes.
func everyWay(t *testing.T) {
	output, err := subprocess.Output(background, []string{"echo", "x"})
	must(t, err)
	expectOutput(t, output, "x\n")
	_, err = subprocess.Run(background, []string{"no-such-program-here"}, subprocess.Capture())
	expectError(t, err, os.ErrNotExist)
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	_, err = subprocess.Run(ctx, []string{"sleep", "600"}, subprocess.Capture(),
		subprocess.OnOutput(func(subprocess.Stream, []byte) error { return nil }))
	cancel()
	expectError(t, err, context.DeadlineExceeded)
	_, err = subprocess.Run(background, []string{"echo", "x"}, subprocess.Capture(),
		subprocess.OnOutput(func(subprocess.Stream, []byte) error { return errors.New("enough") }))
	expectError(t, err, subprocess.ErrCanceled)

	process, err := subprocess.Start([]string{"cat"}, subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe),
		subprocess.OnOutput(func(subprocess.Stream, []byte) error { return nil }))
	must(t, err)
	_, err = process.Stdin().Write([]byte("line\nrest"))
	must(t, err)
	_, err = process.Stdout().ReadLine(background)
	must(t, err)
	ctx, cancel = context.WithCancel(background)
	go cancel()
	_, err = process.Wait(ctx)
	expectError(t, err, context.Canceled)
	_, err = process.Communicate(background, nil)
	must(t, err)
	must(t, process.Close())

	pipeline, err := subprocess.Pipeline(stages([]string{"cat"}, []string{"cat"}), subprocess.StdinFrom(subprocess.Pipe))
	must(t, err)
	must(t, pipeline.Close())
	cmd := subprocess.Command("cat")
	cmd.Stdin = strings.NewReader("x")
	_, err = cmd.Output()
	must(t, err)
}

func TestNothingLeaks(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	for i := 0; i < rounds/5; i++ {
		everyWay(t) // until all caches are filled
	}
	settle(t)
	fds, goroutines, size := openFDs(t), runtime.NumGoroutine(), residentSize(t)
	for i := 0; i < rounds; i++ {
		everyWay(t)
	}
	settle(t)
	await(t, "children are reaped", func() bool {
		subprocess.ReleaseCaches()
		return zombies(t) == 0
	})
	if now := openFDs(t); now > fds+8 {
		t.Errorf("%d descriptors became %d", fds, now)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines became %d", goroutines, now)
	}
	if now := residentSize(t); now > size+16<<20 {
		t.Errorf("%d bytes became %d", size, now)
	}
}

func settle(t *testing.T) {
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	subprocess.ReleaseCaches()
}
