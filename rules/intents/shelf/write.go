// Package shelf reads and writes text files so that nothing worse than an
// error comes of a name, a link or a crash. It never looks at what they say.
package shelf

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
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

// ErrChanged is the error of a file that is no longer the one that was read.
var ErrChanged = errors.New("the file was changed since it was read")

// lockTime is how long Replace waits for other writers.
const lockTime = 5 * time.Second

// Replace writes a file, if its text is still old; nil is that of no file. Of
// those who replace files in one folder, in whatever process, one works at a time.
func (f Folder) Replace(name string, old, text []byte) error {
	release, err := f.lock(filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Join(f.Path, name), err)
	}
	defer release()
	now, _, err := f.Read(name, int64(len(old)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(now, old) || (err == nil) != (old != nil) {
		return fmt.Errorf("write %s: %w", filepath.Join(f.Path, name), ErrChanged)
	}
	return f.Write(name, text)
}

// lock has a part of the folder, which is made if absent, for this process alone.
func (f Folder) lock(part string) (release func(), err error) {
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.MkdirAll(part, 0o700); err != nil {
		return nil, err
	}
	folder, err := root.Open(part)
	if err != nil {
		return nil, err
	}
	for until := time.Now().Add(lockTime); ; time.Sleep(5 * time.Millisecond) {
		err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { folder.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(until) {
			folder.Close()
			return nil, fmt.Errorf("wait for another writer: %w", err)
		}
	}
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
