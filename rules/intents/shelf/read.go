package shelf

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrNotPlain is the error of what is no plain file, or is a link to one where
// links are not followed.
var ErrNotPlain = errors.New("this is no plain file")

// Stamp changes when a file does. The zero Stamp is that of no file.
type Stamp struct {
	mtime int64 // nanoseconds
	size  int64
	inode uint64
	err   string // why it cannot be looked at
}

// Folder is where files are read. What lies in a Closed folder is reached
// without leaving it, by whatever names and links.
type Folder struct {
	Path   string
	Closed bool
}

// Look returns the stamp of a file; following a change takes no more.
func (f Folder) Look(name string) Stamp {
	var info fs.FileInfo
	var err error
	if !f.Closed {
		info, err = os.Stat(filepath.Join(f.Path, name))
	} else if root, e := os.OpenRoot(f.Path); e != nil {
		err = e
	} else {
		info, err = root.Stat(name)
		root.Close()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Stamp{}
	case err != nil:
		return Stamp{err: err.Error()}
	}
	s := Stamp{mtime: info.ModTime().UnixNano(), size: info.Size()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode = st.Ino
	}
	return s
}

// Read reads a plain file and the date of its last change. Of a file longer
// than limit it reads one byte more than that.
func (f Folder) Read(name string, limit int64) ([]byte, time.Time, error) {
	file, err := f.open(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, time.Time{}, ErrNotPlain
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	return text, info.ModTime(), err
}

// IsLink reports whether the name itself is a link.
func (f Folder) IsLink(name string) bool {
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return false
	}
	defer root.Close()
	info, err := root.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func (f Folder) open(name string) (*os.File, error) {
	const flags = os.O_RDONLY | syscall.O_NONBLOCK // a pipe must not hold up mail
	if !f.Closed {
		return os.OpenFile(filepath.Join(f.Path, name), flags, 0)
	}
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(name, flags, 0)
}

// Cause is the innermost error: what went wrong, without the paths and names
// that the errors around it add. A log may not have them.
func Cause(err error) error {
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
