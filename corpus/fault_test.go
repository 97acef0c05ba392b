package corpus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/classify"
	"usher/corpus/audit"
	"usher/corpus/disk"
	"usher/corpus/keys"
	"usher/corpus/tally"
	"usher/rules"
)

func TestStartIsRefusedWithAWayOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		spoil  func(o Options) error
		say    string
		advice string
	}{
		{"the master key is missing", func(o Options) error { return os.Remove(o.MasterKey) }, "is missing", "from its backup"},
		{"the master key is another one", func(o Options) error { return os.WriteFile(o.MasterKey, keys.New(), 0o600) }, "does not open", "Put the master key"},
		{"the master key can be read by others", func(o Options) error { return os.Chmod(o.MasterKey, 0o644) }, "mode 0644", "chmod 600"},
		{"the master key is too short", func(o Options) error { return os.WriteFile(o.MasterKey, []byte("short"), 0o600) }, "32 bytes", "backup"},
		{"the folder of keys is gone", func(o Options) error { return os.RemoveAll(o.KeyDir) }, "no such file", "Put the folder of keys"},
		{"a key file was exchanged", func(o Options) error { return swap(o) }, "does not open", "master key"},
		{"the store alone is gone, and the master key with it", func(o Options) error { return errors.Join(os.RemoveAll(o.Dir), os.Remove(o.MasterKey)) }, "is missing", "backup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			o.Bypass = "postconf -e 'virtual_transport=lmtp:inet:[127.0.0.1]:24' && postfix reload"
			s := mustOpen(t, o)
			record(t, s, decision(maria, 0))
			if err := errors.Join(s.Close(), s.Close(), c.spoil(o)); err != nil {
				t.Fatal(err)
			}
			s, err := Open(o)
			var next interface{ Hint() string }
			if err == nil || !errors.As(err, &next) {
				t.Fatalf("got %v, %v", s, err)
			}
			if !strings.Contains(err.Error(), c.say) || !strings.Contains(next.Hint(), c.advice) || !strings.Contains(next.Hint(), o.Bypass) {
				t.Errorf("says %q, advises %q", err, next.Hint())
			}
			if _, err := os.Stat(o.MasterKey); c.name == "the master key is missing" && err == nil {
				t.Error("a new master key was made for an old store")
			}
		})
	}
}

