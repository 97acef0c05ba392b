package daemon

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/rules/people"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/nexthop"
)

// proven tells who a letter is proven to be from, by a zone.
func proven(zone dns.Zone, letter string) mail.Identity {
	v := &auth.Verifier{Resolver: zone}
	return v.Identify(context.Background(), strings.NewReader(letter), &mail.Envelope{}, mail.Parse([]byte(letter)))
}

func TestMailOfOurOwnIsSigned(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	signer, err := auth.MakeSigner(filepath.Join(dir, "dkim"), "usher.example")
	if err != nil {
		t.Fatal(err)
	}
	zone := dns.Zone{}
	for _, r := range signer.Records() {
		zone[r.Name] = []string{r.Text}
	}
	hop, relayed := &relay{}, &relay{}
	d := town(t, dir, "lmtp:"+hop.serve(t, true))
	defer stopped(t, d)
	if desk, err := d.newReports(zone); desk != nil || err != nil {
		t.Fatalf("reports were not wanted: %v", err)
	}
	d.settings.Reports = true
	if desk, err := d.newReports(zone); err != nil || desk.Mail != nil {
		t.Fatalf("without a relay reports are mailed: %v", err)
	}
	if d.settings.Relay, err = nexthop.ParseEndpoint("smtp:" + relayed.serve(t, false)); err != nil {
		t.Fatal(err)
	}
	desk, err := d.newReports(zone)
	if err != nil {
		t.Fatal(err)
	}
	if err := desk.Mail(context.Background(), "rel@shop.example", []byte("From: relevance-reports@usher.example\r\nTo: rel@shop.example\r\nSubject: hello\r\n\r\nhello\r\n")); err != nil {
		t.Fatal(err)
	}
	took := relayed.took("rel@shop.example")
	if len(took) != 1 || proven(zone, took[0]).How != mail.ByDKIM {
		t.Errorf("a report left as %q", took)
	}
	if err := desk.Mail(context.Background(), "nobody@shop.example", []byte("From: a@usher.example\r\n\r\nx\r\n")); err == nil {
		t.Error("a report that was refused is as good as sent")
	}

	states(t, dir, "maria@example.org", daily(now), now)
	got(t, d, "maria@example.org", 3, now)
	d.digests.round(context.Background(), now)
	if letters := hop.took("maria@example.org"); len(letters) != 1 || proven(zone, letters[0]).How != mail.ByDKIM {
		t.Errorf("a digest left as %q", letters)
	}
}

func TestWhoTakesPartInReports(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name, own, site string
		announced, is   bool
	}{
		{"who says nothing", "zone UTC\n", "", false, false},
		{"who says yes", "feedback yes\n", "", false, true},
		{"who says no", "feedback no\n", "feedback yes\n", true, false},
		{"whose site says yes, and they were told", "zone UTC\n", "feedback yes\n", true, true},
		{"whose site says yes, and nobody was told", "zone UTC\n", "feedback yes\n", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			d := town(t, dir, "lmtp:127.0.0.1:1")
			defer stopped(t, d)
			d.settings.Announced = c.announced
			states(t, dir, "maria@example.org", c.own, now)
			siteStates(t, d, dir, c.site)
			if is := d.takesPart(context.Background(), "maria@example.org"); is != c.is {
				t.Errorf("takes part: %v", is)
			}
		})
	}
}

// siteStates gives a daemon a site's file.
func siteStates(t *testing.T, d *Daemon, dir, text string) {
	t.Helper()
	if text == "" {
		return
	}
	path := filepath.Join(dir, "site.intents")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d.files = people.NewDir(d.settings.IntentsDir, path, d.log)
}

func TestLettersAboutReportsAreReadWhereTheyCanBeAnswered(t *testing.T) {
	dir := t.TempDir()
	hop, relayed := &relay{}, &relay{}
	d := town(t, dir, "lmtp:"+hop.serve(t, true))
	defer stopped(t, d)
	d.settings.Reports, d.settings.Wire.Control = true, []string{"postmaster@usher.example"}
	var err error
	if d.reports, err = d.newReports(dns.Zone{}); err != nil {
		t.Fatal(err)
	}
	if got := d.controlled().Control; len(got) != 1 {
		t.Errorf("without a relay these are read as they pass: %q", got)
	}
	if d.signer, err = auth.MakeSigner(filepath.Join(dir, "dkim"), "usher.example"); err != nil {
		t.Fatal(err)
	}
	if d.settings.Relay, err = nexthop.ParseEndpoint("smtp:" + relayed.serve(t, false)); err != nil {
		t.Fatal(err)
	}
	if d.reports, err = d.newReports(dns.Zone{}); err != nil {
		t.Fatal(err)
	}
	d.settings.Complaints = true
	if d.complaints, err = d.newComplaints(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(d.controlled().Control, " "); got != "postmaster@usher.example relevance-reports@usher.example complaints@usher.example" || len(d.settings.Wire.Control) != 1 {
		t.Errorf("with one: %q", got)
	}
	if n := len(d.observers()); n != 3 {
		t.Errorf("%d read what passes, want who answers digests, and who answers senders at either address", n)
	}
}
