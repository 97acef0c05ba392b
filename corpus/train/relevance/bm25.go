package relevance

import (
	"math"

	"usher/classify/words"
)

// BM25's two constants, as Robertson and Zaragoza (2009) advise: how soon a word
// that is repeated says no more, and how much a long text is held against it.
const (
	saturation = 1.2
	length     = 0.75
)

// bm25 ranks texts by the words of a query, as Robertson and Zaragoza (2009)
// define it; the weight of a word is ln(1 + (N - n + 0.5) / (n + 0.5)).
type bm25 struct {
	texts []counted
	in    map[string]float64 // in how many texts a word stands
	mean  float64            // words of a text
}

// counted is how often each word stands in a text.
type counted struct {
	times map[string]float64
	size  float64
}

func newBM25(texts []Text) *bm25 {
	b := &bm25{texts: make([]counted, len(texts)), in: map[string]float64{}}
	stemmer := words.NewStemmer("en")
	for i, t := range texts {
		c := counted{times: map[string]float64{}}
		for _, w := range stems(stemmer, t.whole()) {
			if c.times[w]++; c.times[w] == 1 {
				b.in[w]++
			}
			c.size++
		}
		b.texts[i] = c
		b.mean += c.size / float64(len(texts))
	}
	return b
}

// score holds the words of a query, once each, against the nth text.
func (b *bm25) score(query []string, n int) (sum float64) {
	t := &b.texts[n]
	for _, w := range query {
		if f := t.times[w]; f > 0 {
			idf := math.Log(1 + (float64(len(b.texts))-b.in[w]+0.5)/(b.in[w]+0.5))
			sum += idf * f * (saturation + 1) / (f + saturation*(1-length+length*t.size/b.mean))
		}
	}
	return sum
}

// overlap is the floor of all methods: the share of a query's words, as they are
// written but for case and accents, that stand in a text.
type overlap struct{ texts []map[string]bool }

func newOverlap(texts []Text) *overlap {
	o := &overlap{make([]map[string]bool, len(texts))}
	for i, t := range texts {
		o.texts[i] = map[string]bool{}
		for _, w := range written(t.whole()) {
			o.texts[i][w] = true
		}
	}
	return o
}

func (o *overlap) score(query []string, n int) float64 {
	has := 0
	for _, w := range query {
		if o.texts[n][w] {
			has++
		}
	}
	return float64(has) / float64(max(1, len(query)))
}

// written gives the words of a text, folded, without the commonest English ones.
func written(text string) (list []string) {
	for i := 0; i < len(text); {
		from, to := words.Next(text, i)
		if w := words.Fold(text[from:to]); w != "" && !words.IsStop(w, "en") {
			list = append(list, w)
		}
		i = max(to, i+1)
	}
	return list
}

// stems gives the same words as English stems.
func stems(s *words.Stemmer, text string) []string {
	list := written(text)
	for i, w := range list {
		list[i] = s.Stem(w)
	}
	return list
}
