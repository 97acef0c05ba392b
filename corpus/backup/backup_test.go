package backup

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/disk"
)

var key = bytes.Repeat([]byte{7}, 32)

func store(t testing.TB) *badger.DB {
	t.Helper()
	db, err := disk.Open("", key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// written is a backup of a store with a few entries.
func written(t testing.TB) []byte {
	t.Helper()
	db := store(t)
	err := db.Update(func(txn *badger.Txn) error {
		return errors.Join(
			txn.Set([]byte("a"), []byte("first")), txn.Set([]byte("b"), nil),
			txn.SetEntry(badger.NewEntry([]byte("c"), []byte("ends")).WithTTL(time.Hour)))
	})
	var b bytes.Buffer
	err = errors.Join(err, Write(context.Background(), db, key, &b, time.Date(2026, 11, 23, 6, 0, 0, 9, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	text := written(t)
	var seen int64
	s, err := Open(bytes.NewReader(text), int64(len(text)), key, func(n int64) { seen = n })
	if err != nil || !s.At.Equal(time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)) || seen != int64(len(text)-32) {
		t.Fatalf("%+v, %d bytes seen; %v", s, seen, err)
	}
	db := store(t)
	if err := s.Load(db, func(n int64) { seen = n }); err != nil || seen != s.Size() {
		t.Fatalf("%d of %d bytes seen; %v", seen, s.Size(), err)
	}
	err = db.View(func(txn *badger.Txn) error {
		for k, want := range map[string]string{"a": "first", "b": "", "c": "ends"} {
			item, err := txn.Get([]byte(k))
			if err != nil {
				return err
			}
			value, err := item.ValueCopy(nil)
			if err != nil || string(value) != want || (item.ExpiresAt() > 0) != (k == "c") {
				t.Errorf("%s is %q and ends at %d; %v", k, value, item.ExpiresAt(), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNoByteCanChangeUnseen(t *testing.T) {
	text := written(t)
	for i := range text {
		text[i] ^= 0x10
		if _, err := Open(bytes.NewReader(text), int64(len(text)), key, nil); err == nil {
			t.Errorf("byte %d of %d changed, and nobody noticed", i, len(text))
		}
		text[i] ^= 0x10
		if _, err := Open(bytes.NewReader(text[:i]), int64(i), key, nil); err == nil {
			t.Errorf("cut after %d of %d bytes, and nobody noticed", i, len(text))
		}
	}
	if _, err := Open(bytes.NewReader(text), int64(len(text)), bytes.Repeat([]byte{8}, 32), nil); !errors.Is(err, ErrSite) {
		t.Errorf("with another site's key: %v", err)
	}
}

// FuzzOpen looks for bytes that are taken for a backup and are none.
func FuzzOpen(f *testing.F) {
	text := written(f)
	f.Add(text)
	f.Add([]byte("{\"usher_backup\":1}\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := Open(bytes.NewReader(b), int64(len(b)), key, nil)
		if err == nil && !bytes.Equal(b, text) {
			t.Errorf("%q is taken for a backup", b)
		}
	})
}
