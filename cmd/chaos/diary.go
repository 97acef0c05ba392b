package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// diary reads usher's log: it counts what failed open and why, and keeps what is
// worse than that for who reads it after a failure.
type diary struct {
	file *os.File

	mu      sync.Mutex
	written int
	life    map[string]int // of it, what the running process failed
	open    map[string]int // failed open, by reason
	panics  int
}

func newDiary(dir string) (*diary, error) {
	f, err := os.Create(filepath.Join(dir, "usher.log"))
	return &diary{file: f, open: make(map[string]int), life: make(map[string]int)}, err
}

// maxDiary bounds the file, in bytes.
const maxDiary = 200 << 20

// note writes what this program did, between the lines of what came of it.
func (d *diary) note(text string) {
	fmt.Fprintf(d.file, "--- %s %s\n", time.Now().Format(stamp), text)
}

// keep writes a line as it is.
func (d *diary) keep(line []byte) { d.file.Write(line) }

func (d *diary) heed(line []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if bytes.Contains(line, []byte(`"level":"INFO","msg":"starting"`)) {
		clear(d.life)
	}
	if bytes.Contains(line, []byte(`"level":"INFO"`)) {
		return
	}
	if d.written += len(line); d.written < maxDiary {
		d.file.Write(line)
	}
	var event struct{ Msg, Reason string }
	if json.Unmarshal(line, &event) != nil {
		return
	}
	switch event.Msg {
	case "failed open":
		d.open[event.Reason]++
		d.life[event.Reason]++
	case "panic":
		d.panics++
	}
}

// seen gives the counts so far.
func (d *diary) seen() (open map[string]int, panics int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.open), d.panics
}

// metered holds usher_fail_open_total at an address against what the same
// process has logged. Nothing may be failing any longer.
func (d *diary) metered(address string) error {
	var metric, logged map[string]int
	for limit := time.Now().Add(3 * time.Second); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			return fmt.Errorf("ask for metrics: %w", err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return fmt.Errorf("read metrics: %w", err)
		}
		metric = make(map[string]int)
		for _, found := range failOpen.FindAllStringSubmatch(string(text), -1) {
			if n, _ := strconv.Atoi(found[2]); n > 0 {
				metric[found[1]] = n
			}
		}
		d.mu.Lock()
		logged = maps.Clone(d.life)
		d.mu.Unlock()
		if len(logged) > 0 && maps.Equal(metric, logged) { // the log comes through a pipe, a little later
			return nil
		}
	}
	if maps.Equal(metric, logged) {
		return nil
	}
	return fmt.Errorf("usher_fail_open_total says %v, the log %v", metric, logged)
}

var failOpen = regexp.MustCompile(`(?m)^usher_fail_open_total\{reason="([a-z]+)"\} (\d+)$`)

// firstSentence shortens what a process said when it did not start.
func firstSentence(said string) string {
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "{") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(said)
}
