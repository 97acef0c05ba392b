package person

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/show"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

// source is an intents file: on this disk, or at the daemon.
type source struct {
	name   string // as shown in messages
	text   []byte
	exists bool

	mailbox  string // whose it is
	fromDisk bool
	fault    string
	again    func() (source, error)  // reads it anew
	lists    func(*intents.File)     // tells a version of it of the lists that it names
	write    func(text []byte) error // fails with shelf.ErrChanged if it is no longer the file that was read
}

// stated opens the file that a command works on.
func (std streams) stated(c *cli.Context, path string) (source, error) {
	if path == "" {
		path = c.Path("file")
	}
	if path != "" {
		return onDisk(path)
	}
	return std.atDaemon(c)
}

func onDisk(path string) (source, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return source{}, fmt.Errorf("read intents: %w", err)
	}
	return source{
		name: path, mailbox: "you@example.org", fromDisk: true, text: text, exists: err == nil,
		again: func() (source, error) { return onDisk(path) },
		lists: func(f *intents.File) { f.ReadLists(intents.Beside(path)) },
		write: func(fresh []byte) error {
			return shelf.Folder{Path: filepath.Dir(path)}.Replace(filepath.Base(path), text, fresh)
		},
	}, nil
}

func (std streams) atDaemon(c *cli.Context) (source, error) {
	client := daemonAt(c)
	st, err := client.Intents(c.Context, c.String("rcpt"))
	if err != nil {
		return source{}, err
	}
	return source{
		name: "the intents of " + st.Mailbox, mailbox: st.Mailbox, text: []byte(st.Text), exists: st.Exists, fault: st.Fault,
		again: func() (source, error) { return std.atDaemon(c) },
		lists: func(f *intents.File) { f.MissLists(st.Unread) },
		write: func(fresh []byte) error {
			st.Text = string(fresh)
			stored, err := client.PutIntents(c.Context, st)
			if err == nil {
				st = stored
			}
			return err
		},
	}, nil
}

// present is stated, for commands that want a file to be there.
func (std streams) present(c *cli.Context, path string) (source, error) {
	s, err := std.stated(c, path)
	if err == nil && !s.exists {
		what := s.name + " is not there"
		if !s.fromDisk {
			what = s.mailbox + " has no intents yet"
		}
		err = show.Hint(errors.New(what), "`usher intents init` writes a first file")
	}
	return s, err
}
