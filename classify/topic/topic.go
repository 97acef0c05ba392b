// Package topic tells what a promotion or a newsletter is mainly about, in one of
// sixteen words. It never guesses: where no topic stands out it is "other".
package topic

import (
	"math/bits"
	"unicode/utf8"

	"usher/classify/words"
)

// Scheme names the sixteen topics where they are told to others.
const Scheme = "usher-16"

// Other is the topic of what has none of the others, or of which it is not sure.
const Other = "other"

// All are the topics of Scheme, in their order.
var All = [...]string{"apparel", "beauty", "books-media", "electronics", "finance", "food-drink", "health", "home-garden",
	"jobs", "kids", "news", "services", "software", "sports-outdoor", "travel", Other}

// named are those that have words.
const named = len(All) - 1

// How much a word counts by where it stands.
const (
	InSubject = 2.0
	InLink    = 0.8
	InText    = 1.0
)

// Bounds of reading.
const (
	maxWords = 1500 // words of a message
	maxTimes = 3    // times that one word counts
	again    = 0.3  // what each time after the first adds
	common   = 1500 // rank of a word under which it says little of a topic
)

// How much a word speaks for a topic, against one of its own words.
const (
	endsWith      = 0.8  // it ends with one: "Laufschuhe"
	beginsWith    = 0.6  // it begins with one: "Schuhgrößen"
	inEnglish     = 0.6  // it is an English one in a text that is not
	saidElsewhere = 0.4  // it is weak
	oneRune       = 0.35 // of a script without blanks, a single sign may be part of any word
	alike         = 0.7  // it means something alike; less, the farther it is from a line of words
)

// When a topic is sure, set by hand on one half of written mail (testdata).
const (
	leastScore = 1.4  // words of a topic, in the text
	leastShare = 0.02 // likewise, of the distinct words of the text
	leastLead  = 0.25 // of its score, before the next one
)

// Reader reads the words of one message. It is not safe for use by several
// goroutines.
type Reader struct {
	book     *book
	language string
	stemmer  *words.Stemmer
	met      map[string]*heard
	left     int
	scores   [named]float64
}

// heard is a word that was met: what it says, and how much of that was counted.
type heard struct {
	votes   votes
	counted float64
	times   int
}

// votes are how much a word speaks for each topic of a set.
type votes struct {
	topics set
	weight float64 // for each
}

// NewReader reads a message in a language, ISO 639-1; "" if it is not known.
func NewReader(language string) *Reader {
	return &Reader{book: shipped(), language: language, stemmer: words.NewStemmer(language), met: map[string]*heard{}, left: maxWords}
}

// Add reads a text of which each word counts so much. What stands first is read
// first: words after the 1,500th are not read.
func (r *Reader) Add(text string, weight float64) {
	for i := 0; i < len(text) && r.left > 0; {
		start, end := words.Next(text, i)
		if start == len(text) {
			return
		}
		if c, _ := utf8.DecodeRuneInString(text[start:]); words.Unspaced(c) {
			end = r.unspaced(text, start, weight)
		} else {
			r.count(text[start:end], weight)
		}
		r.left--
		i = end
	}
}

// count lets a word speak, as far as it has not yet.
func (r *Reader) count(word string, weight float64) {
	folded := words.Fold(word)
	h := r.met[folded]
	if h == nil {
		h = &heard{votes: r.ask(word, folded)}
		r.met[folded] = h
	}
	if h.votes.topics == 0 || h.times == maxTimes {
		return
	}
	more := max(weight-h.counted, again*weight)
	h.times, h.counted = h.times+1, max(h.counted, weight)
	for t := range h.votes.topics.all {
		r.scores[t] += more * h.votes.weight
	}
}

// unspaced finds the longest word of a topic at a place of a text that has no
// blanks, and gives where it ends.
func (r *Reader) unspaced(text string, at int, weight float64) (end int) {
	_, first := utf8.DecodeRuneInString(text[at:])
	end = at
	for n := 0; n < maxRunes && end < len(text); n++ {
		c, size := utf8.DecodeRuneInString(text[end:])
		if !words.Unspaced(c) {
			break
		}
		end += size
	}
	for ; end > at+first; end -= lastRune(text[:end]) {
		if r.book.whole[text[at:end]] != 0 {
			r.count(text[at:end], weight)
			return end
		}
	}
	r.count(text[at:end], weight)
	return end
}

func lastRune(s string) int {
	_, n := utf8.DecodeLastRuneInString(s)
	return n
}

// ask tells what a word speaks for.
func (r *Reader) ask(word, folded string) (v votes) {
	if c, size := utf8.DecodeRuneInString(word); words.Unspaced(c) {
		if v = share(r.book.whole[word], 1); size == len(word) {
			v.weight *= oneRune
		}
		return v
	}
	if len(folded) < 2 || words.IsStop(folded, r.language) {
		return v
	}
	english := r.language == "en" || r.language == ""
	if english {
		if said := r.book.of("en", folded, ""); said != 0 {
			return share(said, 1)
		}
		v = r.book.meaning(folded)
	} else {
		if said := r.book.of(r.language, folded, r.stemmer.Stem(word)); said != 0 {
			return share(said, 1)
		}
		v = r.book.part(folded, r.language)
	}
	switch {
	case v.topics != 0:
	case r.language == "":
		v = share(r.book.whole[folded], 1)
	case !english && !words.IsStop(folded, "en"):
		v = share(r.book.of("en", folded, ""), inEnglish)
	}
	return v
}

// share parts what a word says among its topics.
func share(topics set, weight float64) votes {
	if topics&(1<<weak) != 0 {
		weight, topics = weight*saidElsewhere, topics&^(1<<weak)
	}
	if topics == 0 {
		return votes{}
	}
	return votes{topics, weight / float64(bits.OnesCount16(uint16(topics)))}
}

// Topic gives the topic of what was read.
func (r *Reader) Topic() string {
	best, second := 0, -1.0
	for t := 1; t < named; t++ {
		if r.scores[t] > r.scores[best] {
			best, second = t, r.scores[best]
		} else {
			second = max(second, r.scores[t])
		}
	}
	if s := r.scores[best]; s < max(leastScore, leastShare*float64(len(r.met))) || s-second < leastLead*s {
		return Other
	}
	return All[best]
}

// set is one of topics, by their places in All.
type set uint16

// all gives the places.
func (s set) all(yield func(int) bool) {
	for ; s != 0; s &= s - 1 {
		if !yield(bits.TrailingZeros16(uint16(s))) {
			return
		}
	}
}
