package auth

import (
	"context"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// letter is an unsigned promotion of shop.example.
const letter = "From: Nordic Run <news@news.shop.example>\r\n" +
	"To: maria@example.org\r\n" +
	"Subject: Running\r\n shoes\r\n" +
	"Date: Mon, 16 Nov 2026 09:00:00 +0200\r\n" +
	"Message-ID: <1@shop.example>\r\n" +
	"List-Unsubscribe: <https://shop.example/u>\r\n" +
	"\r\n" +
	"Twenty per cent off.\r\n"

// from replaces the From field of letter, or removes it.
func from(field string) string {
	_, rest, _ := strings.Cut(letter, "\r\n")
	return field + rest
}

// signing is a zone and the keys behind it: one selector a signature.
type signing struct {
	t    testing.TB
	zone dns.Zone
}

func (s signing) by(domain, message string) string {
	s.t.Helper()
	key, txt := NewKey()
	return s.with(SignOptions{Domain: domain, Signer: key}, txt, message)
}

func (s signing) rsa(domain string, bits int, message string) string {
	s.t.Helper()
	key, txt, err := NewRSAKey(bits)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.with(SignOptions{Domain: domain, Signer: key}, txt, message)
}

func (s signing) with(o SignOptions, txt, message string) string {
	s.t.Helper()
	o.Selector = "s" + string(rune('a'+len(s.zone)))
	s.zone[o.Selector+"._domainkey."+o.Domain] = []string{txt}
	var b strings.Builder
	if err := Sign(&b, strings.NewReader(message), o); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

func identify(v *Verifier, raw string) mail.Identity {
	return v.Identify(context.Background(), strings.NewReader(raw), &mail.Envelope{}, mail.Parse([]byte(raw)))
}

func TestIdentify(t *testing.T) {
	long := strings.Repeat("x", 5000)
	tests := []struct {
		name string
		make func(s signing) string
		how  mail.How
		key  string
		note string // a part of it
	}{
		{"a valid signature of the From domain proves it", func(s signing) string { return s.by("news.shop.example", letter) }, mail.ByDKIM, "shop.example", ""},
		{"an RSA signature proves as well", func(s signing) string { return s.rsa("shop.example", 2048, letter) }, mail.ByDKIM, "shop.example", ""},
		{"a parent domain speaks for its subdomain", func(s signing) string { return s.by("shop.example", letter) }, mail.ByDKIM, "shop.example", ""},
		{"a sibling subdomain speaks for it too", func(s signing) string { return s.by("mta7.shop.example", letter) }, mail.ByDKIM, "shop.example", ""},
		{"a domain in capitals is the same domain", func(s signing) string {
			return s.by("shop.example", from("From: Nordic Run <news@NEWS.Shop.Example>\r\n"))
		}, mail.ByDKIM, "shop.example", ""},
		{"no signature proves nothing", func(s signing) string { return letter }, mail.ByNone, "", "carries no DKIM signature"},
		{"a changed body proves nothing", func(s signing) string {
			return strings.Replace(s.by("shop.example", letter), "Twenty", "Ninety", 1)
		}, mail.ByNone, "", "the signature of shop.example is not valid: body hash did not verify"},
		{"a changed subject proves nothing", func(s signing) string {
			return strings.Replace(s.by("shop.example", letter), "Running", "Walking", 1)
		}, mail.ByNone, "", "signature did not verify"},
		{"a second From above a signature proves nothing", func(s signing) string {
			return "From: Bank <help@bank.example>\r\n" + s.by("shop.example", letter)
		}, mail.ByNone, "", "more than one sender"},
		{"a second From is noticed where h= names From once", func(s signing) string {
			key, txt := NewKey()
			return "From : Bank <help@bank.example>\r\n" + s.with(SignOptions{Domain: "shop.example", Signer: key, Headers: []string{"From"}}, txt, letter)
		}, mail.ByNone, "", "more than one sender"},
		{"two addresses in one From prove nothing", func(s signing) string {
			return s.by("shop.example", from("From: a@shop.example, b@shop.example\r\n"))
		}, mail.ByNone, "", "more than one sender"},
		{"no From proves nothing", func(s signing) string { return from("") }, mail.ByNone, "", "names no sender"},
		{"an empty group in From proves nothing", func(s signing) string {
			return s.by("shop.example", from("From: Undisclosed senders:;\r\n"))
		}, mail.ByNone, "", "names no sender"},
		{"a length tag fails however right the hashes are", func(s signing) string {
			return strings.Replace(s.by("shop.example", letter), " h=", " l=9; h=", 1)
		}, mail.ByNone, "", "insecure body length tag"},
		{"rsa-sha1 fails", func(s signing) string {
			return strings.Replace(s.rsa("shop.example", 1024, letter), "rsa-sha256", "rsa-sha1", 1)
		}, mail.ByNone, "", "too weak: sha1"},
		{"an expired signature fails", func(s signing) string {
			key, txt := NewKey()
			return s.with(SignOptions{Domain: "shop.example", Signer: key, Expires: time.Now().Add(-time.Minute)}, txt, letter)
		}, mail.ByNone, "", "expired"},
		{"a provider's signature says nothing of its customer", func(s signing) string { return s.by("sendgrid.net", letter) }, mail.ByNone, "", "signed by sendgrid.net, which does not speak for news.shop.example"},
		{"a provider's own host is never a sender", func(s signing) string {
			return s.by("sendgrid.net", from("From: Shop <x@em.sendgrid.net>\r\n"))
		}, mail.ByNone, "", "sends for many"},
		{"nor is a host ever so deep below a provider's", func(s signing) string {
			return s.by("sendgrid.net", from("From: Shop <x@a.b.c.d.e.f.g.h.i.j.k.sendgrid.net>\r\n"))
		}, mail.ByNone, "", "sends for many"},
		{"nor is a host that the provider numbers", func(s signing) string {
			return s.by("list-manage2.com", from("From: Shop <x@list-manage2.com>\r\n"))
		}, mail.ByNone, "", "sends for many"},
		{"a stranger's signature says nothing", func(s signing) string { return s.by("shop.test", letter) }, mail.ByNone, "", "signed by shop.test"},
		{"a public suffix speaks for no one below it", func(s signing) string {
			return s.by("co.uk", from("From: Shop <x@shop.co.uk>\r\n"))
		}, mail.ByNone, "", "signed by co.uk"},
		{"a shop below co.uk is its own", func(s signing) string {
			return s.by("shop.co.uk", from("From: Shop <x@news.shop.co.uk>\r\n"))
		}, mail.ByDKIM, "shop.co.uk", ""},
		{"two customers of one private suffix are strangers", func(s signing) string {
			return s.by("eve.github.io", from("From: Ann <ann@ann.github.io>\r\n"))
		}, mail.ByNone, "", "signed by eve.github.io"},
		{"a private suffix itself is never a sender", func(s signing) string {
			return s.by("github.io", from("From: Any <any@github.io>\r\n"))
		}, mail.ByNone, "", "sends for many"},
		{"one valid signature of two suffices", func(s signing) string {
			return s.by("sendgrid.net", s.by("shop.example", letter))
		}, mail.ByDKIM, "shop.example", ""},
		{"a broken signature beside a valid one does no harm", func(s signing) string {
			bad := strings.Replace(s.by("shop.example", letter), "bh=", "bh=AAAA", 1)
			head := bad[:len(bad)-len(letter)]
			return head + s.by("shop.example", letter)
		}, mail.ByDKIM, "shop.example", ""},
		{"the ninth signature is not looked at", func(s signing) string {
			m := s.by("shop.example", letter)
			for range MaxSignatures {
				m = s.by("other.test", m)
			}
			return m
		}, mail.ByNone, "", "signed by other.test"},
		{"at a freemail domain the whole address is the sender", func(s signing) string {
			return s.by("gmail.com", from("From: Ann <Ann.Virta@gmail.com>\r\n"))
		}, mail.ByDKIM, "ann.virta@gmail.com", ""},
		{"so at one whose users have a subdomain of its own", func(s signing) string {
			return s.by("pp.inet.fi", from("From: Ann <ann@pp.inet.fi>\r\n"))
		}, mail.ByDKIM, "ann@pp.inet.fi", ""},
		{"so at a provider who lends its users addresses", func(s signing) string {
			return s.by("substack.com", from("From: The Ledger <TheLedger@substack.com>\r\n"))
		}, mail.ByDKIM, "theledger@substack.com", ""},
		{"and not at the hosts below, from which nobody writes", func(s signing) string {
			return s.by("substack.com", from("From: The Ledger <theledger@mg.substack.com>\r\n"))
		}, mail.ByNone, "", "sends for many"},
		{"eight-bit text is text", func(s signing) string {
			return s.by("shop.example", from("From: =?utf-8?q?K=C3=A4sity=C3=B6?= <a@shop.example>\r\n")+"Hyvää päivää \xff\xfe\r\n")
		}, mail.ByDKIM, "shop.example", ""},
		{"lines of 5,000 bytes, dots and folds hold", func(s signing) string {
			return s.by("shop.example", strings.Replace(letter, "Subject:", "X-Long: "+long+"\r\n\t"+long+"\r\nSubject:", 1)+".\r\n..\r\n"+long+"\r\n.")
		}, mail.ByDKIM, "shop.example", ""},
		{"a bare line feed counts as a line's end", func(s signing) string {
			return strings.ReplaceAll(s.by("shop.example", letter), "\r\n", "\n")
		}, mail.ByDKIM, "shop.example", ""},
		{"a message without a body is signed like any other", func(s signing) string {
			return s.by("shop.example", letter[:strings.Index(letter, "\r\n\r\n")+4])
		}, mail.ByDKIM, "shop.example", ""},
		{"a header that never ends is read to its end", func(s signing) string {
			return letter[:strings.Index(letter, "\r\n\r\n")]
		}, mail.ByNone, "", "carries no DKIM signature"},
		{"a header beyond its bound is not read", func(s signing) string {
			return strings.Repeat("X-Pad: "+long+"\r\n", 60) + letter
		}, mail.ByNone, "", "longer than 256 KiB"},
		{"a header of too many fields is not read", func(s signing) string {
			return strings.Repeat("X: y\r\n", mail.MaxFields) + letter
		}, mail.ByNone, "", "more than 2000 fields"},
		{"an endless signature is not read", func(s signing) string {
			return "DKIM-Signature: h=" + strings.Repeat("from:", 2000) + "\r\n" + letter
		}, mail.ByNone, "", "longer than 8 KiB"},
		{"an endless blank body is not hashed", func(s signing) string {
			return s.by("shop.example", letter) + strings.Repeat("\r\n", maxBlank)
		}, mail.ByNone, "", "white space in a row"},
		{"a signature that is no signature", func(s signing) string {
			return "DKIM-Signature: hello\r\n" + letter
		}, mail.ByNone, "", "not valid: malformed signature tags"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := signing{t, dns.Zone{}}
			raw := test.make(s)
			id := identify(&Verifier{Resolver: s.zone}, raw)
			if id.How != test.how || id.SenderKey != test.key {
				t.Errorf("how %q, sender %q; want %q, %q (note %q)", id.How, id.SenderKey, test.how, test.key, id.Note)
			}
			if !strings.Contains(id.Note, test.note) || (test.note == "") != (id.Note == "") {
				t.Errorf("note %q; want %q in it", id.Note, test.note)
			}
		})
	}
}

func TestKeysUnder1024BitsFail(t *testing.T) {
	for _, bits := range []int{512, 768, 1016, 1023} {
		s := signing{t, dns.Zone{}}
		var raw string
		t.Run("making one needs leave", func(t *testing.T) {
			t.Setenv("GODEBUG", "rsa1024min=0")
			raw = signing{t, s.zone}.rsa("shop.example", bits, letter)
		})
		if id := identify(&Verifier{Resolver: s.zone}, raw); id.Proven() || !id.Signatures[0].Aligned {
			t.Errorf("a key of %d bits: how %q, note %q", bits, id.How, id.Note)
		}
	}
}

func TestCoversCountsFields(t *testing.T) {
	s := signing{t, dns.Zone{}}
	key, txt := NewKey()
	once := s.with(SignOptions{Domain: "shop.example", Signer: key, Headers: []string{"From", "List-Unsubscribe", "Cc"}}, txt, letter)
	tests := []struct {
		name, raw string
		field     string
		want      bool
	}{
		{"a field listed once that stands there once", once, "list-unsubscribe", true},
		{"a name in any case", once, "List-Unsubscribe", true},
		{"a field not listed", once, "subject", false},
		{"a field listed that is not there cannot be added", once, "cc", true},
		{"a second one added above", "List-Unsubscribe: <https://evil.example/>\r\n" + once, "list-unsubscribe", false},
		{"a second one with a blank before its colon", "List-Unsubscribe : <https://evil.example/>\r\n" + once, "list-unsubscribe", false},
		{"others stay covered when one is added", "List-Unsubscribe: <https://evil.example/>\r\n" + once, "from", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			id := identify(&Verifier{Resolver: s.zone}, test.raw)
			if got := id.Covered(test.field); got != test.want || id.How != mail.ByDKIM {
				t.Errorf("covered %v, how %q (%s); want %v, dkim", got, id.How, id.Note, test.want)
			}
		})
	}
	t.Run("a field that either reader saw twice is not covered", func(t *testing.T) {
		v, doubled := &Verifier{Resolver: s.zone}, "List-Unsubscribe: <https://evil.example/>\r\n"+once
		blind, keen := mail.Parse([]byte(doubled)), mail.Parse([]byte(once))
		blind.Fields = nil
		keen.Fields = append(keen.Fields, mail.Field{Name: "list-unsubscribe"})
		for raw, msg := range map[string]*mail.Message{doubled: blind, once: keen} {
			if id := v.Identify(context.Background(), strings.NewReader(raw), nil, msg); id.Covered("list-unsubscribe") || !id.Covered("cc") {
				t.Errorf("covered: %v", id.Signatures)
			}
		}
	})
	all := identify(&Verifier{Resolver: s.zone}, s.by("shop.example", letter))
	for _, name := range []string{"from", "subject", "list-unsubscribe", "list-unsubscribe-post", "reply-to"} {
		if !all.Covered(name) {
			t.Errorf("Sign by default leaves %s open: %v", name, all.Signatures)
		}
	}
}

