package daemon

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"

	"usher/classify/mail"
	"usher/cmd/usher/web"
	complain "usher/cmd/usher/web/complain"
	"usher/corpus/complaints"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/nexthop"
)

// TestAComplaintGoesFromTheWireToTheSender: a message arrives signed, its recipient
// complains, and the sender's address gets a signed report that names nobody.
func TestAComplaintGoesFromTheWireToTheSender(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	signer, err := auth.MakeSigner(filepath.Join(dir, "dkim"), "usher.example")
	if err != nil {
		t.Fatal(err)
	}
	zone := dns.Zone{}
	for _, r := range signer.Records() {
		zone[r.Name] = []string{r.Text}
	}
	private, txt := auth.NewKey()
	zone["s._domainkey.shop.example"] = []string{txt}
	relayed := &relay{}
	d := town(t, dir, "lmtp:127.0.0.1:1")
	defer stopped(t, d)
	if d.settings.Relay, err = nexthop.ParseEndpoint("smtp:" + relayed.serve(t, false)); err != nil {
		t.Fatal(err)
	}
	d.settings.Complaints = true
	if d.complaints, err = d.newComplaints(); err != nil {
		t.Fatal(err)
	}
	d.complaints.Wait = func() time.Duration { return 0 }
	d.more()
	states(t, dir, "maria@example.org", "promotions digest\n", now)

	raw := "From: Shop <news@shop.example>\r\nTo: maria@example.org\r\nSubject: Sale for Maria\r\nMessage-ID: <m1@shop.example>\r\nCFBL-Address: fbl@shop.example; report=arf\r\n\r\nSALE! 50% off all shoes, only today. Unsubscribe: https://shop.example/u\r\n"
	var signed strings.Builder
	if err := auth.Sign(&signed, strings.NewReader(raw), auth.SignOptions{Domain: "shop.example", Selector: "s", Signer: private, Headers: strings.Split("From:To:Subject:Message-ID:CFBL-Address:CFBL-Feedback-ID", ":")}); err != nil {
		t.Fatal(err)
	}
	o := &mail.Object{Envelope: mail.Envelope{From: "b+maria=example.org@shop.example", To: []string{"maria@example.org"}, Arrived: now}, Identity: proven(zone, signed.String()), Message: mail.Parse([]byte(signed.String()))}
	ds, err := noting{d.judge, d}.Decide(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.store.Record(context.Background(), ds); err != nil {
		t.Fatal(err)
	}
	if !d.tellable("maria@example.org", ds[0].ID) || d.tellable("pekka@example.org", ds[0].ID) {
		t.Error("a digest offers to complain to others than whom the message came to")
	}
	as := d.api.As(web.Whoami{User: "maria", UID: 1000, Mailboxes: []string{"maria@example.org"}})
	if c, err := complain.Complain(context.Background(), as, complain.Message{ID: ds[0].ID}, false); err != nil || c.State != complaints.Proposed || len(relayed.took("fbl@shop.example")) != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	c, err := complain.Complain(context.Background(), as, complain.Message{ID: ds[0].ID, Reason: "too-often"}, true)
	if err != nil || c.State != complaints.Waiting {
		t.Fatalf("%+v, %v", c, err)
	}
	if d.tellable("maria@example.org", ds[0].ID) {
		t.Error("a digest offers to complain once more")
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go d.complaints.Run(ctx)
	var took []string
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit) && len(took) == 0; time.Sleep(10 * time.Millisecond) {
		took = relayed.took("fbl@shop.example")
	}
	if len(took) != 1 || proven(zone, took[0]).How != mail.ByDKIM {
		t.Fatalf("the sender got %q", took)
	}
	e, err := message.Read(strings.NewReader(took[0]))
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for r := e.MultipartReader(); ; {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(p.Body)
		all += string(body)
	}
	for _, want := range []string{"Feedback-Type: abuse", "Reported-Domain: shop.example", "Message-ID: <m1@shop.example>", "Reason: too-often", "dkim=pass header.d=shop.example"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	for _, secret := range []string{"maria", "Maria", "example.org", "Sale", "SALE"} {
		if strings.Contains(took[0], secret) {
			t.Errorf("it names %q:\n%s", secret, took[0])
		}
	}
}
