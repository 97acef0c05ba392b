package daemon

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"usher/smtpd/auth/dns"
)

// TestSendersAreAnsweredWhereTheOperatorSaysSo: the pages for senders are there, beside
// those of people, and only if they are wanted.
func TestSendersAreAnsweredWhereTheOperatorSaysSo(t *testing.T) {
	d := town(t, t.TempDir(), "lmtp:127.0.0.1:1")
	defer stopped(t, d)
	if len(d.public()) != 0 {
		t.Fatal("without the setting senders are answered")
	}
	d.settings.Reports, d.settings.ReportsWeb, d.settings.Web.Listen = true, true, "127.0.0.1:0"
	var err error
	if d.reports, err = d.newReports(dns.Zone{}); err != nil {
		t.Fatal(err)
	}
	if err := d.openPages(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- d.pages.Serve(ctx, d.browsers) }()
	r, err := http.Post(d.pages.URL()+"relevance/v1/enrol", "application/json", strings.NewReader(`{"domain":"shop.example"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
