package senders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/corpus"
	"usher/corpus/report"
	"usher/smtpd/order"
)

// What may be ordered by mail.
const (
	verbReport = "REPORT"
	verbStop   = "STOP"
	verbToken  = "TOKEN"
)

var errDomain = errors.New("it is not proven to be from the domain that it is about")

// Token is what somebody reads a domain's reports by elsewhere.
type Token struct {
	Bearer, Where string
	Until         time.Time
}

// Box takes what senders order by mail to Site; nil where nobody can be answered.
func (d *Desk) Box() *order.Box { return d.box }

func (d *Desk) openBox() {
	if d.Answer != nil {
		verbs := []string{verbReport, verbStop}
		if d.Token != nil {
			verbs = append(verbs, verbToken)
		}
		d.box = (&order.Box{Address: d.Site, Delimiter: d.Delimiter, Verbs: verbs, Allowed: allowed, Now: d.Now, Log: d.Log}).Open()
	}
}

// allowed is nil for an order that its sender may give: a report or token is for its own
// domain; an address may say of any domain that it wants no reports.
func allowed(o order.Order) error {
	if o.Verb != verbStop && (o.About == "" || o.About != o.Domain) {
		return errDomain
	}
	return nil
}

// do does what a sender orders, and answers it.
func (d *Desk) do(ctx context.Context, o order.Order) {
	letter, err := d.answer(ctx, o)
	if err == nil {
		err = d.Answer(ctx, o.From, letter)
	}
	if err != nil {
		d.Log.Warn("what a sender ordered by mail was not done, or not answered", "order", o.Verb, "domain", o.Domain, "about", o.About, "error", err)
		return
	}
	d.Log.Info("a sender ordered by mail", "order", o.Verb, "domain", o.Domain, "about", o.About)
}

func (d *Desk) answer(ctx context.Context, o order.Order) ([]byte, error) {
	switch o.Verb {
	case verbReport:
		return d.last(o)
	case verbToken:
		return d.token(ctx, o)
	}
	return d.stop(ctx, o)
}

// token is the letter with a token by which the reports on a domain are read.
func (d *Desk) token(ctx context.Context, o order.Order) ([]byte, error) {
	t, err := d.Token(ctx, o.About)
	if err != nil {
		return nil, err
	}
	return d.reply(o, "Until "+t.Until.UTC().Format("2 January 2006")+" this token reads the reports on "+o.About+":", "  "+t.Bearer, "Enter it at", "  "+t.Where,
		"or send it there as Authorization: Bearer. Whoever has it reads the same; nobody who has it reads anything about a person."), nil
}

func (d *Desk) reply(o order.Order, paragraphs ...string) []byte {
	return d.box.Reply(o, ulid.MustNew(ulid.Timestamp(d.Now()), ulid.DefaultEntropy()).String()+"@"+d.From.Submitter, paragraphs...)
}

// last is the letter with the last report on a domain, or one that tells why there is
// none.
func (d *Desk) last(o order.Order) ([]byte, error) {
	all, err := d.Sealed(o.About)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Backward(all) {
		if s.Report != nil {
			return s.Report.Message(o.From, d.Now())
		}
	}
	d.mu.Lock()
	asks := d.known[o.About].is
	d.mu.Unlock()
	if asks {
		return d.reply(o, "No report on "+o.About+" was drawn yet.",
			fmt.Sprintf("usher knows that it asks for reports. One is drawn for a day, a week or four weeks, by how much mail comes from it, and only where %d mailboxes or more got that mail and let it count. It is sent to where the record at %s leads; you need not ask again.", report.PublishAt, label+o.About)), nil
	}
	return d.reply(o, "No report on "+o.About+" was drawn.",
		"usher has not seen that it asks for any. To ask, publish in the DNS, with an address of yours:",
		"  "+label+o.About+`. TXT "v=RELRPT1; rua=mailto:`+o.From+`"`,
		"and a DMARC record at _dmarc."+o.About+". It is looked up once mail of yours comes in that DKIM proves, and once a day then. Bulk mail counts that DKIM proves; its streams where the signature covers Feedback-ID or List-Id."), nil
}

// stop has reports end: all on a domain where it is the domain's own order about itself,
// else those that go to who orders.
func (d *Desk) stop(ctx context.Context, o order.Order) ([]byte, error) {
	if o.About != "" && o.About == o.Domain {
		err := d.Stop(ctx, o.About)
		if errors.Is(err, corpus.ErrNotFound) {
			return d.reply(o, "No reports on "+o.About+" are asked for, by a record at "+label+o.About+": there is nothing to stop."), nil
		}
		if err != nil {
			return nil, err
		}
		return d.reply(o, "No more reports on "+o.About+" are sent. Another rua in the record at "+label+o.About+" has them sent again; without the record none are drawn."), nil
	}
	var ended []string
	for domain, uri := range d.leadingTo(o.From) {
		if o.About != "" && o.About != domain {
			continue
		}
		if err := d.Stop(ctx, domain, uri); err != nil {
			return nil, err
		}
		ended = append(ended, domain)
	}
	if slices.Sort(ended); len(ended) == 0 {
		return d.reply(o, "No reports go to "+o.From+", as far as usher knows; nothing was done.", "Write from the address that gets them; or, for a domain whose DKIM signature your letter has, with the Subject STOP and the domain."), nil
	}
	return d.reply(o, "No more reports go to "+o.From+", on "+strings.Join(ended, ", ")+"."), nil
}

// leadingTo finds the domains whose records lead to an address, and the URI of it there.
func (d *Desk) leadingTo(address string) map[string]string {
	found := map[string]string{}
	d.mu.Lock()
	defer d.mu.Unlock()
	for domain, k := range d.known {
		if i := slices.IndexFunc(k.URIs, func(uri string) bool { return strings.EqualFold(uri, "mailto:"+address) }); k.is && i >= 0 {
			found[domain] = k.URIs[i]
		}
	}
	return found
}
