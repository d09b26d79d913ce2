// SPDX-License-Identifier: MIT

package subprocess

import (
	"os"
	"syscall"
	"time"

	"libsubprocess.dev/subprocess/internal/native"
)

// Option says how to start a child or how to run it. Of options that exclude each other the last one counts, unless their
// text says otherwise.
type Option func(*config)

func flag(option byte) Option { return func(c *config) { c.flag(option) } }

func number(option byte, n int64) Option { return func(c *config) { c.number(option, n) } }

func text(option byte, s string) Option { return func(c *config) { c.text(option, s) } }

// StdinFrom connects standard input.
func StdinFrom(s Stdio) Option { return func(c *config) { c.stdio(native.OptionStdin, s) } }

// StdoutTo connects standard output.
func StdoutTo(s Stdio) Option { return func(c *config) { c.stdio(native.OptionStdout, s) } }

// StderrTo connects standard error.
func StderrTo(s Stdio) Option { return func(c *config) { c.stdio(native.OptionStderr, s) } }

// Capture collects standard output and standard error, which must not be connected otherwise.
func Capture() Option { return flag(native.OptionCapture) }

// Input is fed to standard input, which must not be connected otherwise. No bytes are an empty input. Run only.
func Input(data []byte) Option {
	return func(c *config) {
		if data == nil {
			data = []byte{}
		}
		c.input = data
	}
}

// Check makes a return code other than 0 an *ExitError.
func Check() Option { return flag(native.OptionCheck) }

// Shell takes the first argument for a command line for /bin/sh; the others become its $0, $1 and so on.
func Shell() Option { return flag(native.OptionShell) }

// Timeout limits Run, besides the context: when it has passed the child is killed. Start refuses it.
func Timeout(d time.Duration) Option {
	return func(c *config) { c.timeout, c.hasTimeout = d, true }
}

// KillGrace gives a child that Run ends early SIGTERM first, and SIGKILL after this. Run only.
func KillGrace(d time.Duration) Option { return number(native.OptionKillGraceMS, milliseconds(d)) }

// KillGroupOnTimeout makes Run kill the whole group of a child that it ends early. It needs NewGroup or NewSession. Run only.
func KillGroupOnTimeout() Option { return flag(native.OptionKillGroupOnTimeout) }

// Drain limits reading after the child's exit, when a grandchild holds its pipes open. Without it reading ends at end of file.
func Drain(d time.Duration) Option { return number(native.OptionDrainMS, milliseconds(d)) }

// MaxOutput caps what is kept of each captured stream. More is read, dropped and counted. 0 is no cap.
func MaxOutput(bytes int) Option { return number(native.OptionMaxOutput, int64(bytes)) }

// UniversalNewlines turns "\r\n" and "\r" into "\n" in captured output.
func UniversalNewlines() Option { return flag(native.OptionUniversalNewlines) }

// OnOutput sees each chunk of output as it comes, while Run or Communicate collects it; it is captured too. An error stops
// the call, which returns that error. see must not read from, write to, communicate with or wait for the process, but may signal
// it; a chunk is valid until it returns. It runs on a goroutine of its own; should it panic, the call panics.
func OnOutput(see func(stream Stream, chunk []byte) error) Option {
	return func(c *config) { c.see = see }
}

// Dir is the directory that the child enters first.
func Dir(path string) Option { return text(native.OptionCwd, path) }

// Executable is the program to execute instead of the first argument, or instead of /bin/sh.
func Executable(path string) Option { return text(native.OptionExecutable, path) }

// Env is the whole environment, as "name=value"; of two values for a name the last one counts. nil inherits ours.
func Env(environ []string) Option { return func(c *config) { c.env = environ } }

// ExtendEnv adds to the environment, or changes it.
func ExtendEnv(variables map[string]string) Option {
	return func(c *config) {
		for name, value := range variables {
			if c.changes == nil {
				c.changes = map[string]string{}
			}
			c.changes[name] = value
			delete(c.removals, name)
		}
	}
}

// UnsetEnv removes variables from the environment.
func UnsetEnv(names ...string) Option {
	return func(c *config) {
		for _, name := range names {
			if c.removals == nil {
				c.removals = map[string]bool{}
			}
			c.removals[name] = true
			delete(c.changes, name)
		}
	}
}

// KeepFDs leaves other descriptors open in the child, unless they are close-on-exec, as Go's are.
func KeepFDs() Option { return flag(native.OptionKeepFDs) }

// PassFDs are descriptors that the child gets under the same numbers.
func PassFDs(fds ...int) Option { return func(c *config) { c.passFDs = append(c.passFDs, fds...) } }

// MapFD gives the child a descriptor of ours under the number child, which is 3 or above.
func MapFD(child, host int) Option {
	return func(c *config) {
		if c.fdMap == nil {
			c.fdMap = map[int]int{}
		}
		c.fdMap[child] = host
	}
}

// MapFile gives the child an open file under the number child, which is 3 or above.
func MapFile(child int, f *os.File) Option {
	return func(c *config) {
		MapFD(child, int(f.Fd()))(c)
		c.owners = append(c.owners, f)
	}
}

// PipeSize is the capacity of new pipes.
func PipeSize(bytes int) Option { return number(native.OptionPipeSize, int64(bytes)) }

// KeepSignals leaves SIGPIPE, SIGXFSZ and SIGCHLD ignored if they are ignored here.
func KeepSignals() Option { return flag(native.OptionKeepSignals) }

// KeepSignalMask starts the child with the signal mask of the current thread instead of an empty one.
func KeepSignalMask() Option { return flag(native.OptionKeepSignalMask) }

// DeathSignal is sent to the child when the thread that started it ends. Go ends threads at will: this needs
// runtime.LockOSThread by a goroutine that lives as long as the child shall.
func DeathSignal(signal syscall.Signal) Option {
	return number(native.OptionDeathSignal, int64(signal))
}

// NewSession makes the child lead a new session and group.
func NewSession() Option { return flag(native.OptionNewSession) }

// NewGroup makes the child lead a new process group, as SignalGroup needs.
func NewGroup() Option { return flag(native.OptionNewGroup) }

// JoinGroup puts the child into an existing process group.
func JoinGroup(pgid int) Option { return number(native.OptionJoinGroup, int64(pgid)) }

// ControllingTTY makes the child's standard input its controlling terminal. It needs NewSession.
func ControllingTTY() Option { return flag(native.OptionControllingTTY) }

// User runs the child as this user, by name.
func User(name string) Option { return text(native.OptionUser, name) }

// Group runs the child as this group, by name.
func Group(name string) Option { return text(native.OptionGroup, name) }

// UID runs the child as this user.
func UID(uid int) Option { return number(native.OptionUID, int64(uid)) }

// GID runs the child as this group.
func GID(gid int) Option { return number(native.OptionGID, int64(gid)) }

// Groups are the child's supplementary groups; none drops all of them.
func Groups(gids ...int) Option {
	return func(c *config) { c.numbers(native.OptionGroups, gids) }
}

// Umask is the child's umask.
func Umask(mask int) Option { return number(native.OptionUmask, int64(mask)) }

// Pipefail makes the last stage that failed decide the return code of a pipeline.
func Pipefail() Option { return flag(native.OptionPipefail) }

// KillOnClose kills a child that still runs when its Process is closed, or collected as garbage.
func KillOnClose() Option {
	return func(c *config) {
		c.flag(native.OptionKillOnFree)
		c.killsOnEnd = true
	}
}
