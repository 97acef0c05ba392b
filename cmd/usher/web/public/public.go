// Package public answers everybody with what a site asks of bulk mail. It never
// answers with what the site's statements contradict, and reads nothing of one person.
package public

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
	"usher/rules/terms"
)

// Kept is how long a version is answered for after it was last in force: a sender
// that acknowledged it may look it up that long.
const Kept = 3 * 365 * 24 * time.Hour

// Terms are the published terms of a site: a file that is read anew whenever somebody
// asks, and the earlier versions of it.
type Terms struct {
	Settings
	dir  string // of all versions
	site func() *intents.File
	log  *slog.Logger
	now  func() time.Time

	link  atomic.Pointer[string]
	mu    sync.Mutex
	fault string // told last
}

// Settings say which file is published, and where senders find it.
type Settings struct {
	File string // "": nothing is published
	URL  string // "": the well-known one of the document's domain
	terms.Told
}

// Check says what must be changed before s can be used, or nil.
func (s Settings) Check() error {
	switch {
	case s.URL == "":
		return nil
	case s.File == "":
		return errors.New("terms-url means nothing without terms-file")
	case !strings.HasPrefix(s.URL, "https://") || len(s.URL) > 200 || strings.ContainsFunc(s.URL, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == ';' }):
		return fmt.Errorf("terms-url %q: write an https URL of at most 200 characters", s.URL)
	}
	return nil
}

// Version is terms that are in force.
type Version struct {
	terms.Document
	Text []byte
	At   string // the URL
}

// Read reads the file and holds it against the site's statements on a day.
func (s Settings) Read(site *intents.File, now time.Time) (*Version, error) {
	text, _, err := shelf.Folder{Path: filepath.Dir(s.File)}.Read(filepath.Base(s.File), terms.MaxBytes+1)
	if err != nil {
		return nil, fmt.Errorf("read terms %s: %w", s.File, err)
	}
	d, err := terms.Read(text)
	if err != nil {
		return nil, fmt.Errorf("read terms %s: %w", s.File, err)
	}
	if wrong := terms.Contradictions(d, site, terms.Today(site, now), s.Told); len(wrong) > 0 {
		return nil, fmt.Errorf("terms %s: %s", s.File, strings.Join(wrong, "; "))
	}
	return &Version{d, text, cmp.Or(s.URL, d.URL())}, nil
}

// Open gives the terms of a site, versions of which are kept in a folder. It fails
// where the file contradicts what site gives.
func Open(s Settings, dir string, site func() *intents.File, log *slog.Logger) (*Terms, error) {
	t := &Terms{Settings: s, dir: dir, site: site, log: log, now: time.Now}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep terms: %w", err)
	}
	v, err := s.Read(site(), t.now())
	if err == nil {
		err = t.keep(v)
	}
	if err != nil {
		return nil, err
	}
	t.link.Store(&v.At)
	t.end()
	return t, nil
}

// Now is the version in force, nil where the file does not say what the site's
// statements do; that is logged once.
func (t *Terms) Now() *Version {
	v, err := t.Read(t.site(), t.now())
	if err == nil {
		err = t.keep(v)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil && err.Error() != t.fault {
		t.fault = err.Error()
		t.log.Warn("no terms are published: write them anew with `usher terms write`", "error", err)
	}
	if err != nil {
		t.link.Store(new(string))
		return nil
	}
	t.link.Store(&v.At)
	t.fault = ""
	return v
}

// Link is where the version in force is found, "" if there is none, as far as Now was
// asked: a reply on the wire waits for no disk.
func (t *Terms) Link() string { return *t.link.Load() }

// Published reports whether a version has that hash, and is answered for.
func (t *Terms) Published(sum string) bool {
	st, err := os.Stat(t.path(sum))
	return named.MatchString(sum+".json") && err == nil && t.now().Sub(st.ModTime()) <= Kept
}

// keep keeps a version for those who ask later; its file is of the day on which it was
// last in force.
func (t *Terms) keep(v *Version) error {
	path := t.path(terms.Sum(v.Text))
	switch st, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := shelf.Write(path, v.Text); err != nil {
			return fmt.Errorf("keep terms: %w", err)
		}
	case err != nil:
		return fmt.Errorf("keep terms: %w", err)
	case t.now().Sub(st.ModTime()) > 24*time.Hour:
		return os.Chtimes(path, time.Time{}, t.now())
	}
	return nil
}

func (t *Terms) path(sum string) string { return filepath.Join(t.dir, sum+".json") }

// end lets go of the versions that nobody may ask for any more.
func (t *Terms) end() {
	all, _ := os.ReadDir(t.dir)
	for _, e := range all {
		if st, err := e.Info(); err == nil && named.MatchString(e.Name()) && t.now().Sub(st.ModTime()) > Kept {
			os.Remove(filepath.Join(t.dir, e.Name()))
		}
	}
}

// Routes are what is answered, by pattern.
func (t *Terms) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + mail.PathTerms:              t.current,
		"GET " + mail.PathTermsOf + "{name}": t.earlier,
	}
}

// named is the name of a version.
var named = regexp.MustCompile(`^[0-9a-f]{64}\.json$`)

func (t *Terms) current(w http.ResponseWriter, _ *http.Request) {
	v := t.Now()
	if v == nil {
		none(w)
		return
	}
	answer(w, v.Text, "max-age=3600")
}

func (t *Terms) earlier(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	path := filepath.Join(t.dir, name)
	if !named.MatchString(name) {
		none(w)
		return
	}
	st, err := os.Stat(path)
	if err != nil || t.now().Sub(st.ModTime()) > Kept {
		none(w)
		return
	}
	text, err := os.ReadFile(path)
	if err != nil || terms.Sum(text)+".json" != name {
		none(w)
		return
	}
	answer(w, text, "max-age=31536000, immutable")
}

func answer(w http.ResponseWriter, text []byte, cache string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", cache)
	w.Write(text)
}

func none(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	w.Write([]byte(`{"error":"no terms are published here","hint":"the recipient's domain names them in DNS, at ` + mail.LabelTerms + `"}` + "\n"))
}
