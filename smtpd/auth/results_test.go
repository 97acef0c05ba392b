package auth

import (
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

func TestAuthenticationResults(t *testing.T) {
	const (
		ours    = "Received: from relay.site.example by mx.example.org (Postfix) with ESMTPS id 4; Mon, 16 Nov 2026 09:00:01 +0200\r\n"
		foreign = "Received: from app7 by out.shop.example with ESMTP id 3; Mon, 16 Nov 2026 09:00:00 +0200\r\n"
		pass    = "Authentication-Results: mx.example.org; dkim=pass header.d=shop.example header.s=m; spf=none\r\n"
	)
	tests := []struct {
		name, head string
		how        mail.How
		key        string
	}{
		{"our id above everything", pass + ours + foreign, mail.ByAR, "shop.example"},
		{"our id below a Received of our own", ours + pass + foreign, mail.ByAR, "shop.example"},
		{"our id below a foreign Received", ours + foreign + pass, mail.ByNone, ""},
		{"a Received that cannot be read is foreign", "Received: (unended by mx.example.org\r\n" + pass, mail.ByNone, ""},
		{"a strange id", strings.Replace(pass, "mx.example.org", "mx.evil.example", 1) + ours, mail.ByNone, ""},
		{"no id at all", strings.Replace(pass, "mx.example.org", "", 1) + ours, mail.ByNone, ""},
		{"an id in capitals with a version", strings.Replace(pass, "mx.example.org", "MX.example.org 1", 1), mail.ByAR, "shop.example"},
		{"a fold inside the field", strings.Replace(pass, " dkim", "\r\n\tdkim", 1), mail.ByAR, "shop.example"},
		{"only a failure", strings.Replace(pass, "dkim=pass", "dkim=fail", 1), mail.ByNone, ""},
		{"a pass of another domain", strings.Replace(pass, "header.d=shop.example", "header.d=sendgrid.net", 1), mail.ByNone, ""},
		{"a pass told by header.i alone", strings.Replace(pass, "header.d=shop.example", "header.i=@shop.example", 1), mail.ByAR, "shop.example"},
		{"a quoted domain", strings.Replace(pass, "header.d=shop.example", `header.d="shop.example"`, 1), mail.ByAR, "shop.example"},
		{"a result inside a comment", "Authentication-Results: mx.example.org; dkim=fail (no; dkim=pass header.d=shop.example) header.d=x.test\r\n", mail.ByNone, ""},
		{"a result inside a quoted local part", "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=\"a; dkim=pass header.d=shop.example \"@x.test\r\n", mail.ByNone, ""},
		{"a comment that never ends", "Authentication-Results: mx.example.org; dkim=pass header.d=shop.example (\r\n", mail.ByNone, ""},
		{"an aligned SPF pass alone", "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=bounce@em.shop.example\r\n", mail.BySPF, ""},
		{"an SPF pass of another domain", "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=b@sendgrid.net\r\n", mail.ByNone, ""},
		{"an SPF pass of HELO for a null sender", "Authentication-Results: mx.example.org; spf=pass smtp.helo=mta.shop.example\r\n", mail.BySPF, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := &Verifier{Resolver: dns.Zone{}, TrustedIDs: []string{"mx.example.org"}}
			id := identify(v, test.head+letter)
			if id.How != test.how || id.SenderKey != test.key || id.Proven() != (id.Note == "") {
				t.Errorf("how %q, sender %q, note %q; want %q, %q", id.How, id.SenderKey, id.Note, test.how, test.key)
			}
		})
	}

	t.Run("nothing is believed where no id is trusted", func(t *testing.T) {
		if id := identify(&Verifier{Resolver: dns.Zone{}}, pass+letter); id.Proven() {
			t.Errorf("how %q", id.How)
		}
	})
	t.Run("a host of ours may be named apart from the ids", func(t *testing.T) {
		v := &Verifier{Resolver: dns.Zone{}, TrustedIDs: []string{"mx.example.org"}, Hostnames: []string{"inner.example.org"}}
		inner := strings.Replace(ours, "by mx.example.org", "by inner.example.org", 1)
		if id := identify(v, inner+pass+letter); id.How != mail.ByAR {
			t.Errorf("how %q", id.How)
		}
	})
	t.Run("our own check stands where the two differ", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		raw := strings.Replace(s.by("shop.example", letter), "Twenty", "Ninety", 1)
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+raw); id.Proven() || !strings.Contains(id.Note, "body hash") {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
	t.Run("a trusted field helps where the key could not be looked up", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		raw := s.by("shop.example", letter)
		v := &Verifier{Resolver: source(keysFail), TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+raw); id.How != mail.ByAR || id.Covered("from") {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
	t.Run("our own proof comes before a trusted field", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+s.by("shop.example", letter)); id.How != mail.ByDKIM {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
	t.Run("two senders are proven by no field", func(t *testing.T) {
		v := &Verifier{Resolver: dns.Zone{}, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+"From: b@shop.example\r\n"+letter); id.Proven() {
			t.Errorf("how %q", id.How)
		}
	})
}

func TestOrgDomain(t *testing.T) {
	for domain, want := range map[string]string{
		"shop.example": "shop.example", "a.b.shop.example": "shop.example", "Shop.EXAMPLE.": "shop.example",
		"news.shop.co.uk": "shop.co.uk", "co.uk": "", "uk": "", "localhost": "", "": "", ".": "", "..": "",
		"ann.github.io": "ann.github.io", "a.ann.github.io": "ann.github.io", "github.io": "",
		"[192.0.2.1]": "", "192.0.2.1": "", "2001:db8::1": "", "a b.example": "", "a..example": "", ".shop.example": "",
		"käsityö.example": "xn--ksity-gra4k.example", "x.xn--ksity-gra4k.example": "xn--ksity-gra4k.example",
		"_dmarc.shop.example": "shop.example", "r3---sn.shop.example": "shop.example",
		strings.Repeat("a.", 200) + "example": "",
	} {
		if got := OrgDomain(domain); got != want {
			t.Errorf("OrgDomain(%q) = %q, want %q", domain, got, want)
		}
	}
}
