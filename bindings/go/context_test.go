// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

// blockingCalls are all that a context can end, by the function of C that they block in.
var blockingCalls = []struct {
	name    string
	wrapper string
	call    func(ctx context.Context, p *subprocess.Process) error
}{
	{"Communicate", "communicate", func(ctx context.Context, p *subprocess.Process) error {
		_, err := p.Communicate(ctx, bytes.Repeat([]byte("x"), 1<<20))
		return err
	}},
	{"Wait", "wait", func(ctx context.Context, p *subprocess.Process) error {
		_, err := p.Wait(ctx)
		return err
	}},
	{"StageProcess.Wait", "wait", func(ctx context.Context, p *subprocess.Process) error {
		_, err := p.Stages()[0].Wait(ctx)
		return err
	}},
	{"Read", "read", func(ctx context.Context, p *subprocess.Process) error {
		_, err := p.Stdout().ReadContext(ctx, make([]byte, 1))
		return err
	}},
	{"ReadLine", "ReadLine", func(ctx context.Context, p *subprocess.Process) error {
		_, err := p.Stdout().ReadLine(ctx)
		return err
	}},
	{"Write", "write", func(ctx context.Context, p *subprocess.Process) error {
		_, err := p.Stdin().WriteContext(ctx, make([]byte, 1<<20))
		return err
	}},
}

// startDeaf starts a child that neither reads its input nor writes, until the test ends.
func startDeaf(t *testing.T) *subprocess.Process {
	gate, ours, err := os.Pipe()
	must(t, err)
	defer gate.Close()
	t.Cleanup(func() { ours.Close() })
	return start(t, []string{"cat", "/dev/fd/3"}, subprocess.MapFile(3, gate), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe))
}

func TestCancelEndsEveryBlockingCall(t *testing.T) {
	for _, c := range blockingCalls {
		c := c
		t.Run(c.name, func(t *testing.T) {
			process := startDeaf(t)
			for round := 0; round < 3; round++ { // a call may be made again
				ctx, cancel := context.WithCancel(background)
				ended := make(chan error, 1)
				go func() { ended <- c.call(ctx, process) }()
				awaitBlocked(t, c.wrapper, 1)
				cancel()
				err := <-ended
				expectError(t, err, context.Canceled, subprocess.ErrCanceled)
			}
			_, ended, err := process.Poll()
			must(t, err)
			expectEqual(t, "ended", ended, false)
		})
	}
}

func TestDeadlineEndsEveryBlockingCall(t *testing.T) {
	for _, c := range blockingCalls {
		process := startDeaf(t)
		begin := time.Now()
		err := c.call(limited(t, 50*time.Millisecond), process)
		expectError(t, err, context.DeadlineExceeded, subprocess.ErrTimeout)
		if took := time.Since(begin); took < 50*time.Millisecond || took > patience {
			t.Errorf("%s took %v", c.name, took)
		}
	}
}

func TestContextsThatAreDoneBefore(t *testing.T) {
	cancelled, cancel := context.WithCancel(background)
	cancel()
	for _, c := range blockingCalls {
		process := startDeaf(t)
		expectError(t, c.call(cancelled, process), context.Canceled)
		expectError(t, c.call(limited(t, 0), process), context.DeadlineExceeded)
	}
	_, err := subprocess.Run(cancelled, []string{"no-such-program-here"})
	expectError(t, err, context.Canceled)
	_, err = subprocess.Run(limited(t, 0), []string{"no-such-program-here"})
	expectError(t, err, context.DeadlineExceeded, subprocess.ErrTimeout)
}

// What is there already is got even when the time is over.
func TestExpiredContextAsksWithoutWaiting(t *testing.T) {
	process := start(t, []string{"echo", "x"}, subprocess.StdoutTo(subprocess.Pipe))
	_, err := process.Wait(background)
	must(t, err)
	code, err := process.Wait(limited(t, 0))
	must(t, err)
	expectEqual(t, "code", code, 0)
	line, err := process.Stdout().ReadLine(limited(t, 0))
	must(t, err)
	expectOutput(t, line, "x\n")
}

func TestCancelledRunKillsAndKeepsTheOutput(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	seen := subprocess.OnOutput(func(subprocess.Stream, []byte) error {
		cancel()
		return nil
	})
	result, err := subprocess.Run(ctx, sh("echo early; exec sleep 600"), subprocess.Capture(), seen)
	expectError(t, err, context.Canceled, subprocess.ErrCanceled)
	expectEqual(t, "return code", result.ReturnCode, -9)
	expectOutput(t, result.Stdout, "early\n")

	result, err = subprocess.RunPipeline(limited(t, 300*time.Millisecond), stages([]string{"cat"}, []string{"sleep", "600"}),
		subprocess.Capture(), subprocess.Input([]byte("x")))
	expectError(t, err, context.DeadlineExceeded, subprocess.ErrTimeout)
	if result == nil || result.ReturnCode != -9 {
		t.Errorf("%+v", result)
	}
}

