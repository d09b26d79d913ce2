// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"os"
	"syscall"

	"libsubprocess.dev/subprocess/internal/native"
)

// Stage is one command of a pipeline to be.
type Stage struct {
	Argv []string
	// Options describe this child alone; without any, those of the pipeline apply to it. Its standard input and output are the
	// pipeline's.
	Options []Option
}

// Pipeline starts commands, each one's standard output piped into the next one's standard input, as one Process. Its
// own options are for its ends and limits: StdinFrom for the first stage, StdoutTo for the last, StderrTo for all.
func Pipeline(stages []Stage, options ...Option) (*Process, error) {
	return pipelineOf(stages, options).start()
}

// RunPipeline runs a pipeline to its end, as Run does a command.
func RunPipeline(ctx context.Context, stages []Stage, options ...Option) (*Result, error) {
	return pipelineOf(stages, options).run(ctx, len(stages))
}

func pipelineOf(stages []Stage, options []Option) *config {
	c := configOf(options)
	c.finish()
	c.record = append(c.record, native.OptionStages)
	c.uint32(len(stages))
	for _, stage := range stages {
		own := configOf(stage.Options)
		own.texts(native.OptionArgv, stage.Argv)
		if len(stage.Options) > 0 {
			own.finish()
		}
		switch {
		case own.err != nil:
			c.err = own.err
		case own.input != nil || own.hasTimeout || own.see != nil:
			c.fail("input, timeout and on_output belong to the whole pipeline")
		}
		c.string(string(own.record))
		c.owners = append(c.owners, own.owners...)
	}
	return c
}

// A StageProcess is one process of a pipeline that has been started.
type StageProcess struct {
	handle *handle
	index  int
	pid    int
}

// Stages are the processes of a pipeline, or the one of a plain child. There are none after Close.
func (p *Process) Stages() []*StageProcess {
	stages := make([]*StageProcess, 0, p.stages)
	p.handle.do(func(*native.Failure) {
		for i := 0; i < p.stages; i++ {
			pid := int(native.Pid(native.StageAt(p.handle.native, int64(i))))
			stages = append(stages, &StageProcess{handle: p.handle, index: i, pid: pid})
		}
	})
	return stages
}

// native is valid between enter and leave.
func (s *StageProcess) native() native.Process {
	return native.StageAt(s.handle.native, int64(s.index))
}

// Pid is the process id.
func (s *StageProcess) Pid() int { return s.pid }

// Wait waits for the end of this stage; see Process.Wait.
func (s *StageProcess) Wait(ctx context.Context) (int, error) { return s.handle.wait(ctx, s.native) }

// Poll asks whether this stage has ended; see Process.Poll.
func (s *StageProcess) Poll() (code int, ended bool, err error) { return s.handle.poll(s.native) }

// Signal sends a signal to this stage.
func (s *StageProcess) Signal(signal os.Signal) error {
	return s.handle.signal(signal, func(failure *native.Failure, number int) {
		native.SendSignal(failure, s.native(), number)
	})
}

// Terminate sends SIGTERM.
func (s *StageProcess) Terminate() error { return s.Signal(syscall.SIGTERM) }

// Kill sends SIGKILL.
func (s *StageProcess) Kill() error { return s.Signal(syscall.SIGKILL) }
