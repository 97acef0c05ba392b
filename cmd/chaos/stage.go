package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"usher/cmd/letters"
	"usher/cmd/usher/web"
)

// trial is one run: the load, usher, the next hop and what goes wrong.
type trial struct {
	o      options
	out    io.Writer
	dir    string
	noDisk error // why the store has no small disk of its own
	rand   *rand.Rand

	ledger     *ledger
	sender     *sender
	diary      *diary
	usher, hop *ward
	entry      string        // usher's address
	metered    int           // times that usher's metrics were held against its log
	metrics    string        // where it gives its metrics; "" if it has none
	over       chan struct{} // the load is over
	begun      time.Time
	damaged    bool // the store was: it may refuse to open

	mu           sync.Mutex
	struck       map[string]int
	skipped      map[string]string // faults that could not be made, and why
	anew         int               // stores that did not open and were begun anew
	wrong        []error           // what must not happen
	asked, found int               // decisions asked for after the run
	memory       watch
	fetching     sync.Mutex
}

// inTurn lets several goroutines tell of the run, a write at a time.
type inTurn struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *inTurn) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(p)
}

func (r *trial) state() string { return filepath.Join(r.dir, "state") }

func (r *trial) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = append(r.wrong, err)
}

// stage sets a run up, runs it, and tells how it went.
func stage(o options, w io.Writer) (err error) {
	out := &inTurn{w: w}
	raws, real, err := letters.Read(o.archive)
	if err != nil {
		return err
	}
	r := &trial{o: o, out: out, rand: rand.New(rand.NewPCG(o.seed, 7)), ledger: newLedger(), over: make(chan struct{}),
		struck: make(map[string]int), skipped: make(map[string]string)}
	fmt.Fprintf(out, "seed %d, %v, %d connections, %d letters (%s)\n", o.seed, o.time, o.connections, len(raws), map[bool]string{true: "real", false: "generated"}[real])
	if err := r.build(raws); err != nil {
		return errors.Join(err, r.clear(false))
	}
	defer r.interruptible()()
	r.usher.start()
	r.hop.start()
	err = r.healthy()
	if err == nil {
		r.play()
	}
	r.usher.stop()
	r.hop.stop()
	if _, e := collect(r.boxes(), r.dir, r.ledger); e != nil {
		err = errors.Join(err, e)
	}
	err = errors.Join(err, r.judge())
	if e := r.clear(err != nil); e != nil {
		err = errors.Join(err, e)
	}
	return err
}

// interruptible leaves nothing behind when the run is broken off.
func (r *trial) interruptible() (end func()) {
	told, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-told:
			for _, w := range []*ward{r.usher, r.hop} {
				w.kill()
				w.stop()
			}
			r.clear(false)
			os.Exit(130)
		case <-done:
		}
	}()
	return func() { signal.Stop(told); close(done) }
}

// play is the load and all that goes wrong, then what must be right afterwards.
func (r *trial) play() {
	r.begun = time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	var beside sync.WaitGroup
	beside.Go(func() { r.every(ctx, 200*time.Millisecond, r.fetch) })
	beside.Go(func() { r.every(ctx, 5*time.Second, func() { r.progress() }) })
	beside.Go(func() { r.every(ctx, 250*time.Millisecond, func() { r.memory.look(r.usher) }) })
	time.AfterFunc(r.o.time, func() { close(r.over) })
	r.sender.start(r.o.connections)
	r.strike()
	<-r.over
	r.settle("the load", r.sender)
	r.recovered()
	r.ask()
	if !r.o.soak {
		r.damageLast()
	}
	cancel()
	beside.Wait()
}

func (r *trial) every(ctx context.Context, d time.Duration, do func()) {
	for tick := time.NewTicker(d); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			do()
		}
	}
}

func (r *trial) fetch() {
	r.fetching.Lock() // or two would count one copy
	defer r.fetching.Unlock()
	if _, err := collect(r.boxes(), r.dir, r.ledger); err != nil {
		r.fail(err)
	}
}

