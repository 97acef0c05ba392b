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

	first    places    // by a word, as written, that must be there for a topic to be
	joined   places    // by two neighbours written as one
	forward  []compact // words that may begin a longer one, sorted
	backward []compact // the same reversed, which may end one

	standing standing  // words that may stand for terms
	terms    int       // such terms
	weighed  []weighed // topics of such terms
	bests    sync.Pool // of *[]float32, terms long

	mu     sync.Mutex
	byStem map[string]places // by language, made when a message in it comes
}

// places are those of intents in the list that a Finder was made of.
type places map[string][]int32

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

// weighed is a topic of an intent: its terms, and how much of it each is.
type weighed struct {
	of    int32
	least float32 // share of the terms from which the intent is asked
	terms []portion
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

// NewFinder reads the intents, which takes some 50 µs for each of their texts.
func NewFinder(intents []*Intent) *Finder {
	f := &Finder{size: len(intents), first: places{}, joined: places{}, byStem: map[string]places{}}
	long, known := places{}, map[vectors.Word]int32{}
	for n, i := range intents {
		m := i.meant()
		if m == nil {
			continue
		}
		for _, topics := range [][]topic{m.topics, m.about} {
			for _, t := range topics {
				f.add(int32(n), t, long)
				f.weigh(int32(n), t, len(m.about) > 0, known)
			}
		}
	}
	f.expand(known)
	for word, of := range long {
		f.forward = append(f.forward, compact{word, of})
		f.backward = append(f.backward, compact{reversed(word), of})
	}
	for _, list := range [][]compact{f.forward, f.backward} {
		slices.SortFunc(list, func(a, b compact) int { return cmp.Compare(a.word, b.word) })
	}
	return f
}

// add notes all by which share and weighPhrase could find a topic.
func (f *Finder) add(n int32, t topic, long places) {
	for i, m := range t.terms {
		f.first.add(m.written, n)
		if m.capital {
			continue
		}
		if utf8.RuneCountInString(m.folded) >= minPart {
			long.add(m.folded, n)
		}
		if i > 0 {
			f.joined.add(t.terms[i-1].folded+m.folded, n)
		}
		if i+1 < len(t.terms) {
			f.joined.add(m.folded+t.terms[i+1].folded, n)
		}
	}
	for _, k := range t.kin {
		if len(k.terms) > 0 {
			f.first.add(k.terms[0].written, n) // a phrase is there whole, or not at all
		}
	}
}

// weigh notes the terms of a topic for which other words may stand.
func (f *Finder) weigh(n int32, t topic, further bool, known map[vectors.Word]int32) {
	w, total := weighed{of: n, least: leastFound}, 0.0
	if further { // further topics add to each other
		w.least *= 0.65
	}
	for _, m := range t.terms {
		total += m.weight
	}
	for _, m := range t.terms {
		if !m.known {
			continue
		}
		term, ok := known[m.meaning]
		if !ok {
			term = int32(len(known))
			known[m.meaning] = term
		}
		w.terms = append(w.terms, portion{term, float32(m.weight / total)})
	}
	if len(w.terms) > 0 {
		f.weighed = append(f.weighed, w)
	}
}

// expand notes which words may stand for the terms, if the intents are not few.
func (f *Finder) expand(known map[vectors.Word]int32) {
	f.terms = len(known)
	f.bests.New = func() any { b := make([]float32, f.terms); return &b }
	if f.size <= few {
		return
	}
	type pair struct {
		word vectors.Word
		term uint32
	}
	var pairs []pair
	for word, term := range known {
		for _, n := range vectors.Near(word, maxStanding) {
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

// stems gives the intents by the stems that their words have in a language.
func (f *Finder) stems(language string) places {
	language = words.StemmedAs(language)
	f.mu.Lock()
	defer f.mu.Unlock()
	stems := f.byStem[language]
	if stems == nil {
		stems = make(places, len(f.first))
		stemmer := words.NewStemmer(language)
		for word, of := range f.first {
			stem := stemmer.Stem(word)
			stems[stem] = append(stems[stem], of...)
		}
		f.byStem[language] = stems
	}
	return stems
}

// Near says of each intent of a Finder, in its place, whether the message can
// have to do with it; nil where only asking tells, as of an index from features.
func (x *Index) Near(f *Finder) []bool {
	if x == nil || x.kept {
		return nil
	}
	if f.size > few {
		x.lately.CompareAndSwap(nil, new(presences))
	}
	near := make([]bool, f.size)
	add := func(of []int32) {
		for _, n := range of {
			near[n] = true
		}
	}
	stems := f.stems(x.language)
	if len(stems) < len(x.byStem) {
		for stem, of := range stems {
			if x.byStem[stem] != nil {
				add(of)
			}
		}
	} else {
		for stem := range x.byStem {
			add(stems[stem])
		}
	}
	x.stand(f, near)
	for word := range x.long {
		add(f.joined[word])
	}
	forward, backward := x.sorted()
	parts(f.forward, forward, add)
	parts(f.backward, backward, add)
	return near
}

// stand adds the intents for whose terms the words of the message stand so well
// that they can come above the bar of what is not surely no.
func (x *Index) stand(f *Finder, near []bool) {
	m := x.means()
	if len(m.words) == 0 || f.terms == 0 {
		return
	}
	if f.size <= few {
		for _, w := range f.weighed {
			near[w.of] = true
		}
		return
	}
	bests := f.bests.Get().(*[]float32)
	defer f.bests.Put(bests)
	best := *bests
	clear(best)
	for i, word := range m.words {
		terms := f.standing.of(word)
		if len(terms) == 0 {
			continue
		}
		strength := float32(m.spots[i].strength(false)) / 255
		for _, t := range terms {
			best[t>>8] = max(best[t>>8], float32(t&255+1)*strength)
		}
	}
	for _, w := range f.weighed {
		if near[w.of] {
			continue
		}
		sum := float32(0)
		for _, p := range w.terms {
			sum += p.share * best[p.term]
		}
		near[w.of] = sum >= w.least
	}
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
