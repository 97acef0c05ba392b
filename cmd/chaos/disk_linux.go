package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// mountDisk puts a small disk of its own at dir. Only root may.
func mountDisk(dir string, mib int) error {
	if err := syscall.Mount("chaos", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0711", mib)); err != nil {
		return fmt.Errorf("mount a tmpfs on %s: %w", dir, err)
	}
	return nil
}

func unmountDisk(dir string) error { return syscall.Unmount(dir, 0) }

// fill takes what is left of the disk that dir lies on, but for so many bytes.
func fill(dir string, leave int64) error {
	f, err := os.OpenFile(filepath.Join(dir, "ballast"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	end, err := f.Seek(0, 2)
	if err != nil {
		return err
	}
	for piece := int64(64 << 20); piece >= 4<<10; {
		if leave > 0 && freeDisk(dir) < leave+piece {
			piece /= 2
			continue
		}
		switch err := syscall.Fallocate(int(f.Fd()), 0, end, piece); {
		case err == nil:
			end += piece
		case errors.Is(err, syscall.ENOSPC):
			piece /= 2
		case !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("fill %s: %w", dir, err)
		}
	}
	return nil
}

func unfill(dir string) error { return os.Remove(filepath.Join(dir, "ballast")) }

func freeDisk(dir string) int64 {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) != nil {
		return 0
	}
	return int64(fs.Bavail) * int64(fs.Bsize)
}

// usedDisk is how many bytes lie on the disk of dir.
func usedDisk(dir string) int64 {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) != nil {
		return 0
	}
	return int64(fs.Blocks-fs.Bfree) * int64(fs.Bsize)
}
