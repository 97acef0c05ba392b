package leaving

import (
	"context"
	"slices"
	"time"

	"usher/corpus"
	"usher/smtpd/leave"
)

// Times of the work on requests.
const (
	pause      = time.Minute    // between looks at what is due
	again      = time.Hour      // after which a request is tried again of which nothing was sent
	maxTries   = 3              // of such a request
	patience   = 48 * time.Hour // that a sender has to honour it
	nextSlip   = 6 * time.Hour  // after which it is looked again whether a message says how
	watchEvery = time.Hour
	longest    = 180 * 24 * time.Hour // that a request waits for a message which says how
)

// ShortestWait and LongestWait bound the time from a person's word to the request: its
// moment is not to tell when they read the mail.
const (
	ShortestWait = time.Hour
	LongestWait  = 24 * time.Hour
)

// Run carries out what is due, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	d.begun(ctx)
	for {
		d.look(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// begun gives up what was under way when usher was stopped.
func (d *Desk) begun(ctx context.Context) {
	d.each("tell what was under way", func(r Request) bool { return r.State == Asking }, func(r Request) error {
		r.State, r.Sent, r.Reason = Failed, true, "usher was stopped while it asked: whether the request arrived is not known"
		return d.note(ctx, r)
	})
}

// look carries out what is due, and watches what was asked.
func (d *Desk) look(ctx context.Context) {
	now := d.Now()
	d.each("leave a list", func(r Request) bool { return r.State == Waiting && !r.Due.After(now) }, func(r Request) error {
		return d.carry(ctx, r)
	})
	if now.Sub(d.watched) < watchEvery {
		return
	}
	d.watched = now
	d.each("watch a list", func(r Request) bool {
		return r.State == Asked && r.Since.IsZero() && now.Sub(r.Done) >= patience
	}, func(r Request) error { return d.watch(ctx, r) })
}

// each does something about those requests of all mailboxes that are meant.
func (d *Desk) each(what string, is func(Request) bool, do func(Request) error) {
	var some []Request
	err := corpus.EachNote(d.Store, corpus.PrefixUnsubscribe, func(r Request) {
		if is(r) {
			some = append(some, r)
		}
	})
	if err != nil {
		d.Log.Warn("could not "+what, "error", err)
	}
	for _, r := range some {
		if err := do(r); err != nil {
			d.Log.Warn("could not "+what, "error", err)
		}
	}
}

// carry carries out one request. That it begins is durable before anything is sent:
// after a crash nobody is asked a second time.
func (d *Desk) carry(ctx context.Context, r Request) error {
	if ctx.Err() != nil {
		return nil
	}
	r, slip, err := d.begin(ctx, r)
	if err != nil || r.State != Asking {
		return err
	}
	now := d.Now().UTC().Truncate(time.Second)
	var o leave.Outcome
	if r.Way == byMail {
		o = d.Letter(ctx, slip.Address, slip.Mail.To, slip.Mail.Letter(slip.Address, "<leave."+r.ID+"@"+d.Host+">", now))
	} else {
		o = d.Post(ctx, slip.Post)
	}
	r.Tries++
	r.Sent, r.Reason = o.Sent, o.Reason
	switch {
	case o.Asked:
		r.State, r.Done, r.Due, r.Reason = Asked, now, time.Time{}, ""
	case !o.Sent && r.Tries < maxTries:
		r.State, r.Due = Waiting, now.Add(again)
	default:
		r.State, r.Done, r.Due = Failed, now, time.Time{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if all, err := d.Requests(r.Recipient); err == nil && !slices.ContainsFunc(all, func(o Request) bool { return o.ID == r.ID }) {
		return nil // its person was erased meanwhile
	}
	return d.note(context.WithoutCancel(ctx), r)
}

// begin claims a request that is due, and finds the slip by which it is carried out: its
// own, or where that is forgotten the newest of the same list that serves.
func (d *Desk) begin(ctx context.Context, r Request) (Request, *Slip, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := d.Requests(r.Recipient)
	if err != nil {
		return r, nil, err
	}
	i := slices.IndexFunc(all, func(o Request) bool { return o.ID == r.ID })
	if i < 0 || all[i].State != Waiting { // forgotten, or cancelled a moment ago
		return r, nil, nil
	}
	r = all[i]
	slip, err := d.slipFor(r)
	if err != nil {
		return r, nil, err
	}
	if slip == nil && d.Now().Sub(r.At) > longest {
		r.State, r.Due, r.Reason = Failed, time.Time{}, "for half a year no message said how that list is left"
		return r, nil, d.note(ctx, r)
	}
	if slip == nil {
		r.Due, r.Reason = d.Now().Add(nextSlip).UTC().Truncate(time.Second), waits
		return r, nil, d.note(ctx, r)
	}
	r.Hash = d.hashOf(*slip)
	if slices.ContainsFunc(all, func(o Request) bool { return o.ID != r.ID && o.Hash == r.Hash && o.Sent }) {
		r.State, r.Due, r.Reason = Failed, time.Time{}, "the very same was asked before, and once is enough"
		return r, nil, d.note(ctx, r)
	}
	r.State, r.Stream, r.Decision, r.Reason = Asking, slip.Stream, slip.Decision, ""
	r.Way, r.Where = slip.way()
	return r, slip, d.note(ctx, r)
}

func (d *Desk) slipFor(r Request) (*Slip, error) {
	slips, err := corpus.Notes[Slip](d.Store, r.Recipient, corpus.PrefixSlip)
	if err != nil {
		return nil, err
	}
	var found *Slip
	for i := range slips {
		s := &slips[i]
		way, _ := s.way()
		if s.Fault != "" || way == "" || way == byMail && d.Letter == nil || !r.isOf(*s) {
			continue
		}
		if s.Decision == r.Decision {
			return s, nil
		}
		if isBulk(s.Category) {
			found = s
		}
	}
	return found, nil
}

// watch looks whether bulk mail of a list goes on that was left.
func (d *Desk) watch(ctx context.Context, r Request) error {
	slips, err := corpus.Notes[Slip](d.Store, r.Recipient, corpus.PrefixSlip)
	if err != nil {
		return err
	}
	for _, s := range slips {
		if s.Brand == r.Brand && s.Stream == r.Stream && isBulk(s.Category) && !s.At.Before(r.Done.Add(patience)) {
			r.Since = s.At
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.note(ctx, r)
		}
	}
	return nil
}
