package people

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"usher/rules/intents/shelf"
)

// Forget removes the copy of a mailbox's last good version, where there is no file
// that it is a copy of. With isWhole the file itself goes first; a link in its
// place goes, and what it leads to stays. It reports whether there was a file.
func (d *Dir) Forget(mailbox string, isWhole bool) (was bool, err error) {
	name := Path(mailbox)
	if name == "" {
		return false, nil
	}
	w := d.file(name)
	w.mu.Lock() // whoever reads the file now makes its copy before
	defer w.mu.Unlock()
	if isWhole {
		if was, err = d.remove(name); err != nil {
			return was, fmt.Errorf("remove intents: %w", err)
		}
	}
	if w.look() != (shelf.Stamp{}) {
		return was, nil
	}
	w.seen, w.good, w.fault = "", nil, nil
	if path := w.goodPath(); path != "" {
		if err := os.Remove(path); err != nil && !absent(err) {
			return was, fmt.Errorf("remove the last good intents: %w", err)
		}
	}
	return was, nil
}

// remove takes a file away, without leaving the folder by any link.
func (d *Dir) remove(name string) (was bool, err error) {
	root, err := os.OpenRoot(d.root)
	if err == nil {
		defer root.Close()
		err = root.Remove(name)
	}
	if absent(err) {
		return false, nil
	}
	return err == nil, err
}

func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
