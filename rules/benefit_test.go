package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

// offering is a promotion of shoes from northwind.example, and serves the want
// "winter running shoes" below.
const offering = "From: Northwind <news@northwind.example>\r\n" +
	"To: maria@example.org\r\n" +
	"Subject: Winter running shoes are here\r\n" +
	"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\n" +
	"Message-ID: <1@northwind.example>\r\n" +
	"\r\n" +
	"Our Frost GTX winter running shoes: 99.95 EUR.\r\n"

const (
	grants   = "grant northwind.example"
	wants    = `want "winter running shoes" under 120 EUR`
	wantsOf  = `want "winter running shoes" under 120 EUR from northwind.example`
	wantsNew = "want newsletters about running shoes"
	protects = "protect from northwind.example"
)

// judgedAs decides about a message as if the classifier had found just that
// category, and beyond doubt.
func judgedAs(category classify.Category, o *mail.Object, own *intents.File) *Decision {
	v := *classify.New().Classify(o)
	v.Category, v.Confidence, v.Kinds, v.Knows = category, 0.97, nil, nil
	v.P = [6]float64{}
	v.P[slices.Index(classify.Categories[:], category)] = 0.97
	return new(Judge).hear(o, &v, "maria@example.org", own, nil).decision()
}

// TestNoGrantOrWantHelpsWhatIsNotAligned says of every way in which a sender is
// proven just which statements lift its mail. The last columns name what decides
// about a promotion, a newsletter and a personal mail: "own" is the person's
// line.
func TestNoGrantOrWantHelpsWhatIsNotAligned(t *testing.T) {
	const own, inbox, low = "inbox because intents:1", "inbox because default", "promotions because default"
	cases := []struct {
		why, statement                   string
		how                              mail.How
		promotion, newsletter, personals string
	}{
		{"a grant helps what DKIM proves", grants, mail.ByDKIM, own, own, inbox},
		{"a grant helps what a trusted field proves", grants, mail.ByAR, own, own, inbox},
		{"a grant helps nothing that SPF alone proves", grants, mail.BySPF, low, low, inbox},
		{"a grant helps no claim", grants, mail.ByNone, low, low, inbox},
		{"a grant helps nothing of which nobody asked who sent it", grants, "", low, low, inbox},

		{"a want helps what DKIM proves", wants, mail.ByDKIM, own, low, inbox},
		{"a want helps what a trusted field proves", wants, mail.ByAR, own, low, inbox},
		{"a want helps nothing that SPF alone proves", wants, mail.BySPF, low, low, inbox},
		{"a want helps no claim", wants, mail.ByNone, low, low, inbox},
		{"a want helps nothing of which nobody asked who sent it", wants, "", low, low, inbox},

		{"a want from a brand helps what DKIM proves", wantsOf, mail.ByDKIM, own, low, inbox},
		{"a want from a brand helps what a trusted field proves", wantsOf, mail.ByAR, own, low, inbox},
		{"a want from a brand helps nothing that SPF alone proves", wantsOf, mail.BySPF, low, low, inbox},
		{"a want from a brand helps no claim", wantsOf, mail.ByNone, low, low, inbox},

		{"a want for newsletters helps what DKIM proves", wantsNew, mail.ByDKIM, low, own, inbox},
		{"a want for newsletters helps what a trusted field proves", wantsNew, mail.ByAR, low, own, inbox},
		{"a want for newsletters helps nothing that SPF alone proves", wantsNew, mail.BySPF, low, low, inbox},
		{"a want for newsletters helps no claim", wantsNew, mail.ByNone, low, low, inbox},

		// A protect gives what the mail would have had without usher, and so asks
		// for no proof.
		{"a protect holds for what DKIM proves", protects, mail.ByDKIM, own, own, own},
		{"a protect holds for what a trusted field proves", protects, mail.ByAR, own, own, own},
		{"a protect holds for what SPF alone proves", protects, mail.BySPF, own, own, own},
		{"a protect holds for a claim", protects, mail.ByNone, own, own, own},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			id := mail.Identity{Name: "Northwind", Address: "news@northwind.example", Domain: "northwind.example", OrgDomain: "northwind.example", How: c.how}
			if id.Proven() {
				id.SenderKey = id.OrgDomain
			}
			o := &mail.Object{Envelope: mail.Envelope{From: id.Address, Arrived: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}, Identity: id, Message: mail.Parse([]byte(offering))}
			for category, want := range map[classify.Category]string{classify.Promotion: c.promotion, classify.Newsletter: c.newsletter, classify.Personal: c.personals} {
				d := judgedAs(category, o, parsed(t, c.statement))
				if got := fmt.Sprintf("%s because %s", d.Disposition, d.Because); got != want {
					t.Errorf("a %s goes to %s, want %s", category, got, want)
				}
				helped := slices.ContainsFunc(d.Also, func(a Also) bool { return a.Answer != classify.No })
				if !id.Proven() && c.statement != protects && helped {
					t.Errorf("a %s: a line answers other than no: %+v", category, d.Also)
				}
				if aligned := c.how != mail.ByNone && c.how != ""; d.Sender.Aligned != aligned {
					t.Errorf("told as aligned: %v", d.Sender.Aligned)
				}
			}
		})
	}
}

