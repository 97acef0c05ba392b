package daemon

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/nexthop"
)

// TestWhoTookNoLetterIsWrittenNone: a letter that comes back to its reverse-path is the
// last one to its address; who writes to us is answered all the same, from nobody.
func TestWhoTookNoLetterIsWrittenNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := auth.MakeSigner(filepath.Join(dir, "dkim"), "usher.example"); err != nil {
		t.Fatal(err)
	}
	relayed := &relay{}
	d := town(t, dir, "lmtp:127.0.0.1:1")
	defer stopped(t, d)
	if desk, err := d.newBounces(); desk != nil || err != nil {
		t.Fatalf("where nothing is sent: %v", err)
	}
	var err error
	d.settings.Reports = true
	d.settings.Relay, err = nexthop.ParseEndpoint("smtp:" + relayed.serve(t, false))
	if err == nil {
		d.bounces, err = d.newBounces()
	}
	if err == nil {
		d.reports, err = d.newReports(dns.Zone{})
	}
	if err != nil {
		t.Fatal(err)
	}
	letter := []byte("From: relevance-reports@usher.example\r\nTo: rel@shop.example\r\nSubject: hello\r\n\r\nhello\r\n")
	if err := d.reports.Mail(context.Background(), "rel@shop.example", letter); err != nil {
		t.Fatal(err)
	}
	from := relayed.from()
	if !strings.HasPrefix(from, "bounce+") || !strings.HasSuffix(from, "@usher.example") {
		t.Fatalf("a report came from <%s>", from)
	}
	if c := d.controlled().Control; len(c) != 2 || c[1] != "bounce@usher.example" {
		t.Errorf("the wire watches %q", c)
	}
	notice := "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.shop.example\r\n\r\nAction: failed\r\n--b--\r\n"
	d.observers().Observe(context.Background(), &mail.Object{Envelope: mail.Envelope{To: []string{from}, Arrived: time.Now()}, Message: mail.Parse([]byte(notice))}, []byte(notice))
	if err := d.reports.Mail(context.Background(), "REL@shop.example", letter); err == nil || !strings.Contains(err.Error(), "came back: it is left alone until") {
		t.Errorf("after it came back: %v", err)
	}
	if err := d.reports.Mail(context.Background(), "rel@esp.example", letter); err != nil {
		t.Errorf("to another: %v", err)
	}
	if err := d.reports.Answer(context.Background(), "rel@shop.example", letter); err != nil || relayed.from() != "" {
		t.Errorf("an answer came from <%s>, %v", relayed.from(), err)
	}
	if n := len(relayed.took("rel@shop.example")); n != 2 {
		t.Errorf("%d letters were taken, want the first and the answer", n)
	}
}
