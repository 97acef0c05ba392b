package corpus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Badger syncs its log once a transaction, however many wait. So one committer
// takes all that wait into one transaction: the more writers, the fewer syncs
// each of them pays for. It also means that a store which hangs holds one
// goroutine, not one a message.

const (
	maxWaiting = 256             // jobs that may wait for the committer
	maxGroup   = 512             // jobs in one transaction
	flushEvery = 5 * time.Second // of the counts by day
)

// job is what one caller wants written; done gets one answer.
type job struct {
	entries []*badger.Entry
	done    chan error
}

// put writes entries and returns when they are durable. When ctx ends first it
// returns at once; the entries may still be written.
func (s *Store) put(ctx context.Context, entries []*badger.Entry) error {
	j := &job{entries, make(chan error, 1)}
	select {
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case s.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
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

// commitLoop is the committer: it ends when the store closes, after all that
// already waits.
func (s *Store) commitLoop() {
	defer close(s.done)
	flush := time.NewTicker(flushEvery)
	defer flush.Stop()
	for {
		select {
		case j := <-s.jobs:
			s.commit(s.gather(j))
		case <-flush.C:
			s.flushCounts()
		case <-s.closing:
			for {
				select {
				case j := <-s.jobs:
					s.commit(s.gather(j))
					continue
				default:
				}
				s.flushCounts()
				return
			}
		}
	}
}

// gather takes what else waits, without waiting for more.
func (s *Store) gather(first *job) []*job {
	group := []*job{first}
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

func (s *Store) commit(group []*job) {
	var all []*badger.Entry
	for _, j := range group {
		all = append(all, j.entries...)
	}
	err := s.write(all)
	for _, j := range group {
		j.done <- err
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
	txn := s.db.NewTransaction(true)
	defer func() { txn.Discard() }()
	for _, e := range entries {
		err := txn.SetEntry(e)
		if errors.Is(err, badger.ErrTxnTooBig) {
			if err = txn.Commit(); err == nil {
				txn = s.db.NewTransaction(true)
				err = txn.SetEntry(e)
			}
		}
		if err != nil {
			return fmt.Errorf("write to store: %w", err)
		}
	}
	if err := txn.Commit(); err != nil {
		return fmt.Errorf("write to store: %w", err)
	}
	return nil
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
