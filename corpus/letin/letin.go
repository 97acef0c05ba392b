// Package letin holds in memory which overrides may be in force, since every
// decision asks. It never reads or writes a disk.
package letin

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"usher/corpus/keys"
	"usher/rules"
)

// Book holds the overrides of the mailboxes that may have one in force. The zero
// Book is empty. It is safe for concurrent use.
type Book struct {
	some  atomic.Bool // false: nobody has any
	mu    sync.Mutex
	boxes map[keys.Tag]*letIn
}

// letIn are the overrides of a mailbox that have not ended, the first one first.
type letIn struct {
	read bool // since they were last changed, or since the start
	list []rules.Override
}

// Some reports whether anybody may have an override in force.
func (b *Book) Some() bool { return b.some.Load() }

// Changed has the overrides of a mailbox read anew by the next decision.
func (b *Book) Changed(box keys.Tag) { b.put(box, b.of(box), new(letIn)) }

// Forget takes a mailbox out of the book.
func (b *Book) Forget(box keys.Tag) { b.put(box, b.of(box), nil) }

// InForce lists the overrides of a mailbox that hold at a moment, the first one
// first. read gives those that are stored, newest first; it is asked only where
// they changed.
func (b *Book) InForce(box keys.Tag, at, now time.Time, read func() ([]rules.Override, error)) (in []rules.Override, err error) {
	held := b.of(box)
	if held == nil {
		return nil, nil
	}
	over := func(o rules.Override) bool { return !now.Before(o.Until) }
	if !held.read {
		all, err := read()
		if err != nil {
			return nil, err
		}
		slices.Reverse(all)
		fresh := &letIn{true, slices.DeleteFunc(all, over)}
		b.put(box, held, fresh)
		held = fresh
	}
	for _, o := range held.list {
		if o.InForce(at) {
			in = append(in, o)
		}
	}
	if !slices.ContainsFunc(held.list, func(o rules.Override) bool { return !over(o) }) {
		b.put(box, held, nil)
	}
	return in, nil
}

func (b *Book) of(box keys.Tag) *letIn {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.boxes[box]
}

// put holds now in place of was, unless another came between; nil is nothing.
func (b *Book) put(box keys.Tag, was, now *letIn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.boxes[box] != was {
		return
	}
	if b.boxes == nil {
		b.boxes = map[keys.Tag]*letIn{}
	}
	if b.boxes[box] = now; now == nil {
		delete(b.boxes, box)
	}
	b.some.Store(len(b.boxes) > 0)
}

// MostStored is how many overrides of one mailbox are stored, with those that ended.
const MostStored = 500

// Over names those of the older half of overrides, given the newest first, that have
// ended: what is let go where there are too many.
func Over(list []rules.Override, now time.Time) map[string]bool {
	over := map[string]bool{}
	for _, o := range list[len(list)/2:] {
		over[o.ID] = !o.Until.After(now)
	}
	return over
}
