package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"usher/corpus/keys"
)

// Inspect looks at the files of the store before Badger does: without its
// MANIFEST, Badger would take what else lies there for leftovers and delete it;
// without its KEYREGISTRY, it would make another that opens none of it.
// fresh says that nothing was ever written.
func Inspect(dir string, fresh bool, log *slog.Logger) error {
	held := false
	for _, pattern := range []string{"*.sst", "*.vlog", "*.mem"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		held = held || len(found) > 0
	}
	for _, name := range []string{"MANIFEST", "KEYREGISTRY"} {
		_, err := os.Stat(filepath.Join(dir, name))
		if held && errors.Is(err, fs.ErrNotExist) {
			return Damaged(dir, fmt.Errorf("its %s is gone, and what it holds is not", name))
		}
	}
	if err := dropEmptied(dir, log); err != nil {
		return err
	}
	if err := checkFiles(dir); err != nil {
		return Fault(dir, err)
	}
	if !held && !fresh {
		log.Warn("the store was empty although keys exist: decisions made before are not there; a backup may have them", "store", dir)
	}
	return nil
}

// dropEmptied removes logs of Badger's that hold nothing. It makes a log before it
// gives it a length, and empties it before it removes it; who is killed in between
// leaves one that Badger takes for damage once, and then for a log. A value log never
// holds anything: see MaxValue.
func dropEmptied(dir string, log *slog.Logger) error {
	logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	values, err2 := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	for _, path := range append(logs, values...) {
		if is, err := os.Stat(path); err != nil || is.Size() > 0 {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove a log that was emptied: %w", err)
		}
		log.Warn("a log of the store was empty, as it is when usher is killed in the moment in which it begins or ends one; if the machine lost files otherwise, the last decisions may be gone", "file", path)
	}
	return nil
}

// Damaged says what to do about files that do not fit together.
func Damaged(dir string, err error) error {
	return keys.Advise(fmt.Errorf("the store %s is damaged: %w", dir, err),
		fmt.Sprintf("Restore %s from a backup, or move it away to begin with an empty one: the keys stay.", dir))
}

// Fault sets what is wrong with the files apart from what is wrong with
// the machine. Where the keys were read, the master key is the right one. Badger
// writes some causes into its text and drops the errors, so the text counts too.
func Fault(dir string, err error) error {
	for _, other := range []error{fs.ErrPermission, syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if err == nil || errors.Is(err, other) || strings.Contains(err.Error(), other.Error()) {
			return err
		}
	}
	return Damaged(dir, err)
}
