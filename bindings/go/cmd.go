// SPDX-License-Identifier: MIT

package subprocess

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Cmd is a command to be run, in the shape of os/exec's Cmd: a program that uses that can use this instead. What differs: all
// options of this package may be given; the result is a Result; the error of a command that its context ended is the context's;
// after Output without a Stdin, Process is nil. A Cmd cannot be used twice.
type Cmd struct {
	Path string   // the program; looked for in PATH if it has no '/'
	Args []string // the arguments, the program's name first
	Env  []string // "name=value"; nil inherits
	Dir  string   // the child's directory

	Stdin  io.Reader // nil is the null device; a *os.File or *Reader is handed over; others are copied by a goroutine
	Stdout io.Writer // nil is the null device; a *os.File is handed over; others are copied to by a goroutine
	Stderr io.Writer // the same; if it equals Stdout both are one stream

	ExtraFiles []*os.File // number i becomes the child's descriptor 3+i
	Options    []Option   // anything else

	Process *Process // once started
	Result  *Result  // once waited for

	// Cancel is called when the context is done, and kills by default. An error of it becomes that of Wait.
	Cancel func() error
	// WaitDelay limits the time between the end of the context, or of the child, and the end of the copying. After it the
	// child is killed and the pipes are closed. 0 is no limit.
	WaitDelay time.Duration

	ctx     context.Context
	started bool
	waited  bool
	err     error       // of a StdinPipe or its like
	piped   [3]bool     // streams that a StdinPipe or its like made
	handed  [3]*pipeEnd // what they returned
	ends    []*os.File  // our ends of pipes that we copy to and from, or handed out for reading
	copies  []func() error
	copied  chan error
	watched chan error // what the end of the context led to; nil without one
	exited  chan struct{}
}

// ErrWaitDelay is returned by Wait if the child succeeded but its pipes were still open when WaitDelay had passed.
var ErrWaitDelay = errors.New("subprocess: WaitDelay expired before I/O complete")

// Command makes a Cmd for a program and its arguments.
func Command(name string, args ...string) *Cmd {
	return &Cmd{Path: name, Args: append([]string{name}, args...)}
}

// CommandContext does so with a context, which must not be nil. When it is done before the command ends the command is killed.
func CommandContext(ctx context.Context, name string, args ...string) *Cmd {
	if ctx == nil {
		panic("nil Context")
	}
	c := Command(name, args...)
	c.ctx = ctx
	return c
}

// String is the command as a shell would take it.
func (c *Cmd) String() string {
	line, err := Quote(c.argv())
	if err != nil {
		return c.Path
	}
	return line
}

// Environ is the environment that the command would have.
func (c *Cmd) Environ() []string {
	environ := c.Env
	if environ == nil {
		environ = os.Environ()
		if c.Dir != "" {
			if dir, err := filepath.Abs(c.Dir); err == nil {
				environ = append(environ, "PWD="+dir)
			}
		}
	}
	return environ
}

func (c *Cmd) argv() []string {
	if len(c.Args) == 0 {
		return []string{c.Path}
	}
	return c.Args
}

func (c *Cmd) context() context.Context {
	if c.ctx == nil {
		return context.Background()
	}
	return c.ctx
}

// Run starts the command and waits for it.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the command and returns its standard output. With Stderr nil an *ExitError has its standard error.
func (c *Cmd) Output() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("subprocess: Stdout already set")
	}
	if c.isPlain() && c.Stderr == nil {
		return c.run(Capture())
	}
	var out, errOut bytes.Buffer
	c.Stdout = &out
	catch := c.Stderr == nil && !c.piped[Stderr]
	if catch {
		c.Stderr = &errOut
	}
	err := c.Run()
	if c.Result != nil {
		c.Result.Stdout = out.Bytes()
		if catch {
			c.Result.Stderr = errOut.Bytes()
		}
	}
	return out.Bytes(), err
}

// CombinedOutput runs the command and returns its standard output and standard error, as one.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("subprocess: Stdout already set")
	}
	if c.Stderr != nil {
		return nil, errors.New("subprocess: Stderr already set")
	}
	if c.isPlain() {
		return c.run(StdoutTo(Pipe), StderrTo(ToStdout))
	}
	var both bytes.Buffer
	c.Stdout, c.Stderr = &both, &both
	err := c.Run()
	return both.Bytes(), err
}

