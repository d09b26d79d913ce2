// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"runtime"
	"runtime/cgo"
	"time"

	"libsubprocess.dev/subprocess/internal/native"
)

// Run runs a command to its end. There is a Result with some errors too: the whole of it with an *ExitError, which carries it as
// well, and what there is if the call was ended early, by Timeout, the context or OnOutput. The child has been killed and reaped
// then.
func Run(ctx context.Context, argv []string, options ...Option) (*Result, error) {
	c := configOf(options)
	c.texts(native.OptionArgv, argv)
	c.finish()
	return c.run(ctx, 1)
}

// Output runs a command and returns its standard output. A return code other than 0 is an *ExitError.
func Output(ctx context.Context, argv []string, options ...Option) ([]byte, error) {
	options = append(options[:len(options):len(options)], StdoutTo(Pipe), Check())
	result, err := Run(ctx, argv, options...)
	if result == nil {
		return nil, err
	}
	return result.Stdout, err
}

func (c *config) run(ctx context.Context, stages int) (*Result, error) {
	if c.err != nil {
		return nil, c.err
	}
	if ctx.Err() != nil {
		failure := &Error{Code: ErrCanceled, Message: "the call was cancelled"}
		return nil, failure.withContext(ctx, false)
	}
	var token native.Cancel
	if ctx.Done() != nil {
		i, err := takeInterrupter()
		if err != nil {
			return nil, err
		}
		token = i.token
		leave := i.watch(ctx)
		defer giveInterrupter(i)
		defer leave()
	}
	o, ref := c.observe()
	if ref != 0 {
		defer ref.Delete()
	}
	limited := c.limit(ctx)
	failure := takeFailure()
	defer giveFailure(failure)
	r := native.Run(failure, c.record, len(c.record), c.input, len(c.input), token, uint64(ref))
	runtime.KeepAlive(c)
	result := takeResult(r, stages)
	if failure.Code == 0 {
		o.end(nil)
		return result, nil
	}
	e := errorOf(failure).withContext(ctx, limited)
	o.end(e)
	return result, e.withResult(result)
}

// limit writes the shorter one of the timeout and what remains until ctx's deadline. It says whether that is ctx's.
func (c *config) limit(ctx context.Context) bool {
	limit, limited := limitOf(ctx)
	if c.hasTimeout {
		own := milliseconds(c.timeout)
		if !limited || own <= limit {
			limit, limited = own, false
		}
	}
	if limit != native.Forever {
		c.number(native.OptionTimeoutMS, limit)
	}
	return limited
}

// observe makes what shows output to OnOutput, and C's handle of it; nil and 0 without OnOutput.
func (c *config) observe() (*observer, cgo.Handle) {
	if c.see == nil {
		return nil, 0
	}
	o := &observer{see: c.see}
	return o, native.NewObserver(o)
}

// Start starts a command. Input, Timeout and what else belongs to Run is refused.
func Start(argv []string, options ...Option) (*Process, error) {
	c := configOf(options)
	c.texts(native.OptionArgv, argv)
	c.finish()
	return c.start()
}

func (c *config) start() (*Process, error) {
	switch {
	case c.err != nil:
		return nil, c.err
	case c.input != nil:
		return nil, invalid("input belongs to Run: use StdinFrom(Pipe) and Communicate")
	case c.hasTimeout:
		c.number(native.OptionTimeoutMS, milliseconds(c.timeout+time.Millisecond)) // for C to refuse
	}
	i, err := takeInterrupter()
	if err != nil {
		return nil, err
	}
	o, ref := c.observe()
	failure := takeFailure()
	defer giveFailure(failure)
	process := native.Start(failure, c.record, len(c.record), i.token, uint64(ref))
	runtime.KeepAlive(c)
	if failure.Code != 0 {
		if ref != 0 {
			ref.Delete()
		}
		giveInterrupter(i)
		return nil, errorOf(failure)
	}
	return newProcess(newHandle(process, i, o, ref, c.killsOnEnd)), nil
}
