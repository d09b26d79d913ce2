// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"libsubprocess.dev/subprocess"
)

func TestNotFound(t *testing.T) {
	_, err := subprocess.Run(background, []string{"no-such-program-here"})
	expectError(t, err, os.ErrNotExist, subprocess.ErrNotFound, syscall.ENOENT)
	var failure *subprocess.Error
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	expectEqual(t, "step", failure.Step, subprocess.AtExec)
	expectEqual(t, "step's name", failure.Step.String(), "exec")
	expectEqual(t, "path", failure.Path, "no-such-program-here")
	expectEqual(t, "code's name", failure.Code.Name(), "SP_ENOTFOUND")
	var errno syscall.Errno
	if !errors.As(err, &errno) || errno != syscall.ENOENT {
		t.Errorf("errno %v", errno)
	}
	if !strings.Contains(err.Error(), "not found in PATH") {
		t.Error(err)
	}
	_, err = subprocess.Start([]string{"true"}, subprocess.Dir("/no/such/directory"))
	expectError(t, err, os.ErrNotExist)
	if !errors.As(err, &failure) || failure.Step != subprocess.AtChdir {
		t.Error(err)
	}
	_, err = subprocess.Start([]string{"true"}, subprocess.User("no-such-user-here"))
	expectError(t, err, os.ErrNotExist, subprocess.ErrNotFound)
}

func TestNotPermitted(t *testing.T) {
	_, err := subprocess.Run(background, []string{"/etc/passwd"})
	expectError(t, err, os.ErrPermission, subprocess.ErrAccess, syscall.EACCES)
}

// Bad input is an error with a sentence, never a crash.
func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		sentence string
		argv     []string
		options  []subprocess.Option
	}{
		{"argv", nil, nil},
		{"argv", []string{""}, nil},
		{"argv[1] contains a NUL byte", []string{"echo", "a\x00b"}, nil},
		{"NUL", []string{"ec\x00ho"}, nil},
		{"cwd contains a NUL byte", []string{"true"}, []subprocess.Option{subprocess.Dir("/\x00")}},
		{"NUL", []string{"true"}, []subprocess.Option{subprocess.Executable("x\x00")}},
		{"NUL", []string{"true"}, []subprocess.Option{subprocess.StdinFrom(subprocess.Path("x\x00"))}},
		{"env['A'] contains a NUL byte", []string{"true"},
			[]subprocess.Option{subprocess.ExtendEnv(map[string]string{"A": "\x00"})}},
		{"NUL", []string{"true"}, []subprocess.Option{subprocess.Env([]string{"A\x00=x"})}},
		{"empty name", []string{"true"}, []subprocess.Option{subprocess.Env([]string{"=x"})}},
		{"lacks a '='", []string{"true"}, []subprocess.Option{subprocess.Env([]string{"nothing"})}},
		{"'='", []string{"true"}, []subprocess.Option{subprocess.ExtendEnv(map[string]string{"A=B": "x"})}},
		{"umask", []string{"true"}, []subprocess.Option{subprocess.Umask(0o1000)}},
		{"umask", []string{"true"}, []subprocess.Option{subprocess.Umask(-1)}},
		{"uid", []string{"true"}, []subprocess.Option{subprocess.UID(-5)}},
		{"max_output", []string{"true"}, []subprocess.Option{subprocess.MaxOutput(-1)}},
		{"drain", []string{"true"}, []subprocess.Option{subprocess.Drain(-time.Second)}},
		{"JOIN_GROUP", []string{"true"}, []subprocess.Option{subprocess.NewGroup(), subprocess.JoinGroup(1)}},
		{"", []string{"true"}, []subprocess.Option{subprocess.KillGroupOnTimeout()}},
		{"", []string{"true"}, []subprocess.Option{subprocess.Capture(), subprocess.StdoutTo(subprocess.DevNull)}},
		{"", []string{"true"}, []subprocess.Option{subprocess.Input([]byte("x")), subprocess.StdinFrom(subprocess.DevNull)}},
		{"out of range", []string{"true"}, []subprocess.Option{subprocess.StdinFrom(subprocess.FD(-1))}},
		{"", []string{"true"}, []subprocess.Option{subprocess.MapFD(1, 0)}},
		{"fd_map", []string{"true"}, []subprocess.Option{subprocess.MapFD(9, -2)}},
		{"", []string{"true"}, []subprocess.Option{subprocess.DeathSignal(65)}},
	} {
		result, err := subprocess.Run(background, c.argv, c.options...)
		if result != nil || !errors.Is(err, subprocess.ErrInvalid) || !strings.Contains(err.Error(), c.sentence) || err.Error() == "" {
			t.Errorf("%q, %q: %v, %v", c.argv, c.sentence, result, err)
		}
	}
}

func TestStartRefusesWhatBelongsToRun(t *testing.T) {
	for _, option := range []subprocess.Option{subprocess.Input([]byte("x")), subprocess.Timeout(time.Second),
		subprocess.Timeout(0), subprocess.KillGrace(time.Second)} {
		_, err := subprocess.Start([]string{"true"}, option)
		expectError(t, err, subprocess.ErrInvalid)
	}
}

func TestBadSignals(t *testing.T) {
	process := startCat(t, subprocess.NewGroup())
	for _, signal := range []os.Signal{nil, syscall.Signal(65), syscall.Signal(-1), syscall.Signal(1<<32 + 9), strange{}} {
		expectError(t, process.Signal(signal), subprocess.ErrInvalid)
		expectError(t, process.SignalGroup(signal), subprocess.ErrInvalid)
	}
	_, ended, err := process.Poll()
	must(t, err)
	expectEqual(t, "ended", ended, false)
	expectError(t, startCat(t).KillGroup(), subprocess.ErrInvalid)
}

type strange struct{}

func (strange) Signal()        {}
func (strange) String() string { return "strange" }

func TestErrorsThatAreNot(t *testing.T) {
	_, err := subprocess.Run(background, []string{"no-such-program-here"})
	for _, other := range []error{os.ErrPermission, os.ErrClosed, subprocess.ErrTimeout, context.Canceled, errors.New("x")} {
		if errors.Is(err, other) {
			t.Errorf("%v is %v", err, other)
		}
	}
	expectEqual(t, "a code as an error", subprocess.ErrTimeout.Error(), "subprocess: SP_ETIMEDOUT")
}
