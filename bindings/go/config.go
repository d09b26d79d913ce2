// SPDX-License-Identifier: MIT

package subprocess

import (
	"encoding/binary"
	"math"
	"os"
	"sort"
	"strings"
	"time"

	"libsubprocess.dev/subprocess/internal/native"
)

// A config is what options have said: a record of bytes that C reads in one go, and what goes beside it or needs to be complete
// before it is written.
type config struct {
	record []byte
	err    error // the first option that was wrong

	env        []string          // "K=V"; nil inherits
	changes    map[string]string // of the environment
	removals   map[string]bool
	passFDs    []int
	fdMap      map[int]int
	input      []byte // nil: none
	timeout    time.Duration
	hasTimeout bool
	see        func(stream Stream, chunk []byte) error
	killsOnEnd bool
	owners     []interface{} // of descriptors in the record
}

func configOf(options []Option) *config {
	c := &config{record: make([]byte, 0, 4096)}
	for _, option := range options {
		option(c)
	}
	return c
}

func (c *config) fail(message string) {
	if c.err == nil {
		c.err = invalid(message)
	}
}

func (c *config) uint32(n int) {
	if n < 0 || n >= math.MaxUint32 {
		c.fail("an option is too long")
		n = 0
	}
	var bytes [4]byte
	binary.LittleEndian.PutUint32(bytes[:], uint32(n))
	c.record = append(c.record, bytes[:]...)
}

func (c *config) int64(n int64) {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], uint64(n))
	c.record = append(c.record, bytes[:]...)
}

func (c *config) string(s string) {
	c.uint32(len(s))
	c.record = append(c.record, s...)
}

func (c *config) number(option byte, n int64) {
	c.record = append(c.record, option)
	c.int64(n)
}

func (c *config) flag(option byte) { c.number(option, 1) }

func (c *config) text(option byte, s string) {
	c.record = append(c.record, option)
	c.string(s)
}

func (c *config) texts(option byte, list []string) {
	c.record = append(c.record, option)
	c.uint32(len(list))
	for _, s := range list {
		c.string(s)
	}
}

func (c *config) numbers(option byte, list []int) {
	c.record = append(c.record, option)
	c.uint32(len(list))
	for _, n := range list {
		c.int64(int64(n))
	}
}

func (c *config) stdio(option byte, s Stdio) {
	if s == (Stdio{}) {
		s = Inherit
	}
	c.record = append(c.record, option, s.form)
	c.string(s.text)
	c.int64(s.fd)
	if s.owner != nil {
		c.owners = append(c.owners, s.owner)
	}
}

// finish writes what had to be complete.
func (c *config) finish() {
	c.environment()
	if len(c.passFDs) > 0 {
		c.numbers(native.OptionPassFDs, c.passFDs)
	}
	if len(c.fdMap) > 0 {
		c.record = append(c.record, native.OptionFDMap)
		c.uint32(len(c.fdMap))
		for child, host := range c.fdMap {
			c.int64(int64(child))
			c.int64(int64(host))
		}
	}
}

// environment is always written: C would read the process's own while another goroutine may be in os.Setenv.
func (c *config) environment() {
	given := c.env
	if given == nil {
		given = os.Environ()
	}
	c.record = append(c.record, native.OptionEnv)
	at := len(c.record)
	c.uint32(0)
	count := 0
	add := func(name, value string) {
		c.string(name)
		c.string(value)
		count++
	}
	for i, variable := range given {
		equals := strings.IndexByte(variable, '=')
		if equals < 1 && c.env == nil {
			continue // inherited, and nothing that could be asked for
		}
		if equals < 0 {
			c.fail("env has the entry '" + variable + "', which lacks a '='")
			return
		}
		name := variable[:equals]
		if _, changed := c.changes[name]; !changed && !c.removals[name] && !(c.env != nil && isNamed(given[i+1:], name)) {
			add(name, variable[equals+1:])
		}
	}
	for _, name := range sortedNames(c.changes) {
		add(name, c.changes[name])
	}
	binary.LittleEndian.PutUint32(c.record[at:], uint32(count))
}

// isNamed finds a variable: the last one of a name counts.
func isNamed(variables []string, name string) bool {
	for _, variable := range variables {
		if len(variable) > len(name) && variable[len(name)] == '=' && variable[:len(name)] == name {
			return true
		}
	}
	return false
}

func sortedNames(variables map[string]string) []string {
	names := make([]string, 0, len(variables))
	for name := range variables {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
