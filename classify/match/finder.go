package match

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"usher/classify/vectors"
	"usher/classify/words"
)

// Finder tells which of many intents a message can have to do with, so that no
// other is asked: to those it leaves out, Serves gives less than 0.35 and Sells 0. What it costs
// a message grows with the words of the message and with the distinct words of
// the intents, not with what asking each of them costs. It may be used by several
// goroutines.
type Finder struct {
	size int // intents

	intents []question
	terms   []term    // of all intents, each once
	weighed []weighed // their topics
	pool    sync.Pool // of *found

	long     []compact // words that may begin a longer one, sorted
	reversed []compact // the same reversed, which may end one
	joined   places    // terms by two neighbours written as one
	standing standing  // words that may stand for terms
	kin      places    // intents by the first word, as written, of what means the same

	mu     sync.Mutex
	byStem map[string]stems // by language, made when a message in it comes
}

// places are those of terms or of intents.
type places map[string][]int32

// stems are the terms and the kin of a Finder by their stems in a language.
type stems struct{ terms, kin places }

// few intents are all asked where words may stand for theirs: knowing which would
// take more memory than the rest of them.
const few = 32

// maxStanding words may stand for one word of an intent.
const maxStanding = 100

// standing tells for which terms a word of a message may stand, and how well.
type standing struct {
	words  []vectors.Word // sorted
	begins []int32        // where the terms of each begin, and at last where all end
	terms  []uint32       // the number of a term, shifted, and in the lowest byte how well, of 255
}

// of gives the terms for which a word may stand.
func (s *standing) of(w vectors.Word) []uint32 {
	at, ok := slices.BinarySearch(s.words, w)
	if !ok {
		return nil
	}
	return s.terms[s.begins[at]:s.begins[at+1]]
}

// question is an intent: its topics are weighed[begins:ends].
type question struct {
	of           *meaning
	begins, ends int32
}

// weighed is a topic of an intent: its terms, and how much of it each is.
type weighed struct {
	of    *topic
	terms []portion

	further bool // further topics add to each other: a little of each is enough
}

type portion struct {
	term  int32
	share float32
}

// compact is a word that may be part of a longer one.
type compact struct {
	word string
	of   []int32
}

// NewFinder reads the intents, which takes some 0.1 ms for each of their texts.
func NewFinder(intents []*Intent) *Finder {
	f := &Finder{size: len(intents), joined: places{}, kin: places{}, byStem: map[string]stems{}}
	numbers, long := map[string]int32{}, places{}
	for n, i := range intents {
		m := i.meant()
		begins := int32(len(f.weighed))
		if m == nil {
			f.intents = append(f.intents, question{nil, begins, begins})
			continue
		}
		for _, topics := range [][]topic{m.topics, m.about} {
			for k := range topics {
				f.add(int32(n), &topics[k], numbers, long)
				f.weighed[len(f.weighed)-1].further = len(m.about) > 0
			}
		}
		f.intents = append(f.intents, question{m, begins, int32(len(f.weighed))})
	}
	f.pool.New = func() any { return newFound(f) }
	f.expand()
	for word, of := range long {
		f.long = append(f.long, compact{word, of})
		f.reversed = append(f.reversed, compact{reversed(word), of})
	}
	for _, list := range [][]compact{f.long, f.reversed} {
		slices.SortFunc(list, func(a, b compact) int { return cmp.Compare(a.word, b.word) })
	}
	return f
}

// add notes a topic, and all by which share and weighPhrase could find it.
func (f *Finder) add(n int32, t *topic, numbers map[string]int32, long places) {
	w, total := weighed{of: t}, 0.0
	for _, m := range t.terms {
		total += m.weight
	}
	for i, m := range t.terms {
		term, ok := numbers[m.written]
		if !ok {
			term = int32(len(f.terms))
			numbers[m.written] = term
			f.terms = append(f.terms, m)
			if utf8.RuneCountInString(m.folded) >= minPart {
				long.add(m.folded, term)
			}
		} else if m.known {
			f.terms[term] = m // where it is part of a name, it has no meaning
		}
		w.terms = append(w.terms, portion{term, float32(m.weight / total)})
		if i > 0 {
			both := t.terms[i-1].folded + m.folded
			f.joined.add(both, w.terms[i-1].term)
			f.joined.add(both, term)
		}
	}
	f.weighed = append(f.weighed, w)
	for _, k := range t.kin {
		if len(k.terms) > 0 {
			f.kin.add(k.terms[0].written, n) // a phrase is there whole, or not at all
		}
	}
}

// expand notes which words may stand for the terms, if the intents are not few.
func (f *Finder) expand() {
	if f.size <= few {
		return
	}
	type pair struct {
		word vectors.Word
		term uint32
	}
	var pairs []pair
	for term, m := range f.terms {
		if !m.known {
			continue
		}
		for _, n := range vectors.Near(m.meaning, maxStanding) {
			pairs = append(pairs, pair{n.Word, uint32(term)<<8 | uint32(255*soft(float64(n.Cosine)))})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.term, b.term)) })
	s := &f.standing
	for i, p := range pairs {
		if i == 0 || pairs[i-1].word != p.word {
			s.words, s.begins = append(s.words, p.word), append(s.begins, int32(i))
		}
		s.terms = append(s.terms, p.term)
	}
	s.begins = append(s.begins, int32(len(pairs)))
}

// add notes one intent, once a word; intents come in their order.
func (p places) add(word string, n int32) {
	if of := p[word]; len(of) == 0 || of[len(of)-1] != n {
		p[word] = append(of, n)
	}
}

// stems gives terms and kin by the stems that their words have in a language.
func (f *Finder) stems(language string) stems {
	language = words.StemmedAs(language)
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.byStem[language]
	if !ok {
		s = stems{places{}, places{}}
		stemmer := words.NewStemmer(language)
		for n := range f.terms {
			s.terms.add(stemmer.Stem(f.terms[n].written), int32(n))
		}
		for word, of := range f.kin {
			stem := stemmer.Stem(word)
			s.kin[stem] = append(s.kin[stem], of...)
		}
		f.byStem[language] = s
	}
	return s
}

// canServe reports whether an intent can be served, of a topic of which the message
// has at most a share: see inContext, which this is never under.
func (x *Index) canServe(w *weighed, share float64) bool {
	const rounding = 0.01
	share += rounding
	if w.further {
		return share >= leastFound/2
	}
	m := x.means()
	if w.of.sum == nil || m.sum == nil || share >= leastScore || share < leastFound {
		return share >= leastScore
	}
	about := max(0, m.sum.Dot(w.of.sum)/m.length)
	value := (1-aboutShare)*share + aboutShare*about
	return value+kindredShare*(1-value)*between(kindred, same, about) >= leastScore
}

// parts finds the words that begin a longer word; both lists are sorted.
func parts(list []compact, longer []string, found func(of []int32)) {
	for _, c := range list {
		for len(longer) > 0 && longer[0] < c.word {
			longer = longer[1:]
		}
		if len(longer) == 0 {
			return
		}
		if strings.HasPrefix(longer[0], c.word) {
			found(c.of)
		}
	}
}
