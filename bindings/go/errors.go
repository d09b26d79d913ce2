// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"os"
	"sync"
	"syscall"

	"libsubprocess.dev/subprocess/internal/native"
)

// Code says what went wrong. The codes are errors themselves, to compare with: errors.Is(err, subprocess.ErrTimeout).
type Code int32

// The codes, which are the numbers of the C library's sp_code.
const (
	ErrInvalid     Code = -1  // an argument is wrong; the message names it
	ErrNoMemory    Code = -2  // no memory
	ErrSystem      Code = -3  // the system said no: see Errno and Step
	ErrNotFound    Code = -4  // the program, directory, file, user or group does not exist: see Step and Path
	ErrAccess      Code = -5  // not executable, or not permitted: see Step and Path
	ErrTimeout     Code = -6  // the limit passed
	ErrFailed      Code = -7  // the return code was to be checked and is not 0: see ExitError
	ErrClosed      Code = -8  // the process or stream was closed, maybe by another goroutine during the call
	ErrCanceled    Code = -9  // the context was cancelled, or the output callback asked to stop
	ErrLost        Code = -11 // somebody else reaped the child and its status is gone
	ErrUnsupported Code = -12 // this kernel or system cannot do it; the message names the option
	ErrBusy        Code = -13 // another goroutine communicates or uses the stream
	ErrABI         Code = -14 // the library is too old for this package
)

// Name is the code's name in C: "SP_ETIMEDOUT".
func (c Code) Name() string { return native.CodeName(int(c)) }

// Error makes a code an error.
func (c Code) Error() string { return "subprocess: " + c.Name() }

// Step says where a call failed.
type Step int32

// The steps, which are the numbers of the C library's sp_step.
const (
	AtCall    Step = iota // while the arguments were checked
	AtStdio               // opening a file, pipe or null device for the child
	AtFork                // making the process
	AtSession             // setsid, or the controlling terminal
	AtGroup               // setpgid
	AtFDs                 // moving descriptors into place in the child
	AtChdir               // entering the directory
	AtGroups              // setgroups
	AtGID                 // finding or setting the group
	AtUID                 // finding or setting the user
	AtUmask               // setting the umask
	AtLimits              // setting the death signal
	AtPreexec             // not used by Go
	AtExec                // executing the program
	AtIO                  // reading or writing a stream
	AtWait                // waiting for the child
	AtSignal              // sending a signal
)

// String is the step's name: "chdir".
func (s Step) String() string { return native.StepName(int(s)) }

// Error is one failure, described. It matches, with errors.Is, its Code; os.ErrNotExist, os.ErrPermission and os.ErrClosed where
// they say the same; the context's error if that ended the call; and, with errors.As, the syscall.Errno.
type Error struct {
	Code    Code
	Step    Step
	Errno   syscall.Errno // of the system call that failed, else 0
	Stage   int           // index of the command in a pipeline
	Path    string        // the program, directory, user or file concerned
	Message string        // one sentence: "cannot start 'x': not found in PATH (/bin)"

	cause error
}

// Error is the sentence.
func (e *Error) Error() string { return e.Message }

// Timeout says whether a limit passed: the convention of package net.
func (e *Error) Timeout() bool { return e.Code == ErrTimeout }

// Unwrap is the error of the context or of the output callback that ended the call, or else the Errno.
func (e *Error) Unwrap() error {
	switch {
	case e.cause != nil:
		return e.cause
	case e.Errno != 0:
		return e.Errno
	}
	return nil
}

// Is reports whether target says the same.
func (e *Error) Is(target error) bool {
	switch target {
	case os.ErrNotExist:
		return e.Code == ErrNotFound
	case os.ErrPermission:
		return e.Code == ErrAccess
	case os.ErrClosed:
		return e.Code == ErrClosed
	case os.ErrInvalid:
		return e.Code == ErrInvalid
	}
	code, ok := target.(Code)
	return ok && e.Code == code
}

// ExitError says that a child did not return 0 although that was asked for, by Check, Output or a Cmd.
type ExitError struct {
	*Result

	err *Error
}

// Error is the sentence.
func (e *ExitError) Error() string { return e.err.Message }

// Unwrap is an *Error with the code ErrFailed.
func (e *ExitError) Unwrap() error { return e.err }

func invalid(message string) *Error { return &Error{Code: ErrInvalid, Message: message} }

func errorOf(f *native.Failure) *Error {
	return &Error{Code: Code(f.Code), Step: Step(f.Step), Errno: syscall.Errno(f.Errno), Stage: int(f.Stage),
		Path: f.Path(), Message: f.Message()}
}

// withContext names the context as the reason for a call that it has ended.
func (e *Error) withContext(ctx context.Context, limited bool) *Error {
	reason := ctx.Err()
	switch {
	case e.Code == ErrTimeout && limited:
		e.cause = context.DeadlineExceeded // the library's clock may be a little ahead of the context's timer
	case e.Code == ErrCanceled && reason == context.DeadlineExceeded:
		e.Code, e.Message, e.cause = ErrTimeout, "the time limit passed", reason
	case e.Code == ErrCanceled:
		e.cause = reason
	}
	return e
}

// withResult is an *ExitError for ErrFailed.
func (e *Error) withResult(result *Result) error {
	if e.Code == ErrFailed && result != nil {
		return &ExitError{Result: result, err: e}
	}
	return e
}

// Failures are as big as their sentences, and most calls succeed.
var failures = sync.Pool{New: func() interface{} { return native.NewFailure() }}

func takeFailure() *native.Failure { return failures.Get().(*native.Failure) }

func giveFailure(f *native.Failure) {
	if f.Code != 0 {
		f.Reset()
	}
	failures.Put(f)
}
