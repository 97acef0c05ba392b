// Package replay asks what stored decisions would have been under another file
// of statements. It never reads a store, and changes no decision.
package replay

import (
	"cmp"
	"time"

	"usher/classify"
	"usher/rules"
)

// MaxMoved is how many moved messages a replay lists; it counts them all.
const MaxMoved = 1000

// Replay is two files held against each other. Each message is judged at the time
// of its arrival, in the order in which they came, once under the file in force
// and once under the other: what differs is the files' doing. Caps count what each
// file would have had come through before. Overrides are left out of both.
type Replay struct {
	since      time.Time
	was, would side
	told       Result
}

// side is one of the two files, and what it would have had counted so far.
type side struct {
	rules.Files
	past tallied
}

// Result is what came of a replay.
type Result struct {
	Decisions int       `json:"decisions"`      // that were stored
	Since     time.Time `json:"since,omitzero"` // arrival of the first of them
	Until     time.Time `json:"until,omitzero"` // and of the last
	Personal  int       `json:"personal"`       // of them, which stay in the inbox whatever a file says
	Moved     []Move    `json:"moved"`          // newest last, at most MaxMoved
	Matrix    []Cell    `json:"matrix"`         // where they go, by where they would go
	Left      []Left    `json:"cannot_be_replayed,omitempty"`
}

// Move is one message that would go elsewhere.
type Move struct {
	ID        string            `json:"id"`
	At        time.Time         `json:"at"`
	From      string            `json:"from"`
	Subject   string            `json:"subject,omitempty"`
	Category  classify.Category `json:"category"`
	Was       rules.Disposition `json:"was"`
	WasBy     string            `json:"was_because"`
	WouldBe   rules.Disposition `json:"would_be"`
	Because   string            `json:"because"`
	Statement string            `json:"statement,omitempty"`
	Text      string            `json:"text,omitempty"`
}

// Cell counts messages that go to one place now, and would to another.
type Cell struct {
	Was     rules.Disposition `json:"was"`
	WouldBe rules.Disposition `json:"would_be"`
	Mails   int               `json:"mails"`
}

// Left counts decisions that cannot be made again, and says why.
type Left struct {
	Why       string `json:"why"`
	Decisions int    `json:"decisions"`
}

// New holds the file in force against another. It tells of messages that
// came at or after since; those before are only counted, for caps.
func New(inForce, other rules.Files, since time.Time) *Replay {
	return &Replay{since: since, was: side{inForce, tallied{}}, would: side{other, tallied{}}, told: Result{Moved: []Move{}, Matrix: []Cell{}}}
}

// decide replays a decision under one file, and counts it. What cannot be
// replayed counts as it did.
func (s *side) decide(d *rules.Decision) (*rules.Decision, error) {
	again, err := d.Again(s.Files, s.past)
	switch {
	case err != nil:
		s.past.add(d.At, d.Counts)
		return nil, err
	case again == nil:
		return &rules.Decision{Disposition: rules.Inbox, Because: "default", Text: "nothing is stated: the mailbox is not judged"}, nil
	}
	s.past.add(d.At, again.Counts)
	return again, nil
}

// Take replays one decision; they are to come in the order of time. A mailbox
// that would have no file is not judged: its mail passes to the inbox.
func (r *Replay) Take(d *rules.Decision) {
	was, err := r.was.decide(d)
	would, other := r.would.decide(d)
	if d.At.Before(r.since) {
		return
	}
	t := &r.told
	t.Decisions++
	if t.Since.IsZero() {
		t.Since = d.At
	}
	t.Until = d.At
	if err = cmp.Or(err, other); err != nil {
		r.leave(err)
		return
	}
	if d.Category == classify.Personal {
		t.Personal++
	}
	r.count(was.Disposition, would.Disposition)
	if was.Disposition != would.Disposition && len(t.Moved) < MaxMoved {
		t.Moved = append(t.Moved, Move{
			ID: d.ID, At: d.At, From: d.Sender.Brand, Subject: d.Subject, Category: d.Category,
			Was: was.Disposition, WasBy: was.Because, WouldBe: would.Disposition, Because: would.Because, Statement: would.Statement, Text: would.Text,
		})
	}
}

// tallied is a Past in memory: by name, when mails came that count under it.
type tallied map[string][]came

type came struct {
	at    time.Time
	order int // of the mail: one counts once, under however many names
	over  bool
}

func (t tallied) add(at time.Time, counts []rules.Count) {
	order := len(t[""])
	t[""] = append(t[""], came{at: at})
	for _, c := range counts {
		t[c.Of] = append(t[c.Of], came{at, order, c.Over})
	}
}

// Since is that of Past.
func (t tallied) Since(from time.Time, names []string) (all, through int) {
	seen := map[int]bool{}
	for _, name := range names {
		list := t[name]
		for i := len(list) - 1; i >= 0 && !list[i].at.Before(from); i-- {
			if seen[list[i].order] {
				continue
			}
			seen[list[i].order] = true
			if all++; !list[i].over {
				through++
			}
		}
	}
	return all, through
}

func (r *Replay) count(was, would rules.Disposition) {
	for i := range r.told.Matrix {
		if c := &r.told.Matrix[i]; c.Was == was && c.WouldBe == would {
			c.Mails++
			return
		}
	}
	r.told.Matrix = append(r.told.Matrix, Cell{was, would, 1})
}

func (r *Replay) leave(why error) {
	for i := range r.told.Left {
		if l := &r.told.Left[i]; l.Why == why.Error() {
			l.Decisions++
			return
		}
	}
	r.told.Left = append(r.told.Left, Left{why.Error(), 1})
}

// Done gives what came of it.
func (r *Replay) Done() Result { return r.told }
