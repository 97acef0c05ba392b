package shelf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestWriteReplacesAFileWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maria.intents")
	for i, text := range []string{"mute topic tea\n", "mute topic cars\n"} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("holds %q", got)
		}
		if want := []os.FileMode{0o600, 0o640}[i]; info.Mode().Perm() != want {
			t.Errorf("mode %v", info.Mode())
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.Symlink("/etc/hostname", path+".link"); err != nil {
		t.Fatal(err)
	}
	if err := Write(path+".link", nil); err == nil {
		t.Error("wrote through a link")
	}
}

// TestAKillInMidWriteLeavesTheOldOrTheNewFile kills a process that replaces one
// file over and over, at whatever step it is.
func TestAKillInMidWriteLeavesTheOldOrTheNewFile(t *testing.T) {
	if path := os.Getenv("USHER_TEST_REPLACE"); path != "" {
		replaceForEver(path)
	}
	path := filepath.Join(t.TempDir(), "maria.intents")
	seen := map[string]bool{}
	for round := range 40 {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "USHER_TEST_REPLACE="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, out, int64(1+round%7)); err != nil { // a byte a replacement
			t.Fatal(err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		text, err := os.ReadFile(path)
		if err != nil || string(text) != version('a') && string(text) != version('b') {
			t.Fatalf("round %d left %d bytes (%v)", round, len(text), err)
		}
		seen[string(text[:1])] = true
	}
	if len(seen) != 2 {
		t.Errorf("only %v was ever left: nothing was replaced", seen)
	}
}

// version is one of two texts that fill many blocks.
func version(letter byte) string { return strings.Repeat(string(letter), 300_000) }

func replaceForEver(path string) {
	for i := 0; ; i++ {
		old, err := os.ReadFile(path)
		if err == nil || os.IsNotExist(err) {
			err = (Folder{Path: filepath.Dir(path)}).Replace(filepath.Base(path), old, []byte(version("ab"[i%2])))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Stdout.Write([]byte("."))
	}
}

// TestReplaceLosesNothing has many add a line to one file at once.
func TestReplaceLosesNothing(t *testing.T) {
	folder := Folder{Path: t.TempDir(), Closed: true}
	var adding sync.WaitGroup
	for i := range 40 {
		adding.Go(func() {
			for {
				old, _, err := folder.Read("example.org/maria.intents", 1<<20)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
					return
				}
				err = folder.Replace("example.org/maria.intents", old, append(slices.Clip(old), fmt.Sprintf("mute topic %d\n", i)...))
				if errors.Is(err, ErrChanged) {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				return
			}
		})
	}
	adding.Wait()
	text, _, err := folder.Read("example.org/maria.intents", 1<<20)
	if n := strings.Count(string(text), "mute topic "); err != nil || n != 40 {
		t.Errorf("%d of 40 lines are there (%v)", n, err)
	}
}
