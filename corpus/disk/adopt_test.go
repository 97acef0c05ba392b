package disk

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

var key = make([]byte, 32)

// put writes one entry to a store, which it makes if need be.
func put(t *testing.T, dir, value string) {
	t.Helper()
	db, err := Open(dir, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(txn *badger.Txn) error { return txn.Set([]byte("k"), []byte(value)) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, dir string) (value string) {
	t.Helper()
	db, err := Open(dir, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(txn *badger.Txn) error {
		item, err := txn.Get([]byte("k"))
		if err != nil {
			return err
		}
		return item.Value(func(v []byte) error { value = string(v); return nil })
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAStoreIsReplacedWhateverInterruptsIt(t *testing.T) {
	touch := func(path string) error { return os.WriteFile(path, nil, 0o600) }
	for _, c := range []struct {
		name string
		step func(dir, in string) error // what came to pass
		want string
	}{
		{"before the new store is whole", func(_, in string) error { return os.Remove(filepath.Join(in, "MANIFEST")) }, "old"},
		{"before it is said to be whole", func(_, _ string) error { return nil }, "old"},
		{"when it is whole", func(_, in string) error { return touch(filepath.Join(in, whole)) }, "new"},
		{"while the old one is removed", func(dir, in string) error {
			return errors.Join(touch(filepath.Join(in, whole)), os.Remove(filepath.Join(dir, "MANIFEST")))
		}, "new"},
		{"when the old one is removed", func(dir, in string) error { return errors.Join(removeStore(dir), touch(filepath.Join(in, moving))) }, "new"},
		{"while the new one moves up", func(dir, in string) error {
			return errors.Join(removeStore(dir), touch(filepath.Join(in, moving)), os.Rename(filepath.Join(in, "KEYREGISTRY"), filepath.Join(dir, "KEYREGISTRY")))
		}, "new"},
		{"when the new one has moved up", func(dir, in string) error {
			return errors.Join(removeStore(dir), moveUp(in, dir), touch(filepath.Join(in, moving)))
		}, "new"},
		{"by nothing", func(dir, _ string) error { return Replace(dir) }, "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "old")
			in, err := Incoming(dir)
			if err != nil {
				t.Fatal(err)
			}
			put(t, in, "new")
			if err := c.step(dir, in); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := Adopt(dir); err != nil {
					t.Fatal(err)
				}
			}
			if got := get(t, dir); got != c.want {
				t.Errorf("the store holds %q, want %q", got, c.want)
			}
			if _, err := os.Stat(in); !os.IsNotExist(err) {
				t.Errorf("left behind: %v", err)
			}
		})
	}
}
