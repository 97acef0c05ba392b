package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A clock step that only one process sees. A Go binary reads the time through
// the vDSO, a page of code that the kernel maps into each process. As Chaos Mesh
// does, the copy of one process is overwritten: its clock_gettime asks the
// kernel, and adds seconds to the wall clock. The monotonic clock stays, as it
// does in a real step, and so does the machine's clock.

// shifted is clock_gettime in machine code; the seconds follow it.
var shifted = []byte{
	0xb8, 0xe4, 0, 0, 0, // mov eax, 228 (clock_gettime)
	0x0f, 0x05, // syscall
	0x85, 0xff, // test edi, edi: CLOCK_REALTIME is 0
	0x75, 0x0a, // jnz to ret
	0x48, 0x8b, 0x0d, 0x0e, 0, 0, 0, // mov rcx, [rip+14]: the seconds
	0x48, 0x01, 0x0e, // add [rsi], rcx
	0xc3, // ret
	0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
}

const shiftedSeconds = 32 // offset of the seconds

// vdso is the clock of one process.
type vdso struct {
	pid  int
	at   int64 // of clock_gettime
	size int64
}

// stepClock makes the wall clock of a process, which must be a child of ours,
// differ from the machine's by d.
func stepClock(pid int, d time.Duration) error {
	v, err := findClock(pid)
	if err != nil {
		return err
	}
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer mem.Close()
	seconds := binary.LittleEndian.AppendUint64(nil, uint64(int64(d/time.Second)))
	there := make([]byte, len(shifted))
	if _, err := mem.ReadAt(there, v.at); err != nil {
		return err
	}
	if bytes.Equal(there, shifted) {
		_, err := mem.WriteAt(seconds, v.at+shiftedSeconds)
		return err
	}
	resume, err := v.pause()
	defer resume()
	if err != nil {
		return err
	}
	if _, err := mem.WriteAt(append(bytes.Clone(shifted), seconds...), v.at); err != nil {
		return fmt.Errorf("write over the clock of process %d: %w", pid, err)
	}
	return nil
}

// findClock finds clock_gettime in a process.
func findClock(pid int) (vdso, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return vdso{}, err
	}
	for line := range strings.Lines(string(maps)) {
		if !strings.Contains(line, "[vdso]") {
			continue
		}
		var from, to int64
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err != nil {
			return vdso{}, err
		}
		mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
		if err != nil {
			return vdso{}, err
		}
		defer mem.Close()
		image := make([]byte, to-from)
		if _, err := mem.ReadAt(image, from); err != nil {
			return vdso{}, err
		}
		f, err := elf.NewFile(bytes.NewReader(image))
		if err != nil {
			return vdso{}, err
		}
		symbols, err := f.DynamicSymbols()
		if err != nil {
			return vdso{}, err
		}
		for _, s := range symbols {
			if s.Name == "__vdso_clock_gettime" && s.Size >= shiftedSeconds+8 {
				return vdso{pid, from + int64(s.Value), int64(s.Size)}, nil
			}
		}
	}
	return vdso{}, errors.New("no clock_gettime that could be written over was found in its vDSO")
}

// pause stops the process at a moment when none of its threads reads the clock.
// Resume must be called in any case.
func (v vdso) pause() (resume func(), err error) {
	resume = func() { syscall.Kill(v.pid, syscall.SIGCONT) }
	for range 20 {
		if err := syscall.Kill(v.pid, syscall.SIGSTOP); err != nil {
			return resume, err
		}
		for range 200 {
			stopped, inside := v.threads()
			if stopped && !inside {
				return resume, nil
			}
			if stopped {
				break
			}
			time.Sleep(time.Millisecond)
		}
		resume()
		time.Sleep(time.Millisecond)
	}
	return resume, fmt.Errorf("process %d does not come to rest", v.pid)
}

// threads reports whether all are stopped, and whether one stands in the code
// of the clock.
func (v vdso) threads() (stopped, inside bool) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", v.pid))
	stopped = len(tasks) > 0
	for _, task := range tasks {
		stat, _ := os.ReadFile(filepath.Join(task, "stat"))
		if i := bytes.LastIndexByte(stat, ')'); i < 0 || i+2 >= len(stat) || stat[i+2] != 'T' {
			stopped = false
		}
		call, _ := os.ReadFile(filepath.Join(task, "syscall"))
		f := strings.Fields(string(call))
		if len(f) == 0 {
			continue
		}
		pc, _ := strconv.ParseInt(strings.TrimPrefix(f[len(f)-1], "0x"), 16, 64)
		inside = inside || pc >= v.at && pc < v.at+v.size
	}
	return stopped, inside
}
