package permission

import (
	"context"
	"fmt"
	"slices"

	"usher/corpus/complaints"
	"usher/corpus/leaving"
	"usher/rules"
	"usher/rules/intents"
)

// Said is what a person had senders told: which lists they leave, and which messages they
// complained of.
type Said struct {
	Leaving    []leaving.Request
	Complaints []complaints.Complaint
}

// Follow appends what changed since it was last asked: in the person's file, nil if there
// is none, and in what they had senders told. What was written by hand is so noticed when
// somebody looks, and has that date.
func (l *Ledger) Follow(ctx context.Context, mailbox string, own *intents.File, said Said, day intents.Date) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, err := l.Events(mailbox)
	if err != nil {
		return err
	}
	if own == nil {
		own = &intents.File{}
	}
	for _, e := range slices.Concat(granted(known, own, day), muted(known, own, day), left(known, said.Leaving), complained(known, said.Complaints)) {
		if err := l.append(ctx, mailbox, &known, e); err != nil {
			return fmt.Errorf("keep a permission: %w", err)
		}
	}
	return nil
}

// Acknowledge appends that a sender named the terms of this site, as their hash, if what
// was seen of its mail does not contradict that. Once is enough.
func (l *Ledger) Acknowledge(ctx context.Context, d *rules.Decision) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, err := l.Events(d.Recipient)
	if err != nil {
		return err
	}
	c := d.Terms.Claim
	e := Event{Event: TermsAcknowledged, By: claimed, Brand: d.Sender.Brand, SenderKey: d.Sender.Brand, Ground: c.String(), Statement: "terms " + c.Sum}
	if slices.ContainsFunc(known, func(o Event) bool { return o.Event == e.Event && o.Brand == e.Brand && o.Statement == e.Statement }) {
		return nil
	}
	if err := l.append(ctx, d.Recipient, &known, e); err != nil {
		return fmt.Errorf("keep an acknowledgement: %w", err)
	}
	return nil
}

// granted holds the grants of a file against the events.
func granted(known []Event, own *intents.File, day intents.Date) (fresh []Event) {
	now := map[string]bool{} // brands whose grant is in force
	var over []string        // those whose grant has ended
	for _, g := range own.Grants {
		e := event(Granted, own, &g.Head, g.Brand)
		if now[e.Brand] {
			continue // the first one counts
		}
		if g.Ended(day) {
			over = append(over, e.Brand)
			continue
		}
		now[e.Brand], e.Ground = true, g.Because
		for _, t := range g.For {
			e.Scope = append(e.Scope, t.Text)
		}
		i := lastOf(known, e.Brand, Granted, Withdrawn, Ended)
		if i < 0 || known[i].Event != Granted || !same(known[i], e) {
			fresh = append(fresh, e)
		}
	}
	seen := map[string]bool{}
	for _, e := range known {
		i := lastOf(known, e.Brand, Granted, Withdrawn, Ended)
		if seen[e.Brand] || now[e.Brand] || i < 0 || known[i].Event != Granted {
			continue
		}
		seen[e.Brand] = true
		was := known[i]
		end := Event{Event: Withdrawn, By: byPerson, Brand: was.Brand, SenderKey: was.SenderKey, Scope: was.Scope, Statement: was.Statement}
		if slices.Contains(over, e.Brand) || was.Until != "" && was.Until < day.String() {
			end.Event, end.By, end.Until = Ended, observed, was.Until
		}
		fresh = append(fresh, end)
	}
	return fresh
}

// muted finds the mutes of brands that are new.
func muted(known []Event, own *intents.File, day intents.Date) (fresh []Event) {
	for _, m := range own.Mutes {
		if m.Brand == nil || m.Ended(day) {
			continue
		}
		e := event(Muted, own, &m.Head, *m.Brand)
		if i := lastOf(slices.Concat(known, fresh), e.Brand, Muted); i < 0 || !same(slices.Concat(known, fresh)[i], e) {
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// left finds the lists that were asked to be left, and what came of it.
func left(known []Event, asked []leaving.Request) (fresh []Event) {
	for _, r := range asked {
		e := Event{Event: UnsubscribeAsked, By: byPerson, Brand: r.Brand, SenderKey: r.Brand, Statement: "unsubscribe:" + r.ID}
		if r.Stream != "" {
			e.Stream = &r.Stream
		}
		for _, step := range []struct {
			event, by, ground string
			is                bool
		}{
			{UnsubscribeAsked, byPerson, "", r.ID != ""},
			{UnsubscribeResult, observed, string(r.State), r.State == leaving.Asked || r.State == leaving.Failed},
			{UnsubscribeResult, observed, "not honoured", !r.Since.IsZero()},
		} {
			e.Event, e.By, e.Ground = step.event, step.by, step.ground
			has := slices.ContainsFunc(known, func(o Event) bool {
				return o.Event == e.Event && o.Statement == e.Statement && o.Ground == e.Ground
			})
			if step.is && !has {
				fresh = append(fresh, e)
			}
		}
	}
	return fresh
}

// complained finds the complaints that were sent.
func complained(known []Event, made []complaints.Complaint) (fresh []Event) {
	for _, c := range made {
		e := Event{Event: Complained, By: byPerson, Brand: c.Brand, SenderKey: c.Brand, Stream: &c.Stream, Ground: c.Reason, Statement: "complaint:" + c.ID}
		if c.State == complaints.Sent && !slices.ContainsFunc(known, func(o Event) bool { return o.Event == e.Event && o.Statement == e.Statement }) {
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// event is what a statement says of a brand.
func event(kind string, f *intents.File, h *intents.Head, b intents.Brand) Event {
	e := Event{Event: kind, By: byPerson, Brand: b.Name, Statement: fmt.Sprintf("intents:%d %s", h.Line, f.Sum)}
	if len(b.Domains) > 0 {
		e.Brand, e.SenderKey = b.Domains[0], b.Domains[0]
	}
	if h.Until != nil {
		e.Until = h.Until.String()
	}
	return e
}

// same reports whether two events say the same, wherever in the file it stands.
func same(a, b Event) bool {
	return a.SenderKey == b.SenderKey && a.Until == b.Until && a.Ground == b.Ground && slices.Equal(a.Scope, b.Scope)
}
