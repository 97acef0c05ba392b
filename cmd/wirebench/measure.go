package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The four ways, in the order of each round.
const (
	straight = iota // client to sink
	pass            // through bare go-smtp
	usher           // through usher as it serves people
	wire            // through usher with a judge that decides at once
	ways
)

// figure is one measurement of one way.
type figure struct {
	rate     float64 // messages a second
	p50, p99 time.Duration
	cpu      time.Duration // of the process in the middle, a message
	resident int64         // bytes, of that process
}

// round is one measurement of each way.
type round [ways]figure

// aims are held against the main table at these loads.
var aimed = []int{8, 64}

// measure runs everything and prints it.
func measure(o options, out io.Writer) (err error) {
	if o.profile != "" {
		if err := os.MkdirAll(o.profile, 0o700); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
	}
	client, err := start("", "client", o.archive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.stop()) }()
	known := map[string]mailSet{}
	for _, s := range client.ready.Sets {
		known[s.Name] = s
	}
	fmt.Fprintf(out, "a: client straight to sink; b: bare go-smtp between; c: usher, as it serves people; d: usher, decided at once.\n"+
		"%d rounds of a, b, c, d, %v each; medians of the rounds, and of the ratios within a round.\n", o.rounds, o.time)
	sync, err := syncTime(os.TempDir())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "A synced write of 4 KB takes %.2f ms here, at the median of %d: c waits for one a message. TMPDIR chooses the disk.\n", milliseconds(sync), syncs)
	reached := map[int][]round{}
	for _, n := range o.loads {
		rounds, err := o.rounds4(client, n, known[setSmall])
		if err != nil {
			return err
		}
		reached[n] = rounds
		printRounds(out, n, known[setSmall], rounds)
	}
	if o.sizes {
		names := []string{setAll}
		for _, b := range bands {
			names = append(names, b.name)
		}
		for _, name := range names {
			if known[name].Count == 0 {
				continue
			}
			rounds, err := o.rounds4(client, 8, known[name])
			if err != nil {
				return err
			}
			printRounds(out, 8, known[name], rounds)
		}
	}
	for _, n := range aimed {
		if rounds := reached[n]; rounds != nil {
			printAims(out, n, rounds)
		}
	}
	return nil
}

// rounds4 measures one load with fresh processes.
func (o options) rounds4(client *process, connections int, set mailSet) (rounds []round, err error) {
	sink, err := start("", "sink")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sink.stop()) }()
	next := sink.ready.Address
	var middle [ways]*process
	for w, role := range map[int][]string{pass: {"pass", next}, usher: {"usher", next, client.ready.Record}, wire: {"wire", next}} {
		profile := ""
		if o.profile != "" {
			profile = filepath.Join(o.profile, fmt.Sprintf("%s-%d-%d.pprof", role[0], connections, set.Mean))
		}
		if middle[w], err = start(profile, role[0], role[1:]...); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, middle[w].stop()) }()
	}
	for r := range o.rounds + 1 {
		var got round
		for w := range got {
			q := request{Address: next, Load: connections, Time: o.time, Set: set.Name}
			if r == 0 {
				q.Time = min(o.time, 300*time.Millisecond) // to warm up
			}
			if got[w], err = once(q, client, sink, middle[w]); err != nil {
				return nil, err
			}
		}
		if r > 0 {
			rounds = append(rounds, got)
		}
	}
	return rounds, nil
}

// once measures one way; middle is nil where nothing stands between.
func once(q request, client, sink, middle *process) (f figure, err error) {
	var before, after answer
	if middle != nil {
		q.Address = middle.ready.Address
		if before, err = middle.ask(request{}); err != nil {
			return f, err
		}
	}
	there, err := sink.ask(request{})
	if err != nil {
		return f, err
	}
	sent, err := client.ask(q)
	if err != nil {
		return f, err
	}
	arrived, err := sink.ask(request{})
	if err != nil {
		return f, err
	}
	if n := arrived.Messages - there.Messages; n != sent.Messages {
		return f, fmt.Errorf("%d messages were answered and %d arrived", sent.Messages, n)
	}
	f = figure{rate: float64(sent.Messages) / sent.Elapsed.Seconds(), p50: sent.P50, p99: sent.P99}
	if middle != nil {
		if after, err = middle.ask(request{}); err != nil {
			return f, err
		}
		f.cpu, f.resident = (after.CPU-before.CPU)/time.Duration(sent.Messages), after.Resident
	}
	return f, nil
}

// median gives the middle of what pick takes of each round.
func median(rounds []round, pick func(round) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = pick(r)
	}
	slices.Sort(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

// syncs is how many writes syncTime makes.
const syncs = 50

// syncTime measures the disk under dir: the median time of a small write made
// durable.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "wirebench-sync-")
	if err != nil {
		return 0, fmt.Errorf("measure the disk: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	took := make([]time.Duration, syncs)
	block := make([]byte, 4<<10)
	for i := range took {
		begun := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[syncs/2], nil
}
