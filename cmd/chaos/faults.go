package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fault is one thing that goes wrong, and is mended again before it returns.
type fault struct {
	name   string
	often  int // in one round of all faults
	soak   bool
	strike func(*trial) error
}

var faults = []fault{
	{"kill -9 usher", 4, false, func(r *trial) error { return r.killed(r.usher) }},
	{"kill -9 next hop", 3, true, func(r *trial) error { return r.killed(r.hop) }},
	{"kill -9 both", 1, false, func(r *trial) error { return r.killed(r.usher, r.hop) }},
	{"drain and restart", 2, false, (*trial).drained},
	{"next hop slow", 1, true, func(r *trial) error { return r.moody(mood{Slow: 1500 * time.Millisecond}) }},
	{"next hop frozen", 1, true, (*trial).frozen},
	{"next hop says 4xx", 1, true, func(r *trial) error { return r.moody(mood{Later: 0.4}) }},
	{"next hop hangs up", 1, true, func(r *trial) error { return r.moody(mood{Hangup: 0.3}) }},
	{"disk full", 1, false, func(r *trial) error { return r.full(false) }},
	{"disk full, kill -9 usher", 1, false, func(r *trial) error { return r.full(true) }},
	{"store not writable", 1, false, (*trial).unwritable},
	{"keys gone", 1, false, (*trial).keyless},
	{"clock step", 2, false, (*trial).stepped},
}

// round gives the faults of one round in random order.
func (r *trial) round() []fault {
	var deck []fault
	for _, f := range faults {
		for range f.often {
			if (!r.o.soak || f.soak) && strings.Contains(f.name, r.o.only) {
				deck = append(deck, f)
			}
		}
	}
	r.rand.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	return deck
}

// between draws a length of time, in milliseconds.
func (r *trial) between(from, to int) time.Duration {
	return time.Duration(from+r.rand.IntN(to-from)) * time.Millisecond
}

// wait passes some time of the load; false says that it is over.
func (r *trial) wait(d time.Duration) bool {
	select {
	case <-r.over:
		return false
	case <-time.After(d):
		return true
	}
}

func (r *trial) killed(wards ...*ward) error {
	dead := make([]func() bool, len(wards))
	r.ledger.kill(func() {
		for i, w := range wards {
			cmd := w.running()
			w.kill()
			dead[i] = func() bool { return w.over(cmd, startTime) }
		}
	})
	for _, gone := range dead {
		gone()
	}
	return r.healthy()
}

func (r *trial) drained() error {
	r.usher.drain()
	return r.healthy()
}

// healthy waits until all answer again.
func (r *trial) healthy() error {
	for _, w := range []*ward{r.usher, r.hop} {
		if !w.answers(2 * startTime) {
			return fmt.Errorf("%s does not answer within %v", w.name, 2*startTime)
		}
	}
	return nil
}

func (r *trial) moody(m mood) error {
	r.hop.tell(m)
	r.wait(r.between(1000, 3000))
	r.hop.tell(mood{})
	return nil
}

func (r *trial) frozen() error {
	r.hop.signal(syscall.SIGSTOP, false)
	r.wait(r.between(500, 2500))
	r.hop.signal(syscall.SIGCONT, false)
	return nil
}

// almost is what is left of the disk at first, in bytes: usher records nothing
// with so little. A disk that fills in an instant can still end usher in the
// moment in which Badger writes a table through a map.
const almost = 32 << 20

// fillTime is how long the rest of the disk takes to fill: usher has stopped
// recording by then, but Badger may still be merging what it has.
const fillTime = time.Second

// full fills the store's disk to the last byte, and keeps it so for a while.
func (r *trial) full(kill bool) (err error) {
	if r.noDisk != nil {
		return r.noDisk
	}
	until := time.Now().Add(fillTime + r.between(1000, 2500))
	if err := fill(r.state(), almost); err != nil {
		return err
	}
	r.wait(fillTime)
	var cmd = r.usher.running()
	if kill {
		r.ledger.kill(r.usher.kill)
		r.usher.over(cmd, startTime)
	}
	for time.Now().Before(until) && r.wait(50*time.Millisecond) {
		if err = fill(r.state(), 0); err != nil {
			break
		}
	}
	if e := unfill(r.state()); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return r.healthy()
}

// unwritable takes the right to make files in the store's folder from usher. Its
// store may break of it: it says that it wants to be started again, and is.
func (r *trial) unwritable() error {
	store := filepath.Join(r.state(), "store")
	if err := os.Chmod(store, 0o500); err != nil {
		return err
	}
	r.wait(r.between(1500, 3000))
	if err := os.Chmod(store, 0o700); err != nil {
		return err
	}
	return r.drained()
}

// keyless takes the folder of keys away.
func (r *trial) keyless() error {
	keys := filepath.Join(r.state(), "keys")
	if err := os.Rename(keys, keys+".away"); err != nil {
		return err
	}
	r.wait(r.between(500, 2000))
	if err := os.Rename(keys+".away", keys); err != nil {
		return err
	}
	if r.metrics == "" {
		return nil
	}
	r.metered++
	return r.diary.metered(r.metrics)
}

// stepped steps usher's wall clock, and half of the time back again; a restart
// has the machine's clock in any case.
func (r *trial) stepped() error {
	steps := []time.Duration{-36 * time.Hour, -time.Hour, -5 * time.Second, 5 * time.Second, time.Hour, 36 * time.Hour}
	pid, _ := r.usher.pid()
	if err := stepClock(pid, steps[r.rand.IntN(len(steps))]); err != nil {
		return fmt.Errorf("%w: %v", errImpossible, err)
	}
	r.wait(r.between(1000, 2000))
	if now, _ := r.usher.pid(); now == pid && r.rand.IntN(2) == 0 {
		return stepClock(pid, 0)
	}
	return nil
}

// damage writes over a few bytes of one file of the store, and then usher is
// killed: what it wrote last is read back with the damage in it.
func (r *trial) damage() (string, error) {
	var files []string
	for _, pattern := range []string{"*.sst", "*.vlog", "*.mem"} {
		found, err := filepath.Glob(filepath.Join(r.state(), "store", pattern))
		if err != nil {
			return "", err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return "", fmt.Errorf("the store in %s has no files", r.state())
	}
	path := files[r.rand.IntN(len(files))]
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	at := 100 + r.rand.Int64N(4000)
	noise := make([]byte, 200)
	for i := range noise {
		noise[i] = byte(r.rand.Uint32())
	}
	_, err = f.WriteAt(noise, at)
	return filepath.Base(path), err
}
