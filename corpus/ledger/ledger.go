// Package ledger keeps the audit ledger in a store: it appends, lists and verifies
// entries, and lets old ones leave. It never stands in the way of mail.
package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/audit"
)

// Store is what a ledger is kept in.
type Store interface {
	// Put writes entries and returns when they are durable; all that was put before
	// is then written too.
	Put(ctx context.Context, entries []*badger.Entry) error
	View(read func(*badger.Txn) error) error
	Ready() error // what keeps it from being written
	Now() time.Time
}

// Ledger is the audit ledger in a store. It is safe for concurrent use.
type Ledger struct {
	store  Store
	prefix string        // of its keys: "e" and eight bytes follow for an entry, "h" for the last one, "c" for the last that left
	turn   chan struct{} // held by the one who appends
	last   audit.Link
	known  bool // last is what the store has; for who has the turn
}

// New gives the ledger that a store keeps under a prefix.
func New(store Store, prefix string) *Ledger {
	return &Ledger{store: store, prefix: prefix, turn: make(chan struct{}, 1)}
}

func (l *Ledger) key(seq uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(l.prefix+"e"), seq)
}

func (l *Ledger) head() []byte { return []byte(l.prefix + "h") }
func (l *Ledger) left() []byte { return []byte(l.prefix + "c") }

// alone holds the turn while it works.
func (l *Ledger) alone(ctx context.Context, work func() error) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
		return work()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Append appends an entry, and returns when it is durable. Actor, Event, Object and
// Result are the caller's.
func (l *Ledger) Append(ctx context.Context, e audit.Entry) error {
	err := e.Check()
	if err != nil {
		return err
	}
	err = l.alone(ctx, func() error {
		if err := l.store.Ready(); err != nil {
			return err
		}
		if err := l.find(ctx); err != nil {
			return err
		}
		e.At = l.store.Now()
		value, next, err := l.last.Append(e)
		if err != nil {
			return err
		}
		return l.put(ctx, []*badger.Entry{{Key: l.key(next.Seq), Value: value}}, next)
	})
	if err != nil {
		return fmt.Errorf("write audit entry: %w", err)
	}
	return nil
}

// put writes entries whose last one is next.
func (l *Ledger) put(ctx context.Context, entries []*badger.Entry, next audit.Link) error {
	l.known = false // a write that is given up may still land
	err := l.store.Put(ctx, append(entries, &badger.Entry{Key: l.head(), Value: next.Pack()}))
	if err == nil {
		l.last, l.known = next, true
	}
	return err
}

// find finds the end of the ledger, after all that was put before.
func (l *Ledger) find(ctx context.Context) error {
	if l.known {
		return nil
	}
	if err := l.store.Put(ctx, nil); err != nil {
		return err
	}
	var walk audit.Walk
	err := l.store.View(func(txn *badger.Txn) (err error) {
		walk.Last, err = link(txn, l.head())
		return err
	})
	if err == nil { // a crash may have come between an entry and the note of it
		err = l.walk(walk.Last.Seq, func(seq uint64, value []byte) bool { return walk.Next(seq, value) == nil })
	}
	l.last, l.known = walk.Last, err == nil
	return err
}

func link(txn *badger.Txn, key []byte) (l audit.Link, err error) {
	got, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	err = got.Value(func(value []byte) error {
		l, err = audit.Unpack(value)
		return err
	})
	return l, err
}

// Entries gives the entries since a time, oldest first. One that cannot be read is
// left out: Verify names it.
func (l *Ledger) Entries(since time.Time) ([]audit.Entry, error) {
	entries := []audit.Entry{}
	err := l.walk(0, func(_ uint64, value []byte) bool {
		if e, _, err := audit.Read(value); err == nil && !e.At.Before(since.Truncate(time.Second)) {
			entries = append(entries, e)
		}
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("read audit ledger: %w", err)
	}
	return entries, nil
}

// Verify walks the chain and gives the number of entries that fit, and the first
// that does not, nil if all do.
func (l *Ledger) Verify(ctx context.Context) (n int, broken *audit.Break, err error) {
	err = l.alone(ctx, func() error { // not between an entry and its head
		var left, head audit.Link
		err := l.store.View(func(txn *badger.Txn) (err error) {
			if left, err = link(txn, l.left()); err == nil {
				head, err = link(txn, l.head())
			}
			return err
		})
		walk := audit.Walk{Last: left}
		if err == nil {
			err = l.walk(left.Seq, func(seq uint64, value []byte) bool {
				if broken = walk.Next(seq, value); broken == nil {
					n++
				}
				return broken == nil
			})
		}
		if err == nil && broken == nil {
			broken = walk.End(head)
		}
		return err
	})
	if err != nil {
		return n, nil, fmt.Errorf("verify audit ledger: %w", err)
	}
	return n, broken, nil
}

// Stored gives the entries as they are stored, oldest first, for Adopt.
func (l *Ledger) Stored() (values [][]byte, err error) {
	err = l.walk(0, func(_ uint64, value []byte) bool {
		values = append(values, bytes.Clone(value))
		return true
	})
	return values, err
}

// Adopt appends what another ledger has beyond the end of this one, if it is the
// same ledger at a later time. It gives the number of entries.
func (l *Ledger) Adopt(ctx context.Context, values [][]byte) (n int, err error) {
	err = l.alone(ctx, func() error {
		if err := l.find(ctx); err != nil {
			return err
		}
		walk := audit.Walk{Last: l.last}
		var more []*badger.Entry
		for _, value := range values {
			e, _, err := audit.Read(value)
			if err != nil || e.Seq > l.last.Seq && walk.Next(e.Seq, value) != nil {
				break
			}
			if e.Seq > l.last.Seq {
				more = append(more, &badger.Entry{Key: l.key(e.Seq), Value: value})
			}
		}
		if n = len(more); n == 0 {
			return nil
		}
		return l.put(ctx, more, walk.Last)
	})
	if err != nil {
		return 0, fmt.Errorf("adopt audit entries: %w", err)
	}
	return n, nil
}

// walk gives the stored entries after a number, in order, until see has seen
// enough.
func (l *Ledger) walk(after uint64, see func(seq uint64, value []byte) bool) error {
	prefix := []byte(l.prefix + "e")
	return l.store.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix, PrefetchValues: true, PrefetchSize: 100})
		defer it.Close()
		more := true
		for it.Seek(l.key(after + 1)); it.Valid() && more; it.Next() {
			seq := binary.BigEndian.Uint64(it.Item().Key()[len(prefix):])
			err := it.Item().Value(func(value []byte) error {
				more = see(seq, value)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ended is the end of an entry that leaves: Badger drops what ended.
const ended = 1

// End lets go of the entries whose month has been over for audit.Kept, and notes
// the last of them, so that the chain still has a beginning.
func (l *Ledger) End(ctx context.Context) (n int, err error) {
	var last audit.Link
	gone := []*badger.Entry{{Key: l.left()}}
	err = l.walk(0, func(seq uint64, value []byte) bool {
		e, link, err := audit.Read(value)
		if err != nil || e.Seq != seq || !audit.Ended(e.At, l.store.Now()) {
			return false // what was changed stays, to be found
		}
		last = link
		gone = append(gone, &badger.Entry{Key: l.key(seq), ExpiresAt: ended})
		return true
	})
	if err == nil && len(gone) > 1 {
		gone[0].Value = last.Pack()
		err = l.store.Put(ctx, gone)
	}
	if err != nil {
		return 0, fmt.Errorf("end audit entries: %w", err)
	}
	return len(gone) - 1, nil
}
