package corpus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"usher/corpus/disk"
	"usher/corpus/keys"
	"usher/rules"
)

// storeKey is the file of the key that Badger is opened with.
const storeKey = "store.key"

// mustHave fails unless a store has these decisions of maria's.
func mustHave(t *testing.T, s *Store, ds ...*rules.Decision) {
	t.Helper()
	for _, d := range ds {
		if got, err := s.Decision(maria, d.ID); err != nil || got.ID != d.ID {
			t.Fatalf("decision %s: %v", d.ID, err)
		}
	}
}

// backdate makes of a closed store one of an earlier version, whose Badger was
// opened with a key that came from the master key.
func backdate(t *testing.T, o Options) {
	t.Helper()
	m, err := keys.ReadMaster(o.MasterKey, false)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keys.OpenRing(o.KeyDir, m, false)
	if err != nil {
		t.Fatal(err)
	}
	key, err := disk.StoreKey(o.Dir, ring)
	if err == nil {
		err = disk.Rekey(o.Dir, key, ring.EarlierStoreKeys()[0])
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnOldStoreOpensRotatesAndOpensAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, o Options)
	}{
		{"a store of this version", func(*testing.T, Options) {}},
		{"a store of an earlier version", func(t *testing.T, o Options) {
			backdate(t, o)
			if err := os.Remove(filepath.Join(o.KeyDir, storeKey)); err != nil {
				t.Fatal(err)
			}
		}},
		{"one that crashed while it got its own key", backdate},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			s := mustOpen(t, o)
			a := decision(maria, 3)
			record(t, s, a)
			closed(t, s)
			c.spoil(t, o)
			old, err := os.ReadFile(o.MasterKey)
			if err != nil {
				t.Fatal(err)
			}
			m, err := keys.ReadMaster(o.MasterKey, false)
			if err != nil {
				t.Fatal(err)
			}
			ring, err := keys.OpenRing(o.KeyDir, m, false)
			if err != nil {
				t.Fatal(err)
			}
			earlier := ring.EarlierStoreKeys()[0]

			s = mustOpen(t, o)
			mustHave(t, s, a)
			did, err := s.RotateKeys(context.Background())
			if err != nil || did.Keys != 3 || s.Rotating() { // site, store and maria
				t.Fatalf("got %+v, %v", did, err)
			}
			b := decision(maria, 2)
			record(t, s, b, decision(pekka, 2))
			mustHave(t, s, a, b)
			closed(t, s)

			s = mustOpen(t, o)
			mustHave(t, s, a, b)
			closed(t, s)
			if opens, err := disk.Opens(o.Dir, earlier); opens || err != nil {
				t.Errorf("what came from the old master key opens Badger: %v, %v", opens, err)
			}
			if err := os.WriteFile(o.MasterKey, old, 0o600); err != nil {
				t.Fatal(err)
			}
			var next interface{ Hint() string }
			if s, err := Open(o); err == nil || !errors.As(err, &next) || !strings.Contains(next.Hint(), "master key") {
				t.Errorf("the old master key opens it: %v, %v", s, err)
			}
		})
	}
}

func TestWithoutItsKeyTheStoreDoesNotOpen(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	a := decision(maria, 3)
	record(t, s, a)
	closed(t, s)
	path := filepath.Join(o.KeyDir, storeKey)
	key, err := os.ReadFile(path)
	if err = errors.Join(err, os.Remove(path)); err != nil {
		t.Fatal(err)
	}
	var next interface{ Hint() string }
	if s, err := Open(o); err == nil || !errors.As(err, &next) || !strings.Contains(next.Hint(), storeKey) {
		t.Fatalf("got %v, %v", s, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("another key was made for a store that it does not open")
	}
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	mustHave(t, mustOpen(t, o), a)
}

func TestMailIsRecordedWhileKeysRotate(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	var all sync.WaitGroup
	done := make(chan struct{})
	var kept []*rules.Decision
	all.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			d := decision(maria, 1)
			other := decision("p"+d.ID+"@example.org", 1) // a mailbox that is new
			if err := s.Record(context.Background(), []*rules.Decision{d, other}); err != nil {
				t.Error(err)
				return
			}
			kept = append(kept, d)
		}
	})
	for range 3 {
		if _, err := s.RotateKeys(context.Background()); err != nil {
			t.Error(err)
		}
	}
	close(done)
	all.Wait()
	closed(t, s)
	s = mustOpen(t, o)
	mustHave(t, s, kept...)
	for _, d := range kept {
		if ds, err := s.Decisions("p"+d.ID+"@example.org", zero, zero, 0); err != nil || len(ds) != 1 {
			t.Fatalf("a mailbox that came meanwhile: %d, %v", len(ds), err)
		}
	}
}
