// SPDX-License-Identifier: MIT

package subprocess

import "runtime"

// An observer hands chunks of output to the user's function, on a goroutine of its own: a panic or runtime.Goexit there must
// not unwind the frames of C. What has happened takes place once C has returned.
type observer struct {
	see func(stream Stream, chunk []byte) error

	chunk    []byte
	err      error
	panicked interface{}
	exited   bool
}

// Observe is called by C.
func (o *observer) Observe(stream int, chunk []byte) bool {
	o.chunk = append(o.chunk[:0], chunk...)
	done := make(chan struct{})
	go o.show(Stream(stream), done)
	<-done
	return !o.stopped()
}

func (o *observer) show(stream Stream, done chan<- struct{}) {
	returned := false
	defer close(done)
	defer func() {
		if !returned {
			o.panicked = recover()
			o.exited = o.panicked == nil
		}
	}()
	o.err = o.see(stream, o.chunk)
	returned = true
}

func (o *observer) stopped() bool {
	return o != nil && (o.err != nil || o.panicked != nil || o.exited)
}

// begin forgets what ended an earlier call.
func (o *observer) begin() {
	if o != nil {
		o.err, o.panicked, o.exited = nil, nil, false
	}
}

// end does what the function did, and names its error as the reason.
func (o *observer) end(failure *Error) {
	switch {
	case o == nil:
	case o.exited:
		runtime.Goexit()
	case o.panicked != nil:
		panic(o.panicked)
	case failure != nil && failure.Code == ErrCanceled && o.err != nil:
		failure.cause = o.err
	}
}
