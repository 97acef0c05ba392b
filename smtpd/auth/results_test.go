package auth

import (
	"net/netip"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// What a border writes of a message that came to it, and what Postfix writes when
// a filter on the same machine hands it back.
const (
	border = "Received: from mta.shop.example (mta.shop.example [203.0.113.7])\r\n\tby mx.example.org (Postfix) with ESMTPS id 4; Mon, 16 Nov 2026 09:00:01 +0200\r\n"
	inner  = "Received: from localhost (localhost [127.0.0.1])\r\n\tby mx.example.org (Postfix) with ESMTP id 5; Mon, 16 Nov 2026 09:00:02 +0200\r\n"
	pass   = "Authentication-Results: mx.example.org; dkim=pass header.d=shop.example header.s=m; spf=none\r\n"
)

func TestAFieldIsBelievedOnlyAboveTheBorder(t *testing.T) {
	from := func(client string) string {
		return "Received: from " + client + " by mx.example.org with ESMTP id 1; now\r\n"
	}
	for _, c := range []struct {
		name, head string
		want       bool
	}{
		{"above the border's Received, where Postfix puts it", pass + border, true},
		{"below it, as a sender may have written it", border + pass, false},
		{"below it, although it is by a server of ours", border + inner + pass, false},
		{"below what a filter on this machine handed back", inner + pass + border, true},
		{"below two such", inner + inner + pass + border, true},
		{"where there is no border to be seen", pass, false},
		{"where there is none but this machine's own", inner + pass + inner, false},
		{"above mail of this machine's own users", pass + "Received: by mx.example.org (Postfix, from userid 1000) id 1; now\r\n", true},
		{"in mail of this machine's own users", "Received: by mx.example.org (Postfix, from userid 1000) id 1; now\r\n" + pass + border, false},
		{"below a relay of ours on another machine", from("relay (relay [198.51.100.8])") + pass + border, true},
		{"below a relay of ours that has IPv6", from("relay (relay [IPv6:2001:db8::8])") + pass + border, true},
		{"below a neighbour of that relay's", from("relay (relay [198.51.101.8])") + pass + border, false},
		{"below this machine's own by IPv6", from("localhost (localhost [IPv6:::1])") + pass + border, true},
		{"below this machine's own as Dovecot and Exim write it", from("localhost ([127.0.0.1])") + pass + border, true},
		{"below a private network that nobody named", from("docker (docker [172.17.0.1])") + pass + border, false},
		{"below a client that greets as this machine", from("[127.0.0.1] (evil [203.0.113.9])") + pass + border, false},
		{"below a client whose own name is this machine's", from("localhost (localhost [203.0.113.9])") + pass + border, false},
		{"below a client that greets as a comment", from(`[127.0.0.1] (x\) by evil ([203.0.113.9])`) + pass + border, false},
		{"below a client that greets as a quotation", from(`"[127.0.0.1] by (" ([203.0.113.9])`) + pass + border, false},
		{"below a client that greets as by", from("by (evil [203.0.113.9])") + pass + border, false},
		{"below a client without an address", from("localhost") + pass + border, false},
		{"below an address that is none", from("localhost ([127.0.0.1.1])") + pass + border, false},
		{"below a Received that never says by", "Received: from localhost ([127.0.0.1])\r\n" + pass + border, false},
		{"below a Received whose comment never ends", "Received: from localhost ([127.0.0.1] by mx.example.org\r\n" + pass + border, false},
		{"below an empty Received", "Received:\r\n" + pass + border, false},
	} {
		v := &Verifier{Resolver: dns.Zone{}, TrustedIDs: []string{"mx.example.org"},
			Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/32")}}
		if id := identify(v, c.head+letter); (id.How == mail.ByAR) != c.want {
			t.Errorf("%s: how %q, note %q", c.name, id.How, id.Note)
		}
	}
}

func TestAuthenticationResults(t *testing.T) {
	tests := []struct {
		name, head string
		how        mail.How
		key        string
	}{
		{"our id", pass, mail.ByAR, "shop.example"},
		{"a strange id", strings.Replace(pass, "mx.example.org", "mx.evil.example", 1), mail.ByNone, ""},
		{"no id at all", strings.Replace(pass, "mx.example.org", "", 1), mail.ByNone, ""},
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
			id := identify(v, test.head+border+letter)
			if id.How != test.how || id.SenderKey != test.key || id.Proven() != (id.Note == "") {
				t.Errorf("how %q, sender %q, note %q; want %q, %q", id.How, id.SenderKey, id.Note, test.how, test.key)
			}
		})
	}

	t.Run("nothing is believed where no id is trusted", func(t *testing.T) {
		if id := identify(&Verifier{Resolver: dns.Zone{}}, pass+border+letter); id.Proven() {
			t.Errorf("how %q", id.How)
		}
	})
	t.Run("our own check stands where the two differ", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		raw := strings.Replace(s.by("shop.example", letter), "Twenty", "Ninety", 1)
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+border+raw); id.Proven() || !strings.Contains(id.Note, "body hash") {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
	t.Run("a trusted field helps where the key could not be looked up", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		raw := s.by("shop.example", letter)
		v := &Verifier{Resolver: source(keysFail), TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+border+raw); id.How != mail.ByAR || id.Covered("from") {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
	t.Run("our own proof comes before a trusted field", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+border+s.by("shop.example", letter)); id.How != mail.ByDKIM {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
	t.Run("two senders are proven by no field", func(t *testing.T) {
		v := &Verifier{Resolver: dns.Zone{}, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, pass+border+"From: b@shop.example\r\n"+letter); id.Proven() {
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
