// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"libsubprocess.dev/subprocess"
)

// A step, or its options, or its expectations: an object whose keys are taken one by one, so that one that nobody knows is found.
type step map[string]interface{}

func (s step) verb() string {
	verb, _ := s["do"].(string)
	return verb
}

// fields reads an object; the first mistake is kept.
type fields struct {
	run  *caseRun
	left map[string]interface{}
	err  error
}

func (r *caseRun) fields(object map[string]interface{}) *fields {
	left := map[string]interface{}{}
	for key, value := range object {
		left[key] = value
	}
	return &fields{run: r, left: left}
}

func (f *fields) fail(format string, args ...interface{}) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

// end fails if a key has not been taken.
func (f *fields) end() error {
	for key := range f.left {
		f.fail("unknown key %q", key)
	}
	return f.err
}

func (f *fields) take(key string) (interface{}, bool) {
	value, found := f.left[key]
	delete(f.left, key)
	return value, found
}

func (f *fields) has(key string) bool {
	_, found := f.left[key]
	return found
}

func (f *fields) text(key string) string {
	value, found := f.take(key)
	text, ok := value.(string)
	if found && !ok {
		f.fail("%s is no string", key)
	}
	return f.run.expand(text)
}

func (f *fields) number(key string) int {
	value, _ := f.take(key)
	return f.numberOf(key, value)
}

func (f *fields) numberOf(key string, value interface{}) int {
	switch value := value.(type) {
	case float64:
		return int(value)
	case string:
		number, err := strconv.Atoi(f.run.expand(value))
		if err != nil {
			f.fail("%s: %v", key, err)
		}
		return number
	}
	f.fail("%s is no number", key)
	return 0
}

func (f *fields) numbers(key string) []int {
	list, _ := f.take(key)
	numbers := []int{}
	for _, value := range f.listOf(key, list) {
		numbers = append(numbers, f.numberOf(key, value))
	}
	return numbers
}

func (f *fields) flag(key string) bool {
	value, _ := f.take(key)
	flag, ok := value.(bool)
	if !ok {
		f.fail("%s is no boolean", key)
	}
	return flag
}

func (f *fields) milliseconds(key string) time.Duration {
	return time.Duration(f.number(key)) * time.Millisecond
}

func (f *fields) listOf(key string, value interface{}) []interface{} {
	list, ok := value.([]interface{})
	if !ok {
		f.fail("%s is no list", key)
	}
	return list
}

func (f *fields) texts(key string) []string {
	value, _ := f.take(key)
	texts := []string{}
	for _, item := range f.listOf(key, value) {
		text, ok := item.(string)
		if !ok {
			f.fail("%s has an item that is no string", key)
		}
		texts = append(texts, f.run.expand(text))
	}
	return texts
}

func (f *fields) object(key string) map[string]interface{} {
	value, found := f.take(key)
	object, ok := value.(map[string]interface{})
	if found && !ok {
		f.fail("%s is no object", key)
	}
	return object
}

func (f *fields) steps(key string) []step {
	value, _ := f.take(key)
	steps := []step{}
	for _, item := range f.listOf(key, value) {
		object, _ := item.(map[string]interface{})
		steps = append(steps, object)
	}
	return steps
}

// data is nil for null, and if there is none.
func (f *fields) data(key string) []byte {
	value, _ := f.take(key)
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		return []byte(f.run.expand(value))
	case map[string]interface{}:
		return f.madeUp(key, value)
	}
	f.fail("%s is no data", key)
	return nil
}

func (f *fields) madeUp(key string, form map[string]interface{}) []byte {
	inner := f.run.fields(form)
	defer func() {
		if err := inner.end(); err != nil {
			f.fail("%s: %v", key, err)
		}
	}()
	if inner.has("hex") {
		bytes, err := hex.DecodeString(inner.text("hex"))
		if err != nil {
			f.fail("%s: %v", key, err)
		}
		return bytes
	}
	size := inner.number("size")
	if inner.has("repeat") {
		text := inner.text("repeat")
		return []byte(strings.Repeat(text, size/len(text)+1)[:size])
	}
	if pattern := inner.text("pattern"); pattern != "bytes" {
		f.fail("unknown pattern %q", pattern)
	}
	bytes := make([]byte, size)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	return bytes
}

var signals = map[string]syscall.Signal{"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1,
	"USR2": syscall.SIGUSR2, "INT": syscall.SIGINT, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "HUP": syscall.SIGHUP}

func (f *fields) signal(key string) syscall.Signal {
	name, isName := f.left[key].(string)
	if !isName {
		return syscall.Signal(f.number(key))
	}
	delete(f.left, key)
	signal, known := signals[name]
	if !known {
		f.fail("unknown signal %q", name)
	}
	return signal
}

func (f *fields) stream(key string) subprocess.Stream {
	name := f.text(key)
	for stream := subprocess.Stdin; stream <= subprocess.Stderr; stream++ {
		if stream.String() == name {
			return stream
		}
	}
	f.fail("unknown stream %q", name)
	return 0
}

var variable = regexp.MustCompile(`\$\{\w+\}`)

// expand replaces ${tmp} and the ${NAME} of numbers. What is no such name is the shell's business.
func (r *caseRun) expand(text string) string {
	return variable.ReplaceAllStringFunc(text, func(reference string) string {
		if value, known := r.variable(reference[2 : len(reference)-1]); known {
			return value
		}
		return reference
	})
}

func describe(value interface{}) string {
	switch value := value.(type) {
	case []byte:
		if value == nil {
			return "none"
		}
		if len(value) > 100 {
			return fmt.Sprintf("%d bytes, %q...", len(value), value[:100])
		}
		return fmt.Sprintf("%q", value)
	case int:
		if value == math.MinInt64 {
			return "none"
		}
	}
	return fmt.Sprint(value)
}

// sameData takes no data and empty data for different only where the API tells them apart.
func sameData(expected, seen []byte) bool {
	return bytes.Equal(expected, seen) && (expected == nil) == (seen == nil)
}
