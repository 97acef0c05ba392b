package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/rules"
)

// MaxInForce is how many overrides of one mailbox hold at once.
const MaxInForce = 16

// Errors of overrides.
var (
	ErrOverrideTime = errors.New("an override lasts longer than nothing, and at most 7 days")
	ErrOverrides    = fmt.Errorf("%d overrides are in force already", MaxInForce)
	ErrNoOverride   = errors.New("no such override is in force")
)

// forced holds in memory what overrides may be in force, since every decision
// asks.
type forced struct {
	some  atomic.Bool // false: nobody has any
	mu    sync.Mutex
	boxes map[tag]*letIn
}

// letIn are the overrides of a mailbox that have not ended, the first one first.
type letIn struct {
	read bool // since they were last changed, or since the start
	list []rules.Override
}

// begun notes at the start which mailboxes have overrides that may be in force,
// by their keys alone.
func (s *Store) begun() {
	since := lowest(s.now().Add(-rules.MaxOverride))
	err := s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefixOverride)})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			key := it.Item().Key()
			if id := idOf(key); id.Compare(since) >= 0 {
				var box tag
				copy(box[:], key[len(prefixOverride):])
				s.forced.put(box, s.forced.of(box), new(letIn))
			}
		}
		return nil
	})
	if err != nil {
		s.log.Warn("overrides cannot be read; none is in force", "error", err)
	}
}

func (f *forced) of(box tag) *letIn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.boxes[box]
}

// put holds now in place of was, unless another came between; nil is nothing.
func (f *forced) put(box tag, was, now *letIn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.boxes[box] != was {
		return
	}
	if f.boxes == nil {
		f.boxes = map[tag]*letIn{}
	}
	if f.boxes[box] = now; now == nil {
		delete(f.boxes, box)
	}
	f.some.Store(len(f.boxes) > 0)
}

// InForce lists the overrides of a mailbox that hold at a moment, the first one
// first. What cannot be read is as good as absent, and logged once.
func (s *Store) InForce(mailbox string, at time.Time) (in []rules.Override) {
	if !s.forced.some.Load() {
		return nil
	}
	box := s.keys.Tag(s.normal(mailbox))
	held := s.forced.of(box)
	if held == nil {
		return nil
	}
	over := func(o rules.Override) bool { return !s.now().Before(o.Until) }
	if !held.read {
		all, err := s.Overrides(mailbox)
		if err != nil {
			s.broken.Do(func() { s.log.Warn("a stored override does not open", "error", err) })
			return nil
		}
		slices.Reverse(all)
		fresh := &letIn{true, slices.DeleteFunc(all, over)}
		s.forced.put(box, held, fresh)
		held = fresh
	}
	for _, o := range held.list {
		if o.InForce(at) {
			in = append(in, o)
		}
	}
	if !slices.ContainsFunc(held.list, func(o rules.Override) bool { return !over(o) }) {
		s.forced.put(box, held, nil)
	}
	return in
}

// Override lets mail of a mailbox into the inbox from now on, for so long; brand
// is "" for all mail. It returns when the override is durable.
func (s *Store) Override(ctx context.Context, mailbox, brand string, lasts time.Duration) (rules.Override, error) {
	if lasts <= 0 || lasts > rules.MaxOverride {
		return rules.Override{}, ErrOverrideTime
	}
	s.ordering.Lock()
	defer s.ordering.Unlock()
	now := s.now().UTC().Truncate(time.Second)
	if len(s.InForce(mailbox, s.now())) >= MaxInForce {
		return rules.Override{}, ErrOverrides
	}
	o := rules.Override{ID: rules.NewID(now), From: now, Until: now.Add(lasts), Brand: brand}
	return o, s.putOverrides(ctx, mailbox, []rules.Override{o})
}

// EndOverride ends one override that is in force, or with id "" all of them, and
// returns those it ended.
func (s *Store) EndOverride(ctx context.Context, mailbox, id string) ([]rules.Override, error) {
	s.ordering.Lock()
	defer s.ordering.Unlock()
	now := s.now().UTC()
	var ended []rules.Override
	for _, o := range s.InForce(mailbox, now) {
		if id == "" || strings.EqualFold(id, o.ID) {
			o.Until, o.Ended = now, true
			ended = append(ended, o)
		}
	}
	if len(ended) == 0 {
		return nil, ErrNoOverride
	}
	return ended, s.putOverrides(ctx, mailbox, ended)
}

// putOverrides stores overrides, each for as long after its end as decisions are
// kept, and has the next decision read them anew.
func (s *Store) putOverrides(ctx context.Context, mailbox string, list []rules.Override) error {
	if err := s.Ready(); err != nil {
		return fmt.Errorf("store override: %w", err)
	}
	box := s.keys.Tag(s.normal(mailbox))
	found, err := s.keys.Obtain(ctx, []tag{box})
	if err != nil {
		return fmt.Errorf("store override: %w", err)
	}
	var entries []*badger.Entry
	for _, o := range list {
		plain, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("store override: %w", err)
		}
		place := overrideKey(box, ulid.MustParse(o.ID))
		entries = append(entries, &badger.Entry{Key: place, Value: found[0].Seal(place, plain), ExpiresAt: uint64(o.Until.Add(s.keptFor(ctx, s.normal(mailbox))).Unix())})
	}
	if err := s.put(ctx, entries); err != nil {
		return fmt.Errorf("store override: %w", err)
	}
	s.forced.put(box, s.forced.of(box), new(letIn))
	return nil
}

// Overrides lists the overrides of a mailbox that are in force or whose
// decisions are still kept, newest first.
func (s *Store) Overrides(mailbox string) ([]rules.Override, error) {
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []rules.Override
	err = s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: overridePrefix(box), PrefetchValues: true, PrefetchSize: MaxInForce})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			var o rules.Override
			err := it.Item().Value(func(value []byte) error {
				plain, err := key.Open(it.Item().Key(), value)
				if err != nil {
					return err
				}
				return json.Unmarshal(plain, &o)
			})
			if err != nil {
				return err
			}
			list = append(list, o)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list overrides: %w", err)
	}
	slices.Reverse(list)
	return list, nil
}
