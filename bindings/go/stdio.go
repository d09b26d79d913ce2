// SPDX-License-Identifier: MIT

package subprocess

import (
	"os"

	"libsubprocess.dev/subprocess/internal/native"
)

// Stream is one of the three standard streams.
type Stream int

// The standard streams.
const (
	Stdin Stream = iota
	Stdout
	Stderr
)

// String is the stream's name: "stdout".
func (s Stream) String() string {
	switch s {
	case Stdin:
		return "stdin"
	case Stdout:
		return "stdout"
	case Stderr:
		return "stderr"
	}
	return "?"
}

// Stdio is what a standard stream of the child is connected to.
type Stdio struct {
	form  byte
	text  string
	fd    int64
	owner interface{} // kept alive while the child is started
}

// What needs no more than a name.
var (
	Inherit  = Stdio{form: native.StreamName, text: "inherit"} // our own stream, which is the default
	Pipe     = Stdio{form: native.StreamName, text: "pipe"}    // a new pipe to us
	DevNull  = Stdio{form: native.StreamName, text: "devnull"} // the null device
	ToStdout = Stdio{form: native.StreamName, text: "stdout"}  // standard error only: wherever standard output goes
)

// Path is a file that is opened for the child: for reading, or created and truncated.
func Path(name string) Stdio { return Stdio{form: native.StreamPath, text: name} }

// Append is a file for the child to append to.
func Append(name string) Stdio { return Stdio{form: native.StreamAppend, text: name} }

// File is an open file. Like os/exec this makes it blocking.
func File(f *os.File) Stdio { return Stdio{form: native.StreamFD, fd: int64(f.Fd()), owner: f} }

// FD is an open descriptor of ours.
func FD(fd int) Stdio { return Stdio{form: native.StreamFD, fd: int64(fd)} }

// OutputOf is the output of another process, as standard input. Close that Reader afterwards, so that the other process notices
// should this one end early.
func OutputOf(r *Reader) Stdio { return Stdio{form: native.StreamFD, fd: int64(r.Fd()), owner: r} }
