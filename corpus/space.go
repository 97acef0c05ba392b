package corpus

import (
	"fmt"
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
	return s.keys.there()
}
