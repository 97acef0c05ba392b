//go:build interop

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"usher/corpus/senders"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

// relevanceZone is what senders say in the DNS of reports.
const relevanceZone = `
_relevance.shop.example. TXT "v=RELRPT1; rua=mailto:rel@shop.example,mailto:rel@in.esp.example; by=list-id"
_relevance.strict.example. TXT "v=RELRPT1; rua=mailto:rel@other.example"
_relevance.wild.example. TXT "v=RELRPT1; rua=mailto:rel@any.wild-esp.example"
_relevance.moved.example. TXT "v=RELRPT1; rua=mailto:rel@mover.example"
shop.example._report._relevance.in.esp.example. TXT "v=RELRPT1"
*._report._relevance.any.wild-esp.example. TXT "v=RELRPT1"
moved.example._report._relevance.mover.example. TXT "v=RELRPT1; rua=mailto:rel@evil.example"
_dmarc.wild.example. TXT "v=DMARC1; p=none"
_dmarc.moved.example. TXT "v=DMARC1; p=none"
`

// realDNS asks a real DNS server for TXT records.
type realDNS struct{ dns.Cache }

func (r *realDNS) TXT(ctx context.Context, name string) ([]string, error) {
	return r.Ask(ctx, dns.Question{Kind: dns.TXT, Name: name})
}

// TestInteropReports: who asks for reports, and where they may go, by a real DNS server.
func TestInteropReports(t *testing.T) {
	r := newResolved(t)
	asks := r.signedBy("shop.example", "a@news.shop.example")
	silent := r.signedBy("late0.example", "a@late0.example")
	r.Keys += relevanceZone
	r.settings = []string{"--reports"}
	r.start()
	r.send(asks, r.id("shop.example", "a@news.shop.example"), "b@esp.example", "192.0.2.7")
	r.send(silent, r.id("late0.example", "a@late0.example"), "b@esp.example", "192.0.2.7")
	var list string
	for limit := time.Now().Add(60 * time.Second); time.Now().Before(limit) && !strings.Contains(list, "shop.example"); pause() {
		out, err := exec.Command(r.binary, "report", "list", "--socket", r.socket()).CombinedOutput()
		if list = string(out); err != nil {
			t.Fatalf("usher report list: %v\n%s", err, out)
		}
	}
	if !strings.Contains(list, "list-id") || !strings.Contains(list, "mailto:rel@in.esp.example") || strings.Contains(list, "late0.example") {
		t.Errorf("usher report list:\n%s", list)
	}
	server, err := dns.Server(fmt.Sprintf("127.0.0.1:%d", r.DNS))
	if err != nil {
		t.Fatal(err)
	}
	desk := &senders.Desk{DNS: &realDNS{dns.Cache{Source: server}}, OrgDomain: auth.OrgDomain}
	for domain, want := range map[string]string{
		"shop.example": "mailto:rel@shop.example mailto:rel@in.esp.example", "strict.example": "", "wild.example": "mailto:rel@any.wild-esp.example", "moved.example": "", "late0.example": "",
	} {
		to, err := desk.Destinations(context.Background(), domain)
		if err != nil || strings.Join(to, " ") != want {
			t.Errorf("reports on %s go to %q, %v; want %q", domain, to, err, want)
		}
	}
	found(t, "swaks → Postfix → usher → NSD", "one sender of two asks; four destinations elsewhere: with consent, by a wildcard, without, and to another host: 2 of them get reports")
}
