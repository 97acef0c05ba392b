package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Every part runs in a process of its own, so that the system counts its CPU
// and memory: this program again, with a role. A part says one line of JSON
// when it is ready, then one in answer to each line it hears, and ends with its
// input.

// roles give the parts: each is made from its arguments and answers requests.
var roles = map[string]func(args []string) (*part, error){
	"client": newClient,
	"sink":   newSink,
	"pass":   newPass,
	"usher":  newUsher,
	"wire":   newWire,
}

// part is a running role.
type part struct {
	ready  answer
	answer func(request) answer // what it adds to its use of CPU and memory; may be nil
	end    func() error
}

// request asks for a measurement; a part that only serves needs none of it.
type request struct {
	Address string        `json:",omitempty"` // where the client sends
	Load    int           `json:",omitempty"` // connections
	Time    time.Duration `json:",omitempty"`
	Set     string        `json:",omitempty"` // of messages
}

// answer is all that a part can say.
type answer struct {
	Address  string        `json:",omitempty"` // where it listens
	Record   string        `json:",omitempty"` // DKIM record of the client's signatures
	Sets     []mailSet     `json:",omitempty"` // of the client
	CPU      time.Duration // used since its start
	Resident int64         // bytes of memory
	Messages int64         // received by the sink, or sent within the request
	Elapsed  time.Duration // sending them took
	P50, P99 time.Duration // from MAIL to the last answer
	Error    string        `json:",omitempty"`
}

// play runs a role to the end of its input.
func play(name string, args []string) (err error) {
	if path := os.Getenv("WIREBENCH_PROFILE"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return fmt.Errorf("profile %s: %w", name, err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return fmt.Errorf("profile %s: %w", name, err)
		}
		defer pprof.StopCPUProfile()
	}
	p, err := roles[name](args)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, p.end()) }()
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(p.ready); err != nil {
		return err
	}
	in := json.NewDecoder(os.Stdin)
	for {
		var q request
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: hear a request: %w", name, err)
		}
		var a answer
		if p.answer != nil {
			a = p.answer(q)
		}
		a.CPU, a.Resident = used()
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

// used gives the CPU time of this process and the memory it holds; 0 where the
// system does not tell.
func used() (cpu time.Duration, resident int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	status, _ := os.ReadFile("/proc/self/status")
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	if f := strings.Fields(line); len(f) > 0 {
		kib, _ := strconv.ParseInt(f[0], 10, 64)
		resident = kib << 10
	}
	return cpu, resident
}

// process is a role as its starter sees it.
type process struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	ready answer
}

// start runs a role and waits until it is ready.
func start(profile, name string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: exec.Command(self, append([]string{name}, args...)...)}
	p.cmd.Stderr = os.Stderr
	if profile != "" {
		p.cmd.Env = append(os.Environ(), "WIREBENCH_PROFILE="+profile)
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if p.ready, err = p.hear(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *process) ask(q request) (answer, error) {
	if err := json.NewEncoder(p.in).Encode(q); err != nil {
		return answer{}, fmt.Errorf("ask %s: %w", p.name, err)
	}
	return p.hear()
}

func (p *process) hear() (a answer, err error) {
	line, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &a)
	}
	if err == nil && a.Error != "" {
		err = errors.New(a.Error)
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", p.name, err)
	}
	return a, nil
}

// stop ends the role by closing its input, and waits for it.
func (p *process) stop() error {
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("end %s: %w", p.name, err)
	}
	return nil
}
