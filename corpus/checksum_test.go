package corpus

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// TestADamagedTableEndsNoProcess: Badger merges tables on goroutines of its own,
// where a panic over what a table holds would be the end of the daemon. The same
// reading is done here, where it can be caught.
func TestADamagedTableEndsNoProcess(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	for n := range 300 {
		record(t, s, decision(maria, n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(o.Dir, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, path := range tables {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(content) / 2 { // the blocks; the index stands at the end
			if i%61 < 2 {
				content[i] ^= 0xa5
			}
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = mustOpen(t, o)
	defer s.Close()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("reading a damaged table panics, as merging it would: %.200v", p)
		}
	}()
	err = s.db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	fresh := decision(maria, 5000)
	record(t, s, fresh)
	if d, err := s.Decision(maria, fresh.ID); err != nil || d.ID != fresh.ID {
		t.Errorf("a new decision beside a damaged table: %+v, %v", d, err)
	}
}
