package rules

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"usher/classify"
	"usher/rules/intents"
	"usher/rules/senders"
)

// derived is what is made of a file once and serves for every message.
type derived struct {
	brands  func() []known
	namings func() map[string][]*intents.Head

	read   sync.Once
	ready  chan struct{} // closed when the rest is there
	finder *classify.Finder
	places map[*classify.Intent]int // in finder
}

// derivedKey is the key of a derived among what is kept with a file.
type derivedKey struct{}

func of(f *intents.File) *derived {
	return f.Derived(derivedKey{}, func() any {
		return &derived{
			brands:  sync.OnceValue(func() []known { return brands(f) }),
			namings: sync.OnceValue(func() map[string][]*intents.Head { return senders.Burdens(f) }),
			ready:   make(chan struct{}),
		}
	}).(*derived)
}

// begin reads the intents of a file, if nobody does; d.ready tells when they are
// read.
func (d *derived) begin(f *intents.File) {
	d.read.Do(func() {
		go func() {
			defer close(d.ready)
			defer func() { _ = recover() }() // without a finder every intent is asked
			list := intentsOf(f)
			places := make(map[*classify.Intent]int, len(list))
			for n, i := range list {
				places[i] = n
			}
			d.finder, d.places = classify.NewFinder(list), places
		}()
	})
}

// intentsOf are all intents of a file that a message is held against, the wants
// first.
func intentsOf(f *intents.File) (list []*classify.Intent) {
	topics := func(ts []intents.Topic) {
		for _, t := range ts {
			list = append(list, t.Intent)
		}
	}
	for _, w := range f.Wants {
		list = append(list, w.Intent)
	}
	for _, g := range f.Grants {
		topics(g.For)
	}
	for _, r := range f.Refuses {
		topics(r.Topics)
	}
	for _, m := range f.Mutes {
		topics(m.Topics)
	}
	return list
}

// patience bounds a wait to half of what is left of ctx: what comes after it,
// and the recipients that follow, have the other half.
func patience(ctx context.Context) (context.Context, context.CancelFunc) {
	until, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(until)/2)
}

// readInTime waits until the intents of the files are read, but not longer than
// patience has it. Reading goes on in any case: the next message finds them read.
func readInTime(ctx context.Context, files ...*intents.File) bool {
	ctx, cancel := patience(ctx)
	defer cancel()
	for _, f := range files {
		if f == nil {
			continue
		}
		d := of(f)
		d.begin(f)
		select {
		case <-d.ready:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// nearIn finds the intents of a file with which the message can have to do; nil: any
// of them. One look-up of the message's words tells it.
func (h *hearing) nearIn(f *intents.File) *classify.Near {
	near, ok := h.near[f]
	if !ok {
		if h.near == nil {
			h.near = map[*intents.File]*classify.Near{}
		}
		readInTime(context.Background(), f)
		near = h.verdict.Near(of(f).finder)
		h.near[f] = near
	}
	return near
}

// isNear reports whether the message can have to do with an intent of a file.
func (h *hearing) isNear(i *classify.Intent) bool {
	for _, f := range h.files() {
		near := h.nearIn(f)
		if at, ok := of(f).places[i]; ok {
			return near.Has(at)
		}
	}
	return true
}

// wantsNear are the wants of a file that the message may serve: all where they are
// few, since all of those are listed.
func (h *hearing) wantsNear(f *intents.File) []*intents.Want {
	near := h.nearIn(f)
	if near == nil || len(f.Wants) <= maxRelevance {
		return f.Wants
	}
	var some []*intents.Want
	for at := range near.Serving() {
		if at < len(f.Wants) { // the wants have the first places
			some = append(some, f.Wants[at])
		}
	}
	return some
}

// serving tells how well the message serves an intent.
func (h *hearing) serving(i *classify.Intent) classify.Relevance {
	if !h.isNear(i) {
		return classify.Relevance{}
	}
	return h.verdict.Serves(i)
}

// selling tells whether the message sells, or is mainly about, a topic.
func (h *hearing) selling(i *classify.Intent) classify.Relevance {
	if !h.isNear(i) {
		return classify.Relevance{}
	}
	return h.verdict.Sells(i)
}

// relevance is how well the message served one want.
type relevance struct {
	file   *intents.File
	by     *intents.Head
	score  float64
	answer classify.Answer
}

// relevant lists, in the order of the files, the wants that answered and those
// that came nearest to it: of a thousand nobody would read all.
func (h *hearing) relevant() (list []Relevance) {
	rank := make([]int, len(h.relevance)) // positions, the most relevant first
	for i := range rank {
		rank[i] = i
	}
	if len(rank) > maxRelevance {
		answered := func(i int) bool { return h.relevance[i].answer != classify.No }
		slices.SortStableFunc(rank, func(a, b int) int {
			switch {
			case answered(a) != answered(b) && answered(a):
				return -1
			case answered(a) != answered(b):
				return 1
			}
			return cmp.Compare(h.relevance[b].score, h.relevance[a].score)
		})
		rank = rank[:maxRelevance]
		slices.Sort(rank)
	}
	for _, i := range rank {
		r := h.relevance[i]
		list = append(list, Relevance{Source: h.cite(r.file, r.by), Score: r.score, Answer: r.answer})
	}
	return list
}
