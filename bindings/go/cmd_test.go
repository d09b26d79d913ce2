// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

func TestCmdOutput(t *testing.T) {
	output, err := subprocess.Command("printf", "%s", "two words").Output()
	must(t, err)
	expectOutput(t, output, "two words")
	cmd := subprocess.Command("/bin/sh", "-c", "echo out; echo err >&2; exit 3")
	output, err = cmd.Output()
	expectOutput(t, output, "out\n")
	var exit *subprocess.ExitError
	if !errors.As(err, &exit) {
		t.Fatal(err)
	}
	expectEqual(t, "exit code", exit.ExitCode(), 3)
	expectOutput(t, exit.Stderr, "err\n")
	expectEqual(t, "result", cmd.Result, exit.Result)
	output, err = subprocess.Command("/bin/sh", "-c", "echo out; echo err >&2").CombinedOutput()
	must(t, err)
	expectOutput(t, output, "out\nerr\n")
}

// The other way to the same: with a reader to copy from there is more than one call.
func TestCmdCopies(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	cmd := subprocess.Command("/bin/sh", "-c", "cat; echo err >&2; exit 3")
	cmd.Stdin = strings.NewReader(big)
	output, err := cmd.Output()
	expectOutput(t, output, big)
	var exit *subprocess.ExitError
	if !errors.As(err, &exit) || string(exit.Stderr) != "err\n" || exit.Error() != "exit status 3" {
		t.Fatal(err)
	}
	cmd = subprocess.Command("/bin/sh", "-c", "cat; echo err >&2")
	cmd.Stdin = strings.NewReader("in\n")
	output, err = cmd.CombinedOutput()
	must(t, err)
	expectOutput(t, output, "in\nerr\n")
	var out, errOut bytes.Buffer
	cmd = subprocess.Command("/bin/sh", "-c", "echo out; echo err >&2")
	cmd.Stdout, cmd.Stderr = &out, &errOut
	must(t, cmd.Run())
	expectOutput(t, out.Bytes(), "out\n")
	expectOutput(t, errOut.Bytes(), "err\n")
	if cmd.Result == nil || cmd.Result.Usage == nil || !cmd.Result.Success() {
		t.Errorf("%+v", cmd.Result)
	}
}

func TestCmdWithInputThatNobodyReads(t *testing.T) {
	cmd := subprocess.Command("true")
	cmd.Stdin = strings.NewReader(strings.Repeat("x", 1<<20))
	must(t, cmd.Run())
}

func TestCmdFieldsMeanWhatTheyDoInOsExec(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	file, err := os.Create(filepath.Join(dir, "file"))
	must(t, err)
	defer file.Close()
	script := "pwd; echo $PWD; echo $A; echo $0; cat; echo extra >&3"
	ours := subprocess.Command("sh", "-c", script)
	theirs := exec.Command("sh", "-c", script)
	ours.Path, theirs.Path = "/bin/sh", "/bin/sh"
	ours.Args[0], theirs.Args[0] = "pretender", "pretender"
	ours.Dir, theirs.Dir = dir, dir
	ours.Env, theirs.Env = []string{"A=1", "A=2"}, []string{"A=1", "A=2"}
	ours.ExtraFiles, theirs.ExtraFiles = []*os.File{file}, []*os.File{file}
	seen, err := ours.Output()
	must(t, err)
	expected, err := theirs.Output()
	must(t, err)
	expectOutput(t, seen, string(expected))
	content, err := os.ReadFile(file.Name())
	must(t, err)
	expectOutput(t, content, "extra\nextra\n")

	ours, theirs = subprocess.Command("sh", "-c", "echo $PWD"), exec.Command("sh", "-c", "echo $PWD")
	ours.Dir, theirs.Dir = dir, dir
	seen, err = ours.Output()
	must(t, err)
	expected, err = theirs.Output()
	must(t, err)
	expectOutput(t, seen, string(expected))
}

func TestCmdTakesFilesAndReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	file, err := os.Create(path)
	must(t, err)
	first := start(t, []string{"echo", "from a child"}, subprocess.StdoutTo(subprocess.Pipe))
	cmd := subprocess.Command("cat")
	cmd.Stdin, cmd.Stdout = first.Stdout(), file
	must(t, cmd.Run())
	must(t, file.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	expectOutput(t, content, "from a child\n")
}

