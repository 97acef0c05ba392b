package senders

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/complaints"
	"usher/corpus/leaving"
	"usher/corpus/report"
	"usher/rules"
	"usher/rules/lessons"
)

// Windows.
const (
	day      = 24 * time.Hour
	lateActs = 6 * time.Hour // after a window's end: acts count until then
	lookBack = 28            // days, by which the length of a window goes
	daily    = 50            // deliveries on each day that had any
	busyDays = 8             // of them at most, else it is weekly
	weekly   = 200           // deliveries in 28 days
	oldest   = 30 * day      // that a mailbox was seen before it counts
	apart    = 7 * day       // from the begin of one window in which it counts to the next
	aYear    = 26            // windows in which it counts
	writers  = 64            // budgets that are kept at once
)

// Sealed is a report as it was drawn, once.
type Sealed struct {
	Domain string         `json:"domain"`
	Begin  time.Time      `json:"begin"`
	End    time.Time      `json:"end"`
	Report *report.Report `json:"report,omitempty"` // nil: too few mailboxes
	Letter []byte         `json:"letter,omitempty"` // the same, signed, for those who fetch it
	Due    time.Time      `json:"due,omitzero"`     // when it is mailed
	Sent   time.Time      `json:"sent,omitzero"`
	Done   []string       `json:"done,omitempty"` // destinations that have it
	Tries  int            `json:"tries,omitempty"`
	Fault  string         `json:"fault,omitempty"` // why it was not sent yet
}

// budget is that a mailbox counted in reports to one sender.
type budget struct {
	Brand string    `json:"brand"`
	Begin time.Time `json:"begin"` // of the last window
	Year  int       `json:"year"`
	Used  int       `json:"used"` // in that year
}

// Sealed lists the reports that were drawn, the oldest first; of one sender, or with ""
// of all.
func (d *Desk) Sealed(domain string) (all []Sealed, err error) {
	d.mu.Lock()
	ids := slices.Clone(d.drawn[domain])
	d.mu.Unlock()
	if domain == "" {
		ids = []string{""}
	}
	for _, id := range ids {
		some, failed := corpus.Notes[Sealed](d.Store, d.Site, corpus.PrefixReport, id)
		all, err = append(all, some...), errors.Join(err, failed)
	}
	slices.SortFunc(all, func(a, b Sealed) int { return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.Domain, b.Domain)) })
	return all, err
}

// window is the span of a sender's mail that is to be sealed.
type window struct {
	*report.Window
	request Request
}

// Seal draws the reports on all windows that are over, each once.
func (d *Desk) Seal(ctx context.Context) error {
	today := d.Now().UTC().Add(-lateActs).Truncate(day)
	d.mu.Lock()
	asked := map[string]Request{}
	for domain, k := range d.known {
		if k.is {
			asked[domain] = k.Request
		}
	}
	d.mu.Unlock()
	before, err := d.Sealed("")
	if err != nil || len(asked) == 0 {
		return err
	}
	upTo := map[string]time.Time{}
	for _, s := range before {
		if s.End.After(upTo[s.Domain]) {
			upTo[s.Domain] = s.End
		}
	}
	open, boxes, err := d.open(asked, upTo, today)
	if err != nil || len(open) == 0 {
		return err
	}
	parts, err := d.parts(ctx, boxes)
	if err != nil {
		return err
	}
	counting, err := d.collect(open, parts)
	if err != nil {
		return err
	}
	if err := d.spend(ctx, open, counting); err != nil {
		return err
	}
	for domain, w := range open {
		if err := d.seal(ctx, domain, w, len(parts) < report.Site); err != nil {
			return err
		}
	}
	return nil
}

