package people

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Forget removes the copy of a mailbox's last good version, where there is no file
// that it is a copy of. With isWhole the file itself goes first; a link in its
// place goes, and what it leads to stays. It reports whether there was a file.
func (d *Dir) Forget(mailbox string, isWhole bool) (was bool, err error) {
	name := Path(mailbox)
	if name == "" {
		return false, nil
	}
	d.alone(name, func(w *watched) seen {
		w.copied() // whoever read the file makes its copy before
		if isWhole {
			if was, err = d.remove(name); err != nil {
				err = fmt.Errorf("remove intents: %w", err)
				return w.refresh()
			}
		}
		found := w.refresh()
		if path := w.goodPath(); path != "" && found == (seen{}) {
			if e := os.Remove(path); e != nil && !absent(e) {
				err = fmt.Errorf("remove the last good intents: %w", e)
			}
		}
		return found
	})
	return was, err
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
