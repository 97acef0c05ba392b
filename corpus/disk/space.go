// Package disk opens the files of a store and looks after them: who holds it, what is
// gone of it, whether there is room. It never knows what is stored.
package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// MinFree is what must be left on the disk, in bytes, for a write to begin.
//
// Badger writes through mapped files that are longer than what they hold. When
// the disk is full, touching a page of such a file raises SIGBUS, in a goroutine
// of Badger's where nothing can recover: the process ends. So we stop before:
// without room nothing is recorded, and mail passes untouched. Left over must be
// what Badger may write on its own behalf: its buffers, and a level compacted.
const MinFree = 64 << 20

// ErrFull is wrapped by the errors of Room.
var ErrFull = errors.New("the disk is nearly full")

// Room reports whether at least so many bytes are free in a folder.
func Room(dir string, floor uint64) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("ask for free space of %s: %w", dir, err)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < floor {
		return fmt.Errorf("%d MiB are free in %s, %d are needed: %w", free>>20, dir, floor>>20, ErrFull)
	}
	return nil
}

// Logs follows Badger's log files, which have numbers. It is for one goroutine.
type Logs struct {
	dir  string
	last int // whose blocks were taken
}

// LogsOf follows the log files of a store that was just opened.
func LogsOf(dir string) *Logs {
	l := &Logs{dir: dir}
	found, _ := filepath.Glob(filepath.Join(dir, "*.mem"))
	for _, path := range found {
		n := 0
		if _, err := fmt.Sscanf(filepath.Base(path), "%d.mem", &n); err == nil {
			l.last = max(l.last, n)
		}
	}
	l.last--
	return l
}

// Secure takes from the disk all that Badger's newest log file will ever need,
// as soon as the file is there: Badger makes it long and empty, and a disk that
// fills in an instant would else end the process with the next page written. A
// file system that cannot do so leaves us with MinFree alone.
func (l *Logs) Secure() {
	for {
		f, err := os.OpenFile(filepath.Join(l.dir, fmt.Sprintf("%05d.mem", l.last+1)), os.O_RDWR, 0)
		if err != nil {
			return // not there yet
		}
		if info, err := f.Stat(); err == nil {
			_ = Allocate(f, info.Size())
		}
		f.Close()
		l.last++
	}
}

// Size is what the files in a folder take, in bytes; those that go meanwhile are
// left out. "" is no folder.
func Size(dir string) (size int64, err error) {
	if dir == "" {
		return 0, nil
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		st, err := f.Info()
		if err != nil || !st.Mode().IsRegular() {
			continue
		}
		if sys, is := st.Sys().(*syscall.Stat_t); is { // Badger makes its files longer than what they hold
			size += sys.Blocks * 512
		} else {
			size += st.Size()
		}
	}
	return size, nil
}