// swap puts the key of a mailbox in the place of the site's.
func swap(o Options) error {
	files, err := filepath.Glob(filepath.Join(o.KeyDir, "*.key"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if filepath.Base(f) != keys.SiteFile {
			return os.Rename(f, filepath.Join(o.KeyDir, keys.SiteFile))
		}
	}
	return fs.ErrNotExist
}

func TestWithoutItsKeyNothingOfAMailboxOpens(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	a, b := decision(maria, 1), decision(pekka, 1)
	record(t, s, a, b)
	file := filepath.Join(o.KeyDir, keys.File(s.keys.Tag(maria)))
	if err := errors.Join(s.Close(), os.Remove(file)); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	if _, err := s.Decision(maria, a.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("by id without a key: %v", err)
	}
	if _, err := s.ByMessageID(maria, a.MessageID); !errors.Is(err, ErrNotFound) {
		t.Errorf("by Message-ID without a key: %v", err)
	}
	again := decision(maria, 0)
	record(t, s, again)
	if d, err := s.Decision(maria, a.ID); err == nil {
		t.Errorf("a new key opened what the old one sealed: %+v", d)
	}
	if ds, err := s.Decisions(maria, zero, zero, 0); err != nil || len(ds) != 1 || ds[0].ID != again.ID {
		t.Errorf("list: %d, %v", len(ds), err)
	}
	if _, err := s.Decision(pekka, b.ID); err != nil {
		t.Errorf("another mailbox lost its decision: %v", err)
	}
}

// spellings are the forms in which a text could stand in a file.
func spellings(text string) [][]byte {
	all := [][]byte{[]byte(text), []byte(strings.ToUpper(text)), []byte(strings.ToLower(text)),
		[]byte(hex.EncodeToString([]byte(text))), []byte(strings.ToUpper(hex.EncodeToString([]byte(text))))}
	for shift := range 3 {
		coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
		whole := coded[(shift*8+5)/6 : len(coded)-2] // what does not depend on the neighbours
		all = append(all, []byte(whole), []byte(strings.NewReplacer("+", "-", "/", "_").Replace(whole)))
	}
	return all
}

func TestNothingOfAMailCanBeReadFromTheFiles(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	var secrets [][]byte
	for i := range 100 {
		d := decision(fmt.Sprintf("person%d@home.example", i), i)
		d.Sender = rules.Sender{Brand: fmt.Sprintf("brand%d.example", i), Name: fmt.Sprintf("Brand No %d", i)}
		d.Subject = fmt.Sprintf("Your secret subject %d", i)
		d.MessageID = fmt.Sprintf("<message%d@brand.example>", i)
		if i%10 == 0 {
			d.Category = classify.Personal
		}
		d.Statement, d.Retry = fmt.Sprintf("mute topic number %d", i), fmt.Sprintf("retry%d of brand%d.example", i, i)
		d.Counts = []rules.Count{{Of: d.Sender.Brand}}
		d.Offers = []rules.Offer{{Code: fmt.Sprintf("SECRETCODE%d", i)}}
		record(t, s, d)
		ctx := context.Background()
		if _, err := s.Override(ctx, d.Recipient, d.Sender.Brand, time.Hour); err != nil {
			t.Fatal(err)
		}
		refused := audit.Entry{Actor: audit.Actor{Role: audit.Other, UID: int64(i)}, Event: audit.Refused, Object: s.TagOf(d.Recipient), Result: "GET why"}
		_, _, corrected := s.Correct(ctx, d.Recipient, d.ID, rules.Correction{To: "inbox"})
		if errors.Is(corrected, rules.ErrThin) {
			corrected = nil
		}
		if err := errors.Join(corrected, s.Moved(ctx, d.Recipient, d.ID, Move{From: "Promotions", To: "INBOX", At: d.At}), s.Audit(ctx, refused)); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{d.Recipient, d.Sender.Brand, d.Sender.Name, d.Subject, d.MessageID, d.Statement, d.Retry, d.Offers[0].Code} {
			secrets = append(secrets, spellings(text)...)
		}
	}
	var seen bytes.Buffer // also beneath Badger's own encryption
	err := s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			seen.Write(it.Item().Key())
			if err := it.Item().Value(func(v []byte) error { seen.Write(v); return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Dir(o.Dir), func(path string, e fs.DirEntry, err error) error {
		seen.WriteString(path)
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		seen.Write(content)
		return err
	})
	if err != nil || seen.Len() < 100*300 {
		t.Fatalf("%d bytes were searched, %v", seen.Len(), err)
	}
	for _, secret := range secrets {
		if bytes.Contains(seen.Bytes(), secret) {
			t.Errorf("%q stands in the files", secret)
		}
	}
}

func TestRecordFailsRatherThanHangsOrPanics(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, s *Store) context.Context
		want  error
	}{
		{"the disk is full", func(_ *testing.T, s *Store) context.Context {
			s.floor = 1 << 62
			return context.Background()
		}, ErrFull},
		{"the store is closed", func(_ *testing.T, s *Store) context.Context {
			s.Close()
			return context.Background()
		}, ErrClosed},
		{"Badger broke under us", func(_ *testing.T, s *Store) context.Context {
			s.db.Close()
			return context.Background()
		}, nil},
		{"the caller has gone", func(*testing.T, *Store) context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx
		}, context.Canceled},
		{"the disk hangs", func(t *testing.T, s *Store) context.Context {
			stuck := &job{nil, make(chan error)} // nobody takes the answer until the test ends
			s.jobs <- stuck
			t.Cleanup(func() { <-stuck.done })
			return soon(t)
		}, context.DeadlineExceeded},
		{"the folder of keys is gone", func(t *testing.T, s *Store) context.Context {
			if err := os.RemoveAll(filepath.Join(filepath.Dir(s.dir), "keys")); err != nil {
				t.Fatal(err)
			}
			return context.Background()
		}, ErrKeysGone},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, where(t))
			record(t, s, decision(maria, 0))
			err := s.Record(c.spoil(t, s), []*rules.Decision{decision(maria, 0)})
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			known := c.want == ErrFull || c.want == ErrClosed || c.want == ErrKeysGone
			broken := c.name == "Badger broke under us"
			if ready := s.Ready(); known && !errors.Is(ready, c.want) || !known && (ready != nil) != broken {
				t.Errorf("ready: %v", ready)
			}
		})
	}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// TestBadgersLogHasItsBlocksBeforeItNeedsThem: a page of it that the disk has no
