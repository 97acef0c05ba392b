package order

import (
	"context"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

func (d *desk) signed(t *testing.T, from, by string) *mail.Object {
	private, txt := auth.NewKey()
	zone := dns.Zone{"s._domainkey." + by: {txt}, "_dmarc.shop.example": {"v=DMARC1; p=reject"}}
	raw := "From: <" + from + ">\r\nTo: " + ours + "\r\nSubject: STOP shop.example\r\nDate: " + d.now.Format(time.RFC1123Z) + "\r\nMessage-ID: <1@" + by + ">\r\n\r\nplease\r\n"
	var b strings.Builder
	if err := auth.Sign(&b, strings.NewReader(raw), auth.SignOptions{Domain: by, Selector: "s", Signer: private, Headers: []string{"From", "To", "Subject", "Date", "Message-ID"}}); err != nil {
		t.Fatal(err)
	}
	m := mail.Parse([]byte(b.String()))
	env := mail.Envelope{From: from, To: []string{ours}}
	id := (&auth.Verifier{Resolver: zone}).Identify(context.Background(), strings.NewReader(b.String()), &env, m)
	return &mail.Object{Envelope: env, Message: m, Identity: id}
}

func TestWhoHasOnlyASubdomainOrdersNothingForItsParent(t *testing.T) {
	d := open()
	if done := d.takes(d.signed(t, "fbl@shop.example", "customer7.shop.example")); len(done) != 0 {
		t.Errorf("the key of customer7.shop.example orders as %s, for %s: %+v", done[0].From, done[0].Domain, done[0])
	}
	d = open()
	if done := d.takes(d.signed(t, "x@customer7.shop.example", "customer7.shop.example")); len(done) != 0 && done[0].Domain == "shop.example" {
		t.Errorf("the key of customer7.shop.example orders for %s: %+v", done[0].Domain, done[0])
	}
	d = open()
	if done := d.takes(d.signed(t, "x@news.shop.example", "shop.example")); len(done) != 1 || done[0].Domain != "shop.example" {
		t.Errorf("the domain itself: %+v %s", done, d.log.String())
	}
}

func TestAFieldAboveTheSignatureOrdersNothing(t *testing.T) {
	for _, above := range []string{"Subject: STOP", "From: boss@shop.example", "To: x@y.example", "Date: Tue, 24 Nov 2026 08:00:00 +0000", "Message-ID: <9@x>", "Subject : STOP", "Cc: a@b.example"} {
		d := open()
		private, txt := auth.NewKey()
		zone := dns.Zone{"s._domainkey.shop.example": {txt}}
		raw := "From: <a@shop.example>\r\nTo: " + ours + "\r\nSubject: STOP shop.example\r\nDate: " + d.now.Format(time.RFC1123Z) + "\r\nMessage-ID: <1@shop.example>\r\n\r\nplease\r\n"
		var b strings.Builder
		auth.Sign(&b, strings.NewReader(raw), auth.SignOptions{Domain: "shop.example", Selector: "s", Signer: private, Headers: []string{"From", "To", "Subject", "Date", "Message-ID"}})
		text := above + "\r\n" + b.String()
		m := mail.Parse([]byte(text))
		env := mail.Envelope{From: "a@shop.example", To: []string{ours}}
		id := (&auth.Verifier{Resolver: zone}).Identify(context.Background(), strings.NewReader(text), &env, m)
		if done := d.takes(&mail.Object{Envelope: env, Message: m, Identity: id}); len(done) != 0 {
			t.Errorf("%s: %+v", above, done)
		}
	}
}
