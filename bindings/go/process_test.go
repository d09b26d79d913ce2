// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

func TestCommunicate(t *testing.T) {
	process := startCat(t)
	result, err := process.Communicate(background, []byte("to and fro"))
	must(t, err)
	expectOutput(t, result.Stdout, "to and fro")
	again, err := process.Communicate(background, nil)
	must(t, err)
	expectOutput(t, again.Stdout, "to and fro")
}

func TestCommunicateGoesOnAfterItsContext(t *testing.T) {
	gate := startCat(t)
	process := start(t, sh("echo early; cat <&3; cat"), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe), subprocess.MapFD(3, gate.Stdout().Fd()))
	input := bytes.Repeat([]byte("x"), 1<<20)
	await(t, "the first line", func() bool {
		result, err := process.Communicate(limited(t, 20*time.Millisecond), input)
		if !errors.Is(err, subprocess.ErrTimeout) {
			t.Fatal(err)
		}
		return string(result.Stdout) == "early\n"
	})
	must(t, gate.Stdin().Close())
	result, err := process.Communicate(background, input)
	must(t, err)
	expectOutput(t, result.Stdout, "early\n"+string(input))
}

func TestCommunicateTakesTurns(t *testing.T) {
	process := startCat(t)
	all := bytes.Repeat([]byte("x"), 1<<20)
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			result, err := process.Communicate(background, all)
			if err != nil || len(result.Stdout) != len(all) {
				t.Error(err)
			}
		}()
	}
	group.Wait()
}

func TestWaitAndPoll(t *testing.T) {
	process := start(t, sh("read x; exit 6"), subprocess.StdinFrom(subprocess.Pipe))
	code, ended, err := process.Poll()
	must(t, err)
	expectEqual(t, "ended", ended, false)
	expectEqual(t, "code", code, subprocess.NoReturnCode)
	must(t, process.Stdin().Close())
	for i := 0; i < 2; i++ {
		code, err = process.Wait(background)
		must(t, err)
		expectEqual(t, "code", code, 6)
	}
	code, ended, err = process.Poll()
	must(t, err)
	expectEqual(t, "code", code, 6)
	expectEqual(t, "ended", ended, true)
}

func TestConversation(t *testing.T) {
	process := startCat(t)
	for _, line := range []string{"hello\n", "\x00\xff\n", "\n"} {
		_, err := io.WriteString(process.Stdin(), line)
		must(t, err)
		seen, err := process.Stdout().ReadLine(background)
		must(t, err)
		expectOutput(t, seen, line)
	}
	_, err := io.WriteString(process.Stdin(), "no end")
	must(t, err)
	must(t, process.Stdin().Close())
	must(t, process.Stdin().Close())
	seen, err := process.Stdout().ReadLine(background)
	must(t, err)
	expectOutput(t, seen, "no end")
	if _, err = process.Stdout().ReadLine(background); err != io.EOF {
		t.Error(err)
	}
	if count, err := process.Stdout().Read(make([]byte, 5)); count != 0 || err != io.EOF {
		t.Error(count, err)
	}
}

func TestReadersOfTheStandardLibrary(t *testing.T) {
	process := start(t, sh("echo one; echo two; echo three >&2"), subprocess.StdoutTo(subprocess.Pipe),
		subprocess.StderrTo(subprocess.Pipe))
	lines := bufio.NewScanner(process.Stdout().WithContext(limited(t, patience)))
	seen := []string{}
	for lines.Scan() {
		seen = append(seen, lines.Text())
	}
	must(t, lines.Err())
	expectEqual(t, "lines", len(seen), 2)
	rest, err := io.ReadAll(process.Stderr())
	must(t, err)
	expectOutput(t, rest, "three\n")
}

func TestReadNothingAndWriteNothing(t *testing.T) {
	process := startCat(t)
	count, err := process.Stdout().Read(nil)
	expectEqual(t, "bytes read", count, 0)
	must(t, err)
	count, err = process.Stdin().Write(nil)
	expectEqual(t, "bytes written", count, 0)
	must(t, err)
}

func TestReadersTakeTurns(t *testing.T) {
	process := start(t, sh("i=0; while [ $i -lt 2000 ]; do echo 0123456789; i=$((i+1)); done"),
		subprocess.StdoutTo(subprocess.Pipe))
	var group sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				line, err := process.Stdout().ReadLine(background)
				if err == io.EOF {
					return
				}
				if err != nil || string(line) != "0123456789\n" {
					t.Errorf("%q, %v", line, err)
					return
				}
				mu.Lock()
				total++
				mu.Unlock()
			}
		}()
	}
	group.Wait()
	expectEqual(t, "lines", total, 2000)
}

