package daemon

import (
	"context"
	"fmt"
	"net"

	"usher/cmd/usher/web/pages"
	"usher/smtpd"
	"usher/smtpd/events"
	"usher/smtpd/imprint"
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
		As: d.api.As, Key: d.store.SiteKey(keyDigestID), Entered: d.api.Entered, Post: d.post, Delimiter: d.settings.Wire.Delimiter, Hostname: d.settings.Wire.Hostname, Log: d.log, Public: d.public(),
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
