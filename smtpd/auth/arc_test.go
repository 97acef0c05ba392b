package auth

import (
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

func TestAForwarderIsBelievedAsFarAsTheSiteTrustsIt(t *testing.T) {
	const (
		arc    = "Authentication-Results: mx.example.org; arc=pass (i=2) smtp.remote-ip=203.0.113.7\r\n"
		seal   = "ARC-Seal: i=1; a=rsa-sha256; cv=none;\r\n d=lists.forward.example; s=k; b=YQ==\r\n"
		found  = "ARC-Authentication-Results: i=1; mx.forward.example;\r\n dkim=pass header.d=shop.example\r\n"
		second = "ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=other.example; s=k; b=YQ==\r\nARC-Authentication-Results: i=2; mx.other.example; dkim=none\r\n"
	)
	in := func(old, new, s string) string { return strings.Replace(s, old, new, 1) }
	for _, c := range []struct {
		name, head string
		want       bool
	}{
		{"the seal is a trusted forwarder's", arc + border + seal + found, true},
		{"the site does not say that the chain holds", border + seal + found, false},
		{"the site says that it does not", in("arc=pass", "arc=fail", arc) + border + seal + found, false},
		{"a sender says that it holds", border + arc + seal + found, false},
		{"another site says so", in("mx.example.org", "mx.evil.example", arc) + border + seal + found, false},
		{"the seal is a stranger's", arc + border + in("lists.forward.example", "evil.example", seal) + found, false},
		{"the seal is by a name that ends alike", arc + border + in("lists.forward", "notforward", seal) + found, false},
		{"the seal has no domain", arc + border + in("d=lists.forward.example;", "", seal) + found, false},
		{"a stranger passed it on after the forwarder", arc + border + second + seal + found, false},
		{"the forwarder passed on what a stranger had found", arc + border + in("i=1", "i=2", seal) + found, false},
		{"two seals have one number", arc + border + seal + seal + found, false},
		{"two findings have one number", arc + border + seal + found + found, false},
		{"the number is no number", arc + border + in("i=1", "i=x", seal) + found, false},
		{"the number is too large", arc + border + in("i=1", "i=51", seal) + in("i=1", "i=51", found), false},
		{"the forwarder found no pass", arc + border + seal + in("dkim=pass", "dkim=fail", found), false},
		{"the forwarder found a pass of another", arc + border + seal + in("header.d=shop", "header.d=other", found), false},
		{"what it found is not well formed", arc + border + seal + in("dkim=pass", "(dkim=pass", found), false},
	} {
		s := signing{t, dns.Zone{}}
		changed := strings.Replace(s.by("shop.example", letter), "Twenty", "[list] Twenty", 1)
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}, Forwarders: []string{"Forward.example"}}
		id := identify(v, c.head+changed)
		if (id.How == mail.ByAR) != c.want || id.Proven() != c.want || id.Covered("from") {
			t.Errorf("%s: how %q, note %q", c.name, id.How, id.Note)
		}
		v = &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, c.head+changed); id.Proven() {
			t.Errorf("%s, where no forwarder is trusted: how %q", c.name, id.How)
		}
	}
}

func FuzzWhoHandedItOn(f *testing.F) {
	for _, s := range []string{"from a ([127.0.0.1]) by b", `from [::1] (x\) by y ([1.2.3.4]) by b`, "from [IPv6:] by", `from [::1] (x.) by .2\`, "i=1; d=a.example", "i=1;;i=2"} {
		f.Add(s)
	}
	v := &Verifier{}
	f.Fuzz(func(t *testing.T, value string) {
		if from, _ := fromPart(value); v.isOurs(value) && (!strings.Contains(from, "[") || strings.Contains(from, "\\")) {
			t.Errorf("%q is taken for ours", value)
		}
		if n := instance(tag(value, "i")); n < 0 || n > maxInstance {
			t.Errorf("%q has the number %d", value, n)
		}
		parseResults(value)
	})
}
