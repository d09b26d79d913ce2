// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"errors"
	"strconv"

	"libsubprocess.dev/subprocess"
)

var flagOptions = map[string]func() subprocess.Option{
	"shell": subprocess.Shell, "check": subprocess.Check, "capture": subprocess.Capture, "keep_fds": subprocess.KeepFDs,
	"keep_signals": subprocess.KeepSignals, "keep_signal_mask": subprocess.KeepSignalMask,
	"new_session": subprocess.NewSession, "new_group": subprocess.NewGroup, "controlling_tty": subprocess.ControllingTTY,
	"pipefail": subprocess.Pipefail, "kill_on_free": subprocess.KillOnClose,
	"universal_newlines": subprocess.UniversalNewlines, "kill_group_on_timeout": subprocess.KillGroupOnTimeout,
}

var textOptions = map[string]func(string) subprocess.Option{
	"executable": subprocess.Executable, "cwd": subprocess.Dir, "user": subprocess.User, "group": subprocess.Group,
}

var numberOptions = map[string]func(int) subprocess.Option{
	"uid": subprocess.UID, "gid": subprocess.GID, "umask": subprocess.Umask, "join_group": subprocess.JoinGroup,
	"pipe_size": subprocess.PipeSize, "max_output": subprocess.MaxOutput,
}

var streamOptions = map[string]func(subprocess.Stdio) subprocess.Option{
	"stdin": subprocess.StdinFrom, "stdout": subprocess.StdoutTo, "stderr": subprocess.StderrTo,
}

var streamKinds = map[string]subprocess.Stdio{
	"inherit": subprocess.Inherit, "pipe": subprocess.Pipe, "devnull": subprocess.DevNull, "stdout": subprocess.ToStdout,
}

// settings are the options of a step, and what no Option of Go's says.
type settings struct {
	options  []subprocess.Option
	token    string
	observed map[string]interface{} // what on_output was given, by stream; nil without one
}

var errEnough = errors.New("enough")

// observe is on_output: it keeps all that it is given, and stops the call if it shall.
func (s *settings) observe(stop bool) subprocess.Option {
	s.observed = map[string]interface{}{"stdout": "", "stderr": ""}
	return subprocess.OnOutput(func(stream subprocess.Stream, chunk []byte) error {
		s.observed[stream.String()] = s.observed[stream.String()].(string) + string(chunk)
		if stop {
			return errEnough
		}
		return nil
	})
}

// settings are read from an object. Mistakes go to `outer`.
func (r *caseRun) settings(object map[string]interface{}, outer *fields) *settings {
	f, s := r.fields(object), &settings{}
	for key := range object {
		switch key {
		case "cancel":
			s.token = f.text(key)
		case "on_output":
			s.options = append(s.options, s.observe(f.text(key) == "stop"))
		default:
			s.options = append(s.options, r.option(f, key))
		}
	}
	if err := f.end(); err != nil {
		outer.fail("options: %v", err)
	}
	return s
}

func (r *caseRun) option(f *fields, key string) subprocess.Option {
	if option, known := flagOptions[key]; known {
		if !f.flag(key) {
			f.fail("%s is not true", key)
		}
		return option()
	}
	if option, known := textOptions[key]; known {
		return option(f.text(key))
	}
	if option, known := numberOptions[key]; known {
		return option(f.number(key))
	}
	if option, known := streamOptions[key]; known {
		return option(r.stdio(f, key))
	}
	return r.otherOption(f, key)
}

func (r *caseRun) otherOption(f *fields, key string) subprocess.Option {
	switch key {
	case "env":
		return environment(f)
	case "env_extend":
		return extension(f)
	case "groups":
		return subprocess.Groups(f.numbers(key)...)
	case "pass_fds":
		return subprocess.PassFDs(f.numbers(key)...)
	case "fd_map":
		return descriptorMap(f)
	case "death_signal":
		return subprocess.DeathSignal(f.signal(key))
	case "input":
		return subprocess.Input(f.data(key))
	case "timeout_ms":
		return subprocess.Timeout(f.milliseconds(key))
	case "kill_grace_ms":
		return subprocess.KillGrace(f.milliseconds(key))
	case "drain_ms":
		return subprocess.Drain(f.milliseconds(key))
	}
	f.fail("unknown option %q", key)
	return subprocess.Check()
}

func environment(f *fields) subprocess.Option {
	environ := []string{}
	for name, value := range f.object("env") {
		text, _ := value.(string)
		environ = append(environ, name+"="+f.run.expand(text))
	}
	return subprocess.Env(environ)
}

func extension(f *fields) subprocess.Option {
	added, removed := map[string]string{}, []string{}
	for name, value := range f.object("env_extend") {
		if text, isText := value.(string); isText {
			added[name] = f.run.expand(text)
		} else {
			removed = append(removed, name)
		}
	}
	if len(removed) == 0 {
		return subprocess.ExtendEnv(added)
	}
	if len(added) > 0 {
		f.fail("variables are added and removed: two options in Go")
	}
	return subprocess.UnsetEnv(removed...)
}

func descriptorMap(f *fields) subprocess.Option {
	object := f.object("fd_map")
	inner := f.run.fields(object)
	for key := range object {
		child, err := strconv.Atoi(key)
		if err != nil || len(object) > 1 {
			f.fail("fd_map: %v", object)
		}
		return subprocess.MapFD(child, inner.number(key))
	}
	return subprocess.PassFDs()
}

func (r *caseRun) stdio(f *fields, key string) subprocess.Stdio {
	if name, isName := f.left[key].(string); isName {
		f.take(key)
		kind, known := streamKinds[name]
		if !known {
			f.fail("%s: unknown kind %q", key, name)
		}
		return kind
	}
	inner := r.fields(f.object(key))
	defer func() {
		if err := inner.end(); err != nil {
			f.fail("%s: %v", key, err)
		}
	}()
	if inner.has("stream_of") {
		name := inner.text("stream_of")
		r.mu.Lock()
		defer r.mu.Unlock()
		return subprocess.OutputOf(r.processes[name].Stdout())
	}
	path := inner.text("path")
	if inner.has("append") && inner.flag("append") {
		return subprocess.Append(path)
	}
	return subprocess.Path(path)
}