// strike makes fault after fault until the load is over. In a soak, usher is
// drained every minute besides (three times, if the soak is short) in the first
// half; the second half is one long life, in which it must not grow.
func (r *trial) strike() {
	if r.o.soak {
		var drains sync.WaitGroup
		defer drains.Wait()
		drains.Go(func() {
			every := min(time.Minute, r.o.time/7)
			for time.Since(r.begun) < r.o.time/2-every && r.wait(every) {
				if err := r.drained(); err != nil {
					r.fail(err)
				}
				r.count("drain and restart", nil)
			}
		})
	}
	for {
		for _, f := range r.round() {
			if !r.wait(r.between(200, 1500)) {
				return
			}
			r.diary.note("begins: " + f.name)
			r.count(f.name, f.strike(r))
			r.diary.note("is over: " + f.name)
		}
	}
}

// count notes a fault, or why it could not be made.
func (r *trial) count(name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.struck[name]++
	case errors.Is(err, errImpossible):
		r.skipped[name] = err.Error()
	default:
		r.wrong = append(r.wrong, fmt.Errorf("%s: %w", name, err))
	}
}

// errImpossible says that this machine does not let a fault be made.
var errImpossible = errors.New("not possible here")

const settleTime = 2 * time.Minute

func (r *trial) settle(what string, s *sender) {
	s.finish(settleTime)
	if n := s.queued.Load(); n > 0 {
		r.fail(fmt.Errorf("%v after %s ended, %d messages still wait", settleTime, what, n))
	}
}

// recovered sends a few more messages when all is well: each must be judged and
// recorded again.
func (r *trial) recovered() {
	if err := r.healthy(); err != nil {
		r.fail(err)
		return
	}
	before, _ := r.diary.seen()
	r.some(time.Second)
	after, _ := r.diary.seen()
	for reason, n := range after {
		if n > before[reason] {
			r.fail(fmt.Errorf("after the last fault was mended, %d messages failed open: %s", n-before[reason], reason))
		}
	}
}

// some sends for a while more.
func (r *trial) some(d time.Duration) {
	next := r.sender.another()
	r.mu.Lock()
	r.sender = next
	r.mu.Unlock()
	next.start(r.o.connections)
	time.Sleep(d)
	r.settle("some more mail", r.sender)
}

// maxAsked is how many decisions are asked for after a run.
const maxAsked = 5000

// ask asks usher for the decisions that delivered messages name.
//
// Where Badger could not remove files in the middle of merging them, it may lose
// what they held; no mail is lost by it. How many are missing then is told in the
// table, and is no failure of the run.
func (r *trial) ask() {
	r.fetch()
	client := web.Dial(r.socket())
	for box, ids := range r.ledger.decisions(maxAsked) {
		for _, id := range ids {
			r.asked++
			found, err := client.Why(context.Background(), id, box)
			if err == nil && len(found) == 1 && found[0].ID == id {
				r.found++
			} else if r.asked-r.found <= 3 && r.struck["store not writable"] == 0 {
				r.fail(fmt.Errorf("decision %s, which a message of %s names, is not on record: %v", id, box, err))
			}
		}
		if found, err := client.Decisions(context.Background(), box, time.Time{}, time.Time{}, 0); err != nil || len(found) == 0 {
			r.fail(fmt.Errorf("list the decisions of %s: %d, %v", box, len(found), err))
		}
	}
}

// damageLast damages a file of the store under load and kills usher. If the
// store then does not open, it is put away, as usher says, and begun anew.
func (r *trial) damageLast() {
	r.mu.Lock()
	r.damaged = true
	r.mu.Unlock()
	var act sync.WaitGroup
	act.Go(func() {
		time.Sleep(500 * time.Millisecond)
		file, err := r.damage()
		if err == nil {
			time.Sleep(500 * time.Millisecond)
			err = r.killed(r.usher)
		}
		r.count("store damaged, kill -9 usher", err)
		fmt.Fprintf(r.out, "damaged %s of the store\n", file)
	})
	r.some(2 * time.Second)
	act.Wait()
}

// progress prints one line.
func (r *trial) progress() {
	r.ledger.mu.Lock()
	made, passed, kills := len(r.ledger.all), r.ledger.passed, r.ledger.kills
	r.ledger.mu.Unlock()
	r.mu.Lock()
	waiting := r.sender.queued.Load()
	r.mu.Unlock()
	open, _ := r.diary.seen()
	n := 0
	for _, c := range open {
		n += c
	}
	fmt.Fprintf(r.out, "%4.0fs  %d messages, %d deliveries answered, %d messages wait, %d kills, %d failed open, %d MiB on the store's disk\n",
		time.Since(r.begun).Seconds(), made, passed, waiting, kills, n, usedDisk(r.state())>>20)
}
