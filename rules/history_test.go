package rules

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// past is what a test takes as counted before.
type past []counted

type counted struct {
	at    time.Time
	names []Count
}

func (p past) Count(_ context.Context, _ string, decide func(Past) *Decision) *Decision {
	return decide(p)
}

func (p past) Since(from time.Time, names []string) (all, through int) {
	for _, c := range p {
		i := slices.IndexFunc(c.names, func(n Count) bool { return slices.Contains(names, n.Of) })
		if i < 0 || c.at.Before(from) {
			continue
		}
		all++
		if !slices.ContainsFunc(c.names, func(n Count) bool { return slices.Contains(names, n.Of) && n.Over }) {
			through++
		}
	}
	return all, through
}

// before reads what came before a golden case, nil if nothing is said of it. A
// line is a moment and the names under which that mail counted, parted by
// commas; a name behind ! was over its number.
func before(t *testing.T, path string) History {
	t.Helper()
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	p := past{}
	for line := range strings.Lines(string(text)) {
		when, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		at, err := time.Parse("2006-01-02T15:04Z", when)
		if err != nil {
			t.Fatal(err)
		}
		c := counted{at: at}
		for _, n := range strings.Split(names, ",") {
			n, over := strings.CutPrefix(strings.TrimSpace(n), "!")
			c.names = append(c.names, Count{n, over})
		}
		p = append(p, c)
	}
	return p
}

func TestSendersMadeForOneUseAreCountedAsOne(t *testing.T) {
	cases := []struct{ why, brand, how, want string }{
		{"a domain is itself", "shop.example", "dkim", "shop.example"},
		{"a trusted result proves as well", "shop.example", "ar", "shop.example"},
		{"SPF alone is a claim", "shop.example", "spf", "claimed shop.example"},
		{"a claim is apart", "shop.example", "none", "claimed shop.example"},
		{"a person's address is itself", "anna1987@freemail.example", "dkim", "anna1987@freemail.example"},
		{"an address made for one mail", "offer-8f31c09a7b2e@freemail.example", "dkim", "offer-*@freemail.example"},
		{"an address that is nothing but made", "k3j9x8q2w7z1@freemail.example", "dkim", "*@freemail.example"},
		{"an address with a number of nine digits", "news.202611231@freemail.example", "dkim", "news.*@freemail.example"},
		{"a detail", "news+4711@freemail.example", "dkim", "news@freemail.example"},
		{"a site of its own on a lent host", "8f31c09a7b2e.pages.example", "dkim", "*.pages.example"},
		{"a named site on a lent host", "some-shop.pages.example", "dkim", "some-shop.pages.example"},
		{"a domain of digits that somebody registered", "163163163.example", "dkim", "163163163.example"},
		{"nobody", "", "none", ""},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			if got := (Sender{Brand: c.brand, How: c.how}).Key(); got != c.want {
				t.Errorf("%s counts as %q, want %q", c.brand, got, c.want)
			}
		})
	}
}

func TestOrdinals(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th", 122: "122nd"} {
		if got := ordinal(n); got != want {
			t.Errorf("ordinal(%d) is %s, want %s", n, got, want)
		}
	}
}
