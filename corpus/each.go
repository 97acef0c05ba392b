package corpus

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/disk"
	"usher/corpus/kinds"
	"usher/corpus/written"
	"usher/rules"
)

// EachArrival shows when each decision of a mailbox was made, from since on, oldest
// first; nothing is opened for it. The mailbox is given by its address or, in hex,
// by its tag.
func (s *Store) EachArrival(mailbox string, since time.Time, visit func(at time.Time)) error {
	s.settle()
	box := s.keys.Tag(s.normal(mailbox))
	if raw, err := hex.DecodeString(mailbox); err == nil && len(raw) == len(box) {
		box = tag(raw)
	}
	return s.each(decisionPrefix(box), decisionKey(box, written.Lowest(since)), func(place, _ []byte) {
		visit(time.UnixMilli(int64(idOf(place).Time())))
	})
}

// EachOfAll shows the decisions of all mailboxes since a time, one mailbox after
// the other, for what is to be counted; box stands for the mailbox. What does not
// open is passed over. It ends with ctx.
func (s *Store) EachOfAll(ctx context.Context, since time.Time, visit func(box string, d *rules.Decision)) error {
	s.settle()
	var box tag
	var key *boxKey
	return s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefixDecision), PrefetchValues: true, PrefetchSize: 100})
		defer it.Close()
		for it.Rewind(); it.Valid() && ctx.Err() == nil; it.Next() {
			place := it.Item().Key()
			its, _ := kinds.Box(place)
			if its != box || key == nil {
				var err error
				if key, err = s.keys.Find(its); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
				box = its
			}
			if key == nil || place[len(prefixDecision)+len(box)] != byID || time.UnixMilli(int64(idOf(place).Time())).Before(since) {
				continue
			}
			if d, err := decode(it.Item(), key); err == nil {
				visit(string(box[:]), d)
			}
		}
		return ctx.Err()
	})
}

// Mailboxes counts the mailboxes that have a key.
func (s *Store) Mailboxes() (int, error) { return s.keys.Count() }

// Size is what the store takes of the disk, in bytes; 0 in memory.
func (s *Store) Size() (int64, error) { return disk.Size(s.dir) }

// keep seals a value under a key of a mailbox, as JSON, until a moment, the zero time
// for ever. It returns when that is durable.
func (s *Store) keep(ctx context.Context, place []byte, value any, until time.Time) error {
	if err := s.Ready(); err != nil {
		return err
	}
	box, _ := kinds.Box(place)
	found, err := s.keys.Obtain(ctx, []tag{box})
	if err != nil {
		return err
	}
	plain, err := json.Marshal(value)
	if err != nil {
		return err
	}
	e := &badger.Entry{Key: place, Value: found[0].Seal(place, plain)}
	if !until.IsZero() {
		e.ExpiresAt = uint64(until.Unix())
	}
	return s.put(ctx, []*badger.Entry{e})
}

// listed reads the entries of a mailbox under a prefix, in the order of their keys.
// With an error it gives those that can be read.
func listed[T any](s *Store, mailbox, prefix string, read func(place, plain []byte) (T, error)) (list []T, err error) {
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k, broken := kinds.Of([]byte(prefix)), error(nil)
	err = s.each(k.Begin(box), k.Begin(box), func(place, value []byte) {
		var one T
		plain, err := key.Open(place, value)
		if err == nil {
			one, err = read(place, plain)
		}
		if broken = cmp.Or(broken, err); err == nil {
			list = append(list, one)
		}
	})
	if err = cmp.Or(err, broken); err != nil {
		return list, fmt.Errorf("list %s: %w", k.Name, err)
	}
	return list, nil
}

// asJSON reads what was kept as JSON.
func asJSON[T any](_, plain []byte) (one T, err error) { return one, json.Unmarshal(plain, &one) }
