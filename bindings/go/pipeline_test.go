// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"errors"
	"os"
	"reflect"
	"syscall"
	"testing"

	"libsubprocess.dev/subprocess"
)

func stages(argvs ...[]string) []subprocess.Stage {
	list := []subprocess.Stage{}
	for _, argv := range argvs {
		list = append(list, subprocess.Stage{Argv: argv})
	}
	return list
}

func TestPipeline(t *testing.T) {
	process, err := subprocess.Pipeline(stages([]string{"printf", "b\\na\\nb\\n"}, []string{"sort", "-u"}),
		subprocess.StdoutTo(subprocess.Pipe))
	must(t, err)
	defer process.Close()
	result, err := process.Communicate(background, nil)
	must(t, err)
	expectOutput(t, result.Stdout, "a\nb\n")
	if !reflect.DeepEqual(result.StageReturnCodes, []int{0, 0}) {
		t.Error(result.StageReturnCodes)
	}
}

func TestRunPipeline(t *testing.T) {
	result, err := subprocess.RunPipeline(background, stages([]string{"cat"}, sh("exit 3"), []string{"cat"}),
		subprocess.Input([]byte("lost")), subprocess.Capture(), subprocess.Pipefail(), subprocess.Check())
	expectError(t, err, subprocess.ErrFailed)
	if result.ReturnCode != 3 || result.StageReturnCodes[1] != 3 || len(result.StageReturnCodes) != 3 {
		t.Errorf("%+v", result)
	}
}

func TestStagesOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	result, err := subprocess.RunPipeline(background, []subprocess.Stage{
		{Argv: sh("echo $A $B; pwd"), Options: []subprocess.Option{subprocess.ExtendEnv(map[string]string{"A": "stage"}),
			subprocess.Dir(dir)}},
		{Argv: sh("cat; echo $A $B")},
	}, subprocess.Capture(), subprocess.ExtendEnv(map[string]string{"B": "whole"}))
	must(t, err)
	expectOutput(t, result.Stdout, "stage\n"+dir+"\nwhole\n")
}

func TestStagesAreSignalledAndAwaited(t *testing.T) {
	process, err := subprocess.Pipeline(stages([]string{"cat"}, []string{"cat"}), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.StdoutTo(subprocess.Pipe), subprocess.NewGroup())
	must(t, err)
	defer process.Close()
	parts := process.Stages()
	expectEqual(t, "stages", len(parts), 2)
	expectEqual(t, "pid", parts[0].Pid(), process.Pid())
	must(t, parts[1].Terminate())
	code, err := parts[1].Wait(background)
	must(t, err)
	expectEqual(t, "code", code, -int(syscall.SIGTERM))
	_, ended, err := parts[0].Poll()
	must(t, err)
	expectEqual(t, "ended", ended, false)
	must(t, process.KillGroup())
	code, err = parts[0].Wait(background)
	must(t, err)
	expectEqual(t, "code", code, -int(syscall.SIGKILL))
	must(t, process.Close())
	_, err = parts[0].Wait(background)
	expectError(t, err, os.ErrClosed)
	expectError(t, parts[0].Kill(), os.ErrClosed)
	expectEqual(t, "stages after Close", len(process.Stages()), 0)
}

func TestStageThatCannotStart(t *testing.T) {
	_, err := subprocess.Pipeline(stages([]string{"cat"}, []string{"no-such-program-here"}), subprocess.StdinFrom(subprocess.DevNull))
	expectError(t, err, os.ErrNotExist)
	var failure *subprocess.Error
	if !errors.As(err, &failure) || failure.Stage != 1 {
		t.Errorf("%+v", failure)
	}
}

func TestBadPipelines(t *testing.T) {
	_, err := subprocess.Pipeline(nil)
	expectError(t, err, subprocess.ErrInvalid)
	_, err = subprocess.Pipeline(stages([]string{"cat", "\x00"}))
	expectError(t, err, subprocess.ErrInvalid)
	_, err = subprocess.Pipeline(stages(nil))
	expectError(t, err, subprocess.ErrInvalid)
	for _, option := range []subprocess.Option{subprocess.Input(nil), subprocess.Timeout(1), subprocess.StdinFrom(subprocess.Pipe),
		subprocess.Env([]string{"x"}), subprocess.OnOutput(func(subprocess.Stream, []byte) error { return nil })} {
		_, err = subprocess.RunPipeline(background, []subprocess.Stage{{Argv: []string{"true"}, Options: []subprocess.Option{option}},
			{Argv: []string{"true"}}})
		expectError(t, err, subprocess.ErrInvalid)
	}
}
