// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

func sh(script string) []string { return []string{"/bin/sh", "-c", script} }

func TestRunCaptures(t *testing.T) {
	result, err := subprocess.Run(background, sh("echo out; echo err >&2; exit 3"), subprocess.Capture())
	must(t, err)
	expectEqual(t, "return code", result.ReturnCode, 3)
	expectEqual(t, "exit code", result.ExitCode(), 3)
	expectEqual(t, "success", result.Success(), false)
	expectEqual(t, "string", result.String(), "exit status 3")
	expectOutput(t, result.Stdout, "out\n")
	expectOutput(t, result.Stderr, "err\n")
}

func TestRunTellsWhatWasNotCaptured(t *testing.T) {
	result, err := subprocess.Run(background, sh("echo x >&2"), subprocess.StdoutTo(subprocess.Pipe),
		subprocess.StderrTo(subprocess.DevNull))
	must(t, err)
	if result.Stdout == nil || len(result.Stdout) != 0 || result.Stderr != nil {
		t.Errorf("%#v, %#v", result.Stdout, result.Stderr)
	}
}

func TestRunTellsTheSignal(t *testing.T) {
	result, err := subprocess.Run(background, sh("kill -TERM $$"))
	must(t, err)
	expectEqual(t, "return code", result.ReturnCode, -int(syscall.SIGTERM))
	expectEqual(t, "signal", result.Signal(), syscall.SIGTERM)
	expectEqual(t, "exit code", result.ExitCode(), -1)
	expectEqual(t, "string", result.String(), "signal: terminated")
}

func TestRunTellsUsage(t *testing.T) {
	result, err := subprocess.Run(background, sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"))
	must(t, err)
	u := result.Usage
	if u == nil || u.WallTime <= 0 || u.WallTime > patience || u.UserTime+u.SystemTime <= 0 || u.MaxRSS < 100<<10 {
		t.Errorf("%+v", u)
	}
}

func TestCheckIsAnExitError(t *testing.T) {
	result, err := subprocess.Run(background, sh("echo out; echo err >&2; exit 4"), subprocess.Capture(), subprocess.Check())
	var exit *subprocess.ExitError
	if !errors.As(err, &exit) {
		t.Fatal(err)
	}
	expectError(t, err, subprocess.ErrFailed)
	expectEqual(t, "the same result", exit.Result, result)
	expectEqual(t, "return code", exit.ReturnCode, 4)
	expectOutput(t, exit.Stderr, "err\n")
	if !strings.Contains(err.Error(), "4") {
		t.Error(err)
	}
}

func TestOutput(t *testing.T) {
	output, err := subprocess.Output(background, []string{"printf", "%s", "two words"})
	must(t, err)
	expectOutput(t, output, "two words")
	output, err = subprocess.Output(background, sh("echo partial; exit 1"))
	expectError(t, err, subprocess.ErrFailed)
	expectOutput(t, output, "partial\n")
}

func TestInputComesBack(t *testing.T) {
	all := make([]byte, 1<<20)
	for i := range all {
		all[i] = byte(i)
	}
	result, err := subprocess.Run(background, []string{"cat"}, subprocess.Input(all), subprocess.Capture())
	must(t, err)
	if !bytes.Equal(result.Stdout, all) {
		t.Errorf("%d bytes came back", len(result.Stdout))
	}
}

// The input is part of a struct that has pointers, which cgo's own check of arguments would refuse.
func TestInputBesidePointers(t *testing.T) {
	message := &struct {
		name *string
		body [5]byte
	}{new(string), [5]byte{'h', 'e', 'l', 'l', 'o'}}
	result, err := subprocess.Run(background, []string{"cat"}, subprocess.Input(message.body[:]), subprocess.Capture())
	must(t, err)
	expectOutput(t, result.Stdout, "hello")
	process := startCat(t)
	_, err = process.Stdin().Write(message.body[:])
	must(t, err)
	copy(message.body[:], "xxxxx")
	count, err := process.Stdout().Read(message.body[:])
	must(t, err)
	expectOutput(t, message.body[:count], "hello"[:count])
}

func TestNilInputIsEmptyInput(t *testing.T) {
	result, err := subprocess.Run(limited(t, patience), []string{"cat"}, subprocess.Input(nil), subprocess.Capture())
	must(t, err)
	expectOutput(t, result.Stdout, "")
}

func TestRunKillsAtTheTimeout(t *testing.T) {
	begin := time.Now()
	result, err := subprocess.Run(background, sh("echo early; exec sleep 600"), subprocess.Capture(),
		subprocess.Timeout(200*time.Millisecond))
	expectError(t, err, subprocess.ErrTimeout)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("that was not the context's deadline")
	}
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Error("it is no timeout")
	}
	expectEqual(t, "return code", result.ReturnCode, -int(syscall.SIGKILL))
	expectOutput(t, result.Stdout, "early\n")
	if took := time.Since(begin); took < 200*time.Millisecond || took > patience {
		t.Errorf("it took %v", took)
	}
}

