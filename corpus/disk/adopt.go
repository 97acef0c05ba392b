package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"usher/corpus/keys"
)

// A store is replaced by another without a moment in which neither is there: the
// other lies in a folder within, and is moved up file by file once it is whole. A
// note in there tells how far that has come, so that a crash is gone on from.
const (
	incoming = "incoming" // the folder
	whole    = "WHOLE"    // the note: the new store is whole, the old one may go
	moving   = "MOVING"   // the note: the old one is gone, the new one moves up
)

// Incoming makes the folder for a store that is to replace the one in dir, empty.
func Incoming(dir string) (string, error) {
	in := filepath.Join(dir, incoming)
	if err := os.RemoveAll(in); err != nil {
		return "", err
	}
	return in, os.Mkdir(in, 0o700)
}

// Replace puts the store that lies in Incoming in place of the one in dir. Who
// calls it holds dir.
func Replace(dir string) error {
	in := filepath.Join(dir, incoming)
	err := syncFiles(in)
	if err == nil {
		err = keys.WriteFile(filepath.Join(in, whole), nil)
	}
	if err == nil {
		err = keys.SyncDir(in)
	}
	if err == nil {
		err = Adopt(dir)
	}
	return err
}

// Adopt goes on where Replace was interrupted, and removes what never became
// whole.
func Adopt(dir string) error {
	in := filepath.Join(dir, incoming)
	if _, err := os.Lstat(in); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if is(filepath.Join(in, whole)) {
		if err := removeStore(dir); err != nil {
			return fmt.Errorf("replace store: %w", err)
		}
		err := os.Rename(filepath.Join(in, whole), filepath.Join(in, moving))
		if err == nil {
			err = keys.SyncDir(in)
		}
		if err != nil {
			return fmt.Errorf("replace store: %w", err)
		}
	}
	if is(filepath.Join(in, moving)) {
		if err := moveUp(in, dir); err != nil {
			return fmt.Errorf("replace store: %w", err)
		}
	}
	if err := os.RemoveAll(in); err != nil {
		return fmt.Errorf("replace store: %w", err)
	}
	return keys.SyncDir(dir)
}

// removeStore removes Badger's files.
func removeStore(dir string) error {
	for _, pattern := range []string{"MANIFEST", "*.sst", "*.vlog", "*.mem", "KEYREGISTRY", "DISCARD", "LOCK"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, path := range found {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return keys.SyncDir(dir)
}

// moveUp moves the files of a store, its MANIFEST last: without it there is none.
func moveUp(in, dir string) error {
	files, err := os.ReadDir(in)
	if err != nil {
		return err
	}
	slices.SortStableFunc(files, func(a, b fs.DirEntry) int {
		switch {
		case a.Name() == "MANIFEST":
			return 1
		case b.Name() == "MANIFEST":
			return -1
		}
		return 0
	})
	for _, f := range files {
		if f.Name() == moving {
			continue
		}
		if err := os.Rename(filepath.Join(in, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return keys.SyncDir(dir)
}

func syncFiles(dir string) error {
	files, err := os.ReadDir(dir)
	for _, f := range files {
		if err == nil {
			err = syncFile(filepath.Join(dir, f.Name()))
		}
	}
	return err
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func is(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
