package classify_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"usher/classify"
)

// someIntents makes intents of the words that the golden mail is written in:
// its phrases, halves of its compounds, words parted and joined, names, and the
// topics that many refuse.
func someIntents(all []golden, n int) (list []*classify.Intent, texts []string) {
	r := rand.New(rand.NewPCG(1, 2))
	var words []string
	for _, g := range all {
		words = append(words, strings.Fields(g.message.Subject)...)
		words = append(words, strings.Fields(g.message.Text[:min(len(g.message.Text), 600)])...)
	}
	word := func() string { return words[r.IntN(len(words))] }
	part := func() string {
		w := []rune(word())
		at := r.IntN(len(w))
		return []string{string(w[:at]), string(w[at:])}[r.IntN(2)]
	}
	burdens := []string{"gambling", "crypto", "weight loss", "dating", "perfume", "Go", "R", "alcohol", "payday loans"}
	for range n {
		at := r.IntN(len(words) - 3)
		text, about, not := "", []string(nil), []string(nil)
		switch r.IntN(8) {
		case 0:
			text = word()
		case 1:
			text = strings.Join(words[at:at+1+r.IntN(3)], " ")
		case 2:
			text = part()
		case 3:
			text = part() + " " + word()
		case 4:
			text = words[at] + words[at+1]
		case 5:
			about = []string{word(), part(), strings.Join(words[at:at+2], " ")}
		case 6:
			text, not = strings.Join(words[at:at+2], " "), []string{word()}
		case 7:
			text = burdens[r.IntN(len(burdens))]
		}
		list = append(list, classify.Compile(text, about, not))
		texts = append(texts, fmt.Sprintf("%q about %q not %q", text, about, not))
	}
	return list, texts
}

// TestWhatIsNotNearIsAnsweredNo holds the look-up of many intents at once
// against asking them one by one.
func TestWhatIsNotNearIsAnsweredNo(t *testing.T) {
	all := readGolden(t)
	list, texts := someIntents(all, 2000)
	finder := classify.NewFinder(list)
	asked, near := 0, 0
	for _, g := range all {
		found := g.verdict.Near(finder)
		scores := maps.Collect(found.Serving())
		for n, i := range list {
			asked++
			if found.Has(n) {
				near++
			} else if sells := g.verdict.Sells(i); sells.Score != 0 {
				t.Fatalf("%s: %s is not near, and sells %v", g.name, texts[n], sells)
			}
			serves := g.verdict.Serves(i)
			if score, ok := scores[n]; !ok && serves.Answer() != classify.No || ok && serves.Score > 0 && math.Abs(serves.Score-score) > 0.02 {
				t.Fatalf("%s: %s is served by %.3f (%v), and is answered %v", g.name, texts[n], score, ok, serves)
			}
		}
	}
	if near == 0 || near > asked/3 {
		t.Errorf("%d of %d are near", near, asked)
	}
}
