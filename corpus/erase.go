package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/corpus/keys"
	"usher/corpus/kinds"
	"usher/corpus/times"
	"usher/corpus/weeks"
	"usher/corpus/written"
)

// Erasing destroys the one key that all of a mailbox is sealed under; what is left
// is noise, on the disk and in every backup of the store. The order survives a
// crash between any two steps, since an open store first ends what was begun:
//
//  1. a tomb is written, beside the keys and in the store
//  2. the key file is removed, the key leaves the memory
//  3. the committer takes nothing more that the dead key sealed
//  4. the entries of the mailbox are deleted, and the tomb is done
//
// Whatever is decided from step 2 on gets a fresh key, which no later end of this
// erasing touches: an entry is deleted if the key that there is does not open it.
// Badger drops the bytes of deleted entries when it merges full levels. Nothing
// hurries it: they can be read by nobody, its Flatten frees none of them, and the
// value log, which could be collected, is never written to.

// Between two commits so many entries are looked at, and so many bytes, so that
// mail is recorded meanwhile and little is in memory.
const (
	step      = 2000
	stepBytes = 4 << 20
)

// errErased is the answer to a write whose key was destroyed while it waited.
var errErased = errors.New("the mailbox was erased meanwhile")

// erased are the mailboxes that were erased while this process runs.
type erased struct {
	sync.RWMutex
	boxes map[tag]bool
}

// Erase destroys what is kept of a mailbox and reports whether there was
// anything. Once begun it does not end with ctx: what it cannot finish now, the
// next start does.
func (s *Store) Erase(ctx context.Context, mailbox string) (was bool, err error) {
	box := s.keys.Tag(s.normal(mailbox))
	if err := s.Ready(); err != nil {
		return false, fmt.Errorf("erase: %w", err)
	}
	tomb, err := s.keys.Bury(ctx, box, s.now())
	ctx = context.WithoutCancel(ctx)
	if err == nil {
		err = s.putTomb(ctx, tomb)
	}
	if err == nil {
		was, err = s.end(ctx, tomb)
	}
	if err != nil {
		return was, fmt.Errorf("erase: %w", err)
	}
	return was, nil
}

// end brings an erasing to its end, from whatever step it has come to.
func (s *Store) end(ctx context.Context, tomb keys.Tomb) (was bool, err error) {
	if was, err = s.keys.Destroy(ctx, tomb); err != nil {
		return was, err
	}
	s.erased.Lock()
	if s.erased.boxes == nil {
		s.erased.boxes = map[tag]bool{}
	}
	s.erased.boxes[tomb.Box] = true
	s.erased.Unlock()
	s.forgetBox(tomb.Box)
	if err := s.put(ctx, nil); err != nil { // what was sealed before is written, and found below
		return was, err
	}
	n, err := s.drop(ctx, tomb.Box, s.dead(tomb.Box))
	if err != nil {
		return was, err
	}
	tomb.Done = true
	if err := s.keys.SetTomb(ctx, tomb); err != nil {
		return was, err
	}
	return was || n > 0, s.putTomb(ctx, tomb)
}

// forgetBox takes a mailbox out of everything that the store holds in memory.
func (s *Store) forgetBox(box tag) {
	s.letIn.Forget(box)
	s.taught.Forget(box)
	s.times.Forget(box)
	s.weeks.Forget(box)
}

// dead tells the entries of a mailbox that its key, if it has one, does not open.
func (s *Store) dead(box tag) func(key, value []byte) bool {
	return func(key, value []byte) bool {
		now, err := s.keys.Find(box)
		if err == nil {
			_, err = now.Open(key, value)
		}
		return errors.Is(err, fs.ErrNotExist) || errors.Is(err, keys.ErrOpen)
	}
}

// living gives the entries that no destroyed key sealed, and an error if there
// are others. Only the committer asks it.
func (s *Store) living(entries []*badger.Entry) (alive []*badger.Entry, err error) {
	s.erased.RLock()
	defer s.erased.RUnlock()
	if len(s.erased.boxes) == 0 {
		return entries, nil
	}
	for _, e := range entries {
		box, is := kinds.Box(e.Key)
		if is && s.erased.boxes[box] && e.ExpiresAt != ended && s.dead(box)(e.Key, e.Value) {
			err = errErased
		} else {
			alive = append(alive, e)
		}
	}
	return alive, err
}

// ended is the end of an entry that is deleted: Badger drops what ended as it
// drops what was deleted.
const ended = 1

// drop deletes the entries of a mailbox that which names, and counts them.
func (s *Store) drop(ctx context.Context, box tag, which func(key, value []byte) bool) (n int, err error) {
	for i := range kinds.All {
		if k := &kinds.All[i]; k.IsBox && err == nil {
			var more int
			more, err = s.dropUnder(ctx, k.Begin(box), which)
			n += more
		}
	}
	return n, err
}

// dropUnder deletes the entries under a prefix that which names.
func (s *Store) dropUnder(ctx context.Context, prefix []byte, which func(key, value []byte) bool) (n int, err error) {
	for from := prefix; from != nil && err == nil; {
		var gone []*badger.Entry
		from, err = s.walk(prefix, from, func(key, value []byte) {
			if which(key, value) {
				gone = append(gone, &badger.Entry{Key: bytes.Clone(key), ExpiresAt: ended})
			}
		})
		if err == nil && len(gone) > 0 {
			err = s.put(ctx, gone)
		}
		if err == nil {
			n, err = n+len(gone), ctx.Err()
		}
	}
	return n, err
}

