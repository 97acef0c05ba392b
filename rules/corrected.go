package rules

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/rules/lessons"
)

// Lessons finds what a person's corrections teach.
type Lessons interface {
	// Lessons gives the corrections of a normalised mailbox; nil if there are none. It
	// is asked once a decision.
	Lessons(mailbox string) *lessons.Book
}

// Errors of a correction.
var (
	ErrTarget = errors.New("that is neither a place nor a kind of mail")
	ErrScope  = errors.New("that is no scope")
	ErrTopic  = errors.New("the scope topic needs a topic, and the others have none")
	ErrThin   = errors.New("of a mail judged personal too little is kept to correct it")
)

// Correction is what a person says of a decision.
type Correction struct {
	To    string        // as lessons.Target reads it
	Scope lessons.Scope // "": the default
	Topic string        // of scope topic
	Way   string        // as in lessons.Label
}

// Label makes a label of a correction of a decision. Its errors are ErrTarget,
// ErrScope, ErrTopic and ErrThin.
func (d *Decision) Label(c Correction, at time.Time) (l lessons.Label, err error) {
	to, ok := lessons.Target(c.To)
	scope, topic := cmp.Or(c.Scope, lessons.Scopes[0]), strings.TrimSpace(c.Topic)
	switch {
	case !ok:
		return l, ErrTarget
	case !slices.Contains(lessons.Scopes, scope):
		return l, ErrScope
	case (scope == lessons.Topic) != (topic != ""):
		return l, ErrTopic
	case d.Category == classify.Personal:
		return l, ErrThin
	}
	l = lessons.Label{
		ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), At: at.UTC().Truncate(time.Second), Way: c.Way,
		Decision: d.ID, To: to, Was: string(d.Disposition), Scope: scope,
		Brand: d.Sender.Brand, Proven: d.Sender.Aligned, Category: d.Category, Topic: topic,
	}
	l.Scope = l.Narrowed()
	return l, nil
}

// byCorrection is what the source of a decision by a correction begins with.
const byCorrection = "correction:"

// ByCorrection gives the id of the correction that decided, "" if none did.
func (d *Decision) ByCorrection() string {
	id, ok := strings.CutPrefix(d.Because, byCorrection)
	if !ok {
		return ""
	}
	return id
}

// 3a. A correction comes after what is protected or may be needed, and after a
// written refuse or mute; it beats all that follows, upward and downward.
func (h *hearing) corrected() []ruling {
	l := h.lessons.Of(lessons.Facts{
		Brand: h.sender.Brand(), Proven: h.sender.Proven(), Category: h.verdict.Category,
		Serves: func(i *classify.Intent) bool { return h.verdict.Serves(i).Answer() == classify.Yes },
	})
	if l == nil {
		return nil
	}
	to := Disposition(l.Route())
	if to == "" {
		to = h.remains(classify.Category(l.To)).to
	}
	if to != Inbox && h.mayBeNeeded() {
		return nil
	}
	return []ruling{{voice: lesson, label: l.ID, stated: "you said: " + l.To, answer: classify.Yes, applies: true, to: to, text: l.Text(h.zone())}}
}

// likelySelling is how sure it must be that a notice is marketing for a lesson to lower
// it.
const likelySelling = 0.5

// mayBeNeeded reports a notice that is more likely none of marketing: of such nobody
// knows whether its reader can do without it, and what was said of others of its
// sender does not tell.
func (h *hearing) mayBeNeeded() bool {
	return h.verdict.Category == classify.Notification && h.verdict.Lowering() < likelySelling
}
