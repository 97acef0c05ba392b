// Package people keeps the files in which many people state what they want: read
// when needed, kept within a bound, read again when changed. It never judges by
// them.
package people

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"usher/classify/mail"
	"usher/rules/intents"
)

// DefaultBudget is how much memory the files of persons may take, in bytes, as
// they are counted: some 6,000 files of ten wants each. After a decision for each of
// 100,000 such people the heap had grown by 158 MB (BenchmarkHundredThousand).
const DefaultBudget = 256 << 20

// Bounds of looking at the disk.
const (
	maxLooks   = 256                    // files looked at at once; one that hangs holds a thread
	staleAfter = 250 * time.Millisecond // then a file in memory serves as it was seen last
	tellWithin = 5 * time.Second        // a question without a bound of its own is answered
)

// ErrBusy is the error of a file of which nothing is known yet while the disk
// does not answer.
var ErrBusy = errors.New("the disk does not answer")

// Dir reads persons' files from a folder, DOMAIN/LOCALPART.intents beneath it,
// and a site file. A file is read when it is first asked for, and again when it
// was changed; while it has mistakes or cannot be read, its last good version
// stays in force. Each question looks at the file's date, which takes some 10 µs;
// many that ask for one file at once look once, and nobody waits for the file of
// another. It may be used by several goroutines.
type Dir struct {
	// Good is a folder for copies of the last good versions, so that they
	// outlive a restart, and the file's leaving memory; "" for none: a file with
	// mistakes is then as good as absent until it is mended. Set it before the
	// first use.
	Good string

	Shown  func(name string) string // what the log calls a person's file, such as a hash; nil: its path
	Budget int                      // bytes of memory; 0: DefaultBudget. The least recently asked for leave first

	root, site string
	log        *slog.Logger

	mu     sync.Mutex          // never held while a disk is waited for
	files  map[string]*watched // by path beneath root; "" is the site's
	recent list.List           // of the *watched of persons, the last asked for in front
	held   int                 // what they cost
	looks  int                 // under way
	idle   sync.Cond           // looks is 0
}

// NewDir serves the files under root. sitePath may be "": no site file. Faults
// are logged without a word of the file; log may be nil.
func NewDir(root, sitePath string, log *slog.Logger) *Dir {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &Dir{root: root, site: sitePath, log: log, files: map[string]*watched{}}
	d.idle.L = &d.mu
	return d
}

// For returns the statements in force for a mailbox (as mail.Mailbox gives
// it), and those of the site. Either may be nil. Its error is that of ctx, or
// ErrBusy.
func (d *Dir) For(ctx context.Context, mailbox string) (own, site *intents.File, err error) {
	if d.site != "" {
		s, err := d.ask(ctx, "")
		if err != nil {
			return nil, nil, err
		}
		site = s.good
	}
	if name := Path(mailbox); name != "" {
		s, err := d.ask(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		own = s.good
	}
	return own, site, nil
}

// InForce is For where nobody says how long to wait: 5 s at most. What cannot be
// told then is nil.
func (d *Dir) InForce(mailbox string) (own, site *intents.File) {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	own, site, _ = d.For(ctx, mailbox)
	return own, site
}

// Fault returns what is wrong with a mailbox's file at present, nil if
// nothing. Fault("") asks for the site's file.
func (d *Dir) Fault(mailbox string) error {
	name := Path(mailbox)
	if mailbox == "" && d.site == "" || mailbox != "" && name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	s, err := d.ask(ctx, name)
	if err != nil {
		return err
	}
	return s.fault
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

// ask looks at a file, or waits for the look that is under way. Where the disk
// does not answer, a file in memory serves as it was seen last.
func (d *Dir) ask(ctx context.Context, name string) (seen, error) {
	w, l, known := d.look(name)
	if l != nil {
		wait := ctx
		if known {
			var cancel context.CancelFunc
			wait, cancel = context.WithTimeout(ctx, staleAfter)
			defer cancel()
		}
		select {
		case <-l.done:
			return l.found, nil
		case <-wait.Done():
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case w.last != nil:
		return *w.last, nil
	case ctx.Err() != nil:
		return seen{}, ctx.Err()
	}
	return seen{}, ErrBusy
}

// look begins to look at a file, unless that is under way; l is nil where too much
// is. It reports whether anything is known of the file.
func (d *Dir) look(name string) (w *watched, l *look, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w = d.files[name]
	if w == nil {
		w = &watched{dir: d, name: name}
	} else if w.place != nil {
		d.recent.MoveToFront(w.place)
	}
	if w.look == nil && d.looks < maxLooks {
		go d.finish(w, d.begin(w), w.refresh)
	}
	return w, w.look, w.last != nil
}

// begin notes that a look is under way. d.mu is held.
func (d *Dir) begin(w *watched) *look {
	d.files[w.name] = w
	d.looks++
	w.look = &look{done: make(chan struct{})}
	return w.look
}

// alone looks at a file in a way of its own, while nobody else looks at it.
func (d *Dir) alone(name string, find func(w *watched) seen) {
	for {
		d.mu.Lock()
		w := d.files[name]
		if w == nil {
			w = &watched{dir: d, name: name}
		}
		other := w.look
		if other == nil {
			l := d.begin(w)
			d.mu.Unlock()
			d.finish(w, l, func() seen { return find(w) })
			return
		}
		d.mu.Unlock()
		<-other.done
	}
}

// finish looks, and keeps what was found. A new version is in force before its
// copy is written, which takes the disk some milliseconds.
func (d *Dir) finish(w *watched, l *look, find func() seen) {
	l.found = find()
	write := w.copy
	w.copy = nil
	d.publish(w, l)
	if write != nil {
		write()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks--
	d.shrink()
	if d.looks == 0 {
		d.idle.Broadcast()
	}
}

// Wait waits until nothing is read or copied. Call it when nobody asks any more.
func (d *Dir) Wait() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.looks > 0 {
		d.idle.Wait()
	}
}

// publish puts what was found in force. Nothing is kept of a file that is not
// there, or memory would grow with every address that is tried.
func (d *Dir) publish(w *watched, l *look) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer close(l.done)
	w.look, w.last = nil, &l.found
	d.drop(w)
	if l.found == (seen{}) {
		return
	}
	d.files[w.name] = w
	w.cost = l.found.cost()
	if w.name == "" {
		return // whoever is asked for, the site's is
	}
	d.held += w.cost
	w.place = d.recent.PushFront(w)
	d.shrink()
}

// shrink has the files that nobody asked for the longest time leave memory until
// the rest is within the budget; all but the last asked for, and those that are
// looked at or copied.
func (d *Dir) shrink() {
	for at := d.recent.Back(); d.held > d.budget() && at != d.recent.Front(); {
		w := at.Value.(*watched)
		at = at.Prev()
		if w.look == nil && w.copying.TryLock() {
			d.drop(w)
			w.copying.Unlock()
		}
	}
}

// drop forgets a file.
func (d *Dir) drop(w *watched) {
	if w.place != nil {
		d.recent.Remove(w.place)
		d.held -= w.cost
		w.place = nil
	}
	delete(d.files, w.name)
}

func (d *Dir) budget() int {
	if d.Budget > 0 {
		return d.Budget
	}
	return DefaultBudget
}
