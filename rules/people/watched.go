package people

import (
	"bytes"
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

// watched is one file of a Dir.
type watched struct {
	dir  *Dir
	name string

	// Under Dir.mu.
	look  *look         // under way; nil: none is
	last  *seen         // what was found last; nil: nothing was yet
	place *list.Element // in Dir.recent; nil: it is not there
	cost  int

	copying sync.Mutex // held from the reading of a good version until it is copied

	// Of the look under way alone.
	stamps string // of what was read last
	copy   func() // keeps a copy of what was read last; nil: nothing new was read
	good   *intents.File
	size   int // bytes of its text, and of the lists that it names
	beyond int // those of the lists of the version read last
	fault  error
}

// seen is a file as it was found: the version in force, and what is wrong with
// the newest. The zero seen is that of no file.
type seen struct {
	good  *intents.File
	size  int // bytes of its text, and of the lists that it names
	fault error
}

// What a file takes in memory, in bytes, with all that is made of it once mail in
// several languages was held against it. Ten wants of 541 bytes took 44 KB, a
// thousand of 53 KB 1.6 MB.
const (
	perFile = 16 << 10
	perByte = 50
)

func (s seen) cost() int { return perFile + perByte*s.size }

// look is one look at the disk. found is there once done is closed.
type look struct {
	done  chan struct{}
	found seen
}

// folder is where the file lies, and name what it is called there; beside
// names a file next to it.
func (w *watched) folder() (f shelf.Folder, name string) {
	if w.name == "" {
		return w.dir.sites(), filepath.Base(w.dir.site)
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

// refresh finds the version in force, read again if anything changed.
func (w *watched) refresh() (s seen) {
	defer func() {
		if broken := recover(); broken != nil { // nobody's file may end the program
			s = seen{w.good, w.size, fmt.Errorf("read intents %s: %v", w.path(), broken)}
			w.dir.log.Error("an intents file broke its reader", "file", w.shown())
		}
	}()
	folder, name := w.folder()
	now := folder.Look(name)
	if now == (shelf.Stamp{}) {
		w.stamps, w.good, w.fault = "", nil, nil
		w.copied() // what is done with the file is done, before it is forgotten
		return seen{}
	}
	if key := w.key(now); key != w.stamps {
		w.read()
		w.stamps = w.key(now) // a new version may name other files
	}
	return seen{w.good, w.size, w.fault}
}

// key joins the stamps of the file and of the lists that it names.
func (w *watched) key(s shelf.Stamp) string {
	key := fmt.Sprint(s)
	folder, _ := w.folder()
	if w.good != nil {
		for _, l := range w.good.Lists {
			key += fmt.Sprint(folder.Look(w.beside(l.Name)))
			if w.mayBeSites(l.Name) {
				key += fmt.Sprint(w.dir.sites().Look(l.Name))
			}
		}
	}
	return key
}

// read takes a new version into force, or notes what is wrong with it.
func (w *watched) read() {
	folder, name := w.folder()
	f, text, err := w.parse(folder, name)
	if err == nil {
		w.good, w.size, w.fault = f, len(text)+w.beyond, nil
		if path := w.goodPath(); path != "" {
			w.copying.Lock()
			w.copy = func() {
				defer w.copying.Unlock()
				w.keep(path, text, f.At)
			}
		}
		return
	}
	if w.good == nil {
		w.good, w.size = w.kept()
	}
	w.fault = fmt.Errorf("read intents %s: %w", w.path(), err)
	w.tell(err)
}

// parse reads a version of the file, and the lists beside it.
func (w *watched) parse(folder shelf.Folder, name string) (*intents.File, []byte, error) {
	text, at, err := folder.Read(name, intents.MaxBytes)
	if err != nil {
		return nil, nil, err
	}
	f, errs := intents.Parse(w.path(), text, at)
	if errs != nil {
		return nil, nil, errs
	}
	w.beyond = 0
	f.ReadLists(w.list)
	return f, text, nil
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

// list reads a list that the file names: it stands beside it, or beside the
// site's, where the admin chose it for all.
func (w *watched) list(name string) ([]byte, time.Time, error) {
	f, _ := w.folder()
	text, at, err := f.Read(w.beside(name), intents.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) && w.mayBeSites(name) {
		text, at, err = w.dir.sites().Read(name, intents.MaxBytes)
	}
	w.beyond += len(text)
	return text, at, err
}

// mayBeSites reports whether a list may stand beside the site's file. Other
// things stand there too, which no person's file may ask about: a list of the
// site's ends in .txt.
func (w *watched) mayBeSites(name string) bool {
	return w.name != "" && w.dir.site != "" && strings.HasSuffix(name, ".txt")
}

// sites is the folder of the site's file.
func (d *Dir) sites() shelf.Folder { return shelf.Folder{Path: filepath.Dir(d.site)} }

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

// keep copies a good version, unless the copy is there. Its date goes with it:
// relative dates are read against that.
func (w *watched) keep(path string, text []byte, at time.Time) {
	folder := shelf.Folder{Path: filepath.Dir(path)}
	old, then, err := folder.Read(filepath.Base(path), intents.MaxBytes)
	if err == nil && then.Equal(at) && bytes.Equal(old, text) {
		return
	}
	err = os.MkdirAll(folder.Path, 0o700)
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

// kept reads the copy back, nil if there is none.
func (w *watched) kept() (f *intents.File, size int) {
	path := w.goodPath()
	if path == "" {
		return nil, 0
	}
	f, text, err := w.parse(shelf.Folder{Path: filepath.Dir(path)}, filepath.Base(path))
	if err != nil {
		return nil, 0
	}
	return f, len(text) + w.beyond
}

// copied waits until the last good version is copied.
func (w *watched) copied() {
	w.copying.Lock()
	defer w.copying.Unlock()
}
