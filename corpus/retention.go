package corpus

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/corpus/kinds"
	"usher/corpus/tally"
	"usher/rules"
)

// Retention lists how long each kind is kept.
func (s *Store) Retention() []kinds.Retention { return s.days.Table() }

// SetRetention bounds how long a kind is kept, in days: at most what it is kept
// for without. It holds for what is written from now on; Tend applies it to what
// is there. Its errors wrap those of kinds.Shorten.
func (s *Store) SetRetention(ctx context.Context, name string, days int) error {
	k, err := kinds.Shorten(name, days)
	if err != nil {
		return err
	}
	if err = s.Ready(); err == nil {
		err = s.put(ctx, []*badger.Entry{{Key: limitKey(k.Prefix), Value: tally.Pack(uint64(days))}})
	}
	if err != nil {
		return fmt.Errorf("set retention: %w", err)
	}
	s.days.Set(k.Prefix, days)
	return nil
}

// readLimits reads what SetRetention stored.
func (s *Store) readLimits() error {
	_, err := s.walk([]byte(prefixLimit), []byte(prefixLimit), func(key, value []byte) {
		if n, err := tally.Unpack(value); err == nil {
			s.days.Set(string(bytes.TrimPrefix(key, []byte(prefixLimit))), int(n))
		}
	})
	return err
}

// kept is how long a kind is kept where its owner says nothing.
func (s *Store) kept(prefix string) time.Duration { return s.days.Kept(kinds.Of([]byte(prefix))) }

// keptFor is how long decisions of a mailbox are kept: as its owner states, up to
// the limit.
func (s *Store) keptFor(ctx context.Context, mailbox string) time.Duration {
	own := 0
	if s.stated != nil {
		own = s.stated(ctx, mailbox)
	}
	return s.days.KeptFor(own)
}

// Tend applies what was shortened to what is already stored, and ends erasings
// that could not be ended. It is to be called once a day; pause is waited between
// two mailboxes, so that the work of a large site does not stand beside mail. It
// gives the number of entries that it deleted.
func (s *Store) Tend(ctx context.Context, pause time.Duration) (n int, err error) {
	if err = s.Ready(); err == nil {
		err = s.bury(ctx)
	}
	if err == nil {
		n, err = s.EndAudit(ctx)
	}
	if err == nil {
		var more int
		more, err = s.tendDecisions(ctx, pause)
		n += more
	}
	for i := range kinds.All {
		if k := &kinds.All[i]; err == nil && k.At != nil && s.days.IsShortened(k) {
			over := s.now().Add(-s.days.Limit(k))
			var more int
			more, err = s.dropUnder(ctx, []byte(k.Prefix), func(key, _ []byte) bool { return k.At(key).Before(over) })
			n += more
		}
	}
	if err != nil {
		return n, fmt.Errorf("end what is over: %w", err)
	}
	return n, nil
}

// tendDecisions goes from mailbox to mailbox, by the oldest decision of each.
func (s *Store) tendDecisions(ctx context.Context, pause time.Duration) (n int, err error) {
	for from := []byte(prefixDecision); from != nil; {
		var b aged
		if b, from, err = s.oldest(from); err != nil {
			return n, err
		}
		if over := s.now().Add(-s.keptFor(ctx, b.mailbox)); b.mailbox != "" && b.since.Before(over) {
			more, err := s.drop(ctx, b.box, s.before(b.key, over))
			if n += more; err != nil {
				return n, err
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
	return n, nil
}

// aged is a mailbox and the time of its oldest decision.
type aged struct {
	box     tag
	key     *boxKey
	mailbox string // "" if none of its first hundred decisions opens
	since   time.Time
}

// oldest gives the next mailbox that has decisions, and the key to go on from, nil
// at the end.
func (s *Store) oldest(from []byte) (b aged, next []byte, err error) {
	err = s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefixDecision), PrefetchValues: true, PrefetchSize: 1})
		defer it.Close()
		if it.Seek(from); !it.Valid() {
			return nil
		}
		b.box, _ = kinds.Box(it.Item().Key())
		next = append(kinds.Of(from).Begin(b.box), 0xff)
		if b.key, err = s.keys.Find(b.box); err != nil {
			return nil // it is being erased, or its key is damaged: neither keeps the others from their end
		}
		for i := 0; i < 100 && b.mailbox == "" && it.ValidForPrefix(decisionPrefix(b.box)); i++ {
			if d, err := decode(it.Item(), b.key); err == nil {
				b.mailbox, b.since = s.normal(d.Recipient), ulid.Time(idOf(it.Item().Key()).Time())
			}
			it.Next()
		}
		return nil
	})
	return b, next, err
}

// before tells the decisions of a mailbox from before a time, the ways to them and
// what is about them.
func (s *Store) before(key *boxKey, over time.Time) func(place, value []byte) bool {
	return func(place, value []byte) bool {
		if kinds.Of(place).Prefix == prefixOverride { // which may have gone on for so long
			return ulid.Time(idOf(place).Time()).Before(over.Add(-rules.MaxOverride))
		}
		id, is := decisionOf(key, place, value)
		return is && ulid.Time(id.Time()).Before(over)
	}
}

// KeptFor is the number of days that decisions of a mailbox are kept.
func (s *Store) KeptFor(ctx context.Context, mailbox string) int {
	return int(s.keptFor(ctx, s.normal(mailbox)) / (24 * time.Hour))
}
