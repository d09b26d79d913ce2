// SPDX-License-Identifier: MIT

package subprocess

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// StdinPipe returns a pipe that will be the command's standard input. Wait closes it when the command has ended; close it
// before to let the command see end of file.
func (c *Cmd) StdinPipe() (io.WriteCloser, error) {
	if c.Stdin != nil {
		return nil, errors.New("subprocess: Stdin already set")
	}
	return c.pipe(Stdin)
}

// StdoutPipe returns a pipe that will be the command's standard output. Wait closes it: read all before.
func (c *Cmd) StdoutPipe() (io.ReadCloser, error) {
	if c.Stdout != nil {
		return nil, errors.New("subprocess: Stdout already set")
	}
	return c.pipe(Stdout)
}

// StderrPipe returns a pipe that will be the command's standard error. Wait closes it: read all before.
func (c *Cmd) StderrPipe() (io.ReadCloser, error) {
	if c.Stderr != nil {
		return nil, errors.New("subprocess: Stderr already set")
	}
	return c.pipe(Stderr)
}

func (c *Cmd) pipe(stream Stream) (*pipeEnd, error) {
	switch {
	case c.started:
		return nil, errors.New("subprocess: a pipe is to be made before the command is started")
	case c.piped[stream]:
		return nil, errors.New("subprocess: " + stream.String() + " already set")
	}
	c.piped[stream] = true
	c.handed[stream] = &pipeEnd{}
	return c.handed[stream], nil
}

func (e *pipeEnd) use() (*os.File, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return nil, os.ErrClosed
	case e.file == nil:
		return nil, errors.New("subprocess: the command has not been started")
	}
	return e.file, nil
}

// attach gives it its file; closed before, it closes the file.
func (e *pipeEnd) attach(file *os.File) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		file.Close()
		return
	}
	e.file = file
}

func (e *pipeEnd) Read(p []byte) (int, error) {
	file, err := e.use()
	if err != nil {
		return 0, err
	}
	return file.Read(p)
}

func (e *pipeEnd) Write(p []byte) (int, error) {
	file, err := e.use()
	if err != nil {
		return 0, err
	}
	return file.Write(p)
}

func (e *pipeEnd) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	if e.file == nil {
		return nil
	}
	return e.file.Close()
}

func (c *Cmd) closeHanded() {
	for _, end := range c.handed {
		if end != nil {
			end.Close()
		}
	}
	for _, file := range c.ends {
		file.Close()
	}
}

// streams says what the three streams are connected to.
func (c *Cmd) streams() []Option {
	out, errOut := c.outputTo(Stdout, c.Stdout), c.outputTo(Stderr, c.Stderr)
	if c.Stderr != nil && equal(c.Stdout, c.Stderr) && !c.piped[Stdout] {
		errOut = ToStdout
	}
	return []Option{StdinFrom(c.inputFrom()), StdoutTo(out), StderrTo(errOut)}
}

// equal compares what may not be comparable.
func equal(a, b io.Writer) bool {
	defer func() { recover() }()
	return a == b
}

func (c *Cmd) inputFrom() Stdio {
	switch in := c.Stdin.(type) {
	case *os.File:
		return File(in)
	case *Reader:
		return OutputOf(in)
	case nil:
		if !c.piped[Stdin] {
			return DevNull
		}
	}
	return Pipe
}

func (c *Cmd) outputTo(stream Stream, to io.Writer) Stdio {
	if file, ok := to.(*os.File); ok {
		return File(file)
	}
	if to == nil && !c.piped[stream] {
		return DevNull
	}
	return Pipe
}

// connect takes our ends of the pipes out of the process, so that Go's poller waits for them, and says what is to be copied.
func (c *Cmd) connect(p *Process) error {
	err := c.connectEach(p)
	if err != nil {
		p.Kill()
		p.Close()
	}
	return err
}

func (c *Cmd) connectEach(p *Process) error {
	for stream := Stdin; stream <= Stderr; stream++ {
		if p.streamFD(stream) < 0 {
			continue
		}
		file, err := p.release(stream)
		if err != nil {
			return err
		}
		c.ends = append(c.ends, file)
		switch {
		case c.piped[stream]:
			c.handed[stream].attach(file)
		case stream == Stdin:
			c.copies = append(c.copies, c.feed(file))
		case stream == Stdout:
			c.copies = append(c.copies, drain(file, c.Stdout))
		default:
			c.copies = append(c.copies, drain(file, c.Stderr))
		}
	}
	return nil
}

func (c *Cmd) feed(file *os.File) func() error {
	return func() error {
		_, err := io.Copy(file, c.Stdin)
		if errors.Is(err, syscall.EPIPE) {
			err = nil // the command did not want more
		}
		if closeErr := file.Close(); err == nil && !errors.Is(closeErr, os.ErrClosed) {
			err = closeErr
		}
		return err
	}
}

func drain(file *os.File, to io.Writer) func() error {
	return func() error {
		_, err := io.Copy(to, file)
		file.Close() // whoever still writes is to notice
		return err
	}
}

func (c *Cmd) startCopying() {
	c.copied = make(chan error, len(c.copies))
	for _, copying := range c.copies {
		go func(copying func() error) { c.copied <- copying() }(copying)
	}
}

// finishCopying waits for the copying goroutines, WaitDelay after the child's end at most, and closes the pipes. It returns
// their first error.
func (c *Cmd) finishCopying() error {
	var first error
	var expired <-chan time.Time
	if c.WaitDelay > 0 {
		timer := time.NewTimer(c.WaitDelay)
		defer timer.Stop()
		expired = timer.C
	}
	for left := len(c.copies); left > 0; {
		select {
		case err := <-c.copied:
			left--
			if first == nil {
				first = err
			}
		case <-expired:
			expired = nil
			first = ErrWaitDelay
			c.closeHanded()
			left = 0 // a goroutine that waits for a Reader of the user cannot be helped
		}
	}
	c.closeHanded()
	return first
}
