// SPDX-License-Identifier: MIT

package subprocess

import (
	"fmt"
	"os"
	"strings"

	"libsubprocess.dev/subprocess/internal/native"
)

// Quote joins arguments into one line for a POSIX shell, quoting where needed.
func Quote(argv []string) (string, error) {
	c := &config{}
	c.texts(native.OptionArgv, argv)
	if c.err != nil {
		return "", c.err
	}
	return described(func(failure *native.Failure) string {
		return native.Quote(failure, c.record, len(c.record))
	})
}

// Split splits a line into arguments by the POSIX shell's quoting rules, without expansions.
func Split(line string) ([]string, error) {
	if err := refuseNUL("line", line); err != nil {
		return nil, err
	}
	words, err := described(func(failure *native.Failure) string { return native.Split(failure, line) })
	if err != nil || words == "" {
		return []string{}, err
	}
	return strings.Split(words[:len(words)-1], "\x00"), nil
}

// Which finds a program in the directories of path, separated by ':', or, if path is empty, in those of PATH: the file that
// Start would execute.
func Which(name, path string) (string, error) {
	if path == "" {
		path = os.Getenv("PATH")
	}
	if err := refuseNUL("name", name); err != nil {
		return "", err
	}
	if err := refuseNUL("path", path); err != nil {
		return "", err
	}
	return described(func(failure *native.Failure) string { return native.Which(failure, name, path) })
}

func described(call func(failure *native.Failure) string) (string, error) {
	failure := takeFailure()
	defer giveFailure(failure)
	value := call(failure)
	if failure.Code != 0 {
		return "", errorOf(failure)
	}
	return value, nil
}

func refuseNUL(what, value string) error {
	if strings.IndexByte(value, 0) < 0 {
		return nil
	}
	return invalid(what + " contains a NUL byte")
}

// Version is the version of the C library that is in use: "0.1.0".
func Version() string {
	number := native.VersionNumber()
	return fmt.Sprintf("%d.%d.%d", number>>16, number>>8&0xff, number&0xff)
}

// ReleaseCaches closes what is kept for the next call, at most a few descriptors, and reaps forgotten children that have ended.
func ReleaseCaches() {
	releaseInterrupters()
	native.ReleaseCaches()
}