func TestZeroAndNegativeTimeouts(t *testing.T) {
	_, err := subprocess.Run(background, []string{"sleep", "600"}, subprocess.Timeout(0))
	expectError(t, err, subprocess.ErrTimeout)
	for _, d := range []time.Duration{-1, -time.Millisecond, -time.Hour} {
		_, err = subprocess.Run(background, []string{"true"}, subprocess.Timeout(d))
		expectError(t, err, subprocess.ErrInvalid, os.ErrInvalid)
	}
}

func TestKillGrace(t *testing.T) {
	result, err := subprocess.Run(background, sh("trap 'echo bye; exit 5' TERM; echo early; while :; do sleep 1; done"),
		subprocess.Capture(), subprocess.Timeout(500*time.Millisecond), subprocess.KillGrace(patience))
	expectError(t, err, subprocess.ErrTimeout)
	expectEqual(t, "return code", result.ReturnCode, 5)
	expectOutput(t, result.Stdout, "early\nbye\n")
}

func TestEnvironment(t *testing.T) {
	t.Setenv("FROM_HOST", "host")
	t.Setenv("CHANGED", "before")
	show := sh("echo $FROM_HOST,$CHANGED,$ADDED")
	for _, c := range []struct {
		expected string
		options  []subprocess.Option
	}{
		{"host,before,\n", nil},
		{"host,after,new\n", []subprocess.Option{subprocess.ExtendEnv(map[string]string{"CHANGED": "after", "ADDED": "new"})}},
		{",before,\n", []subprocess.Option{subprocess.UnsetEnv("FROM_HOST")}},
		{"again,before,\n", []subprocess.Option{subprocess.UnsetEnv("FROM_HOST"),
			subprocess.ExtendEnv(map[string]string{"FROM_HOST": "again"})}},
		{",,last\n", []subprocess.Option{subprocess.Env([]string{"ADDED=first", "ADDED=last"})}},
		{",more,x=y\n", []subprocess.Option{subprocess.Env([]string{"ADDED=x=y"}),
			subprocess.ExtendEnv(map[string]string{"CHANGED": "more"})}},
	} {
		output, err := subprocess.Output(background, show, c.options...)
		must(t, err)
		expectOutput(t, output, c.expected)
	}
}

// While others change the environment, C must not read it.
func TestEnvironmentThatChanges(t *testing.T) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				os.Setenv("SP_CHANGES", strings.Repeat("x", i%5000))
			}
		}
	}()
	for i := 0; i < 50; i++ {
		_, err := subprocess.Run(background, []string{"true"})
		must(t, err)
	}
	close(stop)
	<-stopped
	os.Unsetenv("SP_CHANGES")
}

func TestDirExecutableShellAndUmask(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	output, err := subprocess.Output(background, []string{"echo $(pwd -P) $1 $(umask)", "zero", "one"}, subprocess.Shell(),
		subprocess.Dir(dir), subprocess.Umask(0o27))
	must(t, err)
	expectOutput(t, output, dir+" one 0027\n")
	output, err = subprocess.Output(background, []string{"pretender", "-c", "echo $0"}, subprocess.Executable("/bin/sh"))
	must(t, err)
	expectOutput(t, output, "pretender\n")
}

func TestMaxOutput(t *testing.T) {
	result, err := subprocess.Run(background, sh("printf 123456789; printf 12 >&2"), subprocess.Capture(), subprocess.MaxOutput(4))
	must(t, err)
	expectOutput(t, result.Stdout, "1234")
	expectEqual(t, "dropped of stdout", result.DroppedStdout, uint64(5))
	expectEqual(t, "dropped of stderr", result.DroppedStderr, uint64(0))
}

func TestFilesAndDescriptors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	_, err := subprocess.Run(background, []string{"echo", "one"}, subprocess.StdoutTo(subprocess.Path(path)))
	must(t, err)
	_, err = subprocess.Run(background, []string{"echo", "two"}, subprocess.StdoutTo(subprocess.Append(path)))
	must(t, err)
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	output, err := subprocess.Output(background, []string{"cat"}, subprocess.StdinFrom(subprocess.File(file)))
	must(t, err)
	expectOutput(t, output, "one\ntwo\n")
	_, err = file.Seek(0, 0)
	must(t, err)
	output, err = subprocess.Output(background, sh("cat <&7"), subprocess.MapFile(7, file))
	must(t, err)
	expectOutput(t, output, "one\ntwo\n")
}
