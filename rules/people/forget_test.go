package people

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestTheCopyOfAFileGoesWithTheFile(t *testing.T) {
	for _, c := range []struct {
		name              string
		gone              bool // the person removed the file themself
		link              bool // a link stands in its place
		isWhole           bool
		was, file, copies bool // what is reported; what is left
	}{
		{"what is forgotten leaves the file, which is in force", false, false, false, false, true, true},
		{"the file goes, and its copy", false, false, true, true, false, false},
		{"the file is gone already: its copy goes", true, false, false, false, false, false},
		{"the file is gone already, and may go", true, false, true, false, false, false},
		{"a link goes, and what it leads to stays", false, true, true, true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, good := t.TempDir(), t.TempDir()
			path, copied := filepath.Join(root, "example.org", "maria.intents"), filepath.Join(good, "example.org", "maria.intents")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("mute topic perfume\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			d := NewDir(root, "", nil)
			d.Good = good
			t.Cleanup(d.Wait)
			d.copied("maria@example.org")
			if own, _ := d.InForce("maria@example.org"); own == nil || !there(t, copied) {
				t.Fatal("not read, or not copied")
			}
			other := filepath.Join(t.TempDir(), "other")
			switch {
			case c.link:
				if err := errors.Join(os.Rename(path, other), os.Symlink(other, path)); err != nil {
					t.Fatal(err)
				}
			case c.gone:
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
			was, err := d.Forget("maria@example.org", c.isWhole)
			if err != nil || was != c.was {
				t.Errorf("there was a file: %v, want %v; %v", was, c.was, err)
			}
			if there(t, path) != c.file || there(t, copied) != c.copies {
				t.Errorf("file left %v, copy left %v", there(t, path), there(t, copied))
			}
			if c.link && !there(t, other) {
				t.Error("what the link leads to is gone")
			}
			if own, _ := d.InForce("maria@example.org"); (own != nil) != c.file {
				t.Errorf("in force: %v", own != nil)
			}
		})
	}
}

func there(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Lstat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}