// open finds the windows that end today, by how much came from each sender in 28 days,
// and the mailboxes to which it came.
func (d *Desk) open(asked map[string]Request, upTo map[string]time.Time, today time.Time) (open map[string]*window, boxes map[string]bool, err error) {
	for domain := range asked {
		if !upTo[domain].Before(today) { // it is done
			delete(asked, domain)
		}
	}
	if len(asked) == 0 {
		return nil, nil, nil
	}
	perDay := map[string]*[lookBack]int{}
	boxes = map[string]bool{}
	err = corpus.EachNote(d.Store, corpus.PrefixDelivery, func(k Delivery) {
		back := int(today.Sub(k.at().Truncate(day))/day) - 1
		if _, is := asked[k.Brand]; !is || k.Void || back < 0 || back >= lookBack {
			return
		}
		if perDay[k.Brand] == nil {
			perDay[k.Brand] = &[lookBack]int{}
		}
		perDay[k.Brand][back]++
		boxes[mail.Mailbox(k.To, d.Delimiter)] = true
	})
	open = map[string]*window{}
	for domain, days := range perDay {
		begin := today.Add(-length(days, asked[domain].First, today))
		if ends(begin, today) && !begin.Before(upTo[domain]) {
			open[domain] = &window{&report.Window{Domain: domain, Begin: begin, End: today, By: asked[domain].By}, asked[domain]}
		}
	}
	return open, boxes, err
}

// length is how long a sender's windows are.
func length(days *[lookBack]int, first, today time.Time) time.Duration {
	sum, busy, few := 0, 0, false
	for _, n := range days {
		sum += n
		if n > 0 {
			busy++
			few = few || n < daily
		}
	}
	switch {
	case !few && busy <= busyDays && busy > 0:
		return day
	case sum >= weekly, today.Sub(first) < lookBack*day:
		return 7 * day
	}
	return lookBack * day
}

// ends reports whether a window of that length ends on that day: weeks end before a
// Monday, months of 28 days are counted from Monday 1970-01-05.
func ends(begin, end time.Time) bool {
	since := end.Sub(time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC))
	return since%end.Sub(begin) == 0
}

// part is how a mailbox takes part.
type part struct {
	spent map[string]budget // by sender
	acts  map[string]string // by decision
}

// parts finds of each mailbox whether it takes part, what it did, and in which reports
// it counted.
func (d *Desk) parts(ctx context.Context, boxes map[string]bool) (map[string]part, error) {
	parts := map[string]part{}
	for box := range boxes {
		is, err := d.isOlder(box)
		if err != nil {
			return nil, err
		}
		if !is || !d.TakesPart(ctx, box) {
			continue
		}
		p := part{map[string]budget{}, map[string]string{}}
		spent, err := corpus.Notes[budget](d.Store, box, corpus.PrefixBudget)
		if err != nil {
			return nil, err
		}
		for _, b := range spent {
			p.spent[b.Brand] = b
		}
		labels, err := d.Store.Labels(box)
		if err != nil {
			return nil, err
		}
		for _, l := range lessons.Kept(labels) {
			switch to := l.Route(); {
			case to == string(rules.Inbox) && l.Was != to:
				p.acts[l.Decision] = "rescued"
			case to != "" && to != string(rules.Inbox) && l.Was == string(rules.Inbox):
				p.acts[l.Decision] = "demoted"
			}
		}
		left, err := corpus.Notes[leaving.Request](d.Store, box, corpus.PrefixUnsubscribe)
		if err != nil {
			return nil, err
		}
		for _, r := range left {
			if r.State == leaving.Waiting || r.State == leaving.Asked {
				p.acts[r.Decision] = "unsubscribed"
			}
		}
		complained, err := corpus.Notes[complaints.Complaint](d.Store, box, corpus.PrefixComplaint)
		if err != nil {
			return nil, err
		}
		for _, c := range complained {
			if c.Counts() {
				p.acts[c.Decision] = "complained"
			}
		}
		parts[box] = p
	}
	return parts, nil
}

// isOlder reports whether a mailbox was seen for long enough.
func (d *Desk) isOlder(box string) (bool, error) {
	d.mu.Lock()
	is := d.older[box]
	d.mu.Unlock()
	if is {
		return true, nil
	}
	totals, err := d.Store.Totals(box, time.Time{})
	if err != nil {
		return false, err
	}
	for _, t := range totals {
		if !t.Week.Add(7 * day).After(d.Now().Add(-oldest)) { // the whole week is that old
			d.mu.Lock()
			d.older[box] = true
			d.mu.Unlock()
			return true, nil
		}
	}
	return false, nil
}

