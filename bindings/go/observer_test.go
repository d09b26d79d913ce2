// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"libsubprocess.dev/subprocess"
)

func TestOnOutputSeesWhatIsCaptured(t *testing.T) {
	var out, errOut strings.Builder
	result, err := subprocess.Run(background, sh("echo out; echo err >&2"), subprocess.Capture(),
		subprocess.OnOutput(func(stream subprocess.Stream, chunk []byte) error {
			if stream == subprocess.Stdout {
				out.Write(chunk)
			} else {
				errOut.Write(chunk)
			}
			return nil
		}))
	must(t, err)
	expectEqual(t, "stdout", out.String(), "out\n")
	expectEqual(t, "stderr", errOut.String(), "err\n")
	expectOutput(t, result.Stdout, "out\n")
}

// It is called while the child waits for what the callback does.
func TestOnOutputSeesItAtOnce(t *testing.T) {
	var process *subprocess.Process
	process = startCat(t, subprocess.OnOutput(func(subprocess.Stream, []byte) error { return process.Terminate() }))
	_, err := process.Stdin().Write([]byte("x"))
	must(t, err)
	result, err := process.Communicate(limited(t, patience), nil)
	must(t, err)
	if result.ReturnCode != -15 && result.ReturnCode != 0 { // its input has been closed, too
		t.Error(result)
	}
}

func TestOnOutputStops(t *testing.T) {
	enough := errors.New("enough")
	stopAt := func(subprocess.Stream, []byte) error { return enough }
	result, err := subprocess.Run(background, sh("echo first; exec sleep 600"), subprocess.Capture(), subprocess.OnOutput(stopAt))
	expectError(t, err, enough, subprocess.ErrCanceled)
	expectOutput(t, result.Stdout, "first\n")
	expectEqual(t, "return code", result.ReturnCode, -9)

	calls := 0
	process := start(t, sh("echo first; read x; echo second"), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe), subprocess.OnOutput(func(subprocess.Stream, []byte) error {
			if calls++; calls == 1 {
				return enough
			}
			return nil
		}))
	_, err = process.Communicate(background, nil)
	expectError(t, err, enough)
	result, err = process.Communicate(background, nil)
	must(t, err)
	expectOutput(t, result.Stdout, "first\nsecond\n")
}

func TestOnOutputPanics(t *testing.T) {
	process := start(t, sh("echo first; read x; echo second"), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe), subprocess.OnOutput(func(_ subprocess.Stream, chunk []byte) error {
			if strings.HasPrefix(string(chunk), "first\n") {
				panic("no more")
			}
			return nil
		}))
	func() {
		defer func() { expectEqual(t, "what was panicked with", recover(), "no more") }()
		process.Communicate(background, nil)
		t.Error("it did not panic")
	}()
	result, err := process.Communicate(background, nil) // nothing is left locked
	must(t, err)
	expectOutput(t, result.Stdout, "first\nsecond\n")
}

func TestOnOutputEndsItsGoroutine(t *testing.T) {
	ended := make(chan bool)
	go func() {
		returned := false
		defer func() { ended <- !returned }()
		subprocess.Run(background, sh("echo first; exec sleep 600"), subprocess.Capture(),
			subprocess.OnOutput(func(subprocess.Stream, []byte) error {
				runtime.Goexit()
				return nil
			}))
		returned = true
	}()
	expectEqual(t, "the goroutine ended", <-ended, true)
}

// A chunk that is kept is only stale, it is not C's memory.
func TestChunksMayBeTouchedLater(t *testing.T) {
	var kept [][]byte
	_, err := subprocess.Run(background, sh("echo a; echo b"), subprocess.Capture(),
		subprocess.OnOutput(func(_ subprocess.Stream, chunk []byte) error {
			kept = append(kept, chunk)
			return nil
		}))
	must(t, err)
	runtime.GC()
	for _, chunk := range kept {
		for i := range chunk {
			chunk[i] = 'x'
		}
	}
}
