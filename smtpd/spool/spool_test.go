package spool

import (
	"bytes"
	"io"
	"os"
	"testing"
)

// write fills a spool in pieces, and gives the first error.
func write(s *Spool, raw []byte, piece int) error {
	for rest := raw; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
		if _, err := s.Write(rest[:min(piece, len(rest))]); err != nil {
			return err
		}
	}
	return nil
}

func text(n int) []byte {
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(i * i)
	}
	return raw
}

func TestR6WhatIsSpooledIsReadAgain(t *testing.T) {
	for _, size := range []int{0, 1, firstBlock, firstBlock + 1, 3 * maxBlock, Memory, Memory + 1, 3 * Memory} {
		for _, said := range []int64{0, int64(size), 1 << 40} {
			room := &Room{Dir: t.TempDir(), MaxMemory: 1 << 30, MaxDisk: 1 << 30}
			s := New(room, said)
			raw := text(size)
			if err := write(&s, raw, 5000); err != nil {
				t.Fatal(err)
			}
			if filed := room.Disk() > 0; filed != (size > Memory) || room.Disk()+room.Memory() != int64(size) {
				t.Errorf("of %d bytes %d are counted in memory, %d in a file", size, room.Memory(), room.Disk())
			}
			early := s.Reader()
			for _, n := range []int{1, size / 2, size, size + 1} {
				if got := s.Head(n); !bytes.Equal(got, raw[:min(n, size)]) {
					t.Errorf("the first %d of %d bytes differ", n, size)
				}
			}
			for name, r := range map[string]io.Reader{"before": early, "after": s.Reader(), "in bits": io.LimitReader(s.Reader(), 1<<30)} {
				if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, raw) {
					t.Errorf("a reader %s does not give the %d bytes (%v)", name, size, err)
				}
			}
			var copied bytes.Buffer
			if _, err := io.Copy(&copied, s.Reader()); err != nil || !bytes.Equal(copied.Bytes(), raw) {
				t.Errorf("a copy differs (%v)", err)
			}
			if names, _ := os.ReadDir(room.Dir); len(names) > 0 {
				t.Errorf("the folder holds %v", names)
			}
			if s.Close(); room.Disk()+room.Memory() != 0 {
				t.Errorf("%d bytes are still counted", room.Disk()+room.Memory())
			}
		}
	}
}

func TestR17WithoutADiskMemoryServesAsFarAsItGoes(t *testing.T) {
	room := &Room{Dir: "/nowhere/at/all", MaxMemory: 16 * Memory, MaxDisk: 1 << 30}
	s := New(room, 0)
	raw := text(2 * Memory)
	if err := write(&s, raw, 5000); err != nil || s.Fault() == nil {
		t.Fatalf("two megabytes give %v, the fault is %v", err, s.Fault())
	}
	if got, err := io.ReadAll(s.Reader()); err != nil || !bytes.Equal(got, raw) || !bytes.Equal(s.Head(Memory+5), raw[:Memory+5]) {
		t.Errorf("what is read differs (%v)", err)
	}
	if err := write(&s, []byte("x"), 1); err == nil {
		t.Error("one message takes more than its part of the memory")
	}
	s.Close()
	var all []Spool
	for {
		s := New(room, 0)
		all = append(all, s)
		if write(&all[len(all)-1], raw[:Memory], Memory) != nil {
			break
		}
	}
	if n := len(all); n != 17 {
		t.Errorf("the %dth megabyte has no room, want the 17th", n)
	}
	for i := range all {
		all[i].Close()
	}
	if n := room.Memory() + room.Disk(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
}

func TestR47AllMessagesTogetherStayWithinTheirMemory(t *testing.T) {
	room := &Room{Dir: t.TempDir(), MaxMemory: 3 * Memory, MaxDisk: 1 << 30}
	var all [5]Spool
	for i := range all {
		all[i] = New(room, 0)
		if err := write(&all[i], text(Memory), 5000); err != nil {
			t.Fatal(err)
		}
		if room.Memory() > room.MaxMemory {
			t.Errorf("%d bytes are in memory", room.Memory())
		}
	}
	if room.Disk() != 2*Memory {
		t.Errorf("%d bytes are in files, want %d", room.Disk(), 2*Memory)
	}
	for i := range all {
		all[i].Close()
	}
}
