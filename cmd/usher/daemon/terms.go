package daemon

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"usher/cmd/usher/web/public"
	"usher/cmd/usher/web/senders"
	"usher/rules/intents"
)

// openTerms finds the terms that this site publishes, if any. Whoever would publish
// what is not so is told before mail is taken.
func (d *Daemon) openTerms() (err error) {
	if d.settings.Terms.File == "" {
		return nil
	}
	site := func() *intents.File {
		_, site := d.files.InForce("")
		return site
	}
	d.terms, err = public.Open(d.settings.Terms, filepath.Join(d.settings.StateDir, "terms"), site, d.log)
	if err != nil {
		return fmt.Errorf("publish %w; write them anew with `usher terms write`, or leave terms-file out", err)
	}
	return nil
}

// termsLink is where senders find the terms, "" where there are none.
func (d *Daemon) termsLink() string {
	if d.terms == nil {
		return ""
	}
	return d.terms.Link()
}

// public is what anybody may ask for at the address of the pages.
func (d *Daemon) public() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{}
	if d.terms != nil {
		maps.Copy(all, d.terms.Routes())
	}
	if d.proofs != nil {
		answers := &senders.Answers{Proofs: d.proofs, Reports: d.reports, Host: d.settings.Wire.Hostname, Secure: strings.HasPrefix(d.settings.Web.URL, "https://"), Now: time.Now, Log: d.log}
		if d.reports.Box() != nil {
			answers.Letters = d.reports.Site
		}
		maps.Copy(all, answers.Routes())
	}
	return all
}
