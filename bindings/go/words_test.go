// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"libsubprocess.dev/subprocess"
)

func TestQuoteAndSplit(t *testing.T) {
	for _, argv := range [][]string{{"plain"}, {"two words", "it's", "", "$x"}, {"", ""}, {"a\nb", "käse ☃"}} {
		line, err := subprocess.Quote(argv)
		must(t, err)
		words, err := subprocess.Split(line)
		must(t, err)
		if !reflect.DeepEqual(words, argv) {
			t.Errorf("%q became %q and %q", argv, line, words)
		}
	}
	line, err := subprocess.Quote(nil)
	expectEqual(t, "nothing", line, "")
	must(t, err)
	words, err := subprocess.Split(" ")
	must(t, err)
	expectEqual(t, "words", len(words), 0)
	_, err = subprocess.Split("echo 'half")
	expectError(t, err, subprocess.ErrInvalid)
	_, err = subprocess.Split("a\x00b")
	expectError(t, err, subprocess.ErrInvalid)
	_, err = subprocess.Quote([]string{"a\x00b"})
	expectError(t, err, subprocess.ErrInvalid)
}

func TestWhich(t *testing.T) {
	path, err := subprocess.Which("sh", "/nowhere:/bin")
	must(t, err)
	expectEqual(t, "path", path, "/bin/sh")
	t.Setenv("PATH", "/bin")
	path, err = subprocess.Which("sh", "")
	must(t, err)
	expectEqual(t, "path", path, "/bin/sh")
	_, err = subprocess.Which("no-such-program-here", "")
	expectError(t, err, os.ErrNotExist)
	_, err = subprocess.Which("s\x00h", "")
	expectError(t, err, subprocess.ErrInvalid)
	_, err = subprocess.Which("sh", "/\x00")
	expectError(t, err, subprocess.ErrInvalid)
}

func TestVersion(t *testing.T) {
	if version := subprocess.Version(); strings.Count(version, ".") != 2 || version == "0.0.0" {
		t.Error(version)
	}
	subprocess.ReleaseCaches()
}
