package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// published is a zone of DMARC records: "name: record", one a line.
func published(lines string) dns.Zone {
	z := dns.Zone{}
	for l := range strings.Lines(lines) {
		if name, r, ok := strings.Cut(strings.TrimSpace(l), ": "); ok {
			z["_dmarc."+name] = append(z["_dmarc."+name], r)
		}
	}
	return z
}

func TestTheTreeWalkFindsTheOrganisationalDomain(t *testing.T) {
	const deep = "a.b.c.d.e.f.g.h.i.j.mail.example.com" // 13 labels
	tests := []struct {
		name, from, records, org string
		asked                    string // in order; "" is not looked at
	}{
		{"no record: 8 questions, and the list decides", deep, "", "example.com",
			deep + " g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com mail.example.com example.com com"},
		{"a record at the registered domain alone", deep, "example.com: v=DMARC1", "example.com", ""},
		{"the shortest name with a record", "a.mail.example.com", "a.mail.example.com: v=DMARC1\nmail.example.com: v=DMARC1", "mail.example.com",
			"a.mail.example.com mail.example.com example.com com"},
		{"the name below a public suffix", "giant.bank.example", "bank.example: v=DMARC1; psd=y", "giant.bank.example", "giant.bank.example bank.example"},
		{"the name below a public suffix, from further down", "mail.mega.bank.example", "bank.example: v=DMARC1; psd=y", "mega.bank.example", ""},
		{"a public suffix as the sender", "bank.example", "bank.example: v=DMARC1; psd=y", "bank.example", "bank.example"},
		{"a name that says it is no suffix ends the walk", "a.mail.shop.example", "mail.shop.example: v=DMARC1; psd=n\nshop.example: v=DMARC1", "mail.shop.example",
			"a.mail.shop.example mail.shop.example"},
		{"two records at one name are none", "mail.shop.example", "mail.shop.example: v=DMARC1\nmail.shop.example: v=DMARC1; psd=n\nshop.example: v=DMARC1", "shop.example", ""},
		{"a record of something else beside it does not count", "mail.shop.example", "mail.shop.example: v=spf1 -all\nmail.shop.example: v=DMARC1; psd=n\nshop.example: v=DMARC1", "mail.shop.example", ""},
		{"a listed suffix that does not say so is one still", "shop.github.io", "github.io: v=DMARC1; p=reject", "shop.github.io", ""},
		{"one that says it is none is believed", "shop.github.io", "github.io: v=DMARC1; psd=n", "github.io", ""},
		{"eight labels are cut to seven", "a.b.c.d.e.f.example.com", "", "example.com",
			"a.b.c.d.e.f.example.com b.c.d.e.f.example.com c.d.e.f.example.com d.e.f.example.com e.f.example.com f.example.com example.com com"},
		{"seven to six", "b.c.d.e.f.example.com", "", "example.com",
			"b.c.d.e.f.example.com c.d.e.f.example.com d.e.f.example.com e.f.example.com f.example.com example.com com"},
		{"a name without a suffix", "localhost", "", "", "localhost"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &recorded{zone: published(test.records)}
			v := &Verifier{answers: dns.Cache{Source: r}}
			s, err := v.stand(context.Background(), test.from)
			if err != nil || s.org != test.org {
				t.Errorf("organisational domain %q, error %v; want %q", s.org, err, test.org)
			}
			if asked := strings.ReplaceAll(strings.Join(r.asked, " "), "_dmarc.", ""); test.asked != "" && asked != test.asked || len(r.asked) > walkQueries {
				t.Errorf("asked %q; want %q", asked, test.asked)
			}
		})
	}
}

