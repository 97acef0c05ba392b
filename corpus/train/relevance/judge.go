package relevance

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"usher/classify"
	"usher/classify/words"
)

// Judged is the pairs of a set as they were judged, each in its place.
type Judged struct {
	*Set
	Bars      Bars
	Found     []classify.Relevance // of each pair
	Contrasts []Contrasted

	queries []string // the intents, in the order of the file
	query   []int    // of each pair
	methods []method // usher first
	cross   []crossed
}

// Contrasted is a contrast as it was judged.
type Contrasted struct {
	*Contrast
	GoodFound, BadFound classify.Relevance
}

// Right reports whether the text that serves the intent scores above the other.
func (c *Contrasted) Right() bool { return c.GoodFound.Score > c.BadFound.Score }

// The methods, as they are named in figures.
const (
	Usher   = "usher"
	BM25    = "bm25"
	Overlap = "overlap" // share of the intent's words that stand in the text
)

// method is what scored the pairs.
type method struct {
	name  string
	pairs []float64 // by Set.Pairs
	cross []float64 // by Judged.cross
}

// crossed is a text that served its own query, held against another.
type crossed struct{ own, other, text int }

// Judge holds each pair by a model, and by the methods beside it. The bars say
// which grades are good and bad. done, if not nil, is told now and then how many
// of the texts are judged; it may be called by several goroutines.
func Judge(m *classify.Model, set *Set, bars Bars, done func(n int)) *Judged {
	j := &Judged{Set: set, Bars: bars, Found: make([]classify.Relevance, len(set.Pairs))}
	j.contrast(m)
	if len(set.Pairs) == 0 {
		return j
	}
	at := map[string]int{}
	for _, p := range set.Pairs {
		q, ok := at[p.Intent]
		if !ok {
			q = len(j.queries)
			at[p.Intent], j.queries = q, append(j.queries, p.Intent)
		}
		j.query = append(j.query, q)
	}
	j.cross = j.others()
	usher := method{Usher, make([]float64, len(set.Pairs)), make([]float64, len(j.cross))}
	j.serve(m, &usher, done)
	j.methods = append([]method{usher}, j.beside()...)
	return j
}

// serve scores the pairs as mail is judged: each text once, against all that are
// asked of it.
func (j *Judged) serve(m *classify.Model, to *method, done func(n int)) {
	pairs, cross := make([][]int, len(j.Texts)), make([][]int, len(j.Texts))
	for n, p := range j.Pairs {
		pairs[p.Text] = append(pairs[p.Text], n)
	}
	for n, c := range j.cross {
		cross[c.text] = append(cross[c.text], n)
	}
	intents := make([]*classify.Intent, len(j.queries))
	for q, text := range j.queries {
		intents[q] = classify.Compile(text, nil, nil)
	}
	var judged atomic.Int64
	each(len(j.Texts), func(t int) {
		v := m.Classify(j.Texts[t].object())
		for _, n := range pairs[t] {
			j.Found[n] = v.Serves(intents[j.query[n]])
			to.pairs[n] = j.Found[n].Score
		}
		for _, n := range cross[t] {
			to.cross[n] = v.Serves(intents[j.cross[n].other]).Score
		}
		if n := judged.Add(1); done != nil && n%1000 == 0 {
			done(int(n))
		}
	})
}

func (j *Judged) contrast(m *classify.Model) {
	j.Contrasts = make([]Contrasted, len(j.Set.Contrasts))
	each(len(j.Contrasts), func(n int) {
		c := &j.Set.Contrasts[n]
		i := classify.Compile(c.Intent, nil, nil)
		j.Contrasts[n] = Contrasted{c, m.Classify(plain(c.Good).object()).Serves(i), m.Classify(plain(c.Bad).object()).Serves(i)}
	})
}

// beside scores the pairs by the methods that usher is held against.
func (j *Judged) beside() []method {
	b, o := newBM25(j.Texts), newOverlap(j.Texts)
	stemmer := words.NewStemmer("en")
	stemmed, plain := make([][]string, len(j.queries)), make([][]string, len(j.queries))
	for q, text := range j.queries {
		stemmed[q], plain[q] = unique(stems(stemmer, text)), unique(written(text))
	}
	list := []method{
		{BM25, make([]float64, len(j.Pairs)), make([]float64, len(j.cross))},
		{Overlap, make([]float64, len(j.Pairs)), make([]float64, len(j.cross))},
	}
	for n, p := range j.Pairs {
		list[0].pairs[n] = b.score(stemmed[j.query[n]], p.Text)
		list[1].pairs[n] = o.score(plain[j.query[n]], p.Text)
	}
	for n, c := range j.cross {
		list[0].cross[n] = b.score(stemmed[c.other], c.text)
		list[1].cross[n] = o.score(plain[c.other], c.text)
	}
	return list
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// plain is a mail of plain text: its first line is the subject.
func plain(text string) Text {
	subject, body, _ := strings.Cut(text, "\n")
	return Text{Title: subject, Body: body}
}

// each does n things on all cores.
func each(n int, do func(i int)) {
	var work sync.WaitGroup
	var next atomic.Int64
	for range runtime.NumCPU() {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	work.Wait()
}
