// Package people keeps the files in which many people state what they want: read
// when needed, read again when changed. It never judges by them.
package people

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

// Dir reads persons' files from a folder, DOMAIN/LOCALPART.intents beneath it,
// and a site file. A file that is changed is read again; while it has mistakes
// or cannot be read, its last good version stays in force. It may be used by
// several goroutines.
type Dir struct {
	// Good is a folder for copies of the last good versions, so that they
	// outlive a restart; "" for none: after a restart a file with mistakes is
	// then as good as absent until it is mended. Set it before the first use.
	Good string

	Shown func(name string) string // what the log calls a person's file, such as a hash; nil: its path

	root, site string
	log        *slog.Logger

	mu    sync.Mutex
	files map[string]*watched // by path beneath root; "" is the site's
}

// NewDir serves the files under root. sitePath may be "": no site file. Faults
// are logged without a word of the file; log may be nil.
func NewDir(root, sitePath string, log *slog.Logger) *Dir {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Dir{root: root, site: sitePath, log: log, files: map[string]*watched{}}
}

// For returns the statements in force for a mailbox (as mail.Mailbox gives
// it), and those of the site. Either may be nil.
func (d *Dir) For(mailbox string) (own, site *intents.File) {
	if d.site != "" {
		site = d.file("").file()
	}
	if name := Path(mailbox); name != "" {
		own = d.file(name).file()
	}
	return own, site
}

// Fault returns what is wrong with a mailbox's file at present, nil if
// nothing. Fault("") asks for the site's file.
func (d *Dir) Fault(mailbox string) error {
	name := Path(mailbox)
	if mailbox == "" && d.site == "" || mailbox != "" && name == "" {
		return nil
	}
	w := d.file(name)
	w.file()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault
}

// Path returns where a mailbox's file lies beneath the root,
// DOMAIN/LOCALPART.intents, or "" for a mailbox that can have none: its names
// would leave the folder, hide in it, or be too long for it.
func Path(mailbox string) string {
	local, domain, _ := mail.SplitAddress(mailbox)
	for _, name := range []string{local, domain} {
		odd := strings.ContainsFunc(name, func(r rune) bool {
			return r == '/' || r == '\\' || unicode.IsControl(r) || r == unicode.ReplacementChar
		})
		if odd || name == "" || strings.HasPrefix(name, ".") || len(name) > 200 {
			return ""
		}
	}
	return domain + "/" + local + ".intents"
}

// file returns what is kept of a file. Nothing is kept of files that are not
// there, or the map would grow with every address that is tried.
func (d *Dir) file(name string) *watched {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.files[name]
	if w == nil {
		w = &watched{dir: d, name: name}
		if name == "" || w.look() != (shelf.Stamp{}) {
			d.files[name] = w
		}
	}
	return w
}

// watched is one file as last seen.
type watched struct {
	dir  *Dir
	name string

	mu    sync.Mutex
	seen  string // the stamps of what was read last
	good  *intents.File
	fault error
}

// folder is where the file lies, and name what it is called there; beside
// names a file next to it.
func (w *watched) folder() (f shelf.Folder, name string) {
	if w.name == "" {
		return shelf.Folder{Path: filepath.Dir(w.dir.site)}, filepath.Base(w.dir.site)
	}
	return shelf.Folder{Path: w.dir.root, Closed: true}, w.name
}

func (w *watched) beside(name string) string {
	_, own := w.folder()
	return filepath.Join(filepath.Dir(own), name)
}

// shown is the file's name in the log.
func (w *watched) shown() string {
	if w.name == "" || w.dir.Shown == nil {
		return w.path()
	}
	return w.dir.Shown(w.name)
}

// path names the file for a person.
func (w *watched) path() string {
	f, name := w.folder()
	return filepath.Join(f.Path, name)
}

func (w *watched) look() shelf.Stamp {
	f, name := w.folder()
	return f.Look(name)
}

// file returns the version in force, read again if anything changed.
func (w *watched) file() *intents.File {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.look()
	if now == (shelf.Stamp{}) {
		w.seen, w.good, w.fault = "", nil, nil
		return nil
	}
	if key := w.key(now); key != w.seen {
		w.read()
		w.seen = w.key(now) // a new version may name other files
	}
	return w.good
}

// key joins the stamps of the file and of the lists that it names.
func (w *watched) key(s shelf.Stamp) string {
	key := fmt.Sprint(s)
	folder, _ := w.folder()
	if w.good != nil {
		for _, r := range w.good.Refuses {
			if r.BrandsIn != "" {
				key += fmt.Sprint(folder.Look(w.beside(r.BrandsIn)))
			}
		}
	}
	return key
}

// read takes a new version into force, or notes what is wrong with it.
func (w *watched) read() {
	folder, name := w.folder()
	text, at, err := folder.Read(name, intents.MaxBytes)
	var f *intents.File
	if err == nil {
		var errs intents.Errors
		if f, errs = intents.Parse(w.path(), text, at); errs != nil {
			err = errs
		}
	}
	if err == nil {
		f.ReadLists(w.list)
		w.good, w.fault = f, nil
		w.keep(text, at)
		return
	}
	if w.good == nil {
		w.good = w.kept()
	}
	w.fault = fmt.Errorf("read intents %s: %w", w.path(), err)
	w.tell(err)
}

// tell logs a fault without a word of the file.
func (w *watched) tell(err error) {
	force := "no version of it"
	if w.good != nil {
		force = "its last good version"
	}
	var errs intents.Errors
	if errors.As(err, &errs) {
		w.dir.log.Warn("intents file has mistakes", "file", w.shown(), "mistakes", len(errs), "first_line", errs[0].Line, "in_force", force)
		return
	}
	w.dir.log.Warn("intents file cannot be read", "file", w.shown(), "err", shelf.Cause(err), "in_force", force)
}

func (w *watched) list(name string) ([]byte, error) {
	f, _ := w.folder()
	text, _, err := f.Read(w.beside(name), intents.MaxBytes)
	return text, err
}

// goodPath is where the last good version is copied to, "" for nowhere.
func (w *watched) goodPath() string {
	switch {
	case w.dir.Good == "":
		return ""
	case w.name == "":
		return filepath.Join(w.dir.Good, "site")
	}
	return filepath.Join(w.dir.Good, w.name)
}

// keep copies a good version. Its date goes with it: relative dates are read
// against that.
func (w *watched) keep(text []byte, at time.Time) {
	path := w.goodPath()
	if path == "" {
		return
	}
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = shelf.Write(path, text)
	}
	if err == nil {
		err = os.Chtimes(path, at, at)
	}
	if err != nil {
		w.dir.log.Warn("last good version of an intents file is not kept", "file", w.shown(), "err", shelf.Cause(err))
	}
}

// kept reads the copy back after a restart, nil if there is none.
func (w *watched) kept() *intents.File {
	path := w.goodPath()
	if path == "" {
		return nil
	}
	f, errs, err := intents.Load(path)
	if err != nil || errs != nil {
		return nil
	}
	f.ReadLists(w.list)
	return f
}