// Tokens are used again: what cancelled one call must not reach the next.
func TestCancelledCallsLeaveNothingTriggered(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	for i := 0; i < 20; i++ {
		cancelled, cancelNow := context.WithCancel(background)
		_, err := subprocess.Run(cancelled, []string{"echo", "x"}, subprocess.Capture(),
			subprocess.OnOutput(func(subprocess.Stream, []byte) error {
				cancelNow()
				return nil
			}))
		if err != nil { // it may have ended before
			expectError(t, err, context.Canceled)
		}
		result, err := subprocess.Run(ctx, []string{"echo", "x"}, subprocess.Capture())
		must(t, err)
		expectOutput(t, result.Stdout, "x\n")
	}
}

// The earlier one of Timeout and the context's deadline counts, and is named.
func TestTimeoutBesideADeadline(t *testing.T) {
	argv := []string{"sleep", "600"}
	_, err := subprocess.Run(limited(t, patience), argv, subprocess.Timeout(50*time.Millisecond))
	expectError(t, err, subprocess.ErrTimeout)
	if errorIs(err, context.DeadlineExceeded) {
		t.Error("that was not the context's deadline")
	}
	_, err = subprocess.Run(limited(t, 50*time.Millisecond), argv, subprocess.Timeout(patience))
	expectError(t, err, subprocess.ErrTimeout, context.DeadlineExceeded)
}

// The token of a process wakes all calls on it: those with another context must go on.
func TestContextsDoNotDisturbEachOther(t *testing.T) {
	process := startCat(t)
	type waiting struct {
		cancel context.CancelFunc
		ended  chan error
	}
	const waiters = 8
	list := []waiting{}
	for i := 0; i < waiters; i++ {
		ctx, cancel := context.WithCancel(background)
		w := waiting{cancel, make(chan error, 1)}
		list = append(list, w)
		go func() {
			_, err := process.Wait(ctx)
			w.ended <- err
		}()
	}
	line := make(chan string, 1)
	go func() {
		text, err := process.Stdout().ReadLine(background)
		line <- string(text)
		if err != nil {
			t.Error(err)
		}
	}()
	awaitBlocked(t, "wait", waiters)
	awaitBlocked(t, "ReadLine", 1)
	var group sync.WaitGroup
	for _, w := range list[1:] {
		group.Add(1)
		go func(w waiting) {
			defer group.Done()
			w.cancel()
			expectError(t, <-w.ended, context.Canceled)
		}(w)
	}
	group.Wait()
	awaitBlocked(t, "wait", 1)
	select {
	case err := <-list[0].ended:
		t.Errorf("the first waiter was woken: %v", err)
	default:
	}
	_, err := process.Stdin().Write([]byte("still here\n"))
	must(t, err)
	expectEqual(t, "line", <-line, "still here\n")
	must(t, process.Stdin().Close())
	must(t, <-list[0].ended)
	list[0].cancel()
}

// All of a big write arrives once, whatever wakes the writer in between.
func TestWriteThatIsDisturbed(t *testing.T) {
	process := start(t, []string{"md5sum"}, subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				ctx, cancel := context.WithTimeout(background, 200*time.Microsecond)
				process.Wait(ctx)
				cancel()
				ctx, cancel = context.WithCancel(background)
				go cancel()
				process.Wait(ctx)
			}
		}
	}()
	count, err := process.Stdin().Write(make([]byte, 20<<20))
	must(t, err)
	expectEqual(t, "bytes", count, 20<<20)
	close(stop)
	<-stopped
	must(t, process.Stdin().Close())
	line, err := process.Stdout().ReadLine(background)
	must(t, err)
	expectOutput(t, line, "8f4e33f3dc3e414ff94e5fb6905cba8c  -\n")
}

// A call that waits for its turn is ended by its context and by Close, too.
func TestTurnsEnd(t *testing.T) {
	process := startDeaf(t)
	go process.Stdout().ReadLine(background)
	awaitBlocked(t, "ReadLine", 1)
	_, err := process.Stdout().ReadLine(limited(t, 20*time.Millisecond))
	expectError(t, err, context.DeadlineExceeded)
	ended := make(chan error, 1)
	go func() {
		_, err := process.Stdout().Read(make([]byte, 1))
		ended <- err
	}()
	must(t, process.Close())
	expectError(t, <-ended, subprocess.ErrClosed)
}

func TestNoGoroutineIsLeft(t *testing.T) {
	process := startDeaf(t)
	before := runtime.NumGoroutine()
	for i := 0; i < 200; i++ {
		ctx, cancel := context.WithCancel(background)
		process.Stages()[0].Poll()
		if i%2 == 0 {
			cancel()
		}
		short, cancelShort := context.WithTimeout(ctx, time.Millisecond)
		process.Wait(short)
		subprocess.Run(ctx, []string{"true"})
		cancelShort()
		cancel()
	}
	await(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before })
}
