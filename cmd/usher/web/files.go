package web

import (
	"errors"
	"os"
	"path/filepath"

	"usher/rules/intents"
	"usher/rules/intents/shelf"
	"usher/rules/people"
)

// Files are the persons' files beneath Root, which Dir judges by. Who can write
// in there may lay links to what the daemon alone may read or write: as for
// judging, no name and no link leads outside.
type Files struct {
	*people.Dir
	Root string
}

// path gives the file of a mailbox as a person names it, whether or not it
// exists; an error for a mailbox that can have none.
func (f Files) path(mailbox string) (string, error) {
	name := people.Path(mailbox)
	if name == "" {
		return "", errors.New("its name cannot be the name of a file")
	}
	return filepath.Join(f.Root, name), nil
}

func (f Files) folder() shelf.Folder { return shelf.Folder{Path: f.Root, Closed: true} }

// read gives the text of a mailbox's file. A link in its place is not followed,
// not even to another file in there: that one is another person's.
func (f Files) read(mailbox string) ([]byte, error) {
	name := people.Path(mailbox)
	if f.folder().IsLink(name) {
		return nil, shelf.ErrNotPlain
	}
	text, _, err := f.folder().Read(name, intents.MaxBytes)
	if len(text) > intents.MaxBytes {
		return nil, shelf.ErrNotPlain
	}
	return text, err
}

// replace writes a mailbox's file, if it is still as it was stated.
func (f Files) replace(mailbox string, was Stated, text []byte) error {
	if err := os.MkdirAll(f.Root, 0o700); err != nil {
		return err
	}
	var old []byte
	if was.Exists {
		old = append([]byte{}, was.Text...)
	}
	return f.folder().Replace(people.Path(mailbox), old, text)
}
