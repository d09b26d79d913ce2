// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

// patience bounds what must end by itself; it is never reached when things work.
const patience = 30 * time.Second

var background = context.Background()

func limited(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(background, d)
	t.Cleanup(cancel)
	return ctx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t testing.TB, argv []string, options ...subprocess.Option) *subprocess.Process {
	t.Helper()
	process, err := subprocess.Start(argv, options...)
	must(t, err)
	t.Cleanup(func() {
		process.Kill()
		process.Close()
	})
	return process
}

// startCat starts a child that repeats what it is told, and waits meanwhile.
func startCat(t testing.TB, options ...subprocess.Option) *subprocess.Process {
	t.Helper()
	return start(t, []string{"cat"}, append(options, subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe))...)
}

func expectError(t testing.TB, err error, targets ...error) {
	t.Helper()
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("%v is not %v", err, target)
		}
	}
}

func expectEqual(t testing.TB, what string, seen, expected interface{}) {
	t.Helper()
	if seen != expected {
		t.Errorf("%s: expected %v, got %v", what, expected, seen)
	}
}

func expectOutput(t testing.TB, seen []byte, expected string) {
	t.Helper()
	if string(seen) != expected {
		t.Errorf("expected %q, got %q", expected, seen)
	}
}

// await returns when the condition holds, which no event tells.
func await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: still not after %v", what, patience)
		}
	}
}

// awaitBlocked returns when n goroutines are inside a call of C called `wrapper`.
func awaitBlocked(t testing.TB, wrapper string, n int) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	await(t, wrapper+" is not entered", func() bool {
		all := string(stacks[:runtime.Stack(stacks, true)])
		return strings.Count(all, "_Cfunc__wrap_"+wrapper+"_native_") >= n
	})
}

func openFDs(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}

// zombies counts children of ours that have ended and were not reaped.
func zombies(t testing.TB) int {
	t.Helper()
	count := 0
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	self := " Z " + strconv.Itoa(os.Getpid()) + " "
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), self) {
			count++
		}
	}
	return count
}

func isAlive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// isRunning is isAlive for a process that has not ended, be it reaped or not.
func isRunning(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(text), ") Z ")
}

func kill(t testing.TB, pid int) {
	t.Helper()
	must(t, syscall.Kill(pid, syscall.SIGKILL))
}