// room for ends the process.
func TestBadgersLogHasItsBlocksBeforeItNeedsThem(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	if f, err := os.Create(filepath.Join(o.Dir, "probe")); err != nil {
		t.Fatal(err)
	} else if err := disk.Allocate(f, 1); err != nil {
		t.Skip("this file system, or this system, takes no blocks beforehand: ", err)
	}
	seen := map[string]bool{}
	for len(seen) < 3 {
		var ds []*rules.Decision
		for range 200 {
			ds = append(ds, decision(maria, 0))
		}
		record(t, s, ds...)
		logs, err := filepath.Glob(filepath.Join(o.Dir, "*.mem"))
		if err != nil || len(logs) == 0 {
			t.Fatal(logs, err)
		}
		newest := filepath.Base(slices.Max(logs))
		info, err := os.Stat(filepath.Join(o.Dir, newest))
		if err != nil {
			t.Fatal(err)
		}
		if held := info.Sys().(*syscall.Stat_t).Blocks * 512; held < info.Size() || info.Size() < disk.MemTable {
			t.Fatalf("%s of %d bytes holds %d", newest, info.Size(), held)
		}
		seen[newest] = true
	}
}

// TestABrokenBadgerDoesNotEndTheProcess: Badger makes a new file for what is
// written next, fails, and ends the process with the write after that. So it is
// a process of its own.
func TestABrokenBadgerDoesNotEndTheProcess(t *testing.T) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), breakDir+"="+t.TempDir())
	if out, err := child.CombinedOutput(); err != nil || string(out) != "fine\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// breakBadger lets Badger find no place for its next file, and says how the
// store takes it.
func breakBadger(dir string) error {
	var log bytes.Buffer
	s, err := Open(Options{Dir: dir + "/store", KeyDir: dir + "/keys", MasterKey: dir + "/master.key", Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err == nil {
		err = os.Mkdir(dir+"/store/00002.mem", 0o700)
	}
	for n := 0; err == nil && n < 100; n++ {
		var ds []*rules.Decision
		for range 200 {
			ds = append(ds, decision(maria, 0))
		}
		err = s.Record(context.Background(), ds)
	}
	if err == nil || !strings.Contains(err.Error(), "00002.mem") {
		return fmt.Errorf("Badger found a place for its next file: %v", err)
	}
	for range 3 {
		if err := s.Record(context.Background(), []*rules.Decision{decision(maria, 0)}); err == nil || !strings.Contains(err.Error(), "until usher is started again") {
			return fmt.Errorf("recording goes on: %v", err)
		}
	}
	s.tally.Add(tally.Count{Day: "20261122", Kind: "category", Name: "promotion"}, 1)
	s.flushCounts()
	if s.Ready() == nil || s.Close() == nil {
		return errors.New("it says that all is well")
	}
	if n := strings.Count(log.String(), "store broken"); n != 1 {
		return fmt.Errorf("logged %d times: %s", n, &log)
	}
	return nil
}

// Folders of the processes that TestMain makes of the test program.
const (
	crashDir = "USHER_TEST_CRASH_DIR"
	breakDir = "USHER_TEST_BREAK_DIR"
)

// TestMain turns the test program into one that records until it is killed, or
// one whose Badger breaks.
func TestMain(m *testing.M) {
	if dir := os.Getenv(breakDir); dir != "" {
		if err := breakBadger(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("fine")
		return
	}
	dir := os.Getenv(crashDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := Open(Options{Dir: dir + "/store", KeyDir: dir + "/keys", MasterKey: dir + "/master.key"})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		a, b := decision(maria, 0), decision(fmt.Sprintf("p%d@example.org", i%50), 0)
		serial.Add(uint64(os.Getpid()) << 20)
		if err := s.Record(context.Background(), []*rules.Decision{a, b}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(a.Recipient, a.ID)
		fmt.Println(b.Recipient, b.ID)
	}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	o := where(t)
	var said []string
	for round := range 8 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), crashDir+"="+filepath.Dir(o.Dir))
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			said = append(said, lines.Text())
			if n == 100+150*round {
				child.Process.Kill() // what it still printed is read to the end
			}
		}
		child.Wait()
	}
	s := mustOpen(t, o)
	for _, line := range said {
		rcpt, id, _ := strings.Cut(line, " ")
		if _, err := s.Decision(rcpt, id); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
	if len(said) < 1000 {
		t.Errorf("only %d decisions were acknowledged", len(said))
	}
}
