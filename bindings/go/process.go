// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"os"
	"syscall"
	"time"

	"libsubprocess.dev/subprocess/internal/native"
)

// Process is a child process, or a whole pipeline of them.
type Process struct {
	handle *handle
	pid    int
	stages int
	stdin  *Writer
	stdout *Reader
	stderr *Reader
}

func newProcess(h *handle) *Process {
	p := &Process{handle: h, pid: int(native.Pid(h.native)), stages: int(native.StageCount(h.native))}
	p.stdin = &Writer{process: p, turn: newTurn()}
	p.stdout = &Reader{process: p, index: Stdout, turn: newTurn()}
	p.stderr = &Reader{process: p, index: Stderr, turn: newTurn()}
	return p
}

// Pid is the process id; of a pipeline that of its first stage.
func (p *Process) Pid() int { return p.pid }

// Stdin is the child's standard input. It fails unless that is a Pipe.
func (p *Process) Stdin() *Writer { return p.stdin }

// Stdout is the child's standard output. It fails unless that is a Pipe.
func (p *Process) Stdout() *Reader { return p.stdout }

// Stderr is the child's standard error. It fails unless that is a Pipe.
func (p *Process) Stderr() *Reader { return p.stderr }

// Communicate feeds input, collects output until end of file, and waits. Standard input is closed when the input has been
// written. A child that does not read its input is no error. nil is no input; any other needs StdinFrom(Pipe).
//
// When ctx ends the call the child, the data and the unsent input are kept, and there is a Result with what came so far: call again
// to go on, with no input, or with the same, which is then not sent twice. After success a further call returns the same again.
func (p *Process) Communicate(ctx context.Context, input []byte) (*Result, error) {
	h := p.handle
	if err := h.turn.take(ctx, h.closing); err != nil {
		return nil, err
	}
	defer h.turn.give()
	h.observer.begin()
	var result *Result
	failure := h.block(ctx, h.observer, func(failure *native.Failure, limit int64) {
		r := native.Communicate(failure, h.native, input, len(input), limit)
		result = takeResult(r, p.stages)
	})
	h.observer.end(failure)
	if failure != nil {
		return result, failure.withResult(result)
	}
	return result, nil
}

// Wait waits for the end of the child, of every stage of a pipeline, and returns its code: 0 to 255, or -N if signal N ended it.
// Beware of a child that fills a pipe which nobody reads: use Communicate then.
func (p *Process) Wait(ctx context.Context) (int, error) {
	return p.handle.wait(ctx, func() native.Process { return p.handle.native })
}

func (h *handle) wait(ctx context.Context, of func() native.Process) (int, error) {
	code := NoReturnCode
	failure := h.block(ctx, nil, func(failure *native.Failure, limit int64) {
		code = int(native.Wait(failure, of(), limit))
	})
	if failure != nil {
		return NoReturnCode, failure
	}
	return code, nil
}

// Poll asks without blocking whether the child has ended. The code is NoReturnCode if it has not.
func (p *Process) Poll() (code int, ended bool, err error) {
	return p.handle.poll(func() native.Process { return p.handle.native })
}

func (h *handle) poll(of func() native.Process) (code int, ended bool, err error) {
	code = NoReturnCode
	err = h.do(func(failure *native.Failure) { code = int(native.Poll(failure, of())) })
	return code, err == nil && code != NoReturnCode, err
}

// Stop ends the child: SIGTERM, at most so much patience, SIGKILL. It returns its code.
func (p *Process) Stop(grace time.Duration) (int, error) {
	code := NoReturnCode
	err := p.handle.do(func(failure *native.Failure) {
		code = int(native.Stop(failure, p.handle.native, milliseconds(grace)))
	})
	return code, err
}

// Finish ends what Communicate could not, the usual call after its context ended it: SIGTERM, reading on for at most so long,
// SIGKILL. It returns all that the child left, earlier calls included.
func (p *Process) Finish(grace time.Duration) (*Result, error) { return p.finish(grace, false) }

// FinishGroup does the same to the group that the child leads.
func (p *Process) FinishGroup(grace time.Duration) (*Result, error) { return p.finish(grace, true) }

func (p *Process) finish(grace time.Duration, wholeGroup bool) (*Result, error) {
	h := p.handle
	if !h.turn.tryTake() {
		return nil, &Error{Code: ErrBusy, Message: "another goroutine communicates"}
	}
	defer h.turn.give()
	h.observer.begin()
	var result *Result
	err := h.do(func(failure *native.Failure) {
		result = takeResult(native.Finish(failure, h.native, milliseconds(grace), wholeGroup), p.stages)
	})
	h.observer.end(nil)
	return result, err
}

// Signal sends a signal to the child, to every stage that runs. A child that has ended is not signalled, and that is no error.
func (p *Process) Signal(signal os.Signal) error {
	return p.handle.signal(signal, func(failure *native.Failure, number int) {
		native.SendSignal(failure, p.handle.native, number)
	})
}

// Terminate sends SIGTERM.
func (p *Process) Terminate() error { return p.Signal(syscall.SIGTERM) }

// Kill sends SIGKILL.
func (p *Process) Kill() error { return p.Signal(syscall.SIGKILL) }

// SignalGroup sends a signal to the group that the child leads, members that outlived the child included. It needs NewGroup or
// NewSession.
func (p *Process) SignalGroup(signal os.Signal) error {
	return p.handle.signal(signal, func(failure *native.Failure, number int) {
		native.KillGroup(failure, p.handle.native, number)
	})
}

// KillGroup sends SIGKILL to the group that the child leads.
func (p *Process) KillGroup() error { return p.SignalGroup(syscall.SIGKILL) }

func (h *handle) signal(signal os.Signal, send func(failure *native.Failure, number int)) error {
	number, ok := signal.(syscall.Signal)
	if !ok || int(number) != int(int32(number)) { // C takes no more
		return &Error{Code: ErrInvalid, Step: AtCall, Message: "this is no signal of the system"}
	}
	return h.do(func(failure *native.Failure) { send(failure, int(number)) })
}

// ExitFD is a descriptor that becomes readable when the child ends. It belongs to the process and is not to be read. It is -1 for a
// pipeline, and after Close.
func (p *Process) ExitFD() int {
	fd := -1
	p.handle.do(func(*native.Failure) { fd = int(native.ExitHandle(p.handle.native)) })
	return fd
}

// Close wakes goroutines that are blocked on the process, closes its pipes and gives it up. The child is neither signalled
// nor waited for, but with KillOnClose. It may be called again.
func (p *Process) Close() error {
	p.handle.close()
	return nil
}
