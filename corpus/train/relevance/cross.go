package relevance

import (
	"math/rand/v2"
	"slices"

	"usher/classify/words"
)

// maxCross bounds the pairs of a text with somebody else's intent.
const maxCross = 200_000

// others pairs each text that is good for its own query with the intents of other
// people: what a person's filter sees most is mail that serves someone else. Left
// out is an intent that may well be served too: one that shares a word with the
// text's own query, by stem, and one for which some text was found good that was
// found good for that query as well ("notebook", "laptop"). Where there would be
// too many, a seeded draw takes as many of each text.
func (j *Judged) others() []crossed {
	alike := j.alike()
	var good []int
	for n, p := range j.Pairs {
		if j.Bars.IsGood(p.Grade) {
			good = append(good, n)
		}
	}
	if len(good) == 0 {
		return nil
	}
	draw := rand.New(rand.NewPCG(1, 2))
	every, some := make([]int, len(j.queries)), maxCross/len(good)
	for q := range every {
		every[q] = q
	}
	var list []crossed
	for _, n := range good {
		of := every
		if len(every) > some {
			of = make([]int, some)
			for i := range of {
				of[i] = draw.IntN(len(every))
			}
		}
		for _, other := range of {
			if own := j.query[n]; own != other && !alike(own, other) {
				list = append(list, crossed{own, other, j.Pairs[n].Text})
			}
		}
	}
	return list
}

// alike gives what reports whether two queries may be of one want.
func (j *Judged) alike() func(a, b int) bool {
	stemmer := words.NewStemmer("en")
	stemmed := make([][]string, len(j.queries))
	for q, text := range j.queries {
		stemmed[q] = unique(stems(stemmer, text))
	}
	served := make([][]int, len(j.Texts))
	for n, p := range j.Pairs {
		if j.Bars.IsGood(p.Grade) {
			served[p.Text] = append(served[p.Text], j.query[n])
		}
	}
	common := map[[2]int]bool{}
	for _, queries := range served {
		for _, a := range queries {
			for _, b := range queries {
				common[[2]int{a, b}] = true
			}
		}
	}
	return func(a, b int) bool {
		return common[[2]int{a, b}] || slices.ContainsFunc(stemmed[a], func(w string) bool { return slices.Contains(stemmed[b], w) })
	}
}
