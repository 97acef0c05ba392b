package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// judge prints what the run came to, and says what does not hold.
func (r *trial) judge() error {
	t := r.ledger.tally()
	open, panics := r.diary.seen()
	w := tabwriter.NewWriter(r.out, 0, 4, 2, ' ', 0)
	line := func(name string, value any) { fmt.Fprintf(w, "%s\t%v\n", name, value) }
	fmt.Fprintln(w)
	line("messages sent", t.Messages)
	line("deliveries (a message for one recipient)", t.Deliveries)
	line("delivered once", t.Once)
	line("delivered twice", t.Twice)
	line("delivered oftener", t.Oftener)
	line("copies beyond the first", fmt.Sprintf("%d; at most %d were under way at the kills", t.More, t.AtKills))
	line("of them not explained by a kill in that very delivery", t.Excess)
	line("lost", t.Lost)
	line("never taken", t.Waiting)
	line("refused for good", t.Refused)
	line("changed on the way", t.Changed)
	line("never sent", t.Strange)
	line("decisions asked for, of those that messages name, and found", fmt.Sprintf("%d, %d", r.asked, r.found))
	line("failed open", counts(open))
	line("times its metrics said the same", r.metered)
	line("panics in usher's log", panics)
	line("starts that usher put off", r.usher.failures)
	line("stores begun anew", r.anew)
	line("longest drain", r.usher.slowest.Round(time.Millisecond))
	for _, name := range slices.Sorted(maps.Keys(r.struck)) {
		line("fault: "+name, r.struck[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.skipped)) {
		line("fault: "+name, r.skipped[name])
	}
	line("messages a second", fmt.Sprintf("%.0f", float64(t.Messages)/r.o.time.Seconds()))
	line("memory of usher's own, at most", fmt.Sprintf("%d MiB", r.memory.most.own>>20))
	line("descriptors of usher, at most", r.memory.most.files)
	w.Flush()
	for _, e := range t.Examples {
		fmt.Fprintln(r.out, "  "+e)
	}
	errs := append([]error{t.err()}, r.wrong...)
	for _, p := range []*ward{r.usher, r.hop} {
		for _, c := range p.crashes {
			errs = append(errs, errors.New(c))
		}
	}
	if panics > 0 {
		errs = append(errs, fmt.Errorf("%d panics", panics))
	}
	if t.Once == 0 {
		errs = append(errs, errors.New("nothing was delivered"))
	}
	if r.o.soak {
		errs = append(errs, r.memory.flat(r.out))
	}
	return errors.Join(errs...)
}

func counts(by map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, by[name]))
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}
