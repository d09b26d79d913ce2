// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"libsubprocess.dev/subprocess"
)

// hostWorks uses os/exec, and sees that SIGCHLD still comes to whoever asked for it.
func hostWorks(t *testing.T, ended <-chan os.Signal) {
	t.Helper()
	for len(ended) > 0 {
		<-ended
	}
	output, err := exec.Command("/bin/sh", "-c", "echo host; exit 7").Output()
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.ExitCode() != 7 || string(output) != "host\n" {
		t.Errorf("%q, %v", output, err)
	}
	await(t, "SIGCHLD", func() bool { return len(ended) > 0 })
}

// mixedChild runs the i-th child, one way or another.
func mixedChild(t *testing.T, i int) {
	code := i % 5
	script := "exit " + string(rune('0'+code))
	switch i % 6 {
	case 0:
		err := exec.Command("/bin/sh", "-c", script).Run()
		if exit, ok := err.(*exec.ExitError); (code == 0) != (err == nil) || (ok && exit.ExitCode() != code) {
			t.Error(err)
		}
	case 1:
		cmd := exec.Command("cat")
		cmd.Stdin = bytes.NewReader([]byte("theirs"))
		if output, err := cmd.Output(); err != nil || string(output) != "theirs" {
			t.Errorf("%q, %v", output, err)
		}
	case 2:
		result, err := subprocess.Run(background, sh(script))
		if err != nil || result.ReturnCode != code {
			t.Errorf("%v, %v", result, err)
		}
	case 3:
		result, err := subprocess.Run(limited(t, patience), []string{"cat"}, subprocess.Input([]byte("ours")), subprocess.Capture())
		if err != nil || string(result.Stdout) != "ours" {
			t.Errorf("%v, %v", result, err)
		}
	case 4:
		process, err := subprocess.Start([]string{"cat"}, subprocess.StdinFrom(subprocess.Pipe))
		if err != nil {
			t.Error(err)
			return
		}
		defer process.Close()
		if seen, err := process.Stop(patience); err != nil || seen != -int(syscall.SIGTERM) {
			t.Errorf("%v, %v", seen, err)
		}
	case 5:
		_, err := subprocess.Start([]string{"no-such-program-here"})
		expectError(t, err, os.ErrNotExist)
	}
}

func TestGuestInAGoProgram(t *testing.T) {
	children := 10000
	if testing.Short() {
		children = 600
	}
	ended := make(chan os.Signal, 1024)
	signal.Notify(ended, syscall.SIGCHLD)
	defer signal.Stop(ended)
	hostWorks(t, ended)

	var group sync.WaitGroup
	var next int64
	for worker := 0; worker < 6; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				i := int(atomic.AddInt64(&next, 1))
				if i > children || t.Failed() {
					return
				}
				mixedChild(t, i)
			}
		}()
	}
	hostWorks(t, ended)
	group.Wait()
	hostWorks(t, ended)
	await(t, "all children are reaped", func() bool {
		subprocess.ReleaseCaches()
		return zombies(t) == 0
	})
}

// A program that ignores SIGCHLD, or waits for any child, takes statuses away: that is told, never hung on.
func TestStatusThatSomebodyElseTook(t *testing.T) {
	process := start(t, []string{"true"})
	await(t, "the child ends", func() bool { return !isRunning(process.Pid()) })
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(process.Pid(), &status, 0, nil); err != nil {
		t.Fatal(err)
	}
	code, err := process.Wait(limited(t, patience))
	if err != nil {
		expectError(t, err, subprocess.ErrLost)
	} else {
		expectEqual(t, "recovered code", code, 0)
	}
}
