package complaints

import (
	"context"
	"errors"
	"slices"
	"time"

	"usher/corpus"
	"usher/smtpd/complain"
)

// Times of sending.
const (
	pause    = time.Minute // between looks at what is due
	again    = time.Hour   // after which a complaint is tried again that did not go
	maxTries = 5
)

// Run sends what is due, and hears who wants no more, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	d.begun(ctx)
	for {
		d.look(ctx)
		if err := d.box.Do(ctx, time.After(pause), d.stop); err != nil {
			return err
		}
	}
}

// begun gives up what was under way when usher was stopped.
func (d *Desk) begun(ctx context.Context) {
	for _, c := range d.those(func(c *Complaint) bool { return c.State == Sending }) {
		c.State, c.Done, c.Fault = Failed, d.Now().UTC().Truncate(time.Second), "usher was stopped while it was sent: whether it arrived is not known"
		for _, t := range c.To {
			if !slices.Contains(c.Told, t.Address) {
				c.Told = append(c.Told, t.Address)
			}
		}
		if err := d.note(ctx, &c); err != nil {
			d.Log.Warn("what became of a complaint is not kept", "error", err)
		}
	}
}

// look sends what is due.
func (d *Desk) look(ctx context.Context) {
	now := d.Now()
	due := d.those(func(c *Complaint) bool { return c.State == Waiting && !c.Due.After(now) })
	if len(due) == 0 {
		return
	}
	today := map[string]int{}
	for _, c := range d.those(func(c *Complaint) bool { return c.State == Waiting || now.Sub(c.Done) < day }) {
		for _, address := range c.Told {
			today[address]++
		}
	}
	for _, c := range due {
		if err := d.carry(ctx, c, today); err != nil && ctx.Err() == nil {
			d.Log.Warn("a complaint was not sent", "sender", c.From, "error", err)
		}
	}
}

// those are complaints of all mailboxes.
func (d *Desk) those(are func(*Complaint) bool) (some []Complaint) {
	err := corpus.EachNote(d.Store, corpus.PrefixComplaint, func(c Complaint) {
		if are(&c) {
			some = append(some, c)
		}
	})
	if err != nil {
		d.Log.Warn("complaints cannot be read", "error", err)
	}
	return some
}

// carry sends one complaint. That it begins is durable before anything is sent: after a
// crash nobody is told a second time. today counts what went to each address.
func (d *Desk) carry(ctx context.Context, c Complaint, today map[string]int) error {
	c, s, err := d.begin(ctx, c, today)
	if err != nil || c.State != Sending {
		return err
	}
	now := d.Now().UTC().Truncate(time.Second)
	var failed error
	for i, t := range c.To {
		if slices.Contains(c.Told, t.Address) {
			continue
		}
		sent, err := d.tell(ctx, &c, s, i, now)
		if sent || err == nil {
			c.Told = append(c.Told, t.Address)
			today[t.Address]++
		}
		failed = errors.Join(failed, err)
	}
	c.Tries++
	c.State, c.Fault = Sent, ""
	if failed != nil {
		c.Fault = failed.Error()
	}
	switch {
	case !slices.ContainsFunc(c.To, func(t complain.Target) bool { return !slices.Contains(c.Told, t.Address) }):
		c.Due, c.Done = time.Time{}, now
	case c.Tries < maxTries:
		c.State, c.Due = Waiting, now.Add(again)
	case len(c.Told) == 0:
		c.State, c.Due, c.Done = Failed, time.Time{}, now
	default:
		c.Due, c.Done = time.Time{}, now
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.State == Sent {
		d.Log.Info("a complaint was sent", "sender", c.From, "to", c.Told)
	}
	if all, err := d.Complaints(c.Recipient); err == nil && !slices.ContainsFunc(all, func(o Complaint) bool { return o.ID == c.ID }) {
		return nil // its person was erased meanwhile
	}
	return d.note(context.WithoutCancel(ctx), &c)
}

// begin claims a complaint that is due, if it still waits, and finds what it says.
func (d *Desk) begin(ctx context.Context, c Complaint, today map[string]int) (Complaint, Slip, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := d.Complaints(c.Recipient)
	if err != nil {
		return c, Slip{}, err
	}
	i := slices.IndexFunc(all, func(o Complaint) bool { return o.ID == c.ID })
	if i < 0 || all[i].State != Waiting { // forgotten, or cancelled a moment ago
		return Complaint{}, Slip{}, nil
	}
	c = all[i]
	s, err := d.slip(c.Recipient, c.Decision)
	if err != nil || d.Send == nil {
		c.State, c.Due, c.Fault = Failed, time.Time{}, ErrNoRelay.Error()
		if err != nil {
			c.Fault = err.Error()
		}
		return c, s, d.note(ctx, &c)
	}
	if c.To = d.audible(c.To); len(c.To) == 0 {
		c.State, c.Due, c.Fault = Failed, time.Time{}, ErrSilent.Error()
		return c, s, d.note(ctx, &c)
	}
	if slices.ContainsFunc(c.To, func(t complain.Target) bool { return today[t.Address] >= mostDaily }) {
		c.Due, c.Fault = d.Now().UTC().Truncate(time.Second).Add(again), "that address had its hundred complaints of today"
		return c, s, d.note(ctx, &c)
	}
	c.State = Sending
	return c, s, d.note(ctx, &c)
}

// tell sends a complaint to one of its addresses.
func (d *Desk) tell(ctx context.Context, c *Complaint, s Slip, i int, now time.Time) (sent bool, err error) {
	letter, err := s.Letter(complain.Letter{
		From: d.from(), To: c.To[i].Address, ID: c.ID + string(rune('a'+i)) + "@" + d.Host, Host: d.Host, Agent: d.Agent,
		Reason: c.Reason, Arrived: s.At, At: now, Minimal: d.Minimal,
	})
	if err != nil {
		return false, err
	}
	return d.Send(ctx, c.To[i].Address, letter)
}
