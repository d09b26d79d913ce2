// SPDX-License-Identifier: MIT

// Package native is the C API as SWIG wraps it. Its generated files (native.go, native_wrap.c, facade.c, facade.h) are made by
// generate.sh.
package native

/*
#include <stddef.h>
#include <stdint.h>
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// Observer sees output while a call collects it.
type Observer interface {
	// Observe sees one chunk, which is valid until it returns. It says whether to go on.
	Observe(stream int, chunk []byte) bool
}

// NewObserver makes the handle by which C knows o. It is to be deleted when the process is freed.
func NewObserver(o Observer) cgo.Handle { return cgo.NewHandle(o) }

//export nativeObserve
func nativeObserve(handle C.uintptr_t, stream C.int, data unsafe.Pointer, size C.size_t) C.int {
	observer := cgo.Handle(handle).Value().(Observer)
	if observer.Observe(int(stream), unsafe.Slice((*byte)(data), uintptr(size))) {
		return 0
	}
	return 1
}
