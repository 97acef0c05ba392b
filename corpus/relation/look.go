package relation

import (
	"errors"
	"slices"
	"time"

	"usher/corpus"
	"usher/corpus/digest"
	"usher/rules"
	"usher/rules/lessons"
)

// Day is how much came on one day.
type Day struct {
	Date     string `json:"date"` // in UTC
	Mails    int    `json:"mails"`
	SetAside int    `json:"set_aside"`
}

// LookInto adds to stats what a store has of corrections and digests.
func (s *Stats) LookInto(store *corpus.Store, mailbox string, now time.Time) error {
	labels, err := store.Labels(mailbox)
	if err != nil {
		return err
	}
	sent, err := store.Digests(mailbox)
	if err != nil {
		return err
	}
	late := Lateness{Sent: sent}
	s.Look(labels, sent)
	if since, err := time.Parse(time.DateOnly, s.From); err == nil && len(sent) > 0 {
		err = store.EachDecision(mailbox, since, now, func(d *rules.Decision) bool { late.Add(d); return true })
		if err != nil && !errors.Is(err, corpus.ErrNotFound) {
			return err
		}
	}
	s.Late = late.Share()
	return nil
}

// Look adds to stats what corrections and digests tell of what was set aside: wrong is
// what the person said belonged in the inbox, at most is what may be wrong by the
// samples that were shown.
func (s *Stats) Look(labels []lessons.Label, sent []corpus.Sent) {
	since, err := time.Parse(time.DateOnly, s.From)
	if err != nil || s.SetAside == 0 {
		return
	}
	kept := lessons.Kept(labels)
	for _, l := range kept {
		if l.Was != string(rules.Inbox) && l.Route() == string(rules.Inbox) && !l.At.Before(since) {
			s.Corrected++
		}
	}
	s.Corrected = min(s.Corrected, s.SetAside)
	s.Wrong = share(s.Corrected, s.SetAside)
	seen := map[string]bool{}
	var samples []string // of all digests that are known: of one period they are too few to tell
	for _, d := range sent {
		samples = append(samples, d.Samples...)
		for _, id := range d.Numbered {
			if d.Until.After(since) {
				seen[id] = true
			}
		}
	}
	for _, l := range kept {
		if !l.At.Before(since) {
			seen[l.Decision] = true
		}
	}
	s.Unseen = max(0, s.SetAside-len(seen))
	checked := digest.Check(samples, kept)
	if s.Samples, s.SamplesWrong = checked.Shown, checked.Wrong; s.Samples > 0 {
		most := checked.AtMost()
		s.AtMost = &most
	}
}

// Lateness counts offers of mail that was set aside, and those that had ended before
// the first digest that could tell of them.
type Lateness struct {
	Sent     []corpus.Sent // the oldest first
	of, late int
}

// Add counts the offers of a decision.
func (l *Lateness) Add(d *rules.Decision) {
	if d.Outcome == nil || d.Outcome.Applied == rules.Inbox {
		return
	}
	i := slices.IndexFunc(l.Sent, func(s corpus.Sent) bool { return s.Until.After(d.At) })
	if i < 0 {
		return
	}
	for _, o := range d.Offers {
		if end, err := time.Parse(time.RFC3339, o.Ends); err == nil {
			if l.of++; end.Before(l.Sent[i].Until) {
				l.late++
			}
		}
	}
}

// Share is nil where no offer had an end.
func (l *Lateness) Share() *float64 { return share(l.late, l.of) }
