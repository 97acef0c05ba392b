package corpus

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

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

// EachOfAll shows the decisions of all mailboxes since a time, one mailbox after the other, for what is to be
// counted; box stands for the mailbox. What does not open is passed over. It ends with ctx.
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

// keep seals a value under a key of a mailbox, as JSON, durably, until a moment; the zero time is for ever.
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

// listed is Notes for any form of value.
func listed[T any](s *Store, mailbox, prefix string, read func(place, plain []byte) (T, error), ids ...string) (list []T, err error) {
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k, broken := kinds.Of([]byte(prefix)), error(nil)
	begin := k.Begin(box)
	if id, err := ulid.ParseStrict(strings.Join(ids, "")); err == nil {
		begin = append(begin, id[:]...)
	}
	err = s.each(begin, begin, func(place, value []byte) {
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

// Note keeps a value of a package above, as JSON, under the prefix of its kind and an id, a ULID, for as long as the
// kind is kept, or until its own method Ends says. What stood there is replaced. It returns when that is durable.
func (s *Store) Note(ctx context.Context, mailbox, prefix, id string, value any) error {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return fmt.Errorf("id %q: %w", id, err)
	}
	until := time.Time{}
	if kept := s.kept(prefix); kept > 0 {
		until = s.now().Add(kept)
	}
	if v, is := value.(interface{ Ends() time.Time }); is {
		until = v.Ends()
	}
	return s.keep(ctx, sealedKey(prefix, s.keys.Tag(s.normal(mailbox)), parsed), value, until)
}

// Notes lists what Note keeps for a mailbox, in the order of the ids, or what has one id; with an error, what opens.
func Notes[T any](s *Store, mailbox, prefix string, id ...string) ([]T, error) {
	return listed(s, mailbox, prefix, asJSON[T], id...)
}

// EachNote shows what Note keeps for all mailboxes, as far as it opens.
func EachNote[T any](s *Store, prefix string, see func(T)) error {
	return s.each([]byte(prefix), []byte(prefix), func(place, value []byte) {
		box, _ := kinds.Box(place)
		if key, err := s.keys.Find(box); err == nil {
			plain, _ := key.Open(place, value)
			if one, err := asJSON[T](place, plain); err == nil {
				see(one)
			}
		}
	})
}

// asJSON reads what was kept as JSON.
func asJSON[T any](_, plain []byte) (one T, err error) { return one, json.Unmarshal(plain, &one) }