// counted is one mailbox that counts for one sender.
type counted struct{ box, domain string }

// collect adds the mail of each mailbox to the open windows, and gives who counts.
func (d *Desk) collect(open map[string]*window, parts map[string]part) (counting []counted, err error) {
	box, mails := "", map[string][]Delivery{}
	flush := func() {
		p, is := parts[box]
		for domain, list := range mails {
			w, takes := open[domain], is
			b, was := p.spent[domain]
			if was && (w.Begin.Before(b.Begin.Add(apart)) || b.Year == w.Begin.Year() && b.Used >= aYear) {
				takes = false
			}
			ds := make([]report.Delivery, len(list))
			for i, k := range list {
				ds[i] = k.Was.Delivery
				ds[i].Act = p.acts[k.Decision]
			}
			if err == nil {
				err = w.Add(ds, takes, d.sampler())
			}
			if takes {
				counting = append(counting, counted{box, domain})
			}
		}
		clear(mails)
	}
	failed := corpus.EachNote(d.Store, corpus.PrefixDelivery, func(k Delivery) { // a mailbox after the other
		if m := mail.Mailbox(k.To, d.Delimiter); m != box {
			flush()
			box = m
		}
		if w := open[k.Brand]; w != nil && !k.Void && !k.at().Before(w.Begin) && k.at().Before(w.End) {
			mails[k.Brand] = append(mails[k.Brand], k)
		}
	})
	flush()
	return counting, cmp.Or(err, failed)
}

// spend notes of each mailbox that it counted, before anything is drawn: after a crash
// it may have counted for nothing, and never twice.
func (d *Desk) spend(ctx context.Context, open map[string]*window, counting []counted) error {
	work, failed := make(chan counted), make(chan error, writers)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for c := range work {
				begin := open[c.domain].Begin
				b := budget{Brand: c.domain, Begin: begin, Year: begin.Year(), Used: 1}
				was, err := corpus.Notes[budget](d.Store, c.box, corpus.PrefixBudget)
				for _, o := range was {
					if o.Brand == b.Brand && o.Year == b.Year {
						b.Used = o.Used + 1
					}
				}
				if err = cmp.Or(err, d.Store.Note(ctx, c.box, corpus.PrefixBudget, idOf(c.domain), b)); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for _, c := range counting {
		work <- c
	}
	close(work)
	all.Wait()
	select {
	case err := <-failed:
		return fmt.Errorf("note who counts in a report: %w", err)
	default:
		return nil
	}
}

// ID is that of the note which keeps a report.
func (s *Sealed) ID() string { return idOf(s.Domain, s.Begin.Format(time.DateOnly)) }

func (d *Desk) keep(ctx context.Context, s *Sealed) error {
	if err := d.Store.Note(ctx, d.Site, corpus.PrefixReport, s.ID(), s); err != nil {
		return fmt.Errorf("keep a report: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.later = (time.Time{}); !slices.Contains(d.drawn[s.Domain], s.ID()) {
		d.drawn[s.Domain] = append(d.drawn[s.Domain], s.ID())
	}
	return nil
}

// seal draws one report, and keeps it. What is too little to publish is kept as such: it
// is not drawn again.
func (d *Desk) seal(ctx context.Context, domain string, w *window, few bool) error {
	s := Sealed{Domain: domain, Begin: w.Begin, End: w.End}
	if !few {
		var err error
		if s.Report, err = w.Window.Seal(d.sampler()); err != nil {
			return err
		}
	}
	if s.Report != nil {
		if err := s.Report.Name(d.From, label+domain, d.sampler().Source); err != nil {
			return err
		}
	}
	s.Due = w.End.Add(lateActs + rand.N(spread))
	if s.Report != nil && d.Sign != nil {
		if err := d.write(&s); err != nil {
			return err
		}
	}
	if err := d.keep(ctx, &s); err != nil {
		return err
	}
	if s.Report == nil {
		d.told(ctx, &s)
	}
	d.Log.Info("a report is sealed", "sender", domain, "begin", w.Begin.Format(time.DateOnly), "end", w.End.Format(time.DateOnly), "published", s.Report != nil)
	return nil
}
