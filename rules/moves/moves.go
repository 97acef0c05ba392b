// Package moves tells what a person says by moving a message from one folder to
// another. It never keeps what it is told longer than a few seconds, and takes
// nothing for a lesson that a program or a whole selection may have moved.
package moves

import (
	"strings"
	"sync"
	"time"

	"usher/rules"
	"usher/rules/lessons"
)

// Folders, as moves name them.
const (
	Inbox      = "INBOX"
	Promotions = "Promotions"
	Refused    = "Refused"
	Trash      = "Trash"
	Archive    = "Archive"
	Junk       = "Junk"
	Want       = "Usher/Want"          // what comes of this kind from this brand belongs in the inbox
	Stop       = "Usher/Stop"          // nothing of this brand any more
	OnlyThis   = "Usher/Only this one" // this message, and no other
	Other      = "other"               // a folder of the person's own
)

// names are what mail programs and servers call the folders, in lower case.
var names = map[string]string{
	"inbox": Inbox, "promotions": Promotions, "refused": Refused,
	"trash": Trash, "deleted items": Trash, "deleted messages": Trash, "bin": Trash,
	"archive": Archive, "archives": Archive, "all mail": Archive, "junk": Junk, "spam": Junk,
	"usher/want": Want, "usher/stop": Stop, "usher/only this one": OnlyThis,
}

// Folder gives the folder of a name, whatever its case, its separator and whether it
// stands beneath INBOX. A folder that people have made is Other: what they call it is
// theirs.
func Folder(name string) string {
	name = strings.ToLower(name)
	if rest, is := strings.CutPrefix(name, "inbox"); is && len(rest) > 1 && !letter(rest[0]) {
		name = rest[1:] // INBOX.Junk
	}
	if rest, is := strings.CutPrefix(name, "usher"); is && len(rest) > 1 && !letter(rest[0]) {
		name = "usher/" + rest[1:]
	}
	if known := names[name]; known != "" {
		return known
	}
	return Other
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 0x80 }

// Said is what a move says of the message.
type Said struct {
	To    string // as lessons.Target reads it
	Scope lessons.Scope
}

// Between reads a move from one folder to another; ok is false where it says nothing:
// what leaves for Trash, Archive, Junk or a folder of one's own was read, not
// corrected, and what comes from there was never a matter of ours.
func Between(from, to string) (s Said, ok bool) {
	switch to {
	case Want:
		return Said{"inbox", lessons.Kind}, true
	case Stop:
		return Said{"refuse", lessons.Brand}, true
	case OnlyThis:
		return Said{"inbox", lessons.Message}, true
	}
	ours := map[string]string{Inbox: "inbox", Promotions: "promotions", Refused: "refuse"}
	if ours[from] == "" || ours[to] == "" || from == to {
		return Said{}, false
	}
	return Said{ours[to], lessons.Kind}, true
}

// FiledIn is the folder into which a message was filed.
func FiledIn(d *rules.Decision) string {
	at := d.Disposition
	if d.Outcome != nil {
		at = d.Outcome.Applied
	}
	switch {
	case d.Observed:
		return Inbox
	case at == rules.Promotions || at == rules.Digest:
		return Promotions
	case at == rules.Refuse || at == rules.Reject:
		return Refused
	}
	return Inbox
}

// What tells a hand from a program. A hand drags one message every second or two;
// a selection of many is reported within a second or two, whatever was in it.
const (
	Settled = 5 * time.Second  // after delivery: what moves before is moved by a filter
	Quiet   = 10 * time.Second // within which more than Most moves are a selection
	Most    = 5
)

// Arrivals knows what was delivered in the last seconds. Decisions do not: they have
// the minute. The zero value is ready.
type Arrivals struct {
	mu sync.Mutex
	at map[string]time.Time // by decision
}

// maxArrivals bounds what was delivered in the last seconds, as it is known.
const maxArrivals = 50_000

// Note notes that the message of a decision is delivered.
func (a *Arrivals) Note(decision string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == nil || len(a.at) >= maxArrivals {
		kept := map[string]time.Time{}
		for id, at := range a.at {
			if now.Sub(at) < Settled && len(kept) < maxArrivals/2 {
				kept[id] = at
			}
		}
		a.at = kept
	}
	a.at[decision] = now
}

// Settled reports whether a message has lain where it was filed for a while.
func (a *Arrivals) Settled(decision string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, known := a.at[decision]
	return !known || now.Sub(at) >= Settled
}

// maxBoxes bounds the mailboxes in which something moved a moment ago.
const maxBoxes = 10_000

// Hands tells moves by hand from those of a selection. The zero value is ready.
type Hands struct {
	mu sync.Mutex
	of map[string]*burst // by mailbox
}

// burst is what moved in a mailbox without a pause.
type burst struct {
	last   time.Time
	recent []time.Time // of the last Quiet, at most Most+1
	many   bool        // it was a selection, and goes on being one until it pauses
	taught []string    // labels within
}

// Move notes a move. It gives false if that is one of a selection, and then takes
// back, those labels that the first of the selection taught.
func (h *Hands) Move(mailbox string, now time.Time) (byHand bool, back []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.of[mailbox]
	if b == nil || now.Sub(b.last) >= Quiet {
		h.forget(now)
		b = &burst{}
		h.of[mailbox] = b
	}
	b.last = now
	for len(b.recent) > 0 && now.Sub(b.recent[0]) >= Quiet {
		b.recent = b.recent[1:]
		if len(b.taught) > len(b.recent) {
			b.taught = b.taught[len(b.taught)-len(b.recent):] // those before were moved by hand
		}
	}
	b.recent = append(b.recent, now)
	if b.many = b.many || len(b.recent) > Most; b.many {
		b.recent = b.recent[:0]
		back, b.taught = b.taught, nil
	}
	return !b.many, back
}

// Taught notes what the last move of a mailbox taught: should it turn out to be one
// of a selection, it is taken back. It gives false where that is known by now.
func (h *Hands) Taught(mailbox, label string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.of[mailbox]
	if b == nil {
		return true
	}
	if b.many {
		return false
	}
	b.taught = append(b.taught, label)
	return true
}

// forget drops those that pause, or all if they are too many.
func (h *Hands) forget(now time.Time) {
	for box, b := range h.of {
		if now.Sub(b.last) >= Quiet {
			delete(h.of, box)
		}
	}
	if h.of == nil || len(h.of) >= maxBoxes {
		h.of = map[string]*burst{}
	}
}

// Bounds of reports of moves, a minute.
const (
	maxReports = 1200 // all together
	maxOfOne   = 300  // of one mailbox: a folder that is emptied
)

// Flood counts the reports of a minute. The zero value is ready.
type Flood struct {
	mu     sync.Mutex
	minute int64
	all    int
	of     map[string]int // by mailbox; never more than maxReports
}

// Enter counts a report of a mailbox, and gives false if there are too many.
func (f *Flood) Enter(mailbox string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if minute := now.Unix() / 60; minute != f.minute {
		f.minute, f.all, f.of = minute, 0, map[string]int{}
	}
	if f.all >= maxReports || f.of[mailbox] >= maxOfOne {
		return false
	}
	f.all++
	f.of[mailbox]++
	return true
}
