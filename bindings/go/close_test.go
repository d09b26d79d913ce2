// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"libsubprocess.dev/subprocess"
)

func errorIs(err, target error) bool { return errors.Is(err, target) }

func TestCloseWakesEveryBlockingCall(t *testing.T) {
	for _, c := range blockingCalls {
		c := c
		t.Run(c.name, func(t *testing.T) {
			process := startDeaf(t)
			cancellable, cancel := context.WithCancel(background)
			defer cancel()
			for _, ctx := range []context.Context{background, cancellable} {
				ended := make(chan error, 1)
				ctx := ctx
				go func() { ended <- c.call(ctx, process) }()
				awaitBlocked(t, c.wrapper, 1)
				must(t, process.Close())
				expectError(t, <-ended, os.ErrClosed, subprocess.ErrClosed)
				process = startDeaf(t)
			}
		})
	}
}

func TestUseAfterClose(t *testing.T) {
	process := startCat(t, subprocess.NewGroup())
	must(t, process.Close())
	must(t, process.Close())
	for _, c := range blockingCalls {
		if c.name != "StageProcess.Wait" {
			expectError(t, c.call(background, process), os.ErrClosed)
		}
	}
	_, _, err := process.Poll()
	expectError(t, err, os.ErrClosed)
	_, err = process.Stop(0)
	expectError(t, err, os.ErrClosed)
	_, err = process.Finish(0)
	expectError(t, err, os.ErrClosed)
	expectError(t, process.Kill(), os.ErrClosed)
	expectError(t, process.KillGroup(), os.ErrClosed)
	_, err = process.Stdout().Release()
	expectError(t, err, os.ErrClosed)
	must(t, process.Stdin().Close())
	expectEqual(t, "descriptor", process.Stdin().Fd(), -1)
	if process.Pid() <= 0 {
		t.Error("the pid is forgotten")
	}
}

func TestCloseOfAStreamWakesItsReader(t *testing.T) {
	process := startDeaf(t)
	ended := make(chan error, 1)
	go func() {
		_, err := process.Stdout().Read(make([]byte, 1))
		ended <- err
	}()
	awaitBlocked(t, "read", 1)
	must(t, process.Stdout().Close())
	expectError(t, <-ended, os.ErrClosed)
	must(t, process.Stdout().Close())
	_, ended2, err := process.Poll()
	must(t, err)
	expectEqual(t, "ended", ended2, false)
}

// Closing neither kills nor waits; the children are reaped by later calls.
func TestCloseLeavesTheChildAlone(t *testing.T) {
	gate := startCat(t)
	child := start(t, []string{"cat"}, subprocess.StdinFrom(subprocess.OutputOf(gate.Stdout())))
	must(t, child.Close())
	if !isRunning(child.Pid()) {
		t.Error("it was killed")
	}
	must(t, gate.Stdin().Close())
	must(t, gate.Stdout().Close())
	await(t, "the child is reaped", func() bool {
		subprocess.ReleaseCaches()
		return !isAlive(child.Pid())
	})
}

func TestKillOnClose(t *testing.T) {
	process := start(t, []string{"sleep", "600"}, subprocess.KillOnClose())
	must(t, process.Close())
	await(t, "the child is gone", func() bool {
		subprocess.ReleaseCaches()
		return !isAlive(process.Pid())
	})
}

// A program whose collector has nothing to do must not run out of descriptors.
func TestCloseGivesAllDescriptorsBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := openFDs(t)
	for i := 0; i < 200; i++ {
		process, err := subprocess.Start([]string{"cat"}, subprocess.StdinFrom(subprocess.Pipe))
		must(t, err)
		must(t, process.Stdin().Close())
		_, err = process.Wait(background)
		must(t, err)
		must(t, process.Close())
	}
	if now := openFDs(t); now > before+20 {
		t.Errorf("%d descriptors became %d", before, now)
	}
}

func forget(t *testing.T, options ...subprocess.Option) (pid int) {
	process, err := subprocess.Start([]string{"cat"}, append(options, subprocess.StdinFrom(subprocess.Pipe))...)
	must(t, err)
	return process.Pid()
}

// What is forgotten gives back its descriptors; only KillOnClose kills.
func TestForgottenProcesses(t *testing.T) {
	before := openFDs(t)
	for i := 0; i < 50; i++ {
		forget(t)
	}
	await(t, "descriptors are given back", func() bool {
		runtime.GC()
		subprocess.ReleaseCaches() // the children have ended with their input
		return openFDs(t) <= before+8
	})
	sleeper, err := subprocess.Start([]string{"sleep", "600"})
	must(t, err)
	pid := sleeper.Pid()
	sleeper = nil
	for i := 0; i < 5; i++ {
		runtime.GC()
	}
	if !isRunning(pid) {
		t.Error("the collector killed it")
	}
	kill(t, pid)
	pid = forget(t, subprocess.KillOnClose())
	await(t, "the child is killed", func() bool {
		runtime.GC()
		subprocess.ReleaseCaches()
		return !isAlive(pid)
	})
}

// Streams keep their process.
func TestStreamsKeepTheProcess(t *testing.T) {
	read := func() *subprocess.Reader {
		process, err := subprocess.Start(sh("read x; echo $x"), subprocess.StdinFrom(subprocess.Pipe),
			subprocess.StdoutTo(subprocess.Pipe))
		must(t, err)
		_, err = process.Stdin().Write([]byte("kept\n"))
		must(t, err)
		return process.Stdout()
	}()
	for i := 0; i < 5; i++ {
		runtime.GC()
	}
	output, err := io.ReadAll(read)
	must(t, err)
	expectOutput(t, output, "kept\n")
}
