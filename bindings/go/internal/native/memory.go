// SPDX-License-Identifier: MIT

package native

/*
#cgo pkg-config: libsubprocess
#include "crossing.h"

enum { offset_of_path = offsetof(sp_error, path), offset_of_message = offsetof(sp_error, message) };
*/
import "C"

import "unsafe"

// Failure is sp_error, in Go's memory. A new one is made by NewFailure.
type Failure struct {
	size    uintptr
	Code    int32
	Step    int32
	Errno   int32
	Stage   int32
	path    [232]byte
	message [256]byte
}

// NewFailure is SP_ERROR_INIT.
func NewFailure() *Failure { return &Failure{size: unsafe.Sizeof(Failure{})} }

// Reset makes f as good as new.
func (f *Failure) Reset() { *f = Failure{size: unsafe.Sizeof(Failure{})} }

// Path is the file, user or program concerned.
func (f *Failure) Path() string { return text(f.path[:]) }

// Message is one sentence.
func (f *Failure) Message() string { return text(f.message[:]) }

func (f *Failure) pointer() unsafe.Pointer { return unsafe.Pointer(f) }

func text(bytes []byte) string {
	for i, b := range bytes {
		if b == 0 {
			return string(bytes[:i])
		}
	}
	return string(bytes)
}

// View is a piece of C's memory.
type View struct {
	data unsafe.Pointer
	size uintptr
}

// Bytes copies it; nil if there is none.
func (v *View) Bytes() []byte {
	if v.data == nil {
		return nil
	}
	return append(make([]byte, 0, v.size), unsafe.Slice((*byte)(v.data), v.size)...)
}

func (v *View) pointer() unsafe.Pointer { return unsafe.Pointer(v) }

// Usage is sp_usage without its size.
type Usage struct {
	WallUS, UserUS, SystemUS, MaxRSSBytes, MinorFaults, MajorFaults int64
	VoluntarySwitches, InvoluntarySwitches, BlocksIn, BlocksOut     int64
}

func (u *Usage) pointer() unsafe.Pointer { return unsafe.Pointer(u) }

// Changes to the C structs stop the compiler here.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(Failure{})-uintptr(C.sizeof_sp_error)]
	_ = [1]struct{}{}[unsafe.Offsetof(Failure{}.path)-uintptr(C.offset_of_path)]
	_ = [1]struct{}{}[unsafe.Offsetof(Failure{}.message)-uintptr(C.offset_of_message)]
	_ = [1]struct{}{}[unsafe.Sizeof(View{})-uintptr(C.sizeof_view)]
	_ = [1]struct{}{}[unsafe.Sizeof(Usage{})-8*uintptr(C.SPB_USAGE_FIELDS)]
)

// Where no bytes are, C must still tell them from none.
var noBytes = make([]byte, 1)

func pointer(bytes []byte) unsafe.Pointer {
	if bytes == nil {
		return nil
	}
	if len(bytes) == 0 {
		bytes = noBytes
	}
	return unsafe.Pointer(&bytes[0])
}

// hold keeps what p points to on the heap, and alive up to here, as cgo does with pointers that it passes.
func hold(p unsafe.Pointer) {
	if Swig_escape_always_false {
		Swig_escape_val = p
	}
}
