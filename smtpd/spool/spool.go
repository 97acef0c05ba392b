// Package spool keeps each message while it is here, in memory or in a file that
// is unlinked as soon as it is made. It never keeps one longer than its
// connection.
package spool

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// Memory is how many bytes of one message are kept in memory; more goes to a file.
const Memory = 1 << 20

// Room counts what all messages hold, in memory and in spool files.
type Room struct {
	Dir                string
	MaxMemory, MaxDisk int64
	memory, disk       atomic.Int64
}

// Memory gives the bytes that all messages hold in memory.
func (r *Room) Memory() int64 { return r.memory.Load() }

// Disk gives the bytes of all spool files.
func (r *Room) Disk() int64 { return r.disk.Load() }

// take reserves n bytes of a counter, or reports that there is no room.
func take(counter *atomic.Int64, n, max int64) bool {
	if counter.Add(n) > max {
		counter.Add(-n)
		return false
	}
	return true
}

// Spool keeps one message while it is here: in memory up to a bound, then in a
// file that is unlinked as soon as it is made.
type Spool struct {
	room *Room
	mem  []byte
	file *os.File
	size int64
}

// New makes a spool for a message of about size bytes, as upstream says;
// what it says is believed only so far.
func New(r *Room, size int64) Spool {
	return Spool{room: r, mem: make([]byte, 0, max(4<<10, min(size, 64<<10)))}
}

// Write appends to the message. An error means that there is no room.
func (s *Spool) Write(p []byte) (int, error) {
	n := int64(len(p))
	if s.file == nil && s.size+n <= Memory && take(&s.room.memory, n, s.room.MaxMemory) {
		s.mem = append(s.mem, p...)
		s.size += n
		return len(p), nil
	}
	if s.file == nil {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	if !take(&s.room.disk, n, s.room.MaxDisk) {
		return 0, fmt.Errorf("spool a message: %d bytes of spool files are in use", s.room.MaxDisk)
	}
	s.size += n
	if _, err := s.file.Write(p); err != nil {
		return 0, fmt.Errorf("spool a message: %w", err)
	}
	return len(p), nil
}

// toFile moves the message from memory to a file.
func (s *Spool) toFile() error {
	if !take(&s.room.disk, s.size, s.room.MaxDisk) {
		return fmt.Errorf("spool a message: %d bytes of spool files are in use", s.room.MaxDisk)
	}
	s.room.memory.Add(-s.size)
	held := s.mem
	s.mem = nil
	f, err := os.CreateTemp(s.room.Dir, "spool-*") // mode 0600
	if err != nil {
		s.room.disk.Add(-s.size)
		s.size = 0
		return fmt.Errorf("spool a message: %w", err)
	}
	s.file = f
	if err := os.Remove(f.Name()); err != nil {
		return fmt.Errorf("spool a message: %w", err)
	}
	if _, err := f.Write(held); err != nil {
		return fmt.Errorf("spool a message: %w", err)
	}
	return nil
}

// Reader reads the message from its start. It stays safe to use, though it may
// fail, after Close: a judge past its budget may still be reading.
func (s *Spool) Reader() io.ReadSeeker {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
	}
	return bytes.NewReader(s.mem)
}

// Head gives the first n bytes, or all if there are fewer.
func (s *Spool) Head(n int) []byte {
	if s.file == nil {
		return s.mem[:min(n, len(s.mem))]
	}
	b := make([]byte, min(int64(n), s.size))
	m, _ := s.file.ReadAt(b, 0) // what cannot be read is not judged
	return b[:m]
}

// Close gives the room back.
func (s *Spool) Close() error {
	if s.file == nil {
		s.room.memory.Add(-s.size)
		s.size = 0
		return nil
	}
	s.room.disk.Add(-s.size)
	return s.file.Close()
}
