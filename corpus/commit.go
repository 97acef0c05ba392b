package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/kinds"
)

// Badger syncs its log once a transaction, however many wait. So one committer
// takes all that wait into one transaction: the more writers, the fewer syncs
// each of them pays for. It also means that a store which hangs holds one
// goroutine, not one a message. What nobody waits for is held back until
// something that is waited for goes the same way, though not for long.

const (
	maxWaiting = 256                    // jobs that may wait for the committer
	maxGroup   = 512                    // jobs in one transaction
	flushEvery = 5 * time.Second        // of the counts by day
	maxLinger  = 100 * time.Millisecond // for which an outcome is held back
)

// job is what one caller wants written; done gets one answer, and is nil if
// nobody waits for it.
type job struct {
	entries []*badger.Entry
	done    chan error
}

// put writes entries and returns when they are durable. When ctx ends first it
// returns at once; the entries may still be written.
func (s *Store) put(ctx context.Context, entries []*badger.Entry) error {
	j := &job{entries, make(chan error, 1)}
	if err := s.hand(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
	}
	select {
	case err := <-j.done: // answered in the committer's last moment
		return err
	default:
		return ErrClosed
	}
}

// putSoon hands entries over to be written within moments, and does not wait.
func (s *Store) putSoon(ctx context.Context, entries []*badger.Entry) error {
	s.soon.Add(1)
	err := s.hand(ctx, &job{entries: entries})
	if err != nil {
		s.soon.Add(-1)
	}
	return err
}

// settle has written what was handed over before, for a reader who is to see it;
// that a store cannot write is no reason not to read.
func (s *Store) settle() {
	if s.soon.Load() > 0 {
		s.flush()
	}
}

// flush has written all that waits, weekly totals too.
func (s *Store) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.put(ctx, nil)
}

// hand gives a job to the committer. What is of no kind could not be erased, so
// it is not taken.
func (s *Store) hand(ctx context.Context, j *job) error {
	if e := slices.IndexFunc(j.entries, func(e *badger.Entry) bool { return kinds.Of(e.Key) == nil }); e >= 0 {
		return fmt.Errorf("write to store: no kind has the prefix %.2q", j.entries[e].Key)
	}
	select {
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case s.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
	}
}

// commitLoop is the committer: it ends when the store closes, after all that
// already waits.
func (s *Store) commitLoop() {
	defer close(s.done)
	flush := time.NewTicker(flushEvery)
	defer flush.Stop()
	var held []*job
	linger := time.NewTimer(maxLinger)
	defer linger.Stop()
	for {
		select {
		case j := <-s.jobs:
			if held == nil {
				linger.Reset(maxLinger)
			}
			held = s.gather(append(held, j))
			if len(held) >= maxGroup || slices.ContainsFunc(held, func(j *job) bool { return j.done != nil }) {
				s.commit(held)
				held = nil
			}
		case <-linger.C:
			s.commit(held)
			held = nil
		case <-flush.C:
			s.flushCounts()
			for s.flushTotals() {
				s.commit(s.gather(held))
				held = nil
			}
		case <-s.closing:
			for len(s.jobs) > 0 {
				held = s.gather(append(held, <-s.jobs))
				s.commit(held)
				held = nil
			}
			s.commit(held)
			s.flushCounts()
			for s.flushTotals() {
			}
			return
		}
	}
}

// gather adds to a group what else waits, without waiting for more.
func (s *Store) gather(group []*job) []*job {
	for len(group) < maxGroup {
		select {
		case j := <-s.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// commit writes a group, and answers those who wait.
func (s *Store) commit(group []*job) {
	var all []*badger.Entry
	soon := 0
	refused := map[*job]error{}
	for _, j := range group {
		if j.done == nil {
			soon++
		}
		alive, err := s.living(j.entries)
		if err == nil || j.done == nil {
			all = append(all, alive...)
		} else {
			refused[j] = err
		}
	}
	if len(all) == 0 && soon == len(group) {
		return
	}
	err := s.write(all)
	if err != nil && soon > 0 {
		s.log.Warn("outcomes are not recorded", "error", err)
	}
	s.soon.Add(-int64(soon))
	for _, j := range group {
		if j.done != nil {
			for len(j.entries) == 0 && s.flushTotals() { // it waits for all that came before
			}
			j.done <- cmp.Or(refused[j], err)
		}
	}
}

// write commits entries, in one transaction if they fit. A fault of a mapped
// file in this goroutine becomes an error.
func (s *Store) write(entries []*badger.Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write to store: %v", p)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if stuck := s.stuck.Load(); stuck != nil {
		return *stuck
	}
	txn := s.db.NewTransaction(true)
	defer func() { txn.Discard() }()
	for _, e := range entries {
		err := txn.SetEntry(e)
		if errors.Is(err, badger.ErrTxnTooBig) {
			if err = s.sound(txn.Commit()); err == nil {
				txn = s.db.NewTransaction(true)
				err = txn.SetEntry(e)
			}
		}
		if err != nil {
			return fmt.Errorf("write to store: %w", err)
		}
	}
	if err := s.sound(txn.Commit()); err != nil {
		return fmt.Errorf("write to store: %w", err)
	}
	if s.logs != nil {
		s.logs.Secure()
	}
	return nil
}

// sound looks at the result of a commit. One that failed may have left Badger
// without a table to write to, and then the next one would end the process. So
// there is no next one until the store is opened again; mail passes untouched.
func (s *Store) sound(err error) error {
	if err != nil {
		stuck := fmt.Errorf("the store takes nothing more until usher is started again: %w", err)
		if s.stuck.CompareAndSwap(nil, &stuck) {
			s.log.Error("store broken", "error", err)
		}
	}
	return err
}

// view reads, as long as the store is open.
func (s *Store) view(read func(*badger.Txn) error) (err error) {
	s.reads.RLock()
	defer s.reads.RUnlock()
	if s.reads.ended {
		return ErrClosed
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read from store: %v", p)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return s.db.View(read)
}

// value gives what stands under a key, nil if nothing does.
func (s *Store) value(key []byte) (value []byte, err error) {
	err = s.view(func(txn *badger.Txn) error {
		got, err := txn.Get(key)
		if errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		if err == nil {
			value, err = got.ValueCopy(nil)
		}
		return err
	})
	return value, err
}
