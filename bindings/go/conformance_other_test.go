// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"libsubprocess.dev/subprocess"
)

var otherVerbs = map[string]func(*caseRun, *fields) outcome{
	"token": func(r *caseRun, f *fields) outcome {
		name := f.text("as")
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tokens[name] = newToken()
		return outcome{}
	},
	"trigger": func(r *caseRun, f *fields) outcome {
		r.token(f, f.text("of")).cancel()
		return outcome{}
	},
	"reset": func(r *caseRun, f *fields) outcome { // a context cannot be; a new one takes its place
		name := f.text("of")
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tokens[name] = newToken()
		return outcome{}
	},
	"join": func(r *caseRun, f *fields) outcome {
		if err := <-r.threads[f.text("of")]; err != nil {
			f.fail("in the thread: %v", err)
		}
		return outcome{}
	},
	"pause": func(r *caseRun, f *fields) outcome {
		time.Sleep(f.milliseconds("ms"))
		return outcome{}
	},
	"write_file": func(r *caseRun, f *fields) outcome {
		path, mode := f.text("path"), uint64(0o644)
		err := os.WriteFile(path, f.data("data"), 0o644)
		if f.has("mode") {
			mode, _ = strconv.ParseUint(f.text("mode"), 8, 32)
		}
		if err == nil {
			err = os.Chmod(path, os.FileMode(mode))
		}
		return outcome{err: err}
	},
	"read_file": func(r *caseRun, f *fields) outcome {
		data, err := os.ReadFile(f.text("path"))
		return outcome{value: data, err: err}
	},
	"open_file": func(r *caseRun, f *fields) outcome {
		name := f.text("as")
		file, err := os.Open(f.text("path"))
		if err == nil && f.has("inheritable") && f.flag("inheritable") {
			err = setInheritable(file)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.files[name] = file
		return outcome{err: err}
	},
	"quote": func(r *caseRun, f *fields) outcome {
		line, err := subprocess.Quote(f.texts("argv"))
		return outcome{value: line, err: err}
	},
	"split": func(r *caseRun, f *fields) outcome {
		words, err := subprocess.Split(f.text("line"))
		return outcome{value: words, err: err}
	},
	"which": func(r *caseRun, f *fields) outcome {
		path, err := subprocess.Which(f.text("name"), f.text("path"))
		return outcome{value: path, err: err}
	},
}

// A thread has steps, which have verbs: only now are these known.
func init() {
	otherVerbs["thread"] = func(r *caseRun, f *fields) outcome {
		ended := make(chan error, 1)
		name, steps := f.text("as"), f.steps("steps")
		r.threads[name] = ended
		go func() {
			ended <- r.do(steps)
			close(ended)
		}()
		return outcome{}
	}
}

// check compares an outcome with an expectation.
func (r *caseRun) check(expectation map[string]interface{}, o outcome) error {
	f := r.fields(expectation)
	if f.has("error") {
		r.checkError(f, o.err)
	} else if o.err != nil {
		return fmt.Errorf("it failed: %w", o.err)
	}
	f.checkTime(o.took)
	if f.has("value") {
		f.checkValue(o.value)
	}
	if observed := f.object("observed"); observed != nil {
		f.expect("observed", observed, o.observed)
	}
	result := o.result
	if result == nil {
		result = &subprocess.Result{ReturnCode: subprocess.NoReturnCode}
	}
	f.checkResult(result)
	return f.end()
}

func (f *fields) expect(what string, expected, seen interface{}) {
	if !reflect.DeepEqual(expected, seen) {
		f.fail("%s: expected %s, got %s", what, describe(expected), describe(seen))
	}
}

func (f *fields) checkTime(took time.Duration) {
	if f.has("at_least_ms") && took < f.milliseconds("at_least_ms") {
		f.fail("it took only %v", took)
	}
	if f.has("at_most_ms") && took > f.milliseconds("at_most_ms") {
		f.fail("it took %v", took)
	}
	f.take("at_least_ms")
	f.take("at_most_ms")
}

func (f *fields) checkValue(seen interface{}) {
	switch seen := seen.(type) {
	case []byte:
		f.checkData("value", seen)
	case string:
		f.expect("value", f.text("value"), seen)
	case []string:
		f.expect("value", f.texts("value"), seen)
	case int:
		f.expect("value", f.number("value"), seen)
	default:
		expected, _ := f.take("value")
		f.expect("value", expected, seen)
	}
}

func (f *fields) checkData(key string, seen []byte) {
	if expected := f.data(key); !sameData(expected, seen) {
		f.fail("%s: expected %s, got %s", key, describe(expected), describe(seen))
	}
}

func (f *fields) checkResult(result *subprocess.Result) {
	if f.has("returncode") {
		f.expect("returncode", f.number("returncode"), result.ReturnCode)
	}
	if f.has("stdout") {
		f.checkData("stdout", result.Stdout)
	}
	if f.has("stderr") {
		f.checkData("stderr", result.Stderr)
	}
	if f.has("stages") {
		f.expect("stages", f.numbers("stages"), result.StageReturnCodes)
	}
	if f.has("pipes_held") {
		f.expect("pipes_held", f.flag("pipes_held"), result.PipesHeld)
	}
	if f.has("usage") {
		known := result.Usage != nil && result.Usage.WallTime > 0 && result.Usage.MaxRSS > 0
		f.expect("usage", f.flag("usage"), known)
	}
	if dropped := f.object("dropped"); dropped != nil {
		f.expect("dropped", dropped, map[string]interface{}{
			"stdout": float64(result.DroppedStdout), "stderr": float64(result.DroppedStderr)})
	}
}

var errnos = map[string]syscall.Errno{"ENOENT": syscall.ENOENT, "EACCES": syscall.EACCES, "EPIPE": syscall.EPIPE}

func (r *caseRun) checkError(outer *fields, err error) {
	f := r.fields(outer.object("error"))
	var failure *subprocess.Error
	if !errors.As(err, &failure) {
		outer.fail("expected an error, got %v", err)
		return
	}
	if f.has("code") {
		f.expect("code", f.text("code"), failure.Code.Name())
	}
	if f.has("step") {
		f.expect("step", f.text("step"), failure.Step.String())
	}
	if f.has("path") {
		f.expect("path", f.text("path"), failure.Path)
	}
	if f.has("stage") {
		f.expect("stage", f.number("stage"), failure.Stage)
	}
	if f.has("errno") {
		f.expect("errno", errnos[f.text("errno")], failure.Errno)
	}
	if f.has("message_has") {
		if part := f.text("message_has"); !strings.Contains(failure.Message, part) {
			f.fail("%q does not contain %q", failure.Message, part)
		}
	}
	if err := f.end(); err != nil {
		outer.fail("%v (%v)", err, failure)
	}
}
