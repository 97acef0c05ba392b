package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus/proofs"
	"usher/corpus/report"
	"usher/corpus/senders"
	"usher/rules"
	"usher/rules/intents"
	"usher/smtpd"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/nexthop"
	"usher/smtpd/order"
)

// newReports makes the desk that collects for senders who ask; nil where the site
// reports to nobody.
func (d *Daemon) newReports(resolver dns.Source) (*senders.Desk, error) {
	if !d.settings.Reports {
		return nil, nil
	}
	host := d.settings.Wire.Hostname
	desk := &senders.Desk{
		Store: d.store, DNS: &texts{dns.Cache{Source: resolver}}, Delimiter: d.settings.Wire.Delimiter, TakesPart: d.takesPart, OrgDomain: auth.OrgDomain, Now: time.Now, Log: d.log,
		Site: "relevance-reports@" + host,
		From: report.Metadata{OrgName: host, Submitter: host, Contact: "mailto:relevance-reports@" + host, Generator: "usher/" + d.settings.Version},
	}
	if d.signer == nil {
		d.log.Warn("reports are drawn and not sent", "why", senders.ErrNoSigner)
	} else if err := d.sendReports(desk); err != nil {
		return nil, err
	}
	if d.settings.ReportsWeb {
		d.proofs = &proofs.Desk{Store: d.store, Site: desk.Site, Key: d.store.SiteKey("sender challenge"), DNS: fresh{resolver}, OrgDomain: auth.OrgDomain, Now: time.Now, Log: d.log}
		if err := d.proofs.Begin(); err != nil {
			return nil, err
		}
		desk.Token = d.token
	}
	if link := d.termsLink(); link != "" {
		desk.From.Terms = &report.Terms{URL: link}
	}
	return desk, desk.Begin()
}

// token gives a token by which the reports on a domain are read at the pages.
func (d *Daemon) token(ctx context.Context, domain string) (senders.Token, error) {
	bearer, until, err := d.proofs.ByLetter(ctx, domain)
	return senders.Token{Bearer: bearer, Where: strings.TrimSuffix(d.pages.URL(), "/") + mail.PathRelevance, Until: until}, err
}

// openSigner reads the keys that sign mail of our own, if there are any.
func (d *Daemon) openSigner() (err error) {
	d.signer, err = auth.OpenSigner(filepath.Join(d.settings.StateDir, "dkim"), d.settings.Wire.Hostname)
	if errors.Is(err, auth.ErrNoKeys) {
		return nil
	}
	return err
}

// signed signs a letter of our own from an address, if that is of the domain whose keys
// we have.
func (d *Daemon) signed(from string, letter []byte) ([]byte, error) {
	if d.signer == nil || !strings.HasSuffix(strings.ToLower(from), "@"+strings.ToLower(d.signer.Domain)) {
		return letter, nil
	}
	return d.signer.Sign(letter)
}

// sendReports lets reports leave: by mail where there is a relay, and by POST.
func (d *Daemon) sendReports(desk *senders.Desk) error {
	client, err := leaveClient(d.settings.LeaveNot)
	if err != nil {
		return err
	}
	desk.Sign = d.signer.Sign
	desk.Post = func(ctx context.Context, uri string, letter []byte) error {
		if o := client.Deliver(ctx, uri, letter); !o.Asked {
			return fmt.Errorf("POST to %s: %s", o.Host, o.Reason)
		}
		return nil
	}
	if d.settings.Relay != (nexthop.Endpoint{}) {
		desk.Mail, desk.Answer = d.mailReport, d.answerSigned
	} else {
		d.log.Warn("reports are drawn and not mailed", "why", senders.ErrNoRelay)
	}
	return nil
}

// controlled are the settings of the wire, with the addresses at which senders order
// something by mail.
func (d *Daemon) controlled() smtpd.Config {
	c := d.settings.Wire
	c.Control = slices.Clone(c.Control)
	for _, box := range d.boxes() {
		c.Control = append(c.Control, box.Address)
	}
	if d.bounces != nil {
		c.Control = append(c.Control, d.bounces.Address())
	}
	return c
}

// observers are shown one after the other what passes.
type observers []smtpd.Observer

func (all observers) Observe(ctx context.Context, o *mail.Object, head []byte) {
	for _, one := range all {
		one.Observe(ctx, o, head)
	}
}

func (d *Daemon) observers() observers {
	all := observers{d.answers}
	for _, box := range d.boxes() {
		all = append(all, box)
	}
	if d.bounces != nil {
		all = append(all, d.bounces)
	}
	return all
}

// boxes take what senders order by mail, where they can be answered.
func (d *Daemon) boxes() (all []*order.Box) {
	if d.reports != nil && d.reports.Box() != nil {
		all = append(all, d.reports.Box())
	}
	if d.complaints != nil && d.complaints.Box() != nil {
		all = append(all, d.complaints.Box())
	}
	return all
}

// texts asks the DNS for TXT records.
type texts struct{ dns.Cache }

func (t *texts) TXT(ctx context.Context, name string) ([]string, error) {
	return t.Ask(ctx, dns.Question{Kind: dns.TXT, Name: name})
}

// fresh asks the DNS for TXT records anew each time: whoever has just published one waits
// for no answer of a minute ago.
type fresh struct{ dns.Source }

func (f fresh) TXT(ctx context.Context, name string) ([]string, error) {
	return (&texts{dns.Cache{Source: f.Source}}).TXT(ctx, name)
}

// takesPart reports whether a mailbox counts in reports: as its own file says, else, if
// people were told of it, as the site's says.
func (d *Daemon) takesPart(ctx context.Context, mailbox string) bool {
	own, site, err := d.files.For(ctx, mailbox)
	if err != nil {
		return false
	}
	for _, f := range []*intents.File{own, site} {
		if f == nil || f == site && !d.settings.Announced {
			continue
		}
		for _, s := range f.All {
			if said, is := s.(*intents.Feedback); is {
				return said.Yes
			}
		}
	}
	return false
}

// reporting is what of a message is kept for reports, beside its decisions.
func (d *Daemon) reporting(o *mail.Object, ds []*rules.Decision) error {
	if d.reports == nil {
		return nil
	}
	return d.reports.Note(o, ds)
}
