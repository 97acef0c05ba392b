package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"usher/corpus/disk"
	"usher/corpus/keys"
)

// left is a store as a killed process leaves it: its log holds a decision.
func left(t *testing.T) (o Options, id string) {
	t.Helper()
	o = where(t)
	o.Bypass = "postfix reload"
	s := mustOpen(t, o)
	d := decision(maria, 0)
	record(t, s, d)
	s.floor = 1 << 62
	if err := s.Close(); !errors.Is(err, ErrFull) {
		t.Fatalf("closed without room: %v", err)
	}
	there := o.Dir // Badger of this process holds it to the end
	o.Dir += "-copy"
	if err := errors.Join(os.CopyFS(o.Dir, os.DirFS(there)), os.Remove(filepath.Join(o.Dir, "LOCK"))); err != nil {
		t.Fatal(err)
	}
	return o, d.ID
}

func TestAStoreLeftOnAFullDiskLosesNothing(t *testing.T) {
	o, id := left(t)
	s := mustOpen(t, o)
	if d, err := s.Decision(maria, id); err != nil || d.ID != id {
		t.Errorf("got %+v, %v", d, err)
	}
}

// TestFilesOfAStoreThatDoNotEndAreSaidToBeDamage: over such a table Badger panics on a
// goroutine of its own, where nobody can catch that; and what such a list no longer
// names it deletes.
func TestFilesOfAStoreThatDoNotEndAreSaidToBeDamage(t *testing.T) {
	for _, c := range []struct {
		name, file string
		spoil      func([]byte) []byte
	}{
		{"a table cut in half", "*.sst", func(b []byte) []byte { return b[:len(b)/2] }},
		{"a table cut to three bytes", "*.sst", func(b []byte) []byte { return b[:3] }},
		{"an empty table", "*.sst", func([]byte) []byte { return nil }},
		{"a table with more behind", "*.sst", func(b []byte) []byte { return append(b, bytes.Repeat([]byte{0xff}, 100)...) }},
		{"a table with nothing at its end", "*.sst", func(b []byte) []byte { return append(b[:len(b)-100], make([]byte, 100)...) }},
		{"a table with an index of 2 GB", "*.sst", func(b []byte) []byte { return append(b, 0x7f, 0, 0, 0, 8, 0, 0, 0, 4) }},
		{"a list of tables cut in half", "MANIFEST", func(b []byte) []byte { return b[:len(b)/2] }},
		{"a list of tables without its last byte", "MANIFEST", func(b []byte) []byte { return b[:len(b)-1] }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			s := mustOpen(t, o)
			record(t, s, decision(maria, 0))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(o.Dir, c.file))
			if err != nil || len(files) == 0 {
				t.Fatalf("no %s, %v", c.file, err)
			}
			content, err := os.ReadFile(files[0])
			if err = errors.Join(err, os.WriteFile(files[0], c.spoil(content), 0o600)); err != nil {
				t.Fatal(err)
			}
			_, err = Open(o)
			var next interface{ Hint() string }
			if err == nil || !strings.Contains(err.Error(), "is damaged") || !errors.As(err, &next) || !strings.Contains(next.Hint(), "Restore "+o.Dir) {
				t.Errorf("says %v", err)
			}
			if tables, err := filepath.Glob(filepath.Join(o.Dir, "*.sst")); err != nil || len(tables) == 0 {
				t.Errorf("no table is left, %v", err)
			}
		})
	}
}

func TestALogThatIsBegunOrEndedHalfwayIsNoDamage(t *testing.T) {
	for name, file := range map[string]string{
		"emptied before it is removed": "00009.mem",
		"made before it has a length":  "000002.vlog",
		"the only one of its kind":     "000001.vlog",
	} {
		t.Run(name, func(t *testing.T) {
			o, id := left(t)
			path := filepath.Join(o.Dir, file)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			o.Log = slog.New(slog.NewTextHandler(&said, nil))
			s := mustOpen(t, o)
			if d, err := s.Decision(maria, id); err != nil || d.ID != id {
				t.Errorf("got %+v, %v", d, err)
			}
			if !strings.Contains(said.String(), path) {
				t.Errorf("nothing is said of it: %s", &said)
			}
		})
	}
}

