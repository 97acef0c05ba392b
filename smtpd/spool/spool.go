// Package spool keeps each message while it is here, in memory or in a file that
// is unlinked as soon as it is made. It never keeps one longer than its
// connection.
package spool

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
)

const (
	// Memory is how many bytes of one message are kept in memory; more goes to a
	// file.
	Memory = 1 << 20

	// WithoutDisk is the part of Room.MaxMemory, one in so many, that one message
	// may take when no file can be made or written: a full disk is to delay only
	// the largest.
	WithoutDisk = 8

	// Memory is taken in blocks, which are joined once the message is in: one that
	// grows leaves no garbage behind, which would be as much again.
	firstBlock, maxBlock = 4 << 10, 64 << 10
)

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
	room   *Room
	blocks [][]byte // while there is no file
	file   *os.File
	size   int64
	fault  error // why there is no file, though there should be
}

// New makes a spool for a message of about size bytes, as upstream says;
// what it says is believed only so far.
func New(r *Room, size int64) Spool {
	return Spool{room: r, blocks: [][]byte{make([]byte, 0, max(firstBlock, min(size, maxBlock)))}}
}

// Fault says why a message that should be in a file is in memory, or has no
// room; nil if neither is so.
func (s *Spool) Fault() error { return s.fault }

// Write appends to the message. An error means that there is no room.
func (s *Spool) Write(p []byte) (int, error) {
	n := int64(len(p))
	if s.file == nil && s.size+n > Memory && s.fault == nil {
		s.fault = s.toFile()
	}
	switch {
	case s.file != nil:
		return s.toDisk(p)
	case s.fault == nil || s.size+n <= s.room.MaxMemory/WithoutDisk:
		if take(&s.room.memory, n, s.room.MaxMemory) {
			s.hold(p)
			return len(p), nil
		}
		if s.fault == nil { // memory is full of other messages
			if s.fault = s.toFile(); s.fault == nil {
				return s.toDisk(p)
			}
		}
	}
	return 0, s.fault
}

// toDisk appends to the file.
func (s *Spool) toDisk(p []byte) (int, error) {
	n := int64(len(p))
	if !take(&s.room.disk, n, s.room.MaxDisk) {
		return 0, s.room.full()
	}
	s.size += n
	if _, err := s.file.Write(p); err != nil {
		return 0, fmt.Errorf("spool a message: %w", err)
	}
	return len(p), nil
}

func (r *Room) full() error {
	return fmt.Errorf("spool a message: %d bytes of spool files are in use", r.MaxDisk)
}

// hold appends to what is in memory.
func (s *Spool) hold(p []byte) {
	s.size += int64(len(p))
	for len(p) > 0 {
		last := &s.blocks[len(s.blocks)-1]
		if len(*last) == cap(*last) {
			s.blocks = append(s.blocks, make([]byte, 0, min(2*cap(*last), maxBlock)))
			continue
		}
		n := min(len(p), cap(*last)-len(*last))
		*last = append(*last, p[:n]...)
		p = p[n:]
	}
}

// toFile moves the message from memory to a file.
func (s *Spool) toFile() error {
	if !take(&s.room.disk, s.size, s.room.MaxDisk) {
		return s.room.full()
	}
	f, err := os.CreateTemp(s.room.Dir, "spool-*") // mode 0600
	if err == nil {
		err = os.Remove(f.Name())
		for _, b := range s.blocks {
			if err == nil {
				_, err = f.Write(b)
			}
		}
		if err != nil {
			f.Close()
		}
	}
	if err != nil {
		s.room.disk.Add(-s.size)
		return fmt.Errorf("spool a message: %w", err)
	}
	s.room.memory.Add(-s.size)
	s.file, s.blocks = f, nil
	return nil
}

// Reader reads the message from its start. It stays safe to use, though it may
// fail, after Close: a judge past its budget may still be reading.
func (s *Spool) Reader() io.ReadSeeker {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
	}
	return bytes.NewReader(s.whole())
}

// whole joins what is in memory, once for all who ask.
func (s *Spool) whole() []byte {
	if len(s.blocks) > 1 {
		s.blocks = [][]byte{slices.Concat(s.blocks...)}
	}
	return s.blocks[0]
}

// Head gives the first n bytes, or all if there are fewer. They are not to be
// changed.
func (s *Spool) Head(n int) []byte {
	if s.file == nil {
		if n > len(s.blocks[0]) {
			n = min(n, len(s.whole()))
		}
		return s.blocks[0][:n]
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