func TestPolicyRecords(t *testing.T) {
	relaxed := policy{psd: 'u'}
	for record, want := range map[string]*policy{
		"v=DMARC1": &relaxed,
		"v=DMARC1; p=reject; rua=mailto:a@x.test":   &relaxed,
		" v = DMARC1 ;adkim = s;":                   {psd: 'u', strictDKIM: true},
		"V=DMARC1;ASPF=S":                           {psd: 'u', strictSPF: true},
		"v=DMARC1; psd=y; adkim=s; aspf=s":          {psd: 'y', strictDKIM: true, strictSPF: true},
		"v=DMARC1; psd=N":                           {psd: 'n'},
		"v=DMARC1; psd=maybe; adkim=x; ; =; garble": &relaxed,
		"v=DMARC1; adkim=r; adkim=s":                &relaxed,
		"v=DMARC1;\tadkim=s\r\n":                    {psd: 'u', strictDKIM: true},
		"v=dmarc1":                                  nil,
		"v=DMARC10":                                 nil,
		"v=DMARC2; psd=y":                           nil,
		"p=none; v=DMARC1":                          nil,
		"DMARC1":                                    nil,
		"":                                          nil,
		";v=DMARC1":                                 nil,
	} {
		p, ok := parsePolicy(record)
		if ok != (want != nil) || ok && p != *want {
			t.Errorf("%q: %+v, %v; want %+v", record, p, ok, want)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{"v=DMARC1; psd=y; adkim=s", "v=DMARC1;;=;a==b", "v=DMARC1\x00", "V = DMARC1;psd=N;psd=y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, record string) {
		p, ok := parsePolicy(record)
		if !ok && p != (policy{}) {
			t.Errorf("%q is no record, and says %+v", record, p)
		}
		if ok && (!strings.Contains(record, "DMARC1") || !strings.ContainsRune("ynu", rune(p.psd))) {
			t.Errorf("%q is taken for a record: %+v", record, p)
		}
		if more, still := parsePolicy(record + ";tag=that nobody knows"); more != p || still != ok {
			t.Errorf("%q says %+v, %v; with a tag that nobody knows %+v, %v", record, p, ok, more, still)
		}
	})
}

func TestAlignment(t *testing.T) {
	tests := []struct {
		name, from, signer, records string
		how                         mail.How
		key                         string
	}{
		{"one organisation by a record", "news.shop.example", "mta.shop.example", "shop.example: v=DMARC1; p=none", mail.ByDKIM, "shop.example"},
		{"strict, another name of the organisation", "news.shop.example", "mta.shop.example", "shop.example: v=DMARC1; adkim=s", mail.ByNone, ""},
		{"strict, the parent", "news.shop.example", "shop.example", "shop.example: v=DMARC1; adkim=s", mail.ByNone, ""},
		{"strict, the name itself", "news.shop.example", "news.shop.example", "shop.example: v=DMARC1; adkim=s", mail.ByDKIM, "shop.example"},
		{"the record of the name comes before that of the organisation", "news.shop.example", "shop.example", "shop.example: v=DMARC1; adkim=s\nnews.shop.example: v=DMARC1", mail.ByDKIM, "shop.example"},
		{"strict for SPF is not strict for DKIM", "news.shop.example", "shop.example", "shop.example: v=DMARC1; aspf=s", mail.ByDKIM, "shop.example"},
		{"two names below a public suffix are strangers", "giant.bank.example", "mail.mega.bank.example", "bank.example: v=DMARC1; psd=y", mail.ByNone, ""},
		{"the suffix does not speak for who is below it", "giant.bank.example", "bank.example", "bank.example: v=DMARC1; psd=y", mail.ByNone, ""},
		{"one name below it speaks for itself", "news.giant.bank.example", "giant.bank.example", "bank.example: v=DMARC1; psd=y", mail.ByDKIM, "giant.bank.example"},
		{"strictness of the suffix governs who has no record", "news.giant.bank.example", "giant.bank.example", "bank.example: v=DMARC1; psd=y; adkim=s", mail.ByNone, ""},
		{"an organisation's own record comes before that of the suffix", "news.giant.bank.example", "giant.bank.example", "giant.bank.example: v=DMARC1\nbank.example: v=DMARC1; psd=y; adkim=s", mail.ByDKIM, "giant.bank.example"},
		{"a part that stands alone is a stranger to the whole", "mail.shop.example", "shop.example", "mail.shop.example: v=DMARC1; psd=n\nshop.example: v=DMARC1", mail.ByNone, ""},
		{"and the whole to the part", "shop.example", "mail.shop.example", "mail.shop.example: v=DMARC1; psd=n\nshop.example: v=DMARC1", mail.ByNone, ""},
		{"the part is a sender of its own", "mail.shop.example", "a.mail.shop.example", "mail.shop.example: v=DMARC1; psd=n", mail.ByDKIM, "mail.shop.example"},
		{"without a record, one registered domain", "news.shop.example", "mta.shop.example", "", mail.ByDKIM, "shop.example"},
		{"without a record, two customers of a private suffix", "ann.github.io", "eve.github.io", "", mail.ByNone, ""},
		{"with a record at the private suffix too", "ann.github.io", "eve.github.io", "github.io: v=DMARC1; p=reject", mail.ByNone, ""},
		{"a customer speaks for itself, whatever the suffix publishes", "ann.github.io", "ann.github.io", "github.io: v=DMARC1; p=reject", mail.ByDKIM, "ann.github.io"},
		{"a private suffix is never a sender, though it publishes", "github.io", "github.io", "github.io: v=DMARC1; p=reject", mail.ByNone, ""},
		{"not even where it says that it is no suffix", "ann.github.io", "github.io", "github.io: v=DMARC1; psd=n", mail.ByNone, ""},
		{"a provider's host is never a sender, though it publishes", "em.sendgrid.net", "sendgrid.net", "em.sendgrid.net: v=DMARC1; psd=n", mail.ByNone, ""},
		{"a name that only ends alike is a stranger", "shop.example", "evilshop.example", "shop.example: v=DMARC1", mail.ByNone, ""},
		{"at a freemail domain the whole address is the sender", "gmail.com", "gmail.com", "gmail.com: v=DMARC1; p=none", mail.ByDKIM, "news@gmail.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := signing{t, published(test.records)}
			raw := s.by(test.signer, from("From: <news@"+test.from+">\r\n"))
			id := identify(&Verifier{Resolver: s.zone}, raw)
			if id.How != test.how || id.SenderKey != test.key {
				t.Errorf("how %q, sender %q; want %q, %q (note %q)", id.How, id.SenderKey, test.how, test.key, id.Note)
			}
		})
	}
}

