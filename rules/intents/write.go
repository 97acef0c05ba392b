package intents

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
)

// Write replaces the file at path so that a reader sees the old text or the
// new one whole, also after a crash. A file that is there keeps its mode and,
// as far as the caller may, its owner; a new one has mode 0600. The folder must
// be there.
func Write(path string, text []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write intents %s: %w", path, err)
		}
	}()
	mode := fs.FileMode(0o600)
	old, err := os.Lstat(path)
	switch {
	case err == nil && !old.Mode().IsRegular():
		return errors.New("this is no plain file")
	case err == nil:
		mode = old.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	folder := filepath.Dir(path)
	tmp, err := os.CreateTemp(folder, ".intents-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed
	if err := fill(tmp, text, mode, old); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func fill(tmp *os.File, text []byte, mode fs.FileMode, old fs.FileInfo) error {
	if old != nil {
		if st, ok := old.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
			// Only root may; a file that changes hands is better than an edit lost.
			_ = tmp.Chown(int(st.Uid), int(st.Gid))
		}
	}
	if err := tmp.Chmod(mode); err != nil {
		return err
	}
	if _, err := tmp.Write(text); err != nil {
		return err
	}
	return tmp.Sync()
}

// syncFolder makes a rename last. Some file systems know no sync of a folder.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

const first = `# What %s wants of marketing mail.
# A line says one thing; # begins a comment. "usher intents check" reads the file
# back to you, and "usher intents test MESSAGE.eml" shows what it would do.

# zone    Europe/Helsinki            # dates below are read in your zone
# speak   fi en                      # promotions in other languages go to the digest
# observe until 2030-01-31           # judge and record, touch nothing: a safe first week

# Always in the inbox, whatever follows.
protect  receipts, orders, invoices, delivery, security codes, travel, tax, appointments, people
# protect list <parents.school.example>
# protect from *@city.example

# Who may market to you, and on which terms. A grant names a domain.
# grant   shop.example for outdoor clothing, repair until 2030-12-31

# What you are in the market for. It reaches the inbox when it fits.
# want    "winter running shoes" not kids under 120 EUR until 2030-12-24
# want    newsletters about databases

# What you do not want. Refused mail is filed, never deleted.
# refuse  gambling, crypto
# refuse  tracking by behaviour      # "you left this in your basket"
# mute    "Some Shop" until 2030-01-07

# Everything else: inbox, promotions, digest or refuse.
promotions     promotions
newsletters    inbox
notifications  inbox
unknown        digest
`

// Init returns a first file for a mailbox: it parses without a mistake, and
// moves promotions alone.
func Init(mailbox string) []byte {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, mailbox)
	return fmt.Appendf(nil, first, name)
}
