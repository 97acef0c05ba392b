package mail

import (
	"fmt"
	"testing"
)

func TestMailbox(t *testing.T) {
	cases := []struct{ name, addr, delimiter, want string }{
		{"a plain address is lowered", "Maria@Example.NET", "+", "maria@example.net"},
		{"the detail is removed", "maria+shop@example.net", "+", "maria@example.net"},
		{"the first delimiter counts", "maria+a+b@example.net", "+", "maria@example.net"},
		{"another delimiter", "maria-shop@example.net", "-", "maria@example.net"},
		{"no delimiter keeps the detail", "maria+shop@example.net", "", "maria+shop@example.net"},
		{"a delimiter at the front is no detail", "+maria@example.net", "+", "+maria@example.net"},
		{"a long delimiter", "maria--shop@example.net", "--", "maria@example.net"},
		{"angle brackets are dropped", "<maria@example.net>", "+", "maria@example.net"},
		{"needless quotes are undone", `"maria"@example.net`, "+", "maria@example.net"},
		{"a blank needs no quotes to be read", `"a b"@example.net`, "+", "a b@example.net"},
		{"a quoted at sign", `"a@b"@example.net`, "+", "a@b@example.net"},
		{"quotes that matter stay", `"a\"b"@example.net`, "+", `a"b@example.net`},
		{"a quoted local part in quotes stays quoted", `"\"a\""@example.net`, "+", `"\"a\""@example.net`},
		{"a detail in quotes", `"Maria+Shop"@example.net`, "+", "maria@example.net"},
		{"an empty local part", `""@example.net`, "+", `@example.net`},
		{"a domain as A-labels", "info@Bücher.example", "+", "info@xn--bcher-kva.example"},
		{"a domain in A-labels stays", "info@XN--BCHER-KVA.example", "+", "info@xn--bcher-kva.example"},
		{"an ideographic full stop", "info@例え。example", "+", "info@xn--r8jz45g.example"},
		{"the sign of kelvins is no k", "\u212Aate@example.net", "+", "\u212Aate@example.net"},
		{"a dotted capital I is no i", "\u0130ris@example.net", "+", "\u0130ris@example.net"},
		{"a dotted capital I in a domain is no i", "maria@\u0130kea.example", "+", "maria@xn--ikea-qwc.example"},
		{"dots and blanks at the end are dropped", "maria@example.net..\f.", "+", "maria@example.net"},
		{"a final dot is dropped", "maria@example.net.", "+", "maria@example.net"},
		{"an address literal", "maria@[IPv6:2001:DB8::1]", "+", "maria@[ipv6:2001:db8::1]"},
		{"a source route is dropped", "@a.example,@b.example:maria@example.net", "+", "maria@example.net"},
		{"postmaster needs no domain", "Postmaster", "+", "postmaster"},
		{"the null path", "<>", "+", ""},
		{"no address at all", "No Address", "+", "no address"},
		{"a local part beyond ASCII", "Jürgen+x@example.net", "+", "jürgen@example.net"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Mailbox(c.addr, c.delimiter)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if again := Mailbox(got, c.delimiter); again != got {
				t.Errorf("not the same twice: %s, then %s", got, again)
			}
		})
	}
}

func TestSplitAddress(t *testing.T) {
	cases := []struct {
		name, addr, local, domain string
		ok                        bool
	}{
		{"a plain address", "Maria@Example.net", "Maria", "example.net", true},
		{"postmaster alone", "<Postmaster>", "Postmaster", "", true},
		{"quotes", `"a b"@example.net`, "a b", "example.net", true},
		{"a blank without quotes", "a b@example.net", "a b", "example.net", false},
		{"no at sign", "maria", "maria", "", false},
		{"no local part", "@example.net", "", "example.net", false},
		{"two dots", "a..b@example.net", "a..b", "example.net", false},
		{"an empty label", "a@example..net", "a", "example..net", false},
		{"a control character", "a\x01@example.net", "a\x01", "example.net", false},
		{"not UTF-8", "a\xff@example.net", "a\uFFFD", "example.net", false},
		{"an unclosed quote", `"a@example.net`, `"a`, "example.net", false},
		{"nothing", "", "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			local, domain, ok := SplitAddress(c.addr)
			if local != c.local || domain != c.domain || ok != c.ok {
				t.Errorf("got %q %q %v", local, domain, ok)
			}
		})
	}
}

func TestAddressesKeepWhatLooksLikeOne(t *testing.T) {
	cases := []struct{ name, value, want string }{
		{"a comma in quotes", `"Doe, Jane" <jane@example.org>`, `[{Doe, Jane jane example.org}]`},
		{"a group", `team: a@example.org, b@example.org;`, `[{ a example.org} { b example.org}]`},
		{"an empty group", `undisclosed-recipients:;`, `[]`},
		{"a comment as a name", `jane@example.org (Jane)`, `[{Jane jane example.org}]`},
		{"a claim in the name", `"ceo@bank.example" <x@evil.example>`, `[{ceo@bank.example x evil.example}]`},
		{"two addresses in one entry: the bracket counts", `a@bank.example <x@evil.example>`, `[{a@bank.example x evil.example}]`},
		{"an encoded comma does not part", `=?utf-8?q?Doe=2C_Jane?= <jane@example.org>`, `[{Doe, Jane jane example.org}]`},
		{"an encoded bracket is no address", `=?utf-8?q?=3Ca=40bank.example=3E?= <x@evil.example>`, `[{<a@bank.example> x evil.example}]`},
		{"an unclosed quote does not swallow the list", `"Doe <a@example.org>, b@example.org`, `[{Doe a example.org} { b example.org}]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range addresses(c.value) {
				got = append(got, fmt.Sprintf("{%s %s %s}", a.Name, a.Local, a.Domain))
			}
			if s := fmt.Sprint(got); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func FuzzMailbox(f *testing.F) {
	for _, s := range []string{"Maria+x@Example.net", `"a b"@x`, `"\"a\""@x`, "<@a:b@c>", "postmaster", "a＠b@c", "a@b.。", `"@a:b"@x`, `" a "@x`, "İ@İ.example", `"a"@`, "\u212Aate@x", "\u0130@x"} {
		f.Add(s, "+")
	}
	f.Add("a@b", "@")
	f.Add(`"a\\b"@c`, `\`)
	f.Fuzz(func(t *testing.T, addr, delimiter string) {
		once := Mailbox(addr, delimiter)
		if twice := Mailbox(once, delimiter); twice != once {
			t.Errorf("%q with %q: once %q, twice %q", addr, delimiter, once, twice)
		}
		before, _, _ := SplitAddress(addr)
		after, _, _ := SplitAddress(Mailbox(addr, ""))
		if isASCII(after) && !isASCII(before) {
			t.Errorf("%q became %q, which may be another person's", before, after)
		}
	})
}
