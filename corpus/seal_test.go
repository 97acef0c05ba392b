package corpus

import (
	"bytes"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/corpus/keys"
	"usher/corpus/tally"
	"usher/corpus/written"
)

func TestIDsOfOneMailboxStandInTheOrderOfTime(t *testing.T) {
	var box tag
	at := time.Date(2026, 11, 24, 8, 0, 30, 0, time.UTC)
	early, late := ulid.MustParse(newID(at)), ulid.MustParse(newID(at.Add(time.Minute)))
	a, b := decisionKey(box, early), decisionKey(box, late)
	if bytes.Compare(a, b) >= 0 || idOf(a) != early || len(a) != 35 {
		t.Errorf("keys %x and %x", a, b)
	}
	if k := decisionKey(box, written.Lowest(at)); bytes.Compare(k, a) > 0 {
		t.Error("an id of the minute lies below its lower bound")
	}
	if k := decisionKey(box, written.Highest(at)); bytes.Compare(k, a) < 0 || bytes.Compare(k, b) > 0 {
		t.Error("the upper bound does not part this minute from the next")
	}
}

func TestValueMovedInTheStoreDoesNotOpen(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	a, b := decision(maria, 2), decision(maria, 1)
	record(t, s, a, b)
	box := s.keys.Tag(maria)
	err := s.db.Update(func(txn *badger.Txn) error {
		from, err := txn.Get(decisionKey(box, ulid.MustParse(a.ID)))
		if err != nil {
			return err
		}
		value, err := from.ValueCopy(nil)
		if err != nil {
			return err
		}
		return txn.Set(decisionKey(box, ulid.MustParse(b.ID)), value)
	})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := s.Decision(maria, b.ID); err == nil {
		t.Errorf("a moved value opened: %+v", d)
	}
	if ds, err := s.Decisions(maria, zero, zero, 0); err != nil || len(ds) != 1 || ds[0].ID != a.ID {
		t.Errorf("the list stops at a value that does not open: %d, %v", len(ds), err)
	}
}

func FuzzUnseal(f *testing.F) {
	key := keys.NewBox(keys.New())
	place := []byte("d/here")
	f.Add(key.Seal(place, []byte(`{"id":"x","disposition":"inbox"}`)), []byte("plain"))
	f.Add([]byte{version}, []byte(`{"at":"never"}`))
	f.Add([]byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, value, plain []byte) {
		if d, err := written.Open(key, place, value); (d == nil) == (err == nil) {
			t.Errorf("unseal gave %v, %v", d, err)
		}
		if d, err := written.Open(key, place, key.Seal(place, plain)); (d == nil) == (err == nil) {
			t.Errorf("unseal of what we sealed gave %v, %v", d, err)
		}
		if n, err := tally.Unpack(value); err == nil && !bytes.Equal(tally.Pack(n), value) {
			t.Errorf("count %x reads as %d", value, n)
		}
	})
}
