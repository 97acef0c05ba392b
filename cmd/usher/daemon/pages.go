package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"usher/cmd/usher/web/pages"
	"usher/smtpd"
	"usher/smtpd/events"
	"usher/smtpd/imprint"
	"usher/smtpd/nexthop"
)

// openPages opens the address at which browsers are answered, if one is set.
func (d *Daemon) openPages() error {
	set := d.settings.Web
	if set.Listen == "" {
		return nil
	}
	l, err := net.Listen("tcp", set.Listen)
	if err != nil {
		return fmt.Errorf("listen for browsers: %w; choose another web-listen, or leave it empty", err)
	}
	key := d.store.SiteKey(smtpd.KeyDigest)
	deps := pages.Deps{
		As: d.api.As, Key: d.store.SiteKey(keyDigestID), Entered: d.api.Entered, Post: d.post, Delimiter: d.settings.Wire.Delimiter, Hostname: d.settings.Wire.Hostname, Log: d.log,
		Mark: func(mailbox, messageID string) string { return imprint.DigestField(key, "link", mailbox, messageID) },
	}
	if !d.settings.Wire.LogAddresses {
		logKey := d.store.SiteKey("log")
		deps.Shown = func(mailbox string) string { return events.Pseudonym(logKey, mailbox, deps.Delimiter) }
	}
	if d.pages, err = pages.New(set, l.Addr(), deps); err != nil {
		l.Close()
		return err
	}
	d.browsers, d.api.Ended = l, d.pages.End
	return nil
}

// showPages answers browsers.
func (d *Daemon) showPages(jobs *jobs) {
	if d.browsers == nil {
		return
	}
	d.log.Info("pages for browsers", "address", d.browsers.Addr().String(), "url", d.pages.URL())
	jobs.start("pages for browsers", func(ctx context.Context) error { return d.pages.Serve(ctx, d.browsers) })
}

// errNotOurs is the answer to a letter that no next hop is known to keep.
var errNotOurs = errors.New("no next hop has this mailbox")

// post passes a letter of our own to the next hop that has the mailbox. One that
// speaks LMTP keeps mailboxes, and knows which; one that speaks SMTP may pass mail
// on to anywhere, so it is given a letter to whom it had mail for before.
func (d *Daemon) post(ctx context.Context, mailbox string, letter []byte) error {
	set, err := d.settings.Wire.Reach()
	if err != nil {
		return err
	}
	err = errNotOurs
	var tried []nexthop.Endpoint
	for _, h := range d.settings.Wire.Hops {
		if slices.Contains(tried, h.Out) || !h.Out.LMTP() && !d.knows(mailbox) {
			continue
		}
		tried = append(tried, h.Out)
		results, failed := set.Send(ctx, h.Out, "", []string{mailbox}, bytes.NewReader(letter))
		switch code := results[0].Code; {
		case failed == nil && code/100 == 2:
			return nil
		case failed != nil:
			err = failed
		case code/100 == 4:
			err = fmt.Errorf("the next hop %s answers %d %s", h.Out, code, results[0].Text)
		}
	}
	return err
}

// knows reports whether a mailbox has intents of its own, or a decision.
func (d *Daemon) knows(mailbox string) bool {
	if own, _ := d.files.InForce(mailbox); own != nil {
		return true
	}
	found, err := d.store.Decisions(mailbox, time.Time{}, time.Time{}, 1)
	return err == nil && len(found) > 0
}
