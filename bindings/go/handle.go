// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"runtime"
	"runtime/cgo"
	"sync"

	"libsubprocess.dev/subprocess/internal/native"
)

// A handle owns a native process. It is freed when it has been closed and the last call on it has returned, or by the collector.
type handle struct {
	native      native.Process
	interrupter *interrupter
	observer    *observer // nil, or what sees the output
	observerRef cgo.Handle
	killsOnFree bool
	turn        turn // to communicate

	mu      sync.Mutex
	users   int
	closed  bool
	closing chan struct{}
}

func newHandle(process native.Process, i *interrupter, o *observer, ref cgo.Handle, killsOnFree bool) *handle {
	h := &handle{native: process, interrupter: i, observer: o, observerRef: ref, killsOnFree: killsOnFree,
		turn: newTurn(), closing: make(chan struct{})}
	runtime.SetFinalizer(h, (*handle).collect)
	return h
}

var errClosed = Error{Code: ErrClosed, Message: "the process was closed"}

// enter keeps the native process until leave.
func (h *handle) enter() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		failure := errClosed
		return &failure
	}
	h.users++
	return nil
}

func (h *handle) leave() {
	h.mu.Lock()
	h.users--
	last := h.closed && h.users == 0
	h.mu.Unlock()
	if last {
		h.free()
	}
}

// close wakes who is blocked. The child is neither signalled nor waited for, but with KillOnClose.
func (h *handle) close() {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.closed = true
	h.users++
	h.mu.Unlock()
	close(h.closing)
	runtime.SetFinalizer(h, nil)
	failure := takeFailure()
	native.Close(failure, h.native)
	giveFailure(failure)
	h.leave()
}

func (h *handle) free() {
	native.DeleteProcess(h.native)
	if h.observerRef != 0 {
		h.observerRef.Delete()
	}
	giveInterrupter(h.interrupter)
}

// collect must not hold up other finalizers, and killing takes its time.
func (h *handle) collect() {
	if h.killsOnFree {
		go h.free()
		return
	}
	h.free()
}

// do makes a call that does not block.
func (h *handle) do(call func(failure *native.Failure)) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.leave()
	failure := takeFailure()
	defer giveFailure(failure)
	call(failure)
	if failure.Code != 0 {
		return errorOf(failure)
	}
	return nil
}

// block makes a call that ctx limits, as often as it is woken for the context of another call. o is what can stop it, or nil.
func (h *handle) block(ctx context.Context, o *observer, call func(failure *native.Failure, limit int64)) *Error {
	if err := h.enter(); err != nil {
		return err.(*Error)
	}
	defer h.leave()
	defer h.interrupter.watch(ctx)()
	failure := takeFailure()
	defer giveFailure(failure)
	for {
		limit, limited := limitOf(ctx)
		call(failure, limit)
		if failure.Code == 0 {
			return nil
		}
		if Code(failure.Code) != ErrCanceled || ctx.Err() != nil || o.stopped() {
			return errorOf(failure).withContext(ctx, limited)
		}
		h.interrupter.awaitCalm(ctx, h.closing)
		failure.Reset()
	}
}

// A turn is a lock that a context limits.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context, closing <-chan struct{}) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-closing:
		failure := errClosed
		return &failure
	case <-ctx.Done():
		failure := &Error{Code: ErrCanceled, Message: "the call was cancelled"}
		return failure.withContext(ctx, false)
	}
}

func (t turn) tryTake() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

func (t turn) give() { <-t }
