//go:build interop

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"usher/cmd/usher/show"
)

// seen is what one test against a real peer found.
type seen struct{ test, ran, found, result string }

var (
	seenMu  sync.Mutex
	seenAll []seen
)

func init() {
	report = func() {
		if built != "" {
			os.RemoveAll(filepath.Dir(built))
		}
		if len(seenAll) == 0 {
			return
		}
		rows := [][]string{{"TEST", "RAN", "FOUND", ""}}
		for _, s := range seenAll {
			rows = append(rows, []string{s.test, s.ran, s.found, s.result})
		}
		fmt.Println()
		show.Table(os.Stdout, rows)
	}
}

// found notes for the table at the end what was run and what was found. It says
// "ok" there unless the test fails, then or later.
func found(t *testing.T, ran, format string, args ...any) {
	t.Helper()
	name := strings.TrimPrefix(t.Name(), "TestInterop")
	t.Cleanup(func() {
		result := "ok"
		if t.Failed() {
			result = "FAIL"
		}
		seenMu.Lock()
		defer seenMu.Unlock()
		seenAll = append(seenAll, seen{name, ran, fmt.Sprintf(format, args...), result})
	})
}
