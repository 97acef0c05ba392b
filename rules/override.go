package rules

import (
	"fmt"
	"strings"
	"time"

	"usher/classify"
	"usher/rules/intents"
	"usher/rules/senders"
)

// MaxOverride is how long an override lasts at most: one that is forgotten must
// not undo a person's file for good.
const MaxOverride = 7 * 24 * time.Hour

// Override lets a person's mail, or one brand's, into the inbox for a time,
// whatever the file says. It is a command, not a statement: it teaches nothing.
type Override struct {
	ID    string    `json:"id"` // ULID
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`           // the first moment at which it is over
	Brand string    `json:"brand,omitempty"` // a domain, or an address at a freemail domain; "": all mail
	Ended bool      `json:"ended,omitempty"` // by its owner, before its time
}

// InForce reports whether an override holds at a moment.
func (o Override) InForce(at time.Time) bool { return !at.Before(o.From) && at.Before(o.Until) }

// Overrides finds what a person let in by command.
type Overrides interface {
	// InForce lists the overrides of a normalised mailbox that hold at a moment,
	// the first one first. It is asked once a decision.
	InForce(mailbox string, at time.Time) []Override
}

// bySource is what the source of a decision by an override begins with.
const bySource = "override:"

// ByOverride gives the id of the override that decided, "" if none did.
func (d *Decision) ByOverride() string {
	id, ok := strings.CutPrefix(d.Because, bySource)
	if !ok {
		return ""
	}
	return id
}

// 1. An override lets in what would have gone lower. What goes to the inbox
// anyway keeps its own reason. A brand is let in only where it is proven: who
// waits for mail that cannot be proven overrides for all.
func (h *hearing) overridden(won ruling, others []ruling) (ruling, []ruling) {
	if won.to == Inbox {
		return won, others
	}
	for _, o := range h.overrides {
		if o.Brand != "" && !senders.Comes(h.sender, []string{o.Brand}) {
			continue
		}
		until := o.Until.In(h.zone())
		clock := until.Format("15:04")
		if intents.DateOf(until) != h.day {
			clock = until.Format("Mon 2 Jan 15:04")
		}
		text := fmt.Sprintf("until %s by your override; it would go to %s: %s", clock, won.to.place(), won.text)
		return ruling{override: o.ID, answer: classify.Yes, applies: true, to: Inbox, text: text, displaced: &won}, others
	}
	return won, others
}
