package relevance

import (
	"maps"
	"slices"

	"usher/classify"
	"usher/classify/words"
)

// Total counts contrasts.
type Total struct {
	Of    int `json:"n"`
	Right int `json:"right"`         // the good text scores above the bad one
	Good  int `json:"good_answered"` // yes or unknown to the good text
	Bad   int `json:"bad_answered"`  // no or unknown to the bad text
}

func (t *Total) add(c *Contrasted) {
	count := func(to *int, hit bool) {
		if hit {
			*to++
		}
	}
	t.Of++
	count(&t.Right, c.Right())
	count(&t.Good, c.GoodFound.Answer() != classify.No)
	count(&t.Bad, c.BadFound.Answer() != classify.Yes)
}

// Totals counts the contrasts of a set.
type Totals struct {
	Set       string           `json:"set"`
	All       Total            `json:"all"`
	Kinds     map[string]Total `json:"kinds"`
	Languages map[string]Total `json:"languages"`
	Beside    map[string]int   `json:"right_beside"` // by BM25, and by the share of words
}

// Count counts the contrasts, by kind and by language too.
func (j *Judged) Count() *Totals {
	t := &Totals{Set: j.Name, Kinds: map[string]Total{}, Languages: map[string]Total{}, Beside: map[string]int{}}
	j.countBeside(t.Beside)
	for n := range j.Contrasts {
		c := &j.Contrasts[n]
		t.All.add(c)
		kind, language := t.Kinds[c.Kind], t.Languages[c.Language]
		kind.add(c)
		language.add(c)
		t.Kinds[c.Kind], t.Languages[c.Language] = kind, language
	}
	return t
}

// countBeside counts the contrasts that the methods beside get right.
func (j *Judged) countBeside(right map[string]int) {
	var texts []Text
	for _, c := range j.Contrasts {
		texts = append(texts, plain(c.Good), plain(c.Bad))
	}
	b, o, stemmer := newBM25(texts), newOverlap(texts), words.NewStemmer("en")
	for n, c := range j.Contrasts {
		if q := unique(stems(stemmer, c.Intent)); b.score(q, 2*n) > b.score(q, 2*n+1) {
			right[BM25]++
		}
		if q := unique(written(c.Intent)); o.score(q, 2*n) > o.score(q, 2*n+1) {
			right[Overlap]++
		}
	}
}

// Names lists the keys of totals in order.
func Names(totals map[string]Total) []string { return slices.Sorted(maps.Keys(totals)) }
