package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// sample is what a process holds at one moment.
type sample struct {
	age   time.Duration // of the process
	own   int64         // resident bytes that are no file's: the store's tables are mapped, and grow with it
	files int           // open descriptors, the store's tables apart
}

// watch samples the memory and descriptors of a process over its lives. It sees
// nothing where there is no /proc.
type watch struct {
	lives [][]sample
	pid   int
	most  sample
}

func (w *watch) look(of *ward) {
	pid, age := of.pid()
	if pid == 0 {
		return
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return
	}
	_, line, _ := strings.Cut(string(status), "RssAnon:")
	s := sample{age: age}
	if f := strings.Fields(line); len(f) > 0 {
		kib, _ := strconv.ParseInt(f[0], 10, 64)
		s.own = kib << 10
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil || s.own == 0 {
		return
	}
	for _, f := range files {
		to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, f.Name()))
		if !strings.HasSuffix(to, ".sst") {
			s.files++
		}
	}
	if pid != w.pid {
		w.pid, w.lives = pid, append(w.lives, nil)
	}
	w.most.own, w.most.files = max(w.most.own, s.own), max(w.most.files, s.files)
	last := len(w.lives) - 1
	w.lives[last] = append(w.lives[last], s)
}

// What a process may hold more of in the last third of its longest life than in
// the middle third. Its first third is spent on growing to its size, and what it
// works with comes and goes with the load: in a life of half a minute by as much
// as it is given beside the messages.
const (
	growth      = 0.25
	growthBytes = 96 << 20
	growthFiles = 16
)

// flat says whether memory and descriptors stayed flat in the longest life.
func (w *watch) flat(out io.Writer) error {
	var longest []sample
	for _, life := range w.lives {
		if len(longest) == 0 || life[len(life)-1].age > longest[len(longest)-1].age {
			longest = life
		}
	}
	if len(longest) < 9 {
		fmt.Fprintln(out, "memory and descriptors: usher did not live long enough to tell")
		return nil
	}
	whole := longest[len(longest)-1].age
	var thirds [3]struct{ own, files, n float64 }
	for _, s := range longest {
		third := &thirds[min(2, 3*s.age/whole)]
		third.own += float64(s.own)
		third.files += float64(s.files)
		third.n++
	}
	if thirds[1].n == 0 || thirds[2].n == 0 {
		return nil
	}
	m, e := thirds[1].own/thirds[1].n, thirds[2].own/thirds[2].n
	mf, ef := thirds[1].files/thirds[1].n, thirds[2].files/thirds[2].n
	fmt.Fprintf(out, "in the middle and the last third of its longest life, of %v, usher held %.0f and %.0f MiB of memory of its own, %.0f and %.0f descriptors\n",
		whole.Round(time.Second), m/(1<<20), e/(1<<20), mf, ef)
	var errs []error
	if e > m*(1+growth)+growthBytes {
		errs = append(errs, errors.New("memory grows"))
	}
	if ef > mf*(1+growth)+growthFiles {
		errs = append(errs, errors.New("descriptors grow"))
	}
	return errors.Join(errs...)
}
