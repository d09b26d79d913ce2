// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"sync"
	"time"

	"libsubprocess.dev/subprocess/internal/native"
)

// An interrupter is the cancel token of a process, which wakes all calls on it, shared by calls with different contexts. It stays
// triggered as long as a call whose context is done has not come back; others wait for calm and go on.
type interrupter struct {
	token native.Cancel

	mu     sync.Mutex
	raised int
	calm   chan struct{} // closed when raised is 0 again
}

// Each token has a descriptor, and most processes are short-lived: a few tokens are kept.
const keptInterrupters = 16

var idleInterrupters struct {
	mu   sync.Mutex
	list []*interrupter
}

func takeInterrupter() (*interrupter, error) {
	idle := &idleInterrupters
	idle.mu.Lock()
	defer idle.mu.Unlock()
	if last := len(idle.list) - 1; last >= 0 {
		i := idle.list[last]
		idle.list = idle.list[:last]
		return i, nil
	}
	failure := takeFailure()
	defer giveFailure(failure)
	token := native.CancelNew(failure)
	if failure.Code != 0 {
		return nil, errorOf(failure)
	}
	return &interrupter{token: token}, nil
}

// giveInterrupter takes back what no call and no process uses any more.
func giveInterrupter(i *interrupter) {
	idle := &idleInterrupters
	idle.mu.Lock()
	defer idle.mu.Unlock()
	if len(idle.list) < keptInterrupters {
		idle.list = append(idle.list, i)
		return
	}
	native.DeleteCancel(i.token)
}

func releaseInterrupters() {
	idle := &idleInterrupters
	idle.mu.Lock()
	defer idle.mu.Unlock()
	for _, i := range idle.list {
		native.DeleteCancel(i.token)
	}
	idle.list = nil
}

func (i *interrupter) raise() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.raised == 0 {
		i.calm = make(chan struct{})
		native.CancelTrigger(i.token)
	}
	i.raised++
}

func (i *interrupter) lower() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.raised--
	if i.raised == 0 {
		native.CancelReset(i.token)
		close(i.calm)
		i.calm = nil
	}
}

// awaitCalm returns when the token is not triggered, or ctx is done, or closing is closed.
func (i *interrupter) awaitCalm(ctx context.Context, closing <-chan struct{}) {
	i.mu.Lock()
	calm := i.calm
	i.mu.Unlock()
	if calm == nil {
		return
	}
	select {
	case <-calm:
	case <-ctx.Done():
	case <-closing:
	}
}

// watch triggers the token when ctx is cancelled, until the function that it returns is called. A deadline is not watched:
// calls take it as their limit.
func (i *interrupter) watch(ctx context.Context) func() {
	done := ctx.Done()
	if done == nil {
		return func() {}
	}
	if ctx.Err() != nil {
		if hasExpired(ctx) {
			return func() {}
		}
		i.raise()
		return i.lower
	}
	over, raised := make(chan struct{}), make(chan bool, 1)
	go func() {
		select {
		case <-done:
			cancelled := !hasExpired(ctx)
			if cancelled {
				i.raise()
			}
			raised <- cancelled
		case <-over:
			raised <- false
		}
	}()
	return func() {
		close(over)
		if <-raised {
			i.lower()
		}
	}
}

// hasExpired says whether ctx is done because of its own deadline.
func hasExpired(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return limited && ctx.Err() == context.DeadlineExceeded && !time.Now().Before(deadline)
}

// limitOf is what remains until ctx's deadline, in milliseconds.
func limitOf(ctx context.Context) (limit int64, limited bool) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return native.Forever, false
	}
	left := time.Until(deadline)
	if left <= 0 {
		return 0, true
	}
	if left > native.TimeoutMax*time.Millisecond {
		return native.TimeoutMax, true
	}
	return milliseconds(left), true
}

// milliseconds rounds up. Negative durations stay negative, and are not what means for ever.
func milliseconds(d time.Duration) int64 {
	if d < 0 {
		if d > -2*time.Millisecond {
			return -2
		}
		return int64(d / time.Millisecond)
	}
	whole := int64(d / time.Millisecond)
	if d%time.Millisecond != 0 {
		whole++
	}
	return whole
}