func TestAfterAFailureOfTheDNSNothingIsProvenOrKept(t *testing.T) {
	for _, broken := range []string{"_dmarc.news.shop.example", "_dmarc.shop.example", "_dmarc.example"} {
		s := signing{t, dns.Zone{}}
		raw := s.by("shop.example", letter)
		r := &recorded{zone: s.zone, down: func(q dns.Question) bool { return q.Name == broken }}
		id := identify(&Verifier{Resolver: r}, raw)
		if id.Proven() || id.SenderKey != "" || id.OrgDomain != "shop.example" || id.Note != "could not look up the DMARC record of news.shop.example" {
			t.Errorf("%s down: %+v", broken, id)
		}
		r.down = nil
		if id := identify(&Verifier{Resolver: r}, raw); id.How != mail.ByDKIM {
			t.Errorf("%s up again: how %q, note %q", broken, id.How, id.Note)
		}
	}
	t.Run("nor where the signer's record fails alone", func(t *testing.T) {
		s := signing{t, published("shop.example: v=DMARC1")}
		raw := s.by("mta.shop.example", letter)
		r := &recorded{zone: s.zone, down: func(q dns.Question) bool { return q.Name == "_dmarc.mta.shop.example" }}
		if id := identify(&Verifier{Resolver: r}, raw); id.Proven() || id.Note != "could not look up the DMARC record of mta.shop.example" {
			t.Errorf("how %q, note %q", id.How, id.Note)
		}
	})
}

func TestTwoPublicSuffixesAreNotAligned(t *testing.T) {
	s := signing{t, dns.Zone{}}
	id := identify(&Verifier{Resolver: s.zone}, s.by("co.uk", from("From: <a@github.io>\r\n")))
	if !id.Signatures[0].Valid || id.Signatures[0].Aligned || id.Covered("from") {
		t.Errorf("%+v", id)
	}
}

func TestStrangersCostNoQuestion(t *testing.T) {
	s := signing{t, published("shop.example: v=DMARC1")}
	raw := letter
	for i := range MaxSignatures {
		raw = s.by(fmt.Sprintf("a.b.c.d.e.%dshop.example", i), raw)
	}
	r := &recorded{zone: s.zone}
	identify(&Verifier{Resolver: r}, raw)
	slices.Sort(r.asked)
	if n := len(slices.Compact(r.asked)); n != MaxSignatures+3 {
		t.Errorf("%d questions: %q; want a key each and one walk", n, r.asked)
	}
}
