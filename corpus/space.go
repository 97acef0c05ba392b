package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// minFree is what must be left on the disk, in bytes, for a write to begin.
//
// Badger writes through mapped files that are longer than what they hold. When
// the disk is full, touching a page of such a file raises SIGBUS, in a goroutine
// of Badger's where nothing can recover: the process ends. So we stop before:
// without room nothing is recorded, and mail passes untouched. Left over must be
// what Badger may write on its own behalf: its buffers, and a level compacted.
const minFree = 64 << 20

// room reports whether there is space to write.
func (s *Store) room() error {
	if s.dir == "" {
		return nil
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &fs); err != nil {
		return fmt.Errorf("ask for free space of %s: %w", s.dir, err)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < s.floor {
		return fmt.Errorf("%d MiB are free in %s, %d are needed: %w", free>>20, s.dir, s.floor>>20, ErrFull)
	}
	return nil
}

// Ready says what keeps the store from recording, nil if nothing that is known
// does.
func (s *Store) Ready() error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	if stuck := s.stuck.Load(); stuck != nil {
		return *stuck
	}
	if err := s.room(); err != nil {
		return err
	}
	return s.keys.There()
}

// secure takes from the disk all that Badger's newest log file will ever need,
// as soon as the file is there: Badger makes it long and empty, and a disk that
// fills in an instant would else end the process with the next page written. A
// file system that cannot do so leaves us with minFree alone.
func (s *Store) secure() {
	for s.dir != "" {
		f, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("%05d.mem", s.logs+1)), os.O_RDWR, 0)
		if err != nil {
			return // not there yet
		}
		if info, err := f.Stat(); err == nil {
			_ = allocate(f, info.Size())
		}
		f.Close()
		s.logs++
	}
}

// lastLog gives the number of the newest log file of Badger's.
func lastLog(dir string) (last int) {
	found, _ := filepath.Glob(filepath.Join(dir, "*.mem"))
	for _, path := range found {
		n := 0
		if _, err := fmt.Sscanf(filepath.Base(path), "%d.mem", &n); err == nil {
			last = max(last, n)
		}
	}
	return last
}
