package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTime bounds how long a process may take from its start to its first
// answer, and drainTime how long it may take to end when asked.
const (
	startTime = 30 * time.Second
	drainTime = 45 * time.Second // TimeoutStopSec of the unit
	restartIn = 100 * time.Millisecond
)

// ward is one process that is kept running, as systemd does with
// Restart=always.
type ward struct {
	name    string
	pardon  string // what it says when it fails at its end and may
	make    func() *exec.Cmd
	byInput bool              // it ends with its input; else on SIGTERM
	ready   func() bool       // it answers
	heed    func([]byte)      // each line it prints
	refused func(last string) // it ended before it answered

	mu       sync.Mutex
	cmd      *exec.Cmd
	input    io.WriteCloser
	up       chan struct{} // closed while it answers
	wanted   bool          // its end was asked for
	crashes  []string      // ends that nobody asked for
	failures int           // starts that came to nothing
	begun    time.Time
	slowest  time.Duration // of its drains

	stopping chan struct{}
	ended    chan struct{}
}

func (w *ward) start() {
	w.up, w.stopping, w.ended = make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(w.ended)
		for {
			w.life()
			select {
			case <-w.stopping:
				return
			case <-time.After(restartIn):
			}
		}
	}()
}

// life is one process from start to end.
func (w *ward) life() {
	cmd := w.make()
	out, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	cmd.Stderr = cmd.Stdout
	input, err := cmd.StdinPipe()
	if err != nil {
		panic(err)
	}
	w.mu.Lock()
	select {
	case <-w.stopping:
		w.mu.Unlock()
		return
	default:
	}
	if err := cmd.Start(); err != nil {
		panic(fmt.Sprintf("start %s: %v", w.name, err))
	}
	w.cmd, w.input, w.wanted, w.begun = cmd, input, false, time.Now()
	w.mu.Unlock()

	over, last := make(chan struct{}), &tail{}
	go w.greet(over)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			last.add(line)
			w.heed(line)
		}
		if err != nil {
			break
		}
	}
	err = cmd.Wait()
	close(over)
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.up:
		w.up = make(chan struct{})
		if !w.wanted || err != nil && !killed(err) && (w.pardon == "" || !strings.Contains(last.String(), w.pardon)) {
			w.crashes = append(w.crashes, fmt.Sprintf("%s ended by itself: %v\n%s", w.name, err, last))
		}
	default:
		if !w.wanted {
			w.failures++
			w.refused(last.String())
		}
	}
	w.cmd = nil
}

func killed(err error) bool {
	exit, is := err.(*exec.ExitError)
	if !is {
		return false
	}
	status, is := exit.Sys().(syscall.WaitStatus)
	return is && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// greet notes when a process begins to answer.
func (w *ward) greet(over chan struct{}) {
	for limit := time.Now().Add(startTime); time.Now().Before(limit); {
		if w.ready() {
			w.mu.Lock()
			defer w.mu.Unlock()
			select {
			case <-over:
			default:
				close(w.up)
			}
			return
		}
		select {
		case <-over:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// answers waits until the process answers.
func (w *ward) answers(limit time.Duration) bool {
	w.mu.Lock()
	up := w.up
	w.mu.Unlock()
	select {
	case <-up:
		return true
	case <-time.After(limit):
		return false
	}
}

// kill ends it as a power cut would. It returns at once; over waits.
func (w *ward) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmd != nil {
		w.wanted = true
		w.cmd.Process.Kill()
	}
}

// signal sends a signal, for its end if so wanted, and gives the process.
func (w *ward) signal(sig syscall.Signal, wanted bool) *exec.Cmd {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmd != nil {
		w.wanted = w.wanted || wanted
		w.cmd.Process.Signal(sig)
	}
	return w.cmd
}

// running gives the process, nil if there is none.
func (w *ward) running() *exec.Cmd {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cmd
}

// over waits until a process has ended.
func (w *ward) over(cmd *exec.Cmd, limit time.Duration) bool {
	for until := time.Now().Add(limit); cmd != nil && w.running() == cmd; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			return false
		}
	}
	return true
}

// drain asks it to end, and waits until it has.
func (w *ward) drain() {
	begun := time.Now()
	cmd := w.signal(syscall.SIGTERM, true)
	if w.over(cmd, drainTime) {
		w.mu.Lock()
		w.slowest = max(w.slowest, time.Since(begun))
		w.mu.Unlock()
		return
	}
	w.mu.Lock()
	w.crashes = append(w.crashes, fmt.Sprintf("%s did not end within %v of SIGTERM", w.name, drainTime))
	w.mu.Unlock()
	w.kill()
	w.over(cmd, drainTime)
}

// stop ends it for good.
func (w *ward) stop() {
	close(w.stopping)
	w.mu.Lock()
	if w.byInput && w.cmd != nil {
		w.wanted = true
		w.input.Close()
	}
	w.mu.Unlock()
	if !w.byInput {
		w.drain()
	}
	<-w.ended
}

// tell writes a value to its input.
func (w *ward) tell(v any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.input != nil {
		json.NewEncoder(w.input).Encode(v)
	}
}

// pid is its process id, 0 while there is none, and how long it has run.
func (w *ward) pid() (int, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmd == nil {
		return 0, 0
	}
	return w.cmd.Process.Pid, time.Since(w.begun)
}

// tail keeps the last lines.
type tail struct{ lines [][]byte }

func (t *tail) add(line []byte) {
	t.lines = append(t.lines, bytes.Clone(line[:min(len(line), 2000)]))
	if len(t.lines) > 60 {
		t.lines = t.lines[1:]
	}
}

func (t *tail) String() string { return string(bytes.Join(t.lines, nil)) }

// greets reports whether a mail server answers there.
func greets(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	greeting := make([]byte, 4)
	_, err = io.ReadFull(conn, greeting)
	return err == nil && string(greeting) == "220 "
}
