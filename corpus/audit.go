package corpus

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/audit"
)

// ledger is the end of the audit ledger, in memory.
type ledger struct {
	turn  chan struct{} // held by the one who appends
	last  audit.Link
	known bool // last is what the store has; for who has the turn
}

// Audit appends an entry to the audit ledger, and returns when it is durable.
// Actor, Event, Object and Result are the caller's. Write it before the act, and
// where it fails do not act, if the act is one that must leave a trace; an act
// that fails after it gets a second entry. Mail never waits for it.
func (s *Store) Audit(ctx context.Context, e audit.Entry) error {
	select {
	case s.ledger.turn <- struct{}{}:
		defer func() { <-s.ledger.turn }()
	case <-ctx.Done():
		return fmt.Errorf("write audit entry: %w", ctx.Err())
	}
	if err := s.Ready(); err != nil {
		return fmt.Errorf("write audit entry: %w", err)
	}
	if err := s.lastOfLedger(ctx); err != nil {
		return fmt.Errorf("write audit entry: %w", err)
	}
	e.At = s.now()
	value, next, err := s.ledger.last.Append(e)
	if err != nil {
		return err
	}
	s.ledger.known = false // a write that is given up may still land
	err = s.put(ctx, []*badger.Entry{
		{Key: auditKey(next.Seq), Value: value},
		{Key: auditHead, Value: next.Pack()},
	})
	if err != nil {
		return fmt.Errorf("write audit entry: %w", err)
	}
	s.ledger.last, s.ledger.known = next, true
	return nil
}

// lastOfLedger finds the end of the ledger, after all that was handed to the
// committer.
func (s *Store) lastOfLedger(ctx context.Context) error {
	if s.ledger.known {
		return nil
	}
	if err := s.put(ctx, nil); err != nil {
		return err
	}
	var walk audit.Walk
	err := s.view(func(txn *badger.Txn) (err error) {
		walk.Last, err = readLink(txn, auditHead)
		return err
	})
	if err == nil { // a crash may have come between an entry and the note of it
		err = s.walkLedger(walk.Last.Seq, func(seq uint64, value []byte) bool { return walk.Next(seq, value) == nil })
	}
	s.ledger.last, s.ledger.known = walk.Last, err == nil
	return err
}

func readLink(txn *badger.Txn, key []byte) (l audit.Link, err error) {
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

// Ledger gives the entries of the audit ledger since a time, oldest first. One
// that cannot be read is left out: VerifyAudit names it.
func (s *Store) Ledger(since time.Time) ([]audit.Entry, error) {
	entries := []audit.Entry{}
	err := s.walkLedger(0, func(_ uint64, value []byte) bool {
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

// VerifyAudit walks the chain of the audit ledger and gives the number of
// entries that fit, and the first that does not, nil if all do.
func (s *Store) VerifyAudit(ctx context.Context) (n int, broken *audit.Break, err error) {
	select { // not between an entry and its head
	case s.ledger.turn <- struct{}{}:
		defer func() { <-s.ledger.turn }()
	case <-ctx.Done():
		return 0, nil, fmt.Errorf("verify audit ledger: %w", ctx.Err())
	}
	s.settle()
	var left, head audit.Link
	err = s.view(func(txn *badger.Txn) (err error) {
		if left, err = readLink(txn, auditLeft); err == nil {
			head, err = readLink(txn, auditHead)
		}
		return err
	})
	walk := audit.Walk{Last: left}
	if err == nil {
		err = s.walkLedger(left.Seq, func(seq uint64, value []byte) bool {
			if broken = walk.Next(seq, value); broken == nil {
				n++
			}
			return broken == nil
		})
	}
	if err != nil {
		return n, nil, fmt.Errorf("verify audit ledger: %w", err)
	}
	if broken == nil {
		broken = walk.End(head)
	}
	return n, broken, nil
}

// walkLedger gives the stored entries after a number, in order, until see has
// seen enough.
func (s *Store) walkLedger(after uint64, see func(seq uint64, value []byte) bool) error {
	return s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: auditKey(0)[:3], PrefetchValues: true, PrefetchSize: 100})
		defer it.Close()
		more := true
		for it.Seek(auditKey(after + 1)); it.Valid() && more; it.Next() {
			seq := binary.BigEndian.Uint64(it.Item().Key()[3:])
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

// EndAudit lets go of the entries whose month has been over for audit.Kept, and
// notes the last of them, so that the chain still has a beginning.
func (s *Store) EndAudit(ctx context.Context) (n int, err error) {
	var left audit.Link
	gone := []*badger.Entry{{Key: auditLeft}}
	err = s.walkLedger(0, func(seq uint64, value []byte) bool {
		e, link, err := audit.Read(value)
		if err != nil || e.Seq != seq || !audit.Ended(e.At, s.now()) {
			return false // what was changed stays, to be found
		}
		left = link
		gone = append(gone, &badger.Entry{Key: auditKey(seq), ExpiresAt: ended})
		return true
	})
	if err == nil && len(gone) > 1 {
		gone[0].Value = left.Pack()
		err = s.put(ctx, gone)
	}
	if err != nil {
		return 0, fmt.Errorf("end audit entries: %w", err)
	}
	return len(gone) - 1, nil
}

// TagOf is what stands for a mailbox in the audit ledger and in the names of key
// files: its tag, in hex.
func (s *Store) TagOf(mailbox string) string {
	box := s.keys.Tag(s.normal(mailbox))
	return hex.EncodeToString(box[:])
}
