package corpus

import (
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/weeks"
)

// Weekly totals gather in memory and are written every few seconds and at the end,
// as the counts by day are: a brand that writes to a thousand mailboxes at once
// costs mail nothing. A crash loses a few seconds of them, never a decision.

// maxTotals is how many totals are written before mail is recorded again.
const maxTotals = 256

// flushTotals writes totals that wait, and reports whether more do. Only the
// committer calls it.
func (s *Store) flushTotals() (more bool) {
	taken := s.weeks.Take(maxTotals)
	if len(taken) == 0 {
		return false
	}
	err := s.room()
	if err == nil {
		err = s.writeTotals(taken)
	}
	if err == nil {
		return s.weeks.Some()
	}
	s.log.Warn("weekly totals wait in memory", "error", err)
	for at, t := range taken {
		s.weeks.Add(at, t)
	}
	return false
}

func (s *Store) writeTotals(taken map[weeks.Place]*weeks.Total) error {
	var entries []*badger.Entry
	ends := uint64(s.now().Add(s.kept(weeks.Prefix)).Unix())
	for at, t := range taken {
		key, err := s.keys.Find(at.Box)
		if err != nil {
			continue // erased meanwhile
		}
		place := at.Key()
		value, err := s.value(place)
		if err != nil {
			return err
		}
		if sum, err := weeks.Open(key, place, value); err == nil { // else it begins, or begins anew
			sum.Add(t)
			t = sum
		}
		if value, err = t.Seal(key, place); err != nil {
			return err
		}
		entries = append(entries, &badger.Entry{Key: place, Value: value, ExpiresAt: ends})
	}
	entries, _ = s.living(entries)
	return s.write(entries)
}

// Totals lists what came to a mailbox from each sender since a day, week by week,
// the oldest first. What happened a moment ago is in it.
func (s *Store) Totals(mailbox string, since time.Time) (all []*weeks.Total, err error) {
	s.flush()
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	first := weeks.Place{Box: box, Week: max(0, since.AddDate(0, 0, -6).Unix())}
	if err == nil {
		err = s.each(weeks.Begin(box), first.Key(), func(place, value []byte) {
			if t, err := weeks.Open(key, place, value); err == nil {
				all = append(all, t)
			}
		})
	}
	if err != nil {
		return nil, fmt.Errorf("list totals: %w", err)
	}
	return all, nil
}
