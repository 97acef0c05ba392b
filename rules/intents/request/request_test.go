package request

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"usher/rules/intents"
)

const file = `zone Europe/Helsinki
grant shop.example because "secret reason"
want "winter running shoes"
  about running shoes, trail
  not kids
  over 40 EUR under 120.50 EUR
  when 2026-11-01 .. 2026-12-24
  needs certificate "B Corp" in maria-secret.txt, terms SD-BASE
  route inbox, at most 1 per day
want "train trips, only direct, with a code" off 20% from rail.example until 2027-05-31
want "gifts for Ann" publish no
want newsletters about Go
want "skis" when 2026-01-01 .. 2026-02-01
want "ski boots"
want "boots"
`

var today = intents.Date{Year: 2026, Month: time.November, Day: 24}

func parse(t *testing.T) *intents.File {
	t.Helper()
	f, errs := intents.Parse("maria", []byte(file), time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		t.Fatal(errs)
	}
	return f
}

func TestARequestHoldsTheWantAndNothingOfThePerson(t *testing.T) {
	f := parse(t)
	for _, c := range []struct{ name, what, want string }{
		{"all that a product may have", "running shoes", `{"version":"1.0","product":"winter running shoes","about":["running shoes","trail"],"not":["kids"],` +
			`"at_least":{"amount":"40","currency":"EUR"},"at_most":{"amount":"120.50","currency":"EUR"},"window":{"from":"2026-11-01","to":"2026-12-24"},` +
			`"needs":["certificate B Corp","terms SD-BASE"],"answer_to":"shoes@relay.example"}`},
		{"what stands in its words", "train trips", `{"version":"1.0","product":"train trips, only direct, with a code","only":["direct"],"percent_off":20,"with_code":true,` +
			`"from":["rail.example"],"window":{"to":"2027-05-31"},"answer_to":"shoes@relay.example"}`},
		{"a product alone", "ski boots", `{"version":"1.0","product":"ski boots","answer_to":"shoes@relay.example"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Of(Find(f, 0, c.what), "shoes@relay.example", "maria@example.org", today)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(r)
			if err != nil || string(got) != c.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, c.want)
			}
			for _, secret := range []string{"maria", "example.org", "secret", "Helsinki", "inbox", "per day", "Ann"} {
				if strings.Contains(string(got), secret) {
					t.Errorf("it tells %q", secret)
				}
			}
		})
	}
}

func TestWhatIsNoRequest(t *testing.T) {
	f := parse(t)
	for _, c := range []struct {
		name, what, alias string
		want              error
	}{
		{"a want that says publish no", "gifts", "a@relay.example", ErrPrivate},
		{"one that has ended", "skis", "a@relay.example", ErrEnded},
		{"newsletters", "newsletters", "a@relay.example", ErrNewsletters},
		{"no address", "ski boots", "maria", ErrAlias},
		{"an address of two lines", "ski boots", "a@relay.example\nx", ErrAlias},
		{"one's own address", "ski boots", "Maria@Example.org", ErrOwn},
		{"one's own address with a detail", "ski boots", "maria+boots@example.org", ErrOwn},
		{"another at the same domain", "ski boots", "x7k2@example.org", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := Find(f, 0, c.what)
			if c.what == "newsletters" {
				w = f.Wants[3]
			}
			if _, err := Of(w, c.alias, "maria@example.org", today); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestAWantIsFoundByItsLineOrItsWords(t *testing.T) {
	f := parse(t)
	for _, c := range []struct {
		name string
		line int
		what string
		want string // "" for none
	}{
		{"its first line", 3, "", "winter running shoes"},
		{"a line further down", 7, "", "winter running shoes"},
		{"a line of another statement", 2, "", ""},
		{"its words, in other letters", 0, "RUNNING", "winter running shoes"},
		{"just its words", 0, "boots", "boots"},
		{"words of two", 0, "ski", ""},
		{"words of none", 0, "boats", ""},
	} {
		w := Find(f, c.line, c.what)
		got := ""
		if w != nil {
			got = w.Wanted
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}
