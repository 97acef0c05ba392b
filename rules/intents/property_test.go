package intents

import (
	"math/rand/v2"
	"strings"
	"testing"

	"usher/rules/intents/invented"
)

var (
	someTopics  = []string{"running shoes", "tea", "Go", "children's boots", "flights to Japan", "perfume", "jazz", "weight loss"}
	someDomains = []string{"shop.example", "news.shop.example", "ann@gmail.com", "tea.example", "bücher.example"}
)

// TestFormatKeepsTheMeaningOfAnyFile formats files that nobody would think of.
func TestFormatKeepsTheMeaningOfAnyFile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		text := invented.File(r, 12, someTopics, someDomains)
		f, errs := Parse("a", []byte(text), at)
		if errs != nil {
			t.Fatalf("%v\nin\n%s", errs, text)
		}
		formatted, _, err := Format([]byte(text), at)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		g, errs := Parse("a", formatted, at.AddDate(0, 2, 0))
		if errs != nil || g.String() != f.String() {
			t.Fatalf("%v\n%s\nbecame\n%s", errs, text, formatted)
		}
		if strings.Count(text, "#") != strings.Count(string(formatted), "#") {
			t.Fatalf("a comment is lost of\n%s\nin\n%s", text, formatted)
		}
		again, changes, err := Format(formatted, at)
		if err != nil || len(changes) > 0 || string(again) != string(formatted) {
			t.Fatalf("formatted twice it differs: %v %v\n%s", err, changes, formatted)
		}
	}
}

// TestWhatIsUnderstoodIsAFile reads back what check prints.
func TestWhatIsUnderstoodIsAFile(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		f, errs := Parse("a", []byte(invented.File(r, 12, someTopics, someDomains)), at)
		if errs != nil {
			t.Fatal(errs)
		}
		g, errs := Parse("a", []byte(f.String()), at.AddDate(1, 0, 0))
		if errs != nil || g.String() != f.String() {
			t.Fatalf("%v\n%s\nbecame\n%s", errs, f, g)
		}
	}
}
