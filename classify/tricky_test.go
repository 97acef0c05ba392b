package classify_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// tricky is one line of testdata/tricky, whose README says what its fields mean.
type tricky struct {
	Intent   string `json:"intent"`
	Good     string `json:"good"`
	Bad      string `json:"bad"`
	Kind     string `json:"kind"`
	Language string `json:"language"`
	Why      string `json:"why"`
}

// trickyKinds are the kinds of pairs; of the first three at least half must be.
var trickyKinds = []string{"pun", "opposite", "near-miss", "exclusion", "paraphrase", "part-whole", "hyponym", "brand-word", "spelling"}

func readTricky(t *testing.T, half string) (pairs []tricky) {
	t.Helper()
	raw, err := os.ReadFile("testdata/tricky/" + half + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var p tricky
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			t.Fatalf("%s, %q: %v", half, line, err)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// TestEachTrickyPairIsWhole says nothing of how any is scored.
func TestEachTrickyPairIsWhole(t *testing.T) {
	seen := map[string]string{}
	once := func(half, what string) {
		what = strings.ToLower(what)
		if at, ok := seen[what]; ok {
			t.Errorf("%q of %s stands in %s already", what, half, at)
		}
		seen[what] = half
	}
	for _, half := range []string{"tune", "held"} {
		for _, p := range readTricky(t, half) {
			once(half, p.Intent)
			once(half, p.Good)
			once(half, p.Bad)
			if !slices.Contains(trickyKinds, p.Kind) {
				t.Errorf("%q is of kind %q, which is none", p.Intent, p.Kind)
			}
			if len(p.Language) != 2 || len(p.Why) < 10 || len(p.Intent) < 2 {
				t.Errorf("%q lacks a language, a why or an intent", p.Intent)
			}
			for _, text := range []string{p.Good, p.Bad} {
				subject, body, _ := strings.Cut(text, "\n")
				if len(subject) < 6 || len(body) < 40 || !utf8.ValidString(text) {
					t.Errorf("%q: a text lacks a subject or a body: %q", p.Intent, text)
				}
			}
		}
	}
}

func TestTheTrickyPairsAreManyAndFairlySplit(t *testing.T) {
	for _, half := range []string{"tune", "held"} {
		pairs := readTricky(t, half)
		hard, foreign := 0, 0
		for _, p := range pairs {
			if slices.Contains(trickyKinds[:3], p.Kind) {
				hard++
			}
			if p.Language != "en" {
				foreign++
			}
		}
		if n := len(pairs); n < leastTricky || 2*hard < n || 3*foreign < n {
			t.Errorf("%s has %d pairs, %d of them puns, opposites or near-misses, %d not English; want %d, a half and a third",
				half, n, hard, foreign, leastTricky)
		}
	}
}

// leastTricky bounds each half, so that a share of it says something.
const leastTricky = 70
