package corpus

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"
)

// counting is the key 00 01 … 1f.
func counting() []byte {
	key := make([]byte, keySize)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func TestPseudonymsAreTheOnesDescribed(t *testing.T) {
	for _, c := range []struct {
		name string
		got  tag
		want string
	}{
		{"mailbox tag", mailboxTag(counting(), "maria@example.net"), "ca806d230ee51148d322de6f6124d171"},
		{"window pseudonym", windowTag(counting(), "maria@example.net"), "f2281bb916200cd9870e90efc12e310b"},
		{"sender tag", senderTag(counting(), "shop.example"), "5b68551fbfd193ff6b0a6739e3ab3429"},
		{"message tag", messageTag(counting(), "<a1@shop.example>"), "e9f7cca64593d87364243dba67a2eca1"},
	} {
		if got := hex.EncodeToString(c.got[:]); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSealedValueOpensOnlyWhereItWasWritten(t *testing.T) {
	aead, place := newAEAD(counting()), []byte("d/here")
	value := seal(aead, place, []byte("a decision"))
	changed := func(at int) []byte {
		v := bytes.Clone(value)
		v[at] ^= 1
		return v
	}
	for _, c := range []struct {
		name         string
		place, value []byte
		opens        bool
	}{
		{"as it was written", place, value, true},
		{"moved to another key", []byte("d/there"), value, false},
		{"another version", place, changed(0), false},
		{"a nonce changed", place, changed(1), false},
		{"a byte of ciphertext changed", place, changed(14), false},
		{"the last byte changed", place, changed(len(value) - 1), false},
		{"cut short", place, value[:20], false},
		{"nothing", place, nil, false},
	} {
		plain, err := open(aead, c.place, c.value)
		if (err == nil) != c.opens || c.opens && string(plain) != "a decision" {
			t.Errorf("%s: got %q, %v", c.name, plain, err)
		}
	}
	if bytes.Equal(value, seal(aead, place, []byte("a decision"))) {
		t.Error("two seals of one value are equal: the nonce is not random")
	}
}

func TestKeysTableNamesEveryPrefix(t *testing.T) {
	source, err := os.ReadFile("keys.go")
	if err != nil {
		t.Fatal(err)
	}
	var all, used []string
	for _, row := range regexp.MustCompile(`(?m)^//\t([a-z]/) +(yes|later) `).FindAllStringSubmatch(string(source), -1) {
		all = append(all, row[1])
		if row[2] == "yes" {
			used = append(used, row[1])
		}
	}
	slices.Sort(all)
	if got, want := strings.Join(all, ""), "a/b/c/d/f/k/l/n/o/p/q/r/s/u/w/"; got != want {
		t.Errorf("the table lists %s, want %s", got, want)
	}
	if want := []string{prefixDecision, prefixCount, prefixRetry}; !slices.Equal(used, want) {
		t.Errorf("in use by the table: %v, by the code: %v", used, want)
	}
}

func TestIDsOfOneMailboxStandInTheOrderOfTime(t *testing.T) {
	var box tag
	at := time.Date(2026, 11, 24, 8, 0, 30, 0, time.UTC)
	early, late := ulid.MustParse(newID(at)), ulid.MustParse(newID(at.Add(time.Minute)))
	a, b := decisionKey(box, early), decisionKey(box, late)
	if bytes.Compare(a, b) >= 0 || idOf(a) != early || len(a) != 35 {
		t.Errorf("keys %x and %x", a, b)
	}
	if k := decisionKey(box, lowest(at)); bytes.Compare(k, a) > 0 {
		t.Error("an id of the minute lies below its lower bound")
	}
	if k := decisionKey(box, highest(at)); bytes.Compare(k, a) < 0 || bytes.Compare(k, b) > 0 {
		t.Error("the upper bound does not part this minute from the next")
	}
}

func TestOneMailboxGetsOneKeyHoweverManyBegin(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	box := s.keys.tag(maria)
	var all sync.WaitGroup
	got := make([]*boxKey, 32)
	for i := range got {
		all.Go(func() {
			if keys, err := s.keys.obtain(context.Background(), []tag{box, box}); err == nil {
				got[i] = keys[1]
			}
		})
	}
	all.Wait()
	for _, k := range got {
		if k == nil || !bytes.Equal(k.key, got[0].key) {
			t.Fatal("two keys were made for one mailbox")
		}
	}
	files, _ := filepath.Glob(filepath.Join(o.KeyDir, "*"))
	want := []string{filepath.Join(o.KeyDir, boxFile(box)), filepath.Join(o.KeyDir, siteFile)}
	slices.Sort(want)
	if !slices.Equal(files, want) {
		t.Errorf("files of keys: %v", files)
	}
	for _, f := range files {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", f, st.Mode(), err)
		}
	}
}

func TestValueMovedInTheStoreDoesNotOpen(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	a, b := decision(maria, 2), decision(maria, 1)
	record(t, s, a, b)
	box := s.keys.tag(maria)
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
	key := newBoxKey(counting())
	place := []byte("d/here")
	f.Add(seal(key.aead, place, []byte(`{"id":"x","disposition":"inbox"}`)), []byte("plain"))
	f.Add([]byte{version}, []byte(`{"at":"never"}`))
	f.Add([]byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, value, plain []byte) {
		if d, err := unseal(key, place, value); (d == nil) == (err == nil) {
			t.Errorf("unseal gave %v, %v", d, err)
		}
		if d, err := unseal(key, place, seal(key.aead, place, plain)); (d == nil) == (err == nil) {
			t.Errorf("unseal of what we sealed gave %v, %v", d, err)
		}
		if n, err := unpackCount(value); err == nil && !bytes.Equal(packCount(n), value) {
			t.Errorf("count %x reads as %d", value, n)
		}
	})
}
