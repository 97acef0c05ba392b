package trace_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"usher/classify/trace"
)

func TestTokensThatLookMadeForOnePerson(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"https://x.example/3789e1ae1938aa2f0dfd", "3789e1ae1938aa2f0dfd"},
		{"https://x.example/?u=Zk3r9QxW1b", "Zk3r9QxW1b"},
		{"https://x.example/4tNED-2BM8iDZJQyQ53jATUaVSQ4w", "2BM8iDZJQyQ53jATUaVSQ4w"},
		{"https://x.example/550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"},
		{"https://x.example/a/550E8400-E29B-41D4-A716-446655440000/b", "550E8400-E29B-41D4-A716-446655440000"},
		{"https://a1b2c3d4e5.x.example/", "a1b2c3d4e5"},
		{"https://x.example/?u=%61%31b2c3d4e5", "a1b2c3d4e5"},
		{"https://x.example/user123456789", "user123456789"},
		{"https://x.example/?a=1&amp;b=123456789", "123456789"},
		{"https://x.example/abcdefghijKLMNOPQRSTUV1", "abcdefghijKLMNOPQRSTUV1"},
		{"https://x.example/?utm_campaign=3789e1ae1938aa2f0dfd", "3789e1ae1938aa2f0dfd"},
		{"https://x.example/?utm_id=1234567890123", ""},
		{"https://x.example/abcdefghijKLMNOPQRSTU1V", "abcdefghijKLMNOPQRSTU1V"},
		{"https://x.example/abcdefghijklmnopqrstuvw1", ""},
		{"https://x.example/black-week-2026", ""},
		{"https://x.example/blackweek2026", ""},
		{"https://x.example/spring26promo", ""},
		{"https://x.example/20261121", ""},
		{"https://x.example/unsubscribe", ""},
		{"https://x.example/?utm_campaign=spring26", ""},
		{"https://x.example/#3789e1ae1938aa2f0dfd", ""},
	} {
		if got := strings.Join(slices.Collect(trace.IDs(c.url)), " "); got != c.want {
			t.Errorf("IDs(%q) gives %q, want %q", c.url, got, c.want)
		}
	}
}

// holds counts the lines in which an address stands.
func holds(address string, lines ...string) int {
	t := new(trace.Text)
	for _, l := range lines {
		t.Add(l)
	}
	t.Look([]string{address}, nil)
	return t.Found()
}

func TestAnAddressIsFoundInEveryEncoding(t *testing.T) {
	md, s1, s2 := md5.Sum([]byte("maria@example.net")), sha1.Sum([]byte("maria@example.net")), sha256.Sum256([]byte("maria@example.net"))
	for _, url := range []string{
		"https://x.example/?e=maria@example.net", "https://x.example/?e=MARIA%40example.net", "https://x.example/?e=maria%2540example.net",
		"https://x.example/bWFyaWFAZXhhbXBsZS5uZXQ=", "https://x.example/eG1hcmlhQGV4YW1wbGUubmV0",
		"https://x.example/eHhtYXJpYUBleGFtcGxlLm5ldA==", "https://x.example/click?EbWFyaWFAZXhhbXBsZS5uZXQ/CeyJ",
		"https://x.example/6d61726961406578616d706c652e6e6574", "https://x.example/3cb39edb1303726da47172246cefc917",
		"https://x.example/285ecc7d5c9e007bfe037f121fd4bfc86ffd412b",
		"https://x.example/?h=D2232A522A09E10E9E52B6B9AEC9EACA4A072F6EE7407AD91C1048FADB48ECE6",
		"https://x.example/" + base64.URLEncoding.EncodeToString(md[:]), "https://x.example/?a=" + base64.StdEncoding.EncodeToString(s1[:]),
		"https://x.example/?a=" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(s2[:]), "+", "%2B"),
		"https://x.example/" + base64.StdEncoding.EncodeToString([]byte("Maria@Example.net")),
		"https://x.example/?a=maria@example.net.", "https://x.example/" + base64.StdEncoding.EncodeToString([]byte(`["1","maria@example.net","2"]`)),
	} {
		if holds("Maria@Example.net", "https://y.example/", url, "https://z.example/") != 1 {
			t.Errorf("the address is in %q, and was not found", url)
		}
	}
	for _, url := range []string{
		"", "https://x.example/", "https://x.example/?e=mario@example.net", "https://example.net/maria",
		"https://x.example/?e=anna-maria@example.net", "https://x.example/?e=maria@example.network", "https://x.example/?e=maria@example.net.au",
	} {
		if holds("Maria@Example.net", url) > 0 {
			t.Errorf("the address is not in %q, and was found", url)
		}
	}
	for _, nobody := range []string{"", "@", "maria", "@example.net"} {
		if holds(nobody, "https://x.example/?@maria@example.net") > 0 {
			t.Errorf("%q is no address, and was found", nobody)
		}
	}
}

func TestAnAddressWithSignsOfBase64IsFoundInBothAlphabets(t *testing.T) {
	const address = "ä?>~ö@example.net"
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 3 {
			encoded := e.EncodeToString([]byte(strings.Repeat("~", before) + address))
			if holds(address, "https://x.example/?a="+encoded) != 1 {
				t.Errorf("the address is in %q, and was not found", encoded)
			}
		}
	}
}

func TestLinesThatHoldAnAddressAreCountedOnce(t *testing.T) {
	line := "https://x.example/?a=maria@example.net&b=maria@example.net&c=bWFyaWFAZXhhbXBsZS5uZXQ="
	if got := holds("maria@example.net", line, "https://x.example/", line, "https://x.example/?a=maria%40example.net"); got != 3 {
		t.Errorf("%d lines of four hold it, want 3", got)
	}
}

func TestAValueIsTheWholeOfAParameter(t *testing.T) {
	for url, want := range map[string]bool{
		"https://x.example/?u=maria": true, "https://x.example/?u=Maria&b": true, "https://x.example/?u=maria#top": true,
		"https://x.example/?u=mariana&v=maria": true, "https://x.example/?u=mariana": false, "https://x.example/maria": false,
	} {
		text := new(trace.Text)
		text.Add(url)
		text.Look(nil, []string{"maria"})
		if got := text.Found() == 1; got != want {
			t.Errorf("Look found the value in %q: %v, want %v", url, got, want)
		}
	}
}

func TestParametersThatCountACampaign(t *testing.T) {
	for url, want := range map[string]bool{
		"https://x.example/?a=1&utm_source=n": true, "https://x.example/?a=1&amp;mtm_campaign=n": true, "https://x.example/?pk_kwd=n": true,
		"https://x.example/?piwik_kwd=n": true, "https://x.example/?matomo_group=n": true,
		"https://x.example/utm_source": false, "https://x.example/?q=utm_": false,
	} {
		if got := trace.CountsCampaign(url); got != want {
			t.Errorf("CountsCampaign(%q) = %v, want %v", url, got, want)
		}
	}
}

func FuzzIDs(f *testing.F) {
	f.Add("https://x.example/%zz?a=%41&b")
	f.Add("550e8400-e29b-41d4-a716-446655440000")
	f.Fuzz(func(t *testing.T, url string) {
		n := 0
		for token := range trace.IDs(url) {
			if n++; len(token) < 9 {
				t.Errorf("a token of %d bytes", len(token))
			}
		}
		if n > 20 {
			t.Errorf("%d tokens", n)
		}
		if holds(url, url, url) > 2 {
			t.Error("more lines hold it than there are")
		}
	})
}
