package senders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
)

// Sending.
const (
	spread   = 24 * time.Hour // after the seal, within which a report leaves
	tries    = 5
	between  = 10 * time.Hour // tries
	maxName  = 253
	consents = "._report." + mail.LabelRelevance + "."
)

// Why reports are drawn and not sent.
var (
	ErrNoSigner = errors.New("reports are kept, and not sent: usher dkim makes the keys that sign them")
	ErrNoRelay  = errors.New("reports are not mailed: the setting relay names the server that takes them")
)

// send sends the reports that are due.
func (d *Desk) send(ctx context.Context) {
	d.mu.Lock()
	idle := d.Now().Before(d.later)
	d.mu.Unlock()
	if idle || d.Sign == nil {
		return
	}
	all, err := d.Sealed("")
	if err != nil {
		d.Log.Warn("reports are not sent", "error", err)
		return
	}
	later := d.Now().Add(day)
	waits := func(s *Sealed) bool { return s.Report != nil && s.Sent.IsZero() && s.Tries < tries }
	for _, s := range all {
		if waits(&s) && !d.Now().Before(s.Due) && ctx.Err() == nil {
			if err := d.pass(ctx, &s); err != nil {
				d.Log.Warn("a report was not sent", "sender", s.Domain, "try", s.Tries, "error", err)
			}
		}
		if waits(&s) && s.Due.Before(later) {
			later = s.Due
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.later = later
}

// Send sends the last report on a sender now; to all of its destinations, where each has
// it.
func (d *Desk) Send(ctx context.Context, domain string) (Sealed, error) {
	all, err := d.Sealed(domain)
	switch {
	case err != nil:
		return Sealed{}, err
	case len(all) == 0 || all[len(all)-1].Report == nil:
		return Sealed{}, corpus.ErrNotFound
	case d.Sign == nil:
		return Sealed{}, ErrNoSigner
	}
	last := &all[len(all)-1]
	if !last.Sent.IsZero() {
		last.Done = nil
	}
	err = d.pass(ctx, last)
	return *last, err
}

// pass passes one report to each destination that the sender asks for at this moment and
// that has not got it, and keeps what became of it.
func (d *Desk) pass(ctx context.Context, s *Sealed) error {
	to, err := d.Destinations(ctx, s.Domain)
	if err == nil && len(to) == 0 {
		s.Fault = "the sender names no address that may have it"
	}
	for _, uri := range to {
		if slices.Contains(s.Done, uri) {
			continue
		}
		if failed := d.passTo(ctx, s, uri); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		s.Done = append(s.Done, uri)
		d.told(ctx, s)
	}
	s.Tries++
	now := d.Now().UTC().Truncate(time.Second)
	switch s.Due = now.Add(between); {
	case err != nil:
		s.Fault = err.Error()
	case len(to) > 0:
		s.Sent, s.Fault = now, ""
	}
	return errors.Join(err, d.keep(context.WithoutCancel(ctx), s))
}

func (d *Desk) passTo(ctx context.Context, s *Sealed, uri string) error {
	address, isMail := strings.CutPrefix(uri, "mailto:")
	switch {
	case isMail && d.Mail == nil:
		return ErrNoRelay
	case isMail:
		letter, err := s.Report.Message(address, d.Now())
		if err != nil {
			return err
		}
		return d.Mail(ctx, address, letter)
	case s.Letter == nil: // there were no keys when it was drawn
		if err := d.write(s); err != nil {
			return err
		}
	}
	return d.Post(ctx, uri, s.Letter)
}

// write writes and signs, once, the letter that whoever is not mailed gets.
func (d *Desk) write(s *Sealed) error {
	letter, err := s.Report.Message("undisclosed-recipients:;", s.Due)
	if err == nil {
		s.Letter, err = d.Sign(letter)
	}
	return err
}

// Destinations asks the DNS anew to which URIs a sender's reports may go: whoever no longer asks
// gets none, and what lies in another organisation must want them itself (as in RFC 9990).
func (d *Desk) Destinations(ctx context.Context, domain string) (to []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*askTime)
	defer cancel()
	records, err := d.DNS.TXT(ctx, label+domain)
	if err != nil {
		return nil, fmt.Errorf("ask where reports may go: %w", err)
	}
	r, err := ParseRequest(domain, records)
	if err != nil {
		return nil, nil // it asks no more
	}
	d.mu.Lock()
	stopped := d.known[domain].Stopped
	d.mu.Unlock()
	for _, uri := range r.URIs {
		if slices.Contains(stopped, uri) {
			continue
		}
		uri, err := d.allowed(ctx, domain, uri)
		if err != nil {
			return nil, fmt.Errorf("ask whether reports may go there: %w", err)
		}
		if uri != "" {
			to = append(to, uri)
		}
	}
	return to, nil
}

// allowed gives the destination that a URI stands for: itself within the sender's
// organisation; elsewhere what that host says, itself or another of the same host, or ""
// where it says nothing.
func (d *Desk) allowed(ctx context.Context, domain, uri string) (string, error) {
	host := hostOf(uri)
	if d.OrgDomain(host) == d.OrgDomain(domain) {
		return uri, nil
	}
	name := domain + consents + host
	if len(name) > maxName {
		return "", nil
	}
	records, err := d.DNS.TXT(ctx, name)
	if err != nil {
		return "", err
	}
	said, err := ParseRequest(domain, records)
	if err != nil {
		return "", nil
	}
	if len(said.URIs) == 0 {
		return uri, nil
	}
	for _, other := range said.URIs {
		if hostOf(other) != host {
			return "", nil
		}
	}
	return said.URIs[0], nil
}

// Stop has no more reports on a sender sent to some URIs of its record, or to all that it
// has now, and keeps them for it to fetch; corpus.ErrNotFound where it does not ask for any.
func (d *Desk) Stop(ctx context.Context, domain string, uris ...string) error {
	d.keeps.Lock()
	defer d.keeps.Unlock()
	d.mu.Lock()
	k, is := d.known[domain]
	if is = is && k.is; is {
		if len(uris) == 0 {
			uris = k.URIs
		}
		k.Stopped = slices.Compact(slices.Sorted(slices.Values(slices.Concat(k.Stopped, uris))))
		d.known[domain] = k
	}
	d.mu.Unlock()
	if !is {
		return corpus.ErrNotFound
	}
	if err := d.Store.Note(ctx, d.Site, corpus.PrefixRequest, idOf(domain), k.Request); err != nil {
		return fmt.Errorf("stop reports: %w", err)
	}
	audit.Keep(ctx, d.Store, d.Log, audit.Itself(audit.Silenced, domain, "of reports"))
	return nil
}

// Stopped are the URIs of a sender's record if reports go to none of them, as was said.
func (d *Desk) Stopped(domain string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.known[domain]
	if slices.ContainsFunc(k.URIs, func(uri string) bool { return !slices.Contains(k.Stopped, uri) }) {
		return nil
	}
	return k.URIs
}
