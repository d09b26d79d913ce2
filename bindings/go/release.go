// SPDX-License-Identifier: MIT

package subprocess

import (
	"os"
	"syscall"

	"libsubprocess.dev/subprocess/internal/native"
)

func (p *Process) release(index Stream) (*os.File, error) {
	fd := -1
	err := p.handle.do(func(*native.Failure) { fd = int(native.StreamRelease(p.handle.native, int(index))) })
	switch {
	case err != nil:
		return nil, err
	case fd < 0:
		return nil, &Error{Code: ErrInvalid, Step: AtCall,
			Message: "stream " + index.String() + " is not a pipe, is closed, or is in use"}
	}
	// Only then does Go's poller take care of it.
	if err := syscall.SetNonblock(fd, true); err != nil {
		syscall.Close(fd)
		return nil, &Error{Code: ErrSystem, Step: AtIO, Errno: err.(syscall.Errno), Message: "cannot make a pipe non-blocking"}
	}
	return os.NewFile(uintptr(fd), "|"+index.String()), nil
}