func TestClaimIsReportedWithoutProof(t *testing.T) {
	id := identify(&Verifier{Resolver: dns.Zone{}}, letter)
	if id.Address != "news@news.shop.example" || id.Name != "Nordic Run" || id.Domain != "news.shop.example" ||
		id.OrgDomain != "shop.example" || id.Brand() != "shop.example" {
		t.Errorf("claimed: %+v", id)
	}
	if id := (&Verifier{}).Identify(context.Background(), strings.NewReader(letter), nil, nil); id.Proven() || id.Note == "" {
		t.Errorf("without a message: %+v", id)
	}
}

func TestIdentifyEndsWithItsContext(t *testing.T) {
	s := signing{t, dns.Zone{}}
	raw := s.by("shop.example", letter)
	v := &Verifier{Resolver: s.zone}
	if id := identify(v, raw); !id.Proven() {
		t.Fatalf("not proven in the first place: %s", id.Note)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	id := v.Identify(ctx, strings.NewReader(raw), nil, mail.Parse([]byte(raw)))
	if id.Proven() || id.Note != "there was no time to check the signatures" {
		t.Errorf("how %q, note %q", id.How, id.Note)
	}
}

func TestOneVerifierServesManyAtOnce(t *testing.T) {
	s := signing{t, dns.Zone{}}
	raw := s.by("shop.example", s.by("other.test", letter))
	v := &Verifier{Resolver: s.zone}
	hows := make(chan mail.How)
	for range 8 {
		go func() { hows <- identify(v, raw).How }()
	}
	for range 8 {
		if how := <-hows; how != mail.ByDKIM {
			t.Errorf("how %q", how)
		}
	}
}
