package corpus

import (
	"cmp"
	"context"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/tally"
	"usher/rules"
)

// Counts by day, about nobody: they gather in memory and are written every few
// seconds and at the end. A crash loses a few seconds of them, never a decision.

// Unjudged counts n recipients that have stated nothing and whose mail passed
// without a decision.
func (s *Store) Unjudged(ctx context.Context, n int) error {
	if n > 0 {
		s.tally.Add(tally.Of(s.now(), "recipients", "unjudged"), uint64(n))
	}
	return ctx.Err()
}

// tallyDecision counts one decision by what it says of nobody in particular.
func (s *Store) tallyDecision(d *rules.Decision) {
	now := s.now()
	s.tally.Add(tally.Of(now, "recipients", "judged"), 1)
	s.tally.Add(tally.Of(now, "disposition", cmp.Or(string(d.Disposition), "none")), 1)
	if d.Because == "error" {
		s.tally.Add(tally.Of(now, "error", "failed open"), 1)
		return
	}
	s.tally.Add(tally.Of(now, "category", cmp.Or(string(d.Category), "none")), 1)
}

// flushCounts adds the tally to what is stored. Only the committer calls it, so
// no count is read and written by two.
func (s *Store) flushCounts() {
	counts := s.tally.Take()
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
			s.tally.Add(c, n)
		}
	}
}

func (s *Store) writeCounts(counts map[tally.Count]uint64) error {
	var entries []*badger.Entry
	ends := uint64(s.now().Add(s.kept(tally.Prefix)).Unix())
	for c, n := range counts {
		value, err := s.value(c.Key())
		var stored uint64
		if err == nil && value != nil {
			stored, err = tally.Unpack(value)
		}
		if err != nil {
			return err
		}
		entries = append(entries, &badger.Entry{Key: c.Key(), Value: tally.Pack(stored + n), ExpiresAt: ends})
	}
	return s.write(entries)
}

// Counts gives the counts of one day (UTC) by kind and name, such as
// "category/promotion", "disposition/inbox", "recipients/unjudged",
// "error/failed open". What happened in the last few seconds is in it.
func (s *Store) Counts(day time.Time) (map[string]uint64, error) {
	counts := map[string]uint64{}
	prefix := []byte(tally.Prefix + tally.DayOf(day) + "/")
	var broken error
	err := s.each(prefix, prefix, func(key, value []byte) {
		n, err := tally.Unpack(value)
		broken = cmp.Or(broken, err)
		counts[string(key[len(prefix):])] = n
	})
	s.tally.AddTo(counts, tally.DayOf(day))
	return counts, cmp.Or(err, broken)
}
