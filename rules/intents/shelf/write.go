// Package shelf reads and writes text files so that nothing worse than an
// error comes of a name, a link or a crash. It never looks at what they say.
package shelf

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Write replaces the file at path, as Folder.Write does. Its folder must be
// there.
func Write(path string, text []byte) error {
	return Folder{Path: filepath.Dir(path)}.Write(filepath.Base(path), text)
}

// Write replaces a file so that a reader sees the old text or the new one
// whole, also after a crash. A file that is there keeps its mode and, as far as
// the caller may, its owner; a new one has mode 0600. Folders on the way to it
// are made, the Folder itself is not, and whether it is Closed or not, nothing
// outside is written to.
func (f Folder) Write(name string, text []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", filepath.Join(f.Path, name), err)
		}
	}()
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	old, err := root.Lstat(name)
	switch {
	case err == nil && !old.Mode().IsRegular():
		return ErrNotPlain
	case err == nil:
		mode = old.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	temp := filepath.Join(filepath.Dir(name), ".intents-"+rand.Text())
	tmp, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer root.Remove(temp) // fails once it is renamed
	if err := fill(tmp, text, mode, old); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	return syncFolder(root, filepath.Dir(name))
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
func syncFolder(root *os.Root, folder string) error {
	d, err := root.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
