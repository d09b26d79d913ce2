// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// The cases that all bindings share; bindings/conformance/README.md describes them.

type conformanceCase struct {
	Name  string            `json:"name"`
	Group string            `json:"group"`
	Needs string            `json:"needs"`
	NotIn map[string]string `json:"not_in"`
	Steps []step            `json:"steps"`
}

func TestConformance(t *testing.T) {
	path := os.Getenv("SP_CONFORMANCE_CASES")
	if path == "" {
		path = filepath.Join("..", "conformance", "cases.json")
	}
	var document struct {
		Version int               `json:"version"`
		Cases   []conformanceCase `json:"cases"`
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &document); err != nil || document.Version != 1 {
		t.Fatalf("version %d, %v", document.Version, err)
	}
	signal.Ignore(syscall.SIGPIPE)
	defer signal.Reset(syscall.SIGPIPE)
	results := map[string]string{}
	for _, c := range document.Cases {
		c := c
		t.Run(c.Name, func(t *testing.T) {
			results[c.Name] = "fail: it panicked"
			results[c.Name] = c.run()
			if outcome := results[c.Name]; outcome[:4] == "fail" {
				t.Error(outcome)
			}
		})
	}
	writeResults(t, results)
}

func writeResults(t *testing.T, results map[string]string) {
	path := os.Getenv("SP_CONFORMANCE_RESULTS")
	if path == "" {
		return
	}
	text, err := json.MarshalIndent(map[string]interface{}{
		"language": "go", "version": runtime.Version(), "results": results}, "", " ")
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// run is the outcome of a case.
func (c *conformanceCase) run() (outcome string) {
	if why, skipped := c.NotIn["go"]; skipped {
		return "skip: " + why
	}
	switch c.Needs {
	case "":
	case "root":
		if os.Geteuid() != 0 {
			return "skip: needs root"
		}
	default:
		return "fail: unknown need " + c.Needs
	}
	r, err := newCaseRun()
	if err != nil {
		return "fail: " + err.Error()
	}
	defer r.end()
	if err := r.do(c.Steps); err != nil {
		return "fail: " + err.Error()
	}
	return "pass"
}

func (r *caseRun) do(steps []step) error {
	for i, s := range steps {
		if err := r.step(s); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, s.verb(), err)
		}
	}
	return nil
}