func TestCmdPipes(t *testing.T) {
	cmd := subprocess.Command("/bin/sh", "-c", "cat; echo done >&2")
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	errOut, err := cmd.StderrPipe()
	must(t, err)
	if _, err = in.Write([]byte("x")); err == nil {
		t.Error("there is no pipe yet")
	}
	must(t, cmd.Start())
	_, err = in.Write([]byte("through\n"))
	must(t, err)
	must(t, in.Close())
	must(t, in.Close())
	seen, err := io.ReadAll(out)
	must(t, err)
	expectOutput(t, seen, "through\n")
	seen, err = io.ReadAll(errOut)
	must(t, err)
	expectOutput(t, seen, "done\n")
	must(t, cmd.Wait())
	if _, err = out.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestCmdContext(t *testing.T) {
	begin := time.Now()
	err := subprocess.CommandContext(limited(t, 50*time.Millisecond), "sleep", "600").Run()
	expectError(t, err, context.DeadlineExceeded, subprocess.ErrTimeout)
	_, err = subprocess.CommandContext(limited(t, 50*time.Millisecond), "sleep", "600").Output()
	expectError(t, err, context.DeadlineExceeded)
	ctx, cancel := context.WithCancel(background)
	cmd := subprocess.CommandContext(ctx, "sleep", "600")
	must(t, cmd.Start())
	cancel()
	expectError(t, cmd.Wait(), context.Canceled, subprocess.ErrCanceled)
	expectEqual(t, "signal", cmd.Result.Signal(), syscall.SIGKILL)
	expectError(t, subprocess.CommandContext(ctx, "true").Run(), context.Canceled)
	if took := time.Since(begin); took > patience {
		t.Errorf("it took %v", took)
	}
}

func TestCmdCancelAndWaitDelay(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	cmd := subprocess.CommandContext(ctx, "/bin/sh", "-c", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done")
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Cancel = func() error { return cmd.Process.Terminate() }
	must(t, cmd.Start())
	_, err = io.ReadFull(out, make([]byte, 6))
	must(t, err)
	cancel()
	must(t, cmd.Wait()) // it obeyed and succeeded

	cmd = subprocess.CommandContext(limited(t, 20*time.Millisecond), "/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.01; done")
	cmd.Cancel = func() error { return cmd.Process.Terminate() }
	cmd.WaitDelay = 20 * time.Millisecond
	expectError(t, cmd.Run(), context.DeadlineExceeded)
	expectEqual(t, "signal", cmd.Result.Signal(), syscall.SIGKILL)

	var out2 bytes.Buffer
	cmd = subprocess.Command("/bin/sh", "-c", "sleep 600 & echo out")
	cmd.Stdout, cmd.WaitDelay = &out2, 50*time.Millisecond
	cmd.Options = []subprocess.Option{subprocess.NewGroup()}
	must(t, cmd.Start())
	group := cmd.Process.Pid()
	expectError(t, cmd.Wait(), subprocess.ErrWaitDelay)
	must(t, syscall.Kill(-group, syscall.SIGKILL))
}

func TestCmdMisuse(t *testing.T) {
	cmd := subprocess.Command("true")
	if cmd.Wait() == nil {
		t.Error("it was not started")
	}
	must(t, cmd.Run())
	if cmd.Start() == nil || cmd.Wait() == nil || cmd.Run() == nil {
		t.Error("it was used twice")
	}
	if _, err := cmd.StdoutPipe(); err == nil {
		t.Error("it was started")
	}
	expectError(t, subprocess.Command("no-such-program-here").Run(), os.ErrNotExist)
	expectError(t, subprocess.Command("a\x00b").Run(), subprocess.ErrInvalid)
	cmd = subprocess.Command("no-such-program-here")
	in, err := cmd.StdinPipe()
	must(t, err)
	expectError(t, cmd.Start(), os.ErrNotExist)
	if _, err = in.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	expectEqual(t, "string", subprocess.Command("echo", "two words").String(), "echo 'two words'")
}
