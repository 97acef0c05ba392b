package corpus

import (
	"context"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/corpus/times"
	"usher/corpus/weeks"
	"usher/corpus/written"
	"usher/rules"
)

// History counts the mail of each mailbox, for the wire. What is then not recorded,
// or by its Outcome was refused, is not counted after all. What was deferred is on
// its way: it comes again, keeps its decision, and stays counted. Were it not, all
// that came while the next hop was down would find the same place free.
func (s *Store) History() rules.History { return s.history(false) }

// Looking is a History that counts nothing, for questions.
func (s *Store) Looking() rules.History { return s.history(true) }

func (s *Store) history(looks bool) *times.History {
	return &times.History{
		Book: &s.times, Looks: looks,
		Failed: func(err error) {
			s.broken.Do(func() { s.log.Warn("what came before cannot be read; no cap applies", "error", err) })
		},
		Mailbox: func(ctx context.Context, mailbox string) (tag, *boxKey, error) {
			if looks {
				return s.find(mailbox)
			}
			box := s.keys.Tag(s.normal(mailbox))
			found, err := s.keys.Obtain(ctx, []tag{box})
			if err != nil {
				return box, nil, err
			}
			return box, found[0], nil
		},
		Each: func(box tag, since time.Time, see func(place, value []byte)) error {
			return s.each(times.Begin(box), times.Place(box, written.Lowest(since)), see)
		},
	}
}

// addUp counts a decision that is on record: for caps, if anybody has asked for
// that mailbox, and for the totals.
func (s *Store) addUp(box tag, key *boxKey, d *rules.Decision) {
	s.times.Recorded(box, key, d)
	if d.Because != "error" {
		t := weeks.Of(d)
		s.weeks.Add(weeks.Place{Box: box, Week: t.Week.Unix(), Sender: key.Sender(t.Key)}, t)
	}
}

// release takes back what decisions count that are not on record.
func (s *Store) release(decisions []*rules.Decision) {
	for _, d := range decisions {
		if d == nil || len(d.Counts) == 0 {
			continue
		}
		if id, err := ulid.ParseStrict(d.ID); err == nil {
			s.times.Release(s.keys.Tag(s.normal(d.Recipient)), id)
		}
	}
}

// timeEntry stores when a mail came, and under which names it counts: none where
// it was refused. nil: there is nothing to store.
func (s *Store) timeEntry(box tag, key *boxKey, d *rules.Decision, isNew bool) *badger.Entry {
	counts := d.Counts
	refused := d.Outcome != nil && d.Outcome.Code/100 == 5
	if len(counts) == 0 || !isNew && !refused && d.Retry != "" { // nothing, or as Record left it
		return nil
	}
	if !isNew && refused {
		counts = nil
	}
	m := times.Of(key, ulid.MustParse(d.ID), counts) // as entries did
	if !isNew {
		s.times.Keep(box, m)
	}
	place := times.Place(box, m.ID)
	ends := s.now().Truncate(time.Minute).Add(s.kept(times.Prefix))
	return &badger.Entry{Key: place, Value: key.Seal(place, m.Bytes()), ExpiresAt: uint64(ends.Unix())}
}
