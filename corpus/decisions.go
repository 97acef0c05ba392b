package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/classify/mail"
	"usher/corpus/disk"
	"usher/corpus/written"
	"usher/rules"
)

const (
	// MaxDecisions is the most that one listing returns.
	MaxDecisions = 1000
	// maxValue bounds a stored decision, in bytes.
	maxValue = disk.MaxValue / 4
)

// Record stores decisions, each with the way to it from its retry key if it has
// one, and returns when all are durable. Entries that are nil are passed over. If it fails, some may still have been stored. When ctx ends it
// returns ctx.Err() at once, though the write may still land.
func (s *Store) Record(ctx context.Context, decisions []*rules.Decision) error {
	n, err := s.store(ctx, decisions, true)
	if err != nil {
		return fmt.Errorf("record %d decisions: %w", n, err)
	}
	for _, d := range decisions {
		if d != nil {
			s.tallyDecision(d)
		}
	}
	return nil
}

// Outcome stores decisions again, now that their Outcome is known. Where all were
// applied as decided it does not wait until they are durable: a moment later they
// are, with what is recorded next, and whoever lists decisions has them. Should that
// fail, it is logged. An outcome with a Why is waited for, since Recall must know it.
func (s *Store) Outcome(ctx context.Context, decisions []*rules.Decision) error {
	if n, err := s.store(ctx, decisions, false); err != nil {
		return fmt.Errorf("record the outcome of %d decisions: %w", n, err)
	}
	return nil
}

// store writes decisions in one commit; those that are new, with the ways to them.
// Where a mailbox is erased meanwhile, its decision begins its new life.
func (s *Store) store(ctx context.Context, decisions []*rules.Decision, isNew bool) (n int, err error) {
	for err = errErased; errors.Is(err, errErased); {
		n, err = s.storeOnce(ctx, decisions, isNew)
	}
	if err != nil && isNew {
		s.release(decisions)
	}
	return n, err
}

func (s *Store) storeOnce(ctx context.Context, decisions []*rules.Decision, isNew bool) (n int, err error) {
	var boxes []tag
	var kept []*rules.Decision
	for _, d := range decisions {
		if d != nil {
			kept = append(kept, d)
			boxes = append(boxes, s.keys.Tag(s.normal(d.Recipient)))
		}
	}
	if len(kept) == 0 {
		return 0, ctx.Err()
	}
	if err := s.Ready(); err != nil {
		return len(kept), err
	}
	found, err := s.keys.Obtain(ctx, boxes)
	if err != nil {
		return len(kept), err
	}
	entries := make([]*badger.Entry, 0, 4*len(kept))
	for i, d := range kept {
		its, err := s.entries(boxes[i], found[i], d, isNew, s.keptFor(ctx, s.normal(d.Recipient)))
		if err != nil {
			return len(kept), err
		}
		entries = append(entries, its...)
	}
	differs := slices.ContainsFunc(kept, func(d *rules.Decision) bool { return d.Outcome == nil || d.Outcome.Why != "" })
	if !isNew && !differs {
		return len(kept), s.putSoon(ctx, entries)
	}
	if err = s.put(ctx, entries); err == nil && isNew {
		for i, d := range kept {
			s.addUp(boxes[i], found[i], d)
		}
	}
	return len(kept), err
}

// entries are what one decision is stored as: itself and, if it is new, the ways
// to it from its Message-ID and its retry key. A way never outlives its decision.
func (s *Store) entries(box tag, key *boxKey, d *rules.Decision, isNew bool, kept time.Duration) ([]*badger.Entry, error) {
	id, err := ulid.ParseStrict(d.ID)
	if err != nil {
		return nil, fmt.Errorf("decision id %q: %w", d.ID, err)
	}
	place := decisionKey(box, id)
	value, err := written.Seal(key, place, d, maxValue)
	if err != nil {
		return nil, err
	}
	ends := uint64(s.now().Truncate(time.Minute).Add(kept).Unix())
	entries := []*badger.Entry{{Key: place, Value: value, ExpiresAt: ends}}
	if isNew && d.MessageID != "" {
		place := messageKey(box, key.Message(written.Bracketed(d.MessageID)), id)
		entries = append(entries, &badger.Entry{Key: place, Value: key.Seal(place, nil), ExpiresAt: ends})
	}
	if isNew && d.Retry != "" {
		entries = append(entries, s.retryEntry(box, key, d, kept))
	}
	for prefix, value := range d.Beside {
		place := sealedKey(prefix, box, id)
		entries = append(entries, &badger.Entry{Key: place, Value: key.Seal(place, value), ExpiresAt: uint64(s.now().Add(s.kept(prefix)).Unix())})
	}
	if e := s.timeEntry(box, key, d, isNew); e != nil {
		entries = append(entries, e)
	}
	return entries, nil
}