// isPlain says whether nothing has to be copied by goroutines, or done at the context's end: one call of the library does it all.
func (c *Cmd) isPlain() bool {
	return c.Stdin == nil && c.piped == [3]bool{} && c.Cancel == nil && c.WaitDelay == 0
}

func (c *Cmd) run(streams ...Option) ([]byte, error) {
	if err := c.begin(); err != nil {
		return nil, err
	}
	c.waited = true
	options := append(append(c.options(), StdinFrom(DevNull), Check()), streams...)
	result, err := Run(c.context(), c.argv(), options...)
	c.Result = result
	if result == nil {
		return nil, err
	}
	return result.Stdout, err
}

// begin claims the one use of a Cmd.
func (c *Cmd) begin() error {
	switch {
	case c.started:
		return errors.New("subprocess: already started")
	case c.err != nil:
		return c.err
	}
	c.started = true
	return nil
}

func (c *Cmd) options() []Option {
	options := append([]Option{}, c.Options...)
	if c.Dir != "" {
		options = append(options, Dir(c.Dir))
	}
	if c.Env != nil || c.Dir != "" {
		options = append(options, Env(c.Environ()))
	}
	if len(c.Args) > 0 && c.Path != c.Args[0] {
		options = append(options, Executable(c.Path))
	}
	for i, file := range c.ExtraFiles {
		if file != nil {
			options = append(options, MapFile(3+i, file))
		}
	}
	return options
}

// Start starts the command. Wait has to follow.
func (c *Cmd) Start() error {
	if err := c.begin(); err != nil {
		return err
	}
	if ctx := c.context(); ctx.Err() != nil {
		c.closeHanded()
		failure := &Error{Code: ErrCanceled, Message: "the call was cancelled"}
		return failure.withContext(ctx, false)
	}
	process, err := Start(c.argv(), append(c.options(), c.streams()...)...)
	if err == nil {
		err = c.connect(process)
	}
	if err != nil {
		c.closeHanded()
		return err
	}
	c.Process = process
	c.startCopying()
	c.watch()
	return nil
}

// watch looks after the context until the child has ended.
func (c *Cmd) watch() {
	c.exited = make(chan struct{})
	ctx := c.context()
	if ctx.Done() == nil {
		return
	}
	c.watched = make(chan error, 1)
	go func() {
		select {
		case <-c.exited:
			c.watched <- nil
		case <-ctx.Done():
			c.watched <- c.cancel(ctx)
		}
	}()
}

// cancel ends the command, and gives it WaitDelay to obey. It returns the reason.
func (c *Cmd) cancel(ctx context.Context) error {
	reason := error((&Error{Code: ErrCanceled, Step: AtWait, Message: "the call was cancelled"}).withContext(ctx, false))
	cancel := c.Cancel
	if cancel == nil {
		cancel = c.Process.Kill
	}
	if err := cancel(); errors.Is(err, os.ErrProcessDone) {
		reason = nil // it had ended
	} else if err != nil {
		reason = err
	}
	if c.WaitDelay > 0 {
		timer := time.NewTimer(c.WaitDelay)
		defer timer.Stop()
		select {
		case <-c.exited:
		case <-timer.C:
			c.Process.Kill()
		}
	}
	return reason
}

// Wait waits for the command to end and for the copying of its streams, and releases what belongs to it. A return code other
// than 0 is an *ExitError.
func (c *Cmd) Wait() error {
	switch {
	case c.Process == nil:
		return errors.New("subprocess: not started")
	case c.waited:
		return errors.New("subprocess: Wait was already called")
	}
	c.waited = true
	result, err := c.Process.Communicate(context.Background(), nil)
	c.Result = result
	close(c.exited)
	if c.watched != nil {
		if reason := <-c.watched; reason != nil && (result == nil || !result.Success()) {
			err = reason
		}
	}
	if err == nil && !result.Success() {
		message := result.String()
		err = &ExitError{Result: result, err: &Error{Code: ErrFailed, Step: AtWait, Message: message}}
	}
	if copyErr := c.finishCopying(); err == nil {
		err = copyErr
	}
	c.Process.handle.close()
	return err
}

// A pipeEnd is what StdinPipe and its like return before there is a process: the file comes with Start.
type pipeEnd struct {
	mu     sync.Mutex
	file   *os.File
	closed bool
}