// border is a zone in which northwind.example signs and sends, and so does a
// forger, each from an address of its own.
func border(t *testing.T) (v *auth.Verifier, sign func(domain, raw string) string) {
	t.Helper()
	zone := dns.Zone{
		"_dmarc.northwind.example": {"v=DMARC1; p=reject"},
		"_dmarc.forger.example":    {"v=DMARC1; p=none"},
		"northwind.example":        {"v=spf1 ip4:192.0.2.10 -all"},
		"forger.example":           {"v=spf1 ip4:203.0.113.66 -all"},
	}
	return &auth.Verifier{Resolver: zone, TrustedIDs: []string{"mx.example.org"}}, func(domain, raw string) string {
		key, txt := auth.NewKey()
		zone["s._domainkey."+domain] = []string{txt}
		var b strings.Builder
		if err := auth.Sign(&b, strings.NewReader(raw), auth.SignOptions{Domain: domain, Selector: "s", Signer: key}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
}

// TestAForgeryGainsNothing takes the shapes of real phishing from the bytes to
// the decision: whoever is granted and whatever is wanted, none is lifted. The
// brand's own mail, beside them, is.
func TestAForgeryGainsNothing(t *testing.T) {
	const pass = "Authentication-Results: mx.example.org; dkim=pass header.d=northwind.example; spf=pass smtp.mailfrom=b@northwind.example\r\n"
	const outside = "Received: from a.forger.example (a.forger.example [203.0.113.66]) by mail.forger.example with ESMTP id 1; Sun, 22 Nov 2026 08:00:00 +0000\r\n"
	as := func(from string) string {
		return strings.Replace(offering, "Northwind <news@northwind.example>", from, 1)
	}
	cases := []struct {
		why    string
		raw    func(sign func(domain, raw string) string) string
		path   string // reverse-path
		client string
		lifted bool
	}{
		{"the brand's own mail is lifted", func(sign func(string, string) string) string { return sign("northwind.example", offering) }, "b@northwind.example", "192.0.2.10", true},
		{"the bare claim", func(func(string, string) string) string { return offering }, "b@northwind.example", "203.0.113.66", false},
		{"the claim with One-Click and List-Id", func(func(string, string) string) string {
			return "List-Id: <news.northwind.example>\r\nList-Unsubscribe: <https://forger.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" + offering
		}, "b@forger.example", "203.0.113.66", false},
		{"signed by the forger", func(sign func(string, string) string) string { return sign("forger.example", offering) }, "b@forger.example", "203.0.113.66", false},
		{"signed by a mail provider", func(sign func(string, string) string) string { return sign("sendgrid.net", offering) }, "bounces+1@sendgrid.net", "203.0.113.66", false},
		{"signed by a name below the forger's that begins like the brand's", func(sign func(string, string) string) string {
			return sign("northwind.example.forger.example", offering)
		}, "b@forger.example", "203.0.113.66", false},
		{"the brand's own mail with another text", func(sign func(string, string) string) string {
			return strings.Replace(sign("northwind.example", offering), "99.95", "9.95", 1)
		}, "b@forger.example", "203.0.113.66", false},
		{"the brand's own mail with a second From on top", func(sign func(string, string) string) string {
			return "From: Northwind <news@forger.example>\r\n" + sign("northwind.example", offering)
		}, "b@forger.example", "203.0.113.66", false},
		{"two addresses in From", func(sign func(string, string) string) string {
			return sign("forger.example", as("Northwind <news@northwind.example>, <a@forger.example>"))
		}, "b@forger.example", "203.0.113.66", false},
		{"the brand's reverse-path from the brand's server, unsigned", func(func(string, string) string) string { return offering }, "b@northwind.example", "192.0.2.10", false},
		{"a forged field of ours below a Received from outside", func(func(string, string) string) string { return outside + pass + offering }, "b@forger.example", "203.0.113.66", false},
		{"a forged field of a stranger", func(func(string, string) string) string {
			return strings.Replace(pass, "mx.example.org", "mx.forger.example", 1) + outside + offering
		}, "b@forger.example", "203.0.113.66", false},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			v, sign := border(t)
			raw := c.raw(sign)
			o := &mail.Object{Envelope: mail.Envelope{From: c.path, Arrived: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Client: mail.Client{Addr: c.client}}, Message: mail.Parse([]byte(raw))}
			o.Identity = v.Identify(context.Background(), strings.NewReader(raw), &o.Envelope, o.Message)
			if lifted := o.Identity.Proven(); lifted != c.lifted {
				t.Errorf("proven: %v, by %q", lifted, o.Identity.How)
			}
			for _, statement := range []string{grants, wants, wantsOf} {
				d := judgedAs(classify.Promotion, o, parsed(t, statement))
				if lifted := d.Disposition == Inbox; lifted != c.lifted {
					t.Errorf("%s: %s because %s: %s", statement, d.Disposition, d.Because, d.Text)
				}
			}
		})
	}
}
