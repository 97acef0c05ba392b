// Package shelf reads and writes text files so that nothing worse than an
// error comes of a name, a link or a crash. It never looks at what they say.
package shelf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Write replaces the file at path so that a reader sees the old text or the
// new one whole, also after a crash. A file that is there keeps its mode and,
// as far as the caller may, its owner; a new one has mode 0600. The folder must
// be there.
func Write(path string, text []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	mode := fs.FileMode(0o600)
	old, err := os.Lstat(path)
	switch {
	case err == nil && !old.Mode().IsRegular():
		return errors.New("this is no plain file")
	case err == nil:
		mode = old.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	folder := filepath.Dir(path)
	tmp, err := os.CreateTemp(folder, ".intents-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed
	if err := fill(tmp, text, mode, old); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func fill(tmp *os.File, text []byte, mode fs.FileMode, old fs.FileInfo) error {
	if old != nil {
		if st, ok := old.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
			// Only root may; a file that changes hands is better than an edit lost.
			_ = tmp.Chown(int(st.Uid), int(st.Gid))
		}
	}
	if err := tmp.Chmod(mode); err != nil {
		return err
	}
	if _, err := tmp.Write(text); err != nil {
		return err
	}
	return tmp.Sync()
}

// syncFolder makes a rename last. Some file systems know no sync of a folder.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
