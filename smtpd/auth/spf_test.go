package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// came is an envelope of a client.
func came(addr, helo, from string) *mail.Envelope {
	return &mail.Envelope{From: from, Client: mail.Client{Addr: addr, Helo: helo}}
}

func (v *Verifier) identified(raw string, env *mail.Envelope) mail.Identity {
	return v.Identify(context.Background(), strings.NewReader(raw), env, mail.Parse([]byte(raw)))
}

func TestSPF(t *testing.T) {
	const pass = "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=b@em.shop.example\r\n" + border
	zone := func() dns.Zone {
		return dns.Zone{
			"em.shop.example":              {"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 -all"},
			"_dmarc.strict.example":        {"v=DMARC1; aspf=s"},
			"em.strict.example":            {"v=spf1 ip4:192.0.2.0/24 -all"},
			"strict.example":               {"v=spf1 include:em.strict.example -all"},
			"esp.example":                  {"v=spf1 mx a:out.esp.example exists:%{i}.ok.esp.example ptr ~all"},
			"MX esp.example":               {"10 mx.esp.example"},
			"A mx.esp.example":             {"192.0.2.9"},
			"AAAA out.esp.example":         {"2001:db8::9"},
			"A 203.0.113.4.ok.esp.example": {"127.0.0.2"},
			"PTR 5.113.0.203.in-addr.arpa": {"h5.esp.example"},
			"A h5.esp.example":             {"203.0.113.5"},
			"mta.shop.example":             {"v=spf1 ip4:192.0.2.1 -all"},
		}
	}
	shop, strict := letter, from("From: <a@strict.example>\r\n")
	tests := []struct {
		name, raw string
		env       *mail.Envelope
		how       mail.How
		spf       string
	}{
		{"an aligned pass is told, and proves nothing", shop, came("192.0.2.1", "h.test", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"an address of version 6", shop, came("2001:db8::1", "h.test", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"one of version 4 within it", shop, came("::ffff:192.0.2.1", "h.test", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"a client that may not send", shop, came("203.0.113.1", "h.test", "b@em.shop.example"), mail.ByNone, ""},
		{"a domain without a record", shop, came("192.0.2.1", "h.test", "b@none.shop.example"), mail.ByNone, ""},
		{"a pass of a stranger proves where a bounce goes", shop, came("192.0.2.9", "h.test", "b@esp.example"), mail.ByNone, "esp.example"},
		{"by an address of a host", shop, came("2001:db8::9", "h.test", "b@esp.example"), mail.ByNone, "esp.example"},
		{"by a name made of the address", shop, came("203.0.113.4", "h.test", "b@esp.example"), mail.ByNone, "esp.example"},
		{"by the name of the address", shop, came("203.0.113.5", "h.test", "b@esp.example"), mail.ByNone, "esp.example"},
		{"a soft failure is no pass", shop, came("203.0.113.6", "h.test", "b@esp.example"), mail.ByNone, ""},
		{"a null sender is known by HELO", shop, came("192.0.2.1", "mta.shop.example", ""), mail.BySPF, ""},
		{"strict, another name", strict, came("192.0.2.1", "h.test", "b@em.strict.example"), mail.ByNone, "em.strict.example"},
		{"strict, the name itself", strict, came("192.0.2.1", "h.test", "b@strict.example"), mail.BySPF, "strict.example"},
		{"our own failure stands against a trusted field", pass + shop, came("203.0.113.1", "h.test", "b@em.shop.example"), mail.ByNone, ""},
		{"a trusted field tells where no client is known", pass + shop, came("", "", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"so it does where the client is a relay of our own", pass + shop, came("10.0.0.5", "h.test", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"written as version 6 too", pass + shop, came("::ffff:10.0.0.5", "h.test", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"or of this machine", pass + shop, came("127.0.0.1", "h.test", "b@em.shop.example"), mail.BySPF, "em.shop.example"},
		{"a client that is no address", shop, came("unknown", "h.test", "b@em.shop.example"), mail.ByNone, ""},
		{"a second @ does not lend another's domain", shop, came("192.0.2.1", "h.test", `"x@esp.example"@em.shop.example`), mail.BySPF, "em.shop.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := &Verifier{Resolver: zone(), TrustedIDs: []string{"mx.example.org"}}
			id := v.identified(test.raw, test.env)
			if id.How != test.how || id.SPF != test.spf || id.Proven() || id.SenderKey != "" {
				t.Errorf("how %q, SPF %q, sender %q; want %q, %q (%s)", id.How, id.SPF, id.SenderKey, test.how, test.spf, id.Note)
			}
		})
	}
}

func TestAFailureOfTheDNSIsNoResultOfSPF(t *testing.T) {
	const pass = "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=b@em.shop.example\r\n" + border
	v := &Verifier{TrustedIDs: []string{"mx.example.org"}, Resolver: source(func(_ context.Context, q dns.Question) (dns.Answer, error) {
		if q.Name == "em.shop.example" {
			return dns.Answer{}, errors.New("down")
		}
		return dns.Answer{}, nil
	})}
	if id := v.identified(pass+letter, came("203.0.113.1", "h.test", "b@em.shop.example")); id.How != mail.BySPF {
		t.Errorf("how %q, note %q", id.How, id.Note)
	}
	if id := v.identified(letter, came("203.0.113.1", "h.test", "b@em.shop.example")); id.How != mail.ByNone || id.SPF != "" {
		t.Errorf("how %q, SPF %q", id.How, id.SPF)
	}
}

func TestSPFIsNotAskedWhereNothingHangsOnIt(t *testing.T) {
	s := signing{t, dns.Zone{"em.shop.example": {"v=spf1 -all"}}}
	raw := s.by("shop.example", letter)
	r := &recorded{zone: s.zone}
	v := &Verifier{Resolver: r}
	if id := v.identified(raw, came("192.0.2.1", "h.test", "b@em.shop.example")); id.How != mail.ByDKIM || !id.PathAligned {
		t.Errorf("how %q, path aligned %v", id.How, id.PathAligned)
	}
	if strings.Contains(strings.Join(r.asked, " ")+" ", " em.shop.example ") {
		t.Errorf("asked %q", r.asked)
	}
	if id := v.identified(raw, came("192.0.2.1", "h.test", "b@esp.example")); id.How != mail.ByDKIM || id.PathAligned {
		t.Errorf("how %q, path aligned %v", id.How, id.PathAligned)
	}
	if !strings.Contains(strings.Join(r.asked, " ")+" ", " esp.example ") {
		t.Errorf("asked %q", r.asked)
	}
}

func TestHostileRecordsOfSPFAreBounded(t *testing.T) {
	const most = spfLookups*(1+2*10) + 1 + walkQueries // each an mx of ten hosts
	zones := map[string]func(z dns.Zone){
		"a record that includes itself": func(z dns.Zone) { z["bomb.test"] = []string{"v=spf1 include:bomb.test -all"} },
		"two that include two each, without end": func(z dns.Zone) {
			for i := range 200 {
				z[fmt.Sprintf("n%d.test", i)] = []string{fmt.Sprintf("v=spf1 include:n%d.test include:n%d.test +all", 2*i+1, 2*i+2)}
			}
			z["bomb.test"] = z["n0.test"]
		},
		"three names that are not there": func(z dns.Zone) {
			z["bomb.test"] = []string{"v=spf1 a:n1.test a:n2.test a:n3.test ip4:192.0.2.1 -all"}
		},
		"a redirect to itself": func(z dns.Zone) { z["bomb.test"] = []string{"v=spf1 redirect=bomb.test"} },
		"a thousand mail hosts": func(z dns.Zone) {
			z["bomb.test"] = []string{"v=spf1" + strings.Repeat(" mx", 1000) + " +all"}
			for i := range 10 {
				z["MX bomb.test"] = append(z["MX bomb.test"], fmt.Sprintf("10 m%d.test", i))
			}
		},
		"names that are not there": func(z dns.Zone) {
			r := "v=spf1"
			for i := range 500 {
				r += fmt.Sprintf(" a:n%d.test", i)
			}
			z["bomb.test"] = []string{r + " +all"}
		},
		"64 KB of addresses": func(z dns.Zone) {
			z["bomb.test"] = []string{"v=spf1" + strings.Repeat(" ip4:10.0.0.1", 5000) + " +all"}
		},
		"500 records": func(z dns.Zone) { z["bomb.test"] = append(make([]string, 499), "v=spf1 +all") },
		"two records": func(z dns.Zone) { z["bomb.test"] = []string{"v=spf1 +all", "v=spf1 +all"} },
		"macros of the sender": func(z dns.Zone) {
			z["bomb.test"] = []string{"v=spf1 exists:" + strings.Repeat("%{l}.", 60) + "bomb.test -all"}
		},
		"a name of 255 letters": func(z dns.Zone) { z["bomb.test"] = []string{"v=spf1 a:" + strings.Repeat("x.", 150) + "test"} },
	}
	for name, fill := range zones {
		t.Run(name, func(t *testing.T) {
			r := &recorded{zone: dns.Zone{}}
			fill(r.zone)
			id := (&Verifier{Resolver: r}).identified(letter, came("192.0.2.1", "h.test", strings.Repeat("l", 60)+"@bomb.test"))
			if id.How != mail.ByNone || id.SPF != "" || len(r.asked) > most {
				t.Errorf("how %q, SPF %q, %d questions; want none, and at most %d", id.How, id.SPF, len(r.asked), most)
			}
		})
	}
}