// TestATableThatIsBegunIsNoDamage: Badger gives a table its length, fills it, and lists
// it at last. Who is killed in between leaves one that ends in nothing.
func TestATableThatIsBegunIsNoDamage(t *testing.T) {
	for name, content := range map[string][]byte{
		"has no length yet": nil,
		"is still empty":    make([]byte, 4096),
		"is half filled":    append(bytes.Repeat([]byte("decision"), 256), make([]byte, 2048)...),
	} {
		t.Run(name, func(t *testing.T) {
			o, id := left(t)
			path := filepath.Join(o.Dir, "000077.sst")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, o)
			if d, err := s.Decision(maria, id); err != nil || d.ID != id {
				t.Errorf("got %+v, %v", d, err)
			}
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the table is still there: %v", err)
			}
		})
	}
}

func TestADamagedStoreIsSaidToBeSo(t *testing.T) {
	garble := func(b []byte) []byte {
		for i := 0; i < len(b); i += 7 {
			b[i] ^= 0x5a
		}
		return b
	}
	empty := func([]byte) []byte { return nil }
	gone := func([]byte) []byte { return nil }
	for _, c := range []struct {
		name, file string
		spoil      func([]byte) []byte
		say        string
	}{
		{"an empty MANIFEST", "MANIFEST", empty, "is damaged"},
		{"a garbled MANIFEST", "MANIFEST", garble, "is damaged"},
		{"no MANIFEST beside what it lists", "MANIFEST", gone, "its MANIFEST is gone"},
		{"an empty KEYREGISTRY", "KEYREGISTRY", empty, "is damaged"},
		{"a garbled KEYREGISTRY", "KEYREGISTRY", garble, "is damaged"},
		{"no KEYREGISTRY beside what it opens", "KEYREGISTRY", gone, "its KEYREGISTRY is gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, _ := left(t)
			found, err := filepath.Glob(filepath.Join(o.Dir, c.file))
			if err != nil || len(found) == 0 {
				t.Fatalf("no %s, %v", c.file, err)
			}
			for _, path := range found {
				content, err := os.ReadFile(path)
				if strings.HasPrefix(c.name, "no ") {
					err = errors.Join(err, os.Remove(path))
				} else {
					err = errors.Join(err, os.WriteFile(path, c.spoil(content), 0o600))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			before, _ := os.ReadDir(o.Dir)
			s, err := Open(o)
			var next interface{ Hint() string }
			if err == nil || !errors.As(err, &next) {
				t.Fatalf("got %v, %v", s, err)
			}
			if !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "master key") {
				t.Errorf("says %q", err)
			}
			for _, advice := range []string{"Restore " + o.Dir, "move it away", "keys stay", o.Bypass} {
				if !strings.Contains(next.Hint(), advice) {
					t.Errorf("advises %q, nothing of %q", next.Hint(), advice)
				}
			}
			if after, _ := os.ReadDir(o.Dir); len(after) < len(before) {
				t.Errorf("files were deleted: %v, then %v", before, after)
			}
		})
	}
}

// TestAFolderThatMayNotBeWrittenIsNoDamage: who moved the store away because of
// this would lose it. The causes are as Badger says them.
func TestAFolderThatMayNotBeWrittenIsNoDamage(t *testing.T) {
	for _, c := range []struct {
		err     error
		damaged bool
	}{
		{fmt.Errorf("cannot create memtable err: newMemTable err: open store/00003.mem: %v", syscall.EACCES), false},
		{fmt.Errorf("while opening fid: 1 error: mmap: %v", syscall.ENOMEM), false},
		{fmt.Errorf("truncate: %v", syscall.ENOSPC), false},
		{errors.New("manifest has bad magic"), true},
	} {
		var f *keys.Fault
		if err := disk.Fault("store", c.err); errors.As(err, &f) != c.damaged {
			t.Errorf("%v is said to be damage: %v", c.err, !c.damaged)
		}
	}
}

func TestAnEmptyStoreBesideKeysIsLogged(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	record(t, s, decision(maria, 0))
	if err := errors.Join(s.Close(), os.RemoveAll(o.Dir)); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s = mustOpen(t, o)
	if !strings.Contains(log.String(), "the store was empty although keys exist") {
		t.Errorf("the log says %q", log.String())
	}
	log.Reset()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, o)
	if log.Len() != 0 {
		t.Errorf("a store that was merely closed: %q", log.String())
	}
}

func TestADamagedKeyIsNotBlamedOnTheMasterKey(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	site := filepath.Join(o.KeyDir, keys.SiteFile)
	if err := errors.Join(s.Close(), os.WriteFile(site, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	_, err := Open(o)
	var next interface{ Hint() string }
	if !errors.Is(err, keys.ErrDamaged) || errors.Is(err, fs.ErrNotExist) || !errors.As(err, &next) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), site) || !strings.Contains(next.Hint(), "Put the folder of keys "+o.KeyDir) {
		t.Errorf("says %q, advises %q", err, next.Hint())
	}
}