func TestWriteToAChildThatHasGone(t *testing.T) {
	process := start(t, []string{"true"}, subprocess.StdinFrom(subprocess.Pipe))
	_, err := process.Wait(background)
	must(t, err)
	_, err = process.Stdin().Write([]byte("x"))
	expectError(t, err, syscall.EPIPE, subprocess.ErrSystem)
}

func TestStreamsThatAreNone(t *testing.T) {
	process := start(t, []string{"true"})
	_, err := process.Stdout().Read(make([]byte, 1))
	expectError(t, err, subprocess.ErrInvalid)
	_, err = process.Stderr().ReadLine(background)
	expectError(t, err, subprocess.ErrInvalid)
	_, err = process.Stdin().Write([]byte("x"))
	expectError(t, err, subprocess.ErrInvalid)
	expectError(t, process.Stdout().Close(), subprocess.ErrInvalid)
	expectEqual(t, "descriptor", process.Stdout().Fd(), -1)
	_, err = process.Stdout().Release()
	expectError(t, err, subprocess.ErrInvalid)
}

func TestReleaseGivesAFileWithDeadlines(t *testing.T) {
	process := startCat(t)
	file, err := process.Stdout().Release()
	must(t, err)
	defer file.Close()
	must(t, file.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	if _, err = file.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	_, err = process.Stdout().Release()
	expectError(t, err, subprocess.ErrInvalid)
}

func TestStop(t *testing.T) {
	process := startCat(t)
	code, err := process.Stop(patience)
	must(t, err)
	expectEqual(t, "code", code, -int(syscall.SIGTERM))
	process = start(t, sh("trap '' TERM; echo ready; while :; do sleep 1; done"), subprocess.StdoutTo(subprocess.Pipe))
	_, err = process.Stdout().ReadLine(background)
	must(t, err)
	code, err = process.Stop(10 * time.Millisecond)
	must(t, err)
	expectEqual(t, "code", code, -int(syscall.SIGKILL))
}

func TestFinish(t *testing.T) {
	process := start(t, sh("trap 'echo bye; exit 7' TERM; echo early; while :; do sleep 1; done"),
		subprocess.StdoutTo(subprocess.Pipe))
	await(t, "the first line", func() bool {
		result, _ := process.Communicate(limited(t, 10*time.Millisecond), nil)
		return result != nil && len(result.Stdout) > 0
	})
	result, err := process.Finish(patience)
	must(t, err)
	expectEqual(t, "return code", result.ReturnCode, 7)
	expectOutput(t, result.Stdout, "early\nbye\n")
}

func TestFinishGroup(t *testing.T) {
	process := start(t, sh("sleep 600 & echo $!; wait"), subprocess.StdoutTo(subprocess.Pipe), subprocess.NewGroup())
	line, err := process.Stdout().ReadLine(background)
	must(t, err)
	_, err = process.FinishGroup(0)
	must(t, err)
	var pid int
	for _, digit := range bytes.TrimSpace(line) {
		pid = pid*10 + int(digit-'0')
	}
	await(t, "the grandchild is killed", func() bool { return !isRunning(pid) })
}

func TestSignals(t *testing.T) {
	process := start(t, sh("trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.01; done"),
		subprocess.StdoutTo(subprocess.Pipe))
	_, err := process.Stdout().ReadLine(background)
	must(t, err)
	must(t, process.Signal(syscall.SIGUSR1))
	line, err := process.Stdout().ReadLine(background)
	must(t, err)
	expectOutput(t, line, "got\n")
	code, err := process.Wait(background)
	must(t, err)
	expectEqual(t, "code", code, 5)
	must(t, process.Kill()) // nobody is signalled any more
	other := startCat(t)
	must(t, other.Terminate())
	code, err = other.Wait(background)
	must(t, err)
	expectEqual(t, "code", code, -int(syscall.SIGTERM))
}

func TestExitFD(t *testing.T) {
	process := startCat(t)
	if fd := process.ExitFD(); fd < 3 {
		t.Errorf("%d", fd)
	}
	must(t, process.Close())
	expectEqual(t, "after Close", process.ExitFD(), -1)
}

func TestDescriptorsOfOtherProcesses(t *testing.T) {
	first := start(t, []string{"printf", "b\\na\\n"}, subprocess.StdoutTo(subprocess.Pipe))
	second := start(t, []string{"sort"}, subprocess.StdinFrom(subprocess.OutputOf(first.Stdout())),
		subprocess.StdoutTo(subprocess.Pipe))
	must(t, first.Stdout().Close())
	result, err := second.Communicate(background, nil)
	must(t, err)
	expectOutput(t, result.Stdout, "a\nb\n")
}
