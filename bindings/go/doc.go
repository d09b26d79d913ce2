// SPDX-License-Identifier: MIT

// Package subprocess starts and controls child processes with libsubprocess, a C library that has to be installed.
//
// There are three ways to use it. Run and Output do everything in one call:
//
//	result, err := subprocess.Run(ctx, []string{"git", "status", "--short"},
//		subprocess.Capture(), subprocess.Check(), subprocess.Timeout(5*time.Second))
//
// Start and Pipeline give a Process to talk to, to wait for and to signal:
//
//	process, err := subprocess.Start([]string{"bc", "-q"},
//		subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe))
//	defer process.Close()
//
// Command makes a Cmd, which has the shape and the defaults of os/exec's.
//
// # Contexts
//
// Every call that may block takes a context and returns when it is done, with an error that errors.Is finds to be the
// context's. A cancelled Run kills the child. A call on a Process only returns: the child goes on, nothing of the data is lost, and
// the same call may be made again. Calls with different contexts on one Process do not disturb each other. Calls with
// context.Background cost nothing extra. Stop and Finish, which end a child, take a grace period and no context.
//
// # Lifetime
//
// Close a Process when done with it. That neither signals the child nor waits for it (but with KillOnClose), wakes goroutines that
// are blocked on it, and may be repeated; later calls fail with os.ErrClosed. A Process that is forgotten is freed by the
// garbage collector. Children that nobody waited for are reaped by later calls of this package.
//
// # Goroutines and threads
//
// Everything may be used by several goroutines at once. Reads of one stream take turns, and so do writes, and calls of
// Communicate. A goroutine that is blocked here occupies a thread of the operating system.
package subprocess
