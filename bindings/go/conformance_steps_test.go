// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"libsubprocess.dev/subprocess"
)

// A caseRun holds what the steps of a case have made. Steps of different threads use it at once.
type caseRun struct {
	tmp string

	mu        sync.Mutex
	processes map[string]*subprocess.Process
	tokenOf   map[string]string // process to token
	tokens    map[string]token
	threads   map[string]chan error
	files     map[string]*os.File
}

type token struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newToken() token {
	ctx, cancel := context.WithCancel(context.Background())
	return token{ctx, cancel}
}

func newCaseRun() (*caseRun, error) {
	tmp, err := os.MkdirTemp("", "conformance")
	if err == nil {
		tmp, err = filepath.EvalSymlinks(tmp)
	}
	return &caseRun{tmp: tmp, processes: map[string]*subprocess.Process{}, tokenOf: map[string]string{},
		tokens: map[string]token{}, threads: map[string]chan error{}, files: map[string]*os.File{}}, err
}

func (r *caseRun) end() {
	for _, token := range r.tokens {
		token.cancel()
	}
	r.mu.Lock()
	for _, process := range r.processes {
		process.Kill()
		process.Close()
	}
	r.mu.Unlock()
	for _, ended := range r.threads {
		<-ended
	}
	for _, file := range r.files {
		file.Close()
	}
	os.RemoveAll(r.tmp)
}

func (r *caseRun) variable(name string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "tmp" {
		return r.tmp, true
	}
	if file, found := r.files[name]; found {
		return strconv.Itoa(int(file.Fd())), true
	}
	if process, found := r.processes[name]; found {
		return strconv.Itoa(process.Pid()), true
	}
	return "", false
}

// An outcome is what a step gave.
type outcome struct {
	result *subprocess.Result
	value  interface{} // []byte, int, string, []string; nil while a child runs
	err    error
	took   time.Duration

	observed map[string]interface{}
}

func (r *caseRun) step(s step) error {
	f := r.fields(s)
	verb := f.text("do")
	expected := f.object("expect")
	started := time.Now()
	o := r.perform(verb, f)
	o.took = time.Since(started)
	if err := f.end(); err != nil {
		return err
	}
	return r.check(expected, o)
}

func (r *caseRun) perform(verb string, f *fields) outcome {
	for _, verbs := range []map[string]func(*caseRun, *fields) outcome{startVerbs, processVerbs, streamVerbs, otherVerbs} {
		if perform, known := verbs[verb]; known {
			return perform(r, f)
		}
	}
	f.fail("unknown verb %q", verb)
	return outcome{}
}

func (r *caseRun) process(f *fields) *subprocess.Process {
	name := f.text("of")
	r.mu.Lock()
	defer r.mu.Unlock()
	process, found := r.processes[name]
	if !found {
		f.fail("there is no process %q", name)
		return &subprocess.Process{}
	}
	return process
}

func (r *caseRun) token(f *fields, name string) token {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, found := r.tokens[name]
	if !found {
		f.fail("there is no token %q", name)
	}
	return t
}

// context is that of the process's token, with the step's limit.
func (r *caseRun) context(f *fields) (context.Context, context.CancelFunc) {
	ctx := context.Background()
	r.mu.Lock()
	name, found := r.tokenOf[f.run.expand(fmt.Sprint(f.left["of"]))]
	if found {
		ctx = r.tokens[name].ctx
	}
	r.mu.Unlock()
	if f.has("timeout_ms") {
		return context.WithTimeout(ctx, f.milliseconds("timeout_ms"))
	}
	return ctx, func() {}
}

