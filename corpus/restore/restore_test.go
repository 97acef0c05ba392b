package restore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/corpus/backup"
	"usher/corpus/keys"
	"usher/rules"
)

const maria, pekka = "maria@example.org", "pekka@example.org"

func where(t *testing.T) corpus.Options {
	dir := t.TempDir()
	return corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"),
		MasterKey: filepath.Join(dir, "master.key"), Delimiter: "+", Log: slog.New(slog.DiscardHandler)}
}

func opened(t *testing.T, o corpus.Options) *corpus.Store {
	t.Helper()
	s, err := corpus.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func closed(t *testing.T, s *corpus.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func record(t *testing.T, s *corpus.Store, mailboxes ...string) {
	t.Helper()
	for _, box := range mailboxes {
		d := &rules.Decision{ID: rules.NewID(time.Now()), Recipient: box, Subject: "Extra 20 % off", Category: classify.Promotion, Disposition: rules.Promotions}
		if err := s.Record(context.Background(), []*rules.Decision{d}); err != nil {
			t.Fatal(err)
		}
	}
}

// wants holds the number of decisions of mailboxes against what is expected.
func wants(t *testing.T, s *corpus.Store, want map[string]int) {
	t.Helper()
	for box, n := range want {
		got, err := s.Decisions(box, time.Time{}, time.Time{}, 0)
		if err != nil || len(got) != n {
			t.Errorf("%s has %d decisions, want %d; %v", box, len(got), n, err)
		}
	}
}

// backedUp writes a backup of a store to a file.
func backedUp(t *testing.T, s *corpus.Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "usher.backup")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Backup(context.Background(), f), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func restored(t *testing.T, o corpus.Options, path string) *corpus.Store {
	t.Helper()
	r, err := Prepare(o, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s, err := r.Restore(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestABackupIsOfOneMomentAndComesBack(t *testing.T) {
	o := where(t)
	s := opened(t, o)
	record(t, s, maria, maria, pekka)
	var delivery sync.WaitGroup
	stop := make(chan struct{})
	delivery.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				record(t, s, "anna@example.org")
			}
		}
	})
	path := backedUp(t, s)
	close(stop)
	delivery.Wait()
	record(t, s, maria)
	closed(t, s)
	for _, c := range []struct {
		name  string
		clear bool
	}{{"over the present store", false}, {"where there is no store", true}} {
		t.Run(c.name, func(t *testing.T) {
			if c.clear {
				if err := os.RemoveAll(o.Dir); err != nil {
					t.Fatal(err)
				}
			}
			s := restored(t, o, path)
			wants(t, s, map[string]int{maria: 2, pekka: 1})
			record(t, s, maria)
			closed(t, s)
			s = opened(t, o)
			wants(t, s, map[string]int{maria: 3, pekka: 1})
			closed(t, s)
		})
	}
}

func TestWhatWasErasedSinceTheBackupDoesNotComeBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(t *testing.T, o corpus.Options)
	}{
		{"the present store and the keys know", func(*testing.T, corpus.Options) {}},
		{"the keys alone know: the store is lost", func(t *testing.T, o corpus.Options) {
			if err := os.RemoveAll(o.Dir); err != nil {
				t.Fatal(err)
			}
		}},
		{"the store alone knows: the keys are from before", func(t *testing.T, o corpus.Options) {
			if err := os.RemoveAll(o.KeyDir); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(o.KeyDir, os.DirFS(o.KeyDir+".old")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			s := opened(t, o)
			record(t, s, maria, pekka)
			if err := s.SetRetention(context.Background(), "counts", 90); err != nil {
				t.Fatal(err)
			}
			path := backedUp(t, s)
			if err := os.CopyFS(o.KeyDir+".old", os.DirFS(o.KeyDir)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Erase(context.Background(), maria); err != nil {
				t.Fatal(err)
			}
			closed(t, s)
			c.before(t, o)
			s = restored(t, o, path)
			wants(t, s, map[string]int{maria: 0, pekka: 1})
			if _, err := os.Stat(filepath.Join(o.KeyDir, s.TagOf(maria)+".key")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the key is back: %v", err)
			}
		})
	}
}

func TestTheRecordOfWhatWasDoneSinceTheBackupStays(t *testing.T) {
	o := where(t)
	ctx := context.Background()
	s := opened(t, o)
	record(t, s, maria)
	entry := audit.Entry{Actor: audit.Actor{Role: audit.Admin}, Event: audit.Backup}
	if err := s.Audit(ctx, entry); err != nil {
		t.Fatal(err)
	}
	path := backedUp(t, s)
	entry.Event, entry.Object = audit.Erase, s.TagOf(maria)
	if err := s.Audit(ctx, entry); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	r, err := Prepare(o, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if s, err = r.Restore(ctx, nil); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	entry.Event, entry.Object = audit.Restore, ""
	if err := s.Audit(ctx, entry); err != nil {
		t.Fatal(err)
	}
	list, err := s.Ledger(time.Time{})
	if n, broken, err2 := s.VerifyAudit(ctx); err != nil || err2 != nil || broken != nil || n != 3 || list[1].Event != audit.Erase || list[2].Event != audit.Restore {
		t.Errorf("%d fit, %v, %+v, %v, %v", n, broken, list, err, err2)
	}
}

func TestWhatAnAdminShortenedStaysShort(t *testing.T) {
	o := where(t)
	s := opened(t, o)
	record(t, s, maria)
	path := backedUp(t, s)
	if err := s.SetRetention(context.Background(), "decisions", 9); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	for _, r := range restored(t, o, path).Retention() {
		if r.Kind == "decisions" && r.Limit != 9 {
			t.Errorf("%+v", r)
		}
	}
}

// sum hashes all files under a folder, with their names.
func sum(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "OWNER" {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintln(h, path, len(content))
		h.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestABackupThatIsNotWholeIsRefusedBeforeAnythingIsTouched(t *testing.T) {
	o := where(t)
	s := opened(t, o)
	record(t, s, maria, pekka)
	path := backedUp(t, s)
	closed(t, s)
	other := opened(t, where(t))
	record(t, other, maria)
	foreign, err := os.ReadFile(backedUp(t, other))
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	head := bytes.IndexByte(good, '\n')
	before := sum(t, filepath.Dir(o.Dir))
	for _, c := range []struct {
		name string
		text []byte
		want error
	}{
		{"nothing", nil, backup.ErrNone},
		{"another file", []byte("From maria@example.org\nSubject: x\n\n"), backup.ErrNone},
		{"of a later form", bytes.Replace(good, []byte(`"usher_backup":1`), []byte(`"usher_backup":2`), 1), backup.ErrNone},
		{"of another site", foreign, backup.ErrSite},
		{"cut after its first line", good[:head+1], backup.ErrChanged},
		{"cut in the middle", good[:len(good)/2], backup.ErrChanged},
		{"without its last byte", good[:len(good)-1], backup.ErrChanged},
		{"with a byte more", append(bytes.Clone(good), 0), backup.ErrChanged},
		{"a byte of its time changed", bytes.Replace(good, []byte("Z"), []byte("z"), 1), backup.ErrNone},
		{"a byte of an entry changed", changed(len(good) / 2), backup.ErrChanged},
		{"a byte of a length changed", changed(head + 1), backup.ErrChanged},
		{"a byte of its end changed", changed(len(good) - 1), backup.ErrChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "bad")
			if err := os.WriteFile(bad, c.text, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Prepare(o, bad, nil); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if sum(t, filepath.Dir(o.Dir)) != before {
				t.Error("something was changed")
			}
		})
	}
}

func TestNothingIsRestoredUnderARunningUsherOrWithoutKeys(t *testing.T) {
	o := where(t)
	s := opened(t, o)
	record(t, s, maria)
	path := backedUp(t, s)
	if _, err := Prepare(o, path, nil); !errors.Is(err, corpus.ErrHeld) {
		t.Errorf("while usher runs: %v", err)
	}
	closed(t, s)
	if err := os.Remove(filepath.Join(o.KeyDir, keys.SiteFile)); err != nil {
		t.Fatal(err)
	}
	var fault *keys.Fault
	if _, err := Prepare(o, path, nil); !errors.As(err, &fault) || fault.Hint() == "" {
		t.Errorf("without keys: %v", err)
	}
}

func TestABackupTellsNothingOfAPerson(t *testing.T) {
	s := opened(t, where(t))
	record(t, s, maria)
	var b bytes.Buffer
	if err := s.Backup(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{maria, "maria", "Extra 20 % off", "promotions"} {
		if bytes.Contains(b.Bytes(), []byte(secret)) {
			t.Errorf("it says %q", secret)
		}
	}
}

func TestABackupThatNobodyTakesEnds(t *testing.T) {
	s := opened(t, where(t))
	record(t, s, maria)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Backup(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
