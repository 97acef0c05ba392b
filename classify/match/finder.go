package match

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"usher/classify/words"
)

// Finder tells which of many intents a message can have to do with, so that no
// other is asked: to those it leaves out, Serves and Sells give 0. What it costs
// a message grows with the words of the message and with the distinct words of
// the intents, not with what asking each of them costs. It may be used by several
// goroutines.
type Finder struct {
	size int // intents

	first    places    // by a word, as written, that must be there for a topic to be
	joined   places    // by two neighbours written as one
	forward  []compact // words that may begin a longer one, sorted
	backward []compact // the same reversed, which may end one

	mu     sync.Mutex
	byStem map[string]places // by language, made when a message in it comes
}

// places are those of intents in the list that a Finder was made of.
type places map[string][]int32

// compact is a word that may be part of a longer one.
type compact struct {
	word string
	of   []int32
}

// NewFinder reads the intents, which takes some 50 µs for each of their texts.
func NewFinder(intents []*Intent) *Finder {
	f := &Finder{size: len(intents), first: places{}, joined: places{}, byStem: map[string]places{}}
	long := places{}
	for n, i := range intents {
		m := i.meant()
		if m == nil {
			continue
		}
		for _, topics := range [][]topic{m.topics, m.about} {
			for _, t := range topics {
				f.add(int32(n), t, long)
			}
		}
	}
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
	for word := range x.long {
		add(f.joined[word])
	}
	forward, backward := x.sorted()
	parts(f.forward, forward, add)
	parts(f.backward, backward, add)
	return near
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