// each shows all entries of a prefix from a key on.
func (s *Store) each(prefix, from []byte, see func(key, value []byte)) (err error) {
	for from != nil && err == nil {
		from, err = s.walk(prefix, from, see)
	}
	return err
}

// walk shows the entries of a prefix from a key on, a step of them, and
// gives the key to go on from, nil at the end.
func (s *Store) walk(prefix, from []byte, see func(key, value []byte)) (next []byte, err error) {
	err = s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix, PrefetchValues: true, PrefetchSize: 100})
		defer it.Close()
		n, size := 0, int64(0)
		for it.Seek(from); it.Valid(); it.Next() {
			if n++; n > step || size > stepBytes {
				next = it.Item().KeyCopy(nil)
				return nil
			}
			size += it.Item().ValueSize()
			err := it.Item().Value(func(value []byte) error {
				see(it.Item().Key(), value)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return next, err
}

func (s *Store) putTomb(ctx context.Context, t keys.Tomb) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	ends := s.now().Add(keys.TombRetention)
	return s.put(ctx, []*badger.Entry{{Key: tombKey(t.Box), Value: append([]byte{version}, text...), ExpiresAt: uint64(ends.Unix())}})
}

// bury ends every erasing that was begun, and does again those whose tomb or
// whose key a backup of the store or of the keys has undone.
func (s *Store) bury(ctx context.Context) error {
	stored, err := s.tombs()
	if err != nil {
		return err
	}
	beside, err := s.keys.Tombs(ctx, s.now())
	if err != nil {
		return err
	}
	for _, t := range beside {
		was, known := stored[t.Box]
		if known && was.Equal(t) && t.Done && !s.keys.Opens(t) {
			delete(stored, t.Box)
		} else {
			stored[t.Box] = t.Join(was)
		}
	}
	for _, t := range stored {
		t.Done = false
		err := s.keys.SetTomb(ctx, t)
		if err == nil {
			err = s.putTomb(ctx, t)
		}
		if err == nil {
			_, err = s.end(ctx, t)
		}
		if err != nil {
			return fmt.Errorf("end an erasing: %w", err)
		}
		s.log.Info("a mailbox stays erased", "day", t.Day)
	}
	return nil
}

// tombs are the tombs in the store.
func (s *Store) tombs() (map[tag]keys.Tomb, error) {
	found := map[tag]keys.Tomb{}
	err := s.each([]byte(prefixTomb), []byte(prefixTomb), func(key, value []byte) {
		var t keys.Tomb
		if len(key) == len(prefixTomb)+len(t.Box) && len(value) > 1 && json.Unmarshal(value[1:], &t) == nil {
			copy(t.Box[:], key[len(prefixTomb):])
			found[t.Box] = t
		}
	})
	return found, err
}

// Forget deletes what is kept of a brand in one mailbox: decisions on its mail,
// whether it was proven or claimed, the ways to them, overrides and counts of it.
// A brand is known by domains, and by names as senders write them. It gives the
// number of decisions.
func (s *Store) Forget(ctx context.Context, mailbox string, brand ...string) (n int, err error) {
	s.flush()
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	gone := map[ulid.ULID]bool{}
	belongs := func(place, value []byte) bool {
		switch plain, err := key.Open(place, value); {
		case err != nil:
			return false
		case bytes.HasPrefix(place, decisionPrefix(box)):
			if d, err := written.Read(plain); err == nil && isOf(brand, d.Sender.Brand, d.Sender.Name) {
				gone[idOf(place)] = true
			}
		case kinds.Of(place).Names:
			var of struct{ Brand string }
			return json.Unmarshal(plain, &of) == nil && isOf(brand, of.Brand)
		case kinds.Of(place).Prefix == weeks.Prefix:
			t, err := weeks.Open(key, place, value)
			return err == nil && slices.ContainsFunc(brand, t.IsFrom)
		case kinds.Of(place).Prefix == times.Prefix:
			m, err := times.Open(key, place, value)
			return err == nil && (gone[m.ID] || slices.ContainsFunc(brand, func(b string) bool { return m.IsFrom(key, b) }))
		}
		id, is := decisionOf(key, place, value)
		return is && gone[id]
	}
	if _, err = s.drop(ctx, box, belongs); err != nil {
		return 0, fmt.Errorf("forget a brand: %w", err)
	}
	s.letIn.Changed(box)
	s.taught.Changed(box)
	s.times.Forget(box)
	return len(gone), nil
}

// decisionOf gives the id of the decision that an entry is, leads to or is about.
func decisionOf(key *boxKey, place, value []byte) (id ulid.ULID, is bool) {
	switch kinds.Of(place).Prefix {
	case prefixDecision, PrefixRef:
		return idOf(place), true
	case prefixMove:
		return moveOf(place), true
	case prefixRetry:
		plain, err := key.Open(place, value)
		return id, err == nil && id.UnmarshalBinary(plain) == nil
	}
	return id, false
}

// isOf reports whether one of the names is one of a brand's, whatever their case.
func isOf(brand []string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name != "" && slices.ContainsFunc(brand, func(b string) bool { return strings.EqualFold(b, name) })
	})
}
