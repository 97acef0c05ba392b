package corpus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/rules"
)

// Counts by day, about nobody: they gather in memory and are written every few
// seconds and at the end. A crash loses a few seconds of them, never a decision.

// tally holds what is not yet written.
type tally struct {
	sync.Mutex
	counts map[count]uint64
}

func (t *tally) add(c count, n uint64) {
	t.Lock()
	defer t.Unlock()
	if t.counts == nil {
		t.counts = map[count]uint64{}
	}
	t.counts[c] += n
}

// take empties the tally.
func (t *tally) take() map[count]uint64 {
	t.Lock()
	defer t.Unlock()
	counts := t.counts
	t.counts = nil
	return counts
}

// Unjudged counts n recipients that have stated nothing and whose mail passed
// without a decision.
func (s *Store) Unjudged(ctx context.Context, n int) error {
	if n > 0 {
		s.tally.add(count{dayOf(s.now()), "recipients", "unjudged"}, uint64(n))
	}
	return ctx.Err()
}

// tallyDecision counts one decision by what it says of nobody in particular.
func (s *Store) tallyDecision(d *rules.Decision) {
	day := dayOf(s.now())
	s.tally.add(count{day, "recipients", "judged"}, 1)
	s.tally.add(count{day, "disposition", word(string(d.Disposition))}, 1)
	if d.Because == "error" {
		s.tally.add(count{day, "error", "failed open"}, 1)
		return
	}
	s.tally.add(count{day, "category", word(string(d.Category))}, 1)
}

func word(w string) string {
	if w == "" {
		return "none"
	}
	return w
}

// flushCounts adds the tally to what is stored. Only the committer calls it, so
// no count is read and written by two.
func (s *Store) flushCounts() {
	counts := s.tally.take()
	if len(counts) == 0 {
		return
	}
	err := s.room()
	if err == nil {
		err = s.writeCounts(counts)
	}
	if err != nil {
		s.log.Warn("counts wait in memory", "error", err)
		for c, n := range counts {
			s.tally.add(c, n)
		}
	}
}

func (s *Store) writeCounts(counts map[count]uint64) error {
	var entries []*badger.Entry
	ends := uint64(s.now().Add(s.kept(prefixCount)).Unix())
	err := s.view(func(txn *badger.Txn) error {
		for c, n := range counts {
			stored, err := readCount(txn, c)
			if err != nil {
				return err
			}
			entries = append(entries, &badger.Entry{Key: c.key(), Value: packCount(stored + n), ExpiresAt: ends})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.write(entries)
}

func readCount(txn *badger.Txn, c count) (n uint64, err error) {
	got, err := txn.Get(c.key())
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	err = got.Value(func(v []byte) error {
		n, err = unpackCount(v)
		return err
	})
	return n, err
}

// Counts gives the counts of one day (UTC) by kind and name, such as
// "category/promotion", "disposition/inbox", "recipients/unjudged",
// "error/failed open". What happened in the last few seconds is in it.
func (s *Store) Counts(day time.Time) (map[string]uint64, error) {
	counts := map[string]uint64{}
	prefix := prefixCount + dayOf(day) + "/"
	err := s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix), PrefetchValues: true, PrefetchSize: 32})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			at := it.Item()
			name := strings.TrimPrefix(string(at.Key()), prefix)
			err := at.Value(func(v []byte) (err error) {
				counts[name], err = unpackCount(v)
				return err
			})
			if err != nil {
				return fmt.Errorf("read count %s: %w", name, err)
			}
		}
		return nil
	})
	s.tally.Lock()
	defer s.tally.Unlock()
	for c, n := range s.tally.counts {
		if c.day == dayOf(day) {
			counts[c.kind+"/"+c.name] += n
		}
	}
	return counts, err
}
