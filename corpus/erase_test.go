package corpus

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/disk"
	"usher/corpus/keys"
	"usher/corpus/kinds"
	"usher/corpus/weeks"
)

// entriesOf tells how many entries of a mailbox there are, and how many of them
// open. Weekly totals that open are left out: they are written when there is time.
func entriesOf(t *testing.T, s *Store, mailbox string) (all, open int) {
	t.Helper()
	box := s.keys.Tag(mailbox)
	for _, k := range kinds.All {
		if !k.IsBox {
			continue
		}
		for from := k.Begin(box); from != nil; {
			var err error
			from, err = s.walk(k.Begin(box), from, func(key, value []byte) {
				alive := !s.dead(box)(key, value)
				if alive && k.Prefix == weeks.Prefix {
					return
				}
				all++
				if alive {
					open++
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return all, open
}

func erase(t *testing.T, s *Store, mailbox string) {
	t.Helper()
	if was, err := s.Erase(context.Background(), mailbox); err != nil || !was {
		t.Fatalf("erased: %v, %v", was, err)
	}
}

func TestNothingOfAnErasedMailboxCanBeRead(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	d := decision(maria, 1)
	d.Retry = "again"
	record(t, s, d, decision(pekka, 1))
	if _, err := s.Override(context.Background(), maria, "shop.example", time.Hour); err != nil {
		t.Fatal(err)
	}
	erase(t, s, "Maria+spring@example.org")
	if all, _ := entriesOf(t, s, maria); all != 0 {
		t.Errorf("%d entries are left", all)
	}
	if got, err := s.Decisions(maria, zero, zero, 0); err != nil || len(got) != 0 {
		t.Errorf("still listed: %v, %v", got, err)
	}
	if in := s.InForce(maria, time.Now()); len(in) != 0 {
		t.Errorf("still in force: %v", in)
	}
	if got, err := s.Decisions(pekka, zero, zero, 0); err != nil || len(got) != 1 {
		t.Errorf("another mailbox: %d, %v", len(got), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{maria, "Extra 20 % off", "shop.example", d.MessageID, d.ID} {
		if found := search(t, filepath.Dir(o.Dir), secret); found != "" {
			t.Errorf("%q stands in %s", secret, found)
		}
	}
}

// search looks for a text in the names and bytes of all files under a folder: as it
// is, in capitals and not, in hex, in base64 at each of its three offsets.
func search(t *testing.T, dir, text string) (where string) {
	t.Helper()
	var forms [][]byte
	for _, form := range []string{text, strings.ToUpper(text), strings.ToLower(text)} {
		forms = append(forms, []byte(form), []byte(hex.EncodeToString([]byte(form))), []byte(strings.ToUpper(hex.EncodeToString([]byte(form)))))
		for skip := range 3 {
			inner := base64.RawStdEncoding.EncodeToString(append(make([]byte, skip), form...))
			inner = inner[(skip*8+5)/6:]
			forms = append(forms, []byte(inner[:len(inner)-2])) // what the neighbours have no part in
		}
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, form := range forms {
			if bytes.Contains(content, form) || bytes.Contains([]byte(path), form) {
				where = path
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}

func TestSearchFindsEachForm(t *testing.T) {
	for _, form := range []string{"a " + maria, hex.EncodeToString([]byte(maria)), base64.StdEncoding.EncodeToString([]byte("xy" + maria + "z")), "MARIA@EXAMPLE.ORG"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f"), []byte("..."+form), 0o600); err != nil {
			t.Fatal(err)
		}
		if search(t, dir, maria) == "" {
			t.Errorf("%q is not found", form)
		}
	}
}

// copyFiles copies a folder of files.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func TestABackupDoesNotBringAMailboxBack(t *testing.T) {
	for _, c := range []struct {
		name        string
		store, keys bool // put back from the time before
	}{
		{"the store is put back", true, false},
		{"the keys are put back", false, true},
		{"nothing is put back", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			s := mustOpen(t, o)
			record(t, s, decision(maria, 1), decision(pekka, 1))
			closed(t, s)
			old := filepath.Join(t.TempDir(), "old")
			copyFiles(t, o.Dir, old+"/store")
			copyFiles(t, o.KeyDir, old+"/keys")
			s = mustOpen(t, o)
			erase(t, s, maria)
			closed(t, s)
			if c.store {
				copyFiles(t, old+"/store", o.Dir)
			}
			if c.keys {
				copyFiles(t, old+"/keys", o.KeyDir)
			}
			s = mustOpen(t, o)
			if all, _ := entriesOf(t, s, maria); all != 0 {
				t.Errorf("%d entries are back", all)
			}
			if _, err := s.keys.Find(s.keys.Tag(maria)); err == nil {
				t.Error("the key is back")
			}
			if got, err := s.Decisions(pekka, zero, zero, 0); err != nil || len(got) != 1 {
				t.Errorf("another mailbox: %d, %v", len(got), err)
			}
		})
	}
}

func closed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNoValueOfAnErasedMailboxOpensInAnOldStore opens the files of an old store
// with the master key, past the tomb.
func TestNoValueOfAnErasedMailboxOpensInAnOldStore(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	record(t, s, decision(maria, 1), decision(pekka, 1))
	closed(t, s)
	old := filepath.Join(t.TempDir(), "store")
	copyFiles(t, o.Dir, old)
	s = mustOpen(t, o)
	erase(t, s, maria)
	closed(t, s)
	master, err := keys.ReadMaster(o.MasterKey, false)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keys.OpenRing(o.KeyDir, master, false)
	if err != nil {
		t.Fatal(err)
	}
	key, err := disk.StoreKey(old, ring)
	if err != nil {
		t.Fatal(err)
	}
	db, err := disk.Open(old, key, o.Log)
	if err != nil {
		t.Fatal(err)
	}
	past := &Store{db: db, keys: ring, now: time.Now}
	all, open := entriesOf(t, past, maria)
	if all == 0 || open != 0 {
		t.Errorf("of %d entries, %d open", all, open)
	}
	if all, open := entriesOf(t, past, pekka); all == 0 || open != all {
		t.Errorf("of %d entries of another mailbox, %d open", all, open)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnErasingThatWasInterruptedIsEndedAtTheNextStart(t *testing.T) {
	ctx := context.Background()
	begun := func(s *Store) (keys.Tomb, error) { return s.keys.Bury(ctx, s.keys.Tag(maria), time.Now()) }
	for _, c := range []struct {
		name   string
		before func(s *Store) error // the steps that came to pass
		fresh  bool                 // mail came in after the last of them
	}{
		{"after the tomb beside the keys", func(s *Store) error { _, err := begun(s); return err }, false},
		{"after the tomb in the store", func(s *Store) error {
			tomb, err := begun(s)
			return errors.Join(err, s.putTomb(ctx, tomb))
		}, false},
		{"after the key was destroyed", func(s *Store) error {
			tomb, err := begun(s)
			_, e := s.keys.Destroy(ctx, tomb)
			return errors.Join(err, s.putTomb(ctx, tomb), e)
		}, false},
		{"after the key was destroyed, and a new life began", func(s *Store) error {
			tomb, err := begun(s)
			_, e := s.keys.Destroy(ctx, tomb)
			return errors.Join(err, s.putTomb(ctx, tomb), e)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			s := mustOpen(t, o)
			record(t, s, decision(maria, 5), decision(pekka, 1))
			if err := c.before(s); err != nil {
				t.Fatal(err)
			}
			want := 0
			if c.fresh {
				record(t, s, decision(maria, 1))
				want = 1
			}
			closed(t, s)
			for range 2 { // the second start finds nothing to do
				s = mustOpen(t, o)
				if got, err := s.Decisions(maria, zero, zero, 0); err != nil || len(got) != want {
					t.Errorf("%d decisions, want %d; %v", len(got), want, err)
				}
				if all, open := entriesOf(t, s, maria); all != 2*want || open != all {
					t.Errorf("%d entries, of which %d open", all, open)
				}
				if got, err := s.Decisions(pekka, zero, zero, 0); err != nil || len(got) != 1 {
					t.Errorf("another mailbox: %d, %v", len(got), err)
				}
				closed(t, s)
			}
		})
	}
}

func TestWhatIsDecidedWhileAMailboxIsErasedBeginsItsNewLife(t *testing.T) {
	s := mustOpen(t, where(t))
	record(t, s, decision(maria, 1))
	var deliveries sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		deliveries.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					record(t, s, decision(maria, 1), decision(pekka, 1))
				}
			}
		})
	}
	for range 5 {
		erase(t, s, maria)
	}
	close(stop)
	deliveries.Wait()
	record(t, s, decision(maria, 1))
	if all, open := entriesOf(t, s, maria); all < 2 || open != all {
		t.Errorf("of %d entries, %d open", all, open)
	}
	if all, open := entriesOf(t, s, pekka); all < 2 || open != all {
		t.Errorf("of %d entries of another mailbox, %d open", all, open)
	}
}

func TestWhatADeadKeySealedIsNotWritten(t *testing.T) {
	s := mustOpen(t, where(t))
	d := decision(maria, 1)
	record(t, s, d)
	box, old, err := s.find(maria)
	if err != nil {
		t.Fatal(err)
	}
	late, err := s.entries(box, old, d, true, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	erase(t, s, maria)
	if err := s.put(context.Background(), late); !errors.Is(err, errErased) {
		t.Errorf("put: %v", err)
	}
	if err := s.putSoon(context.Background(), late); err != nil {
		t.Fatal(err)
	}
	s.settle()
	if all, _ := entriesOf(t, s, maria); all != 0 {
		t.Errorf("%d entries were written", all)
	}
}

func TestWhatIsOfNoKindIsNotTaken(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	if err := s.put(context.Background(), []*badger.Entry{{Key: []byte("?/x")}}); err == nil || !strings.Contains(err.Error(), "?/") {
		t.Errorf("got %v", err)
	}
}

func TestTheBytesOfADestroyedKeyAreWrittenOver(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	record(t, s, decision(maria, 1))
	second := filepath.Join(t.TempDir(), "second name")
	if err := os.Link(filepath.Join(o.KeyDir, s.TagOf(maria)+".key"), second); err != nil {
		t.Fatal(err)
	}
	erase(t, s, maria)
	left, err := os.ReadFile(second)
	if err != nil || len(left) == 0 || len(bytes.Trim(left, "\x00")) != 0 {
		t.Errorf("%x is left, %v", left, err)
	}
}

func TestForgettingABrandLeavesTheOthers(t *testing.T) {
	for _, c := range []struct{ name, brand string }{
		{"by its domain", "Shop.example"},
		{"by the name that it gives itself", "the shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, where(t))
			gone, other := decision(maria, 2), decision(maria, 1)
			gone.Retry, other.Retry = "1", "2"
			other.Sender.Brand, other.Sender.Name = "books.example", "Books"
			record(t, s, gone, other, decision(pekka, 1))
			n, err := s.Forget(context.Background(), maria, c.brand)
			if err != nil || n != 1 {
				t.Fatalf("forgot %d, %v", n, err)
			}
			if got, err := s.Decisions(maria, zero, zero, 0); err != nil || len(got) != 1 || got[0].ID != other.ID {
				t.Errorf("left: %v, %v", got, err)
			}
			if _, err := s.ByMessageID(maria, gone.MessageID); !errors.Is(err, ErrNotFound) {
				t.Errorf("by Message-ID: %v", err)
			}
			if got, err := s.Recall(context.Background(), []string{maria, maria}, []string{"1", "2"}); err != nil || got[0] != nil || got[1] == nil {
				t.Errorf("recalled: %v, %v", got, err)
			}
			if all, _ := entriesOf(t, s, maria); all != 3 {
				t.Errorf("%d entries are left, want a decision and two ways to it", all)
			}
			if all, _ := entriesOf(t, s, pekka); all != 2 {
				t.Errorf("another mailbox has %d entries", all)
			}
		})
	}
}
