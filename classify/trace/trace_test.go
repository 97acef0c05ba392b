package trace_test

import (
	"testing"

	"usher/classify/trace"
)

func TestTokensThatLookMadeForOnePerson(t *testing.T) {
	for _, c := range []struct {
		url  string
		want bool
	}{
		{"https://x.example/3789e1ae1938aa2f0dfd", true},
		{"https://x.example/?u=Zk3r9QxW1b", true},
		{"https://x.example/4tNED-2BM8iDZJQyQ53jATUaVSQ4w", true},
		{"https://x.example/550e8400-e29b-41d4-a716-446655440000", true},
		{"https://x.example/black-week-2026", false},
		{"https://x.example/blackweek2026", false},
		{"https://x.example/spring26promo", false},
		{"https://x.example/20261121", false},
		{"https://x.example/unsubscribe", false},
		{"https://x.example/?utm_campaign=spring26", false},
		{"https://x.example/?utm_campaign=3789e1ae1938aa2f0dfd", true},
	} {
		if got := len(trace.IDs(c.url)) > 0; got != c.want {
			t.Errorf("IDs(%q) found something: %v, want %v", c.url, got, c.want)
		}
	}
}

func TestAnAddressIsFoundInEveryEncoding(t *testing.T) {
	f := trace.FormsOf("Maria@Example.net")
	for _, url := range []string{
		"https://x.example/?e=maria@example.net", "https://x.example/?e=MARIA%40example.net",
		"https://x.example/bWFyaWFAZXhhbXBsZS5uZXQ=", "https://x.example/eG1hcmlhQGV4YW1wbGUubmV0",
		"https://x.example/eHhtYXJpYUBleGFtcGxlLm5ldA==",
		"https://x.example/6d61726961406578616d706c652e6e6574", "https://x.example/3cb39edb1303726da47172246cefc917",
		"https://x.example/285ecc7d5c9e007bfe037f121fd4bfc86ffd412b",
		"https://x.example/?h=D2232A522A09E10E9E52B6B9AEC9EACA4A072F6EE7407AD91C1048FADB48ECE6",
	} {
		if !f.In(url) {
			t.Errorf("the address is in %q, and was not found", url)
		}
	}
	for _, url := range []string{"https://x.example/", "https://x.example/?e=mario@example.net", "https://example.net/maria"} {
		if f.In(url) {
			t.Errorf("the address is not in %q, and was found", url)
		}
	}
}

func TestParametersThatCountACampaign(t *testing.T) {
	for url, want := range map[string]bool{
		"https://x.example/?a=1&utm_source=n": true, "https://x.example/?a=1&amp;mtm_campaign=n": true,
		"https://x.example/utm_source": false, "https://x.example/?q=utm_": false,
	} {
		if got := trace.CountsCampaign(url); got != want {
			t.Errorf("CountsCampaign(%q) = %v, want %v", url, got, want)
		}
	}
}

func FuzzIDs(f *testing.F) {
	f.Add("https://x.example/%zz?a=%41&b")
	f.Fuzz(func(t *testing.T, url string) {
		for _, token := range trace.IDs(url) {
			if token == "" {
				t.Error("an empty token")
			}
		}
		trace.FormsOf(url).In(url)
	})
}
