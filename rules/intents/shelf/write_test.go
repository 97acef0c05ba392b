package shelf

import (
	"os"
	"path/filepath"
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