// Decision returns one decision of a mailbox, or ErrNotFound.
func (s *Store) Decision(mailbox, id string) (*rules.Decision, error) {
	s.settle()
	parsed, err := ulid.ParseStrict(strings.ToUpper(id))
	if err != nil {
		return nil, fmt.Errorf("decision %q: %w", id, ErrNotFound)
	}
	box, key, err := s.find(mailbox)
	if err != nil {
		return nil, err
	}
	var d *rules.Decision
	err = s.view(func(txn *badger.Txn) (err error) {
		d, err = get(txn, key, decisionKey(box, parsed))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decision %s: %w", id, err)
	}
	return d, nil
}

// ByMessageID returns a mailbox's decisions on messages with that Message-ID,
// newest first, or ErrNotFound. Angle brackets may be left out.
func (s *Store) ByMessageID(mailbox, messageID string) ([]*rules.Decision, error) {
	s.settle()
	box, key, err := s.find(mailbox)
	if err != nil {
		return nil, err
	}
	messageID = written.Bracketed(messageID)
	prefix := messagePrefix(box, key.Message(messageID))
	var found []*rules.Decision
	err = s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix, Reverse: true})
		defer it.Close()
		for it.Seek(append(bytes.Clone(prefix), 0xff)); it.Valid() && len(found) < MaxDecisions; it.Next() {
			d, err := get(txn, key, decisionKey(box, idOf(it.Item().Key())))
			if errors.Is(err, ErrNotFound) {
				continue // it was deleted before its way
			}
			if err != nil {
				return err
			}
			d.MessageID = messageID
			found = append(found, d)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("decisions on %s: %w", messageID, err)
	}
	return found, nil
}

// Decisions lists a mailbox's decisions, newest first, from since up to and with
// until, both to the minute; a zero time is no bound. At most limit, and never
// more than MaxDecisions; limit 0 means MaxDecisions. What does not open is
// passed over, and logged once.
func (s *Store) Decisions(mailbox string, since, until time.Time, limit int) ([]*rules.Decision, error) {
	s.settle()
	if limit <= 0 || limit > MaxDecisions {
		limit = MaxDecisions
	}
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	low, high := decisionKey(box, written.Lowest(since)), decisionKey(box, written.Highest(until))
	var found []*rules.Decision
	err = s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: decisionPrefix(box), Reverse: true, PrefetchValues: true, PrefetchSize: min(limit, 100)})
		defer it.Close()
		for it.Seek(high); it.Valid() && len(found) < limit && bytes.Compare(it.Item().Key(), low) >= 0; it.Next() {
			d, err := decode(it.Item(), key)
			if err != nil {
				s.broken.Do(func() { s.log.Warn("a stored decision does not open", "error", err) })
				continue
			}
			found = append(found, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	return found, nil
}

// EachDecision shows a mailbox's decisions to visit, oldest first, from since up to
// and with until, both to the minute, until it answers false; a zero time is no
// bound. visit must not ask the store. What does not open is passed over, and
// logged once.
func (s *Store) EachDecision(mailbox string, since, until time.Time, visit func(*rules.Decision) bool) error {
	s.settle()
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	low, high := decisionKey(box, written.Lowest(since)), decisionKey(box, written.Highest(until))
	err = s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: decisionPrefix(box), PrefetchValues: true, PrefetchSize: 100})
		defer it.Close()
		for it.Seek(low); it.Valid() && bytes.Compare(it.Item().Key(), high) <= 0; it.Next() {
			d, err := decode(it.Item(), key)
			if err != nil {
				s.broken.Do(func() { s.log.Warn("a stored decision does not open", "error", err) })
				continue
			}
			if !visit(d) {
				break
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	return nil
}

// find gives the tag and key of a mailbox of which something is stored.
func (s *Store) find(mailbox string) (tag, *boxKey, error) {
	box := s.keys.Tag(s.normal(mailbox))
	key, err := s.keys.Find(box)
	if errors.Is(err, fs.ErrNotExist) {
		return box, nil, ErrNotFound
	}
	return box, key, err
}

func get(txn *badger.Txn, key *boxKey, place []byte) (*rules.Decision, error) {
	got, err := txn.Get(place)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return decode(got, key)
}

func decode(got *badger.Item, key *boxKey) (d *rules.Decision, err error) {
	err = got.Value(func(value []byte) (err error) {
		d, err = written.Open(key, got.Key(), value)
		return err
	})
	return d, err
}

// normal gives the mailbox that an address belongs to.
func (s *Store) normal(addr string) string {
	return mail.Mailbox(addr, s.delimiter)
}
