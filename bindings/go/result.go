// SPDX-License-Identifier: MIT

package subprocess

import (
	"fmt"
	"math"
	"syscall"
	"time"

	"libsubprocess.dev/subprocess/internal/native"
)

// NoReturnCode is the return code of a child that has not been seen to exit, or whose status is lost.
const NoReturnCode = math.MinInt64

// Result is what a child left behind.
type Result struct {
	ReturnCode int    // 0 to 255, or -N if signal N ended it; of a pipeline that of its last stage, see Pipefail
	Stdout     []byte // nil if it was not captured
	Stderr     []byte // nil if it was not captured

	DroppedStdout uint64 // bytes above MaxOutput
	DroppedStderr uint64
	PipesHeld     bool // the child had ended but a grandchild still held its pipes open when reading stopped
	CoreDumped    bool
	Usage         *Usage // nil if the system did not tell

	StageReturnCodes []int // of each stage of a pipeline; one of a plain child
}

// Usage is what a child cost; of a pipeline the sum of its stages, and the largest of WallTime and MaxRSS.
type Usage struct {
	WallTime            time.Duration // from the start to the seen end
	UserTime            time.Duration
	SystemTime          time.Duration
	MaxRSS              int64 // bytes
	MinorFaults         int64
	MajorFaults         int64
	VoluntarySwitches   int64
	InvoluntarySwitches int64
	BlocksIn            int64 // of 512 bytes
	BlocksOut           int64
}

// Success says whether the child returned 0.
func (r *Result) Success() bool { return r.ReturnCode == 0 }

// ExitCode is the exit code, or -1 if the child was ended by a signal or has not been seen to exit, as in package os.
func (r *Result) ExitCode() int {
	if r.ReturnCode < 0 {
		return -1
	}
	return r.ReturnCode
}

// Signal is the signal that ended the child, or 0.
func (r *Result) Signal() syscall.Signal {
	if r.ReturnCode >= 0 || r.ReturnCode == NoReturnCode {
		return 0
	}
	return syscall.Signal(-r.ReturnCode)
}

// String tells how the child ended: "exit status 1", "signal: killed".
func (r *Result) String() string {
	switch signal := r.Signal(); {
	case signal == 0 && r.ReturnCode == NoReturnCode:
		return "exit status unknown"
	case signal == 0:
		return fmt.Sprintf("exit status %d", r.ReturnCode)
	case r.CoreDumped:
		return fmt.Sprintf("signal: %v (core dumped)", signal)
	default:
		return fmt.Sprintf("signal: %v", signal)
	}
}

// takeResult copies a native result and frees it; nil for nil.
func takeResult(r native.Result, stages int) *Result {
	if isNull(r) {
		return nil
	}
	defer native.DeleteResult(r)
	result := &Result{
		ReturnCode:       int(native.ResultReturncode(r)),
		Stdout:           output(r, Stdout),
		Stderr:           output(r, Stderr),
		DroppedStdout:    uint64(native.ResultDropped(r, int(Stdout))),
		DroppedStderr:    uint64(native.ResultDropped(r, int(Stderr))),
		PipesHeld:        native.ResultPipesHeld(r),
		CoreDumped:       native.ResultCoreDumped(r),
		StageReturnCodes: make([]int, stages),
	}
	for i := range result.StageReturnCodes {
		result.StageReturnCodes[i] = int(native.ResultStageReturncode(r, int64(i)))
	}
	result.Usage = usage(r)
	return result
}

func isNull(pointer interface{ Swigcptr() uintptr }) bool {
	return pointer == nil || pointer.Swigcptr() == 0
}

func output(r native.Result, stream Stream) []byte {
	var view native.View
	native.ResultOutput(r, int(stream), &view)
	return view.Bytes()
}

func usage(r native.Result) *Usage {
	var u native.Usage
	if !native.ResultUsage(r, &u) {
		return nil
	}
	return &Usage{
		WallTime: time.Duration(u.WallUS) * time.Microsecond, UserTime: time.Duration(u.UserUS) * time.Microsecond,
		SystemTime: time.Duration(u.SystemUS) * time.Microsecond, MaxRSS: u.MaxRSSBytes,
		MinorFaults: u.MinorFaults, MajorFaults: u.MajorFaults, VoluntarySwitches: u.VoluntarySwitches,
		InvoluntarySwitches: u.InvoluntarySwitches, BlocksIn: u.BlocksIn, BlocksOut: u.BlocksOut,
	}
}