func (r *caseRun) addProcess(f *fields, process *subprocess.Process, err error, token string) outcome {
	name := f.text("as")
	if err != nil {
		return outcome{err: err}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.processes[name] = process
	if token != "" {
		r.tokenOf[name] = token
	}
	return outcome{}
}

var startVerbs = map[string]func(*caseRun, *fields) outcome{
	"run": func(r *caseRun, f *fields) outcome {
		s, argv := r.settings(f.object("options"), f), f.texts("argv")
		ctx := r.contextOf(f, s.token)
		if f.err != nil {
			return outcome{}
		}
		result, err := subprocess.Run(ctx, argv, s.options...)
		return outcome{result: result, err: err, observed: s.observed}
	},
	"check_output": func(r *caseRun, f *fields) outcome {
		s, argv := r.settings(f.object("options"), f), f.texts("argv")
		ctx := r.contextOf(f, s.token)
		if f.err != nil {
			return outcome{}
		}
		output, err := subprocess.Output(ctx, argv, s.options...)
		return outcome{value: output, err: err}
	},
	"popen": func(r *caseRun, f *fields) outcome {
		s, argv := r.settings(f.object("options"), f), f.texts("argv")
		if f.err != nil {
			return outcome{}
		}
		process, err := subprocess.Start(argv, s.options...)
		return r.addProcess(f, process, err, s.token)
	},
	"pipeline": func(r *caseRun, f *fields) outcome {
		stages := []subprocess.Stage{}
		for _, stage := range f.steps("stages") {
			inner := r.fields(stage)
			own := r.settings(inner.object("options"), f)
			stages = append(stages, subprocess.Stage{Argv: inner.texts("argv"), Options: own.options})
			if err := inner.end(); err != nil {
				f.fail("stage: %v", err)
			}
		}
		s := r.settings(f.object("options"), f)
		if f.err != nil {
			return outcome{}
		}
		process, err := subprocess.Pipeline(stages, s.options...)
		return r.addProcess(f, process, err, s.token)
	},
}

func (r *caseRun) contextOf(f *fields, token string) context.Context {
	if token == "" {
		return context.Background()
	}
	return r.token(f, token).ctx
}

// A waiter is a process, or one stage of it.
type waiter interface {
	Wait(ctx context.Context) (int, error)
	Poll() (int, bool, error)
	Signal(signal os.Signal) error
}

func (r *caseRun) waiter(f *fields) waiter {
	if !f.has("stage") {
		return r.process(f)
	}
	index := f.number("stage")
	stages := r.process(f).Stages()
	if index >= len(stages) {
		f.fail("there is no stage %d", index)
		return &subprocess.StageProcess{}
	}
	return stages[index]
}

var processVerbs = map[string]func(*caseRun, *fields) outcome{
	"communicate": func(r *caseRun, f *fields) outcome {
		ctx, cancel := r.context(f)
		defer cancel()
		input := f.data("input")
		result, err := r.process(f).Communicate(ctx, input)
		return outcome{result: result, err: err}
	},
	"wait": func(r *caseRun, f *fields) outcome {
		ctx, cancel := r.context(f)
		defer cancel()
		code, err := r.waiter(f).Wait(ctx)
		return outcome{value: code, err: err}
	},
	"poll": func(r *caseRun, f *fields) outcome {
		code, ended, err := r.waiter(f).Poll()
		if !ended {
			return outcome{err: err}
		}
		return outcome{value: code, err: err}
	},
	"stop": func(r *caseRun, f *fields) outcome {
		code, err := r.process(f).Stop(f.milliseconds("grace_ms"))
		return outcome{value: code, err: err}
	},
	"send_signal": func(r *caseRun, f *fields) outcome {
		signal := f.signal("signal")
		return outcome{err: r.waiter(f).Signal(signal)}
	},
	"terminate": func(r *caseRun, f *fields) outcome { return outcome{err: r.process(f).Terminate()} },
	"kill":      func(r *caseRun, f *fields) outcome { return outcome{err: r.process(f).Kill()} },
	"kill_group": func(r *caseRun, f *fields) outcome {
		signal := f.signal("signal")
		return outcome{err: r.process(f).SignalGroup(signal)}
	},
	"close": func(r *caseRun, f *fields) outcome { return outcome{err: r.process(f).Close()} },
}

func (r *caseRun) reader(f *fields) *subprocess.Reader {
	process := r.process(f)
	if f.stream("stream") == subprocess.Stdout {
		return process.Stdout()
	}
	return process.Stderr()
}

// unlessEOF takes end of file for no error, but no data.
func unlessEOF(data []byte, err error) outcome {
	if err == io.EOF {
		return outcome{value: []byte{}}
	}
	return outcome{value: data, err: err}
}

var streamVerbs = map[string]func(*caseRun, *fields) outcome{
	"read": func(r *caseRun, f *fields) outcome {
		ctx, cancel := r.context(f)
		defer cancel()
		data := make([]byte, f.number("size"))
		count, err := r.reader(f).ReadContext(ctx, data)
		return unlessEOF(data[:count], err)
	},
	"read_line": func(r *caseRun, f *fields) outcome {
		ctx, cancel := r.context(f)
		defer cancel()
		return unlessEOF(r.reader(f).ReadLine(ctx))
	},
	"read_all": func(r *caseRun, f *fields) outcome {
		ctx, cancel := r.context(f)
		defer cancel()
		data, err := io.ReadAll(r.reader(f).WithContext(ctx))
		return outcome{value: data, err: err}
	},
	"write": func(r *caseRun, f *fields) outcome {
		ctx, cancel := r.context(f)
		defer cancel()
		count, err := r.process(f).Stdin().WriteContext(ctx, f.data("data"))
		return outcome{value: count, err: err}
	},
	"close_stream": func(r *caseRun, f *fields) outcome {
		process := r.process(f)
		switch f.stream("stream") {
		case subprocess.Stdin:
			return outcome{err: process.Stdin().Close()}
		case subprocess.Stdout:
			return outcome{err: process.Stdout().Close()}
		}
		return outcome{err: process.Stderr().Close()}
	},
}

func setInheritable(file *os.File) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, file.Fd(), syscall.F_SETFD, 0); errno != 0 {
		return errno
	}
	return nil
}
