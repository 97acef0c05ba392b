package classify

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"usher/classify/words"
)

//go:embed words.txt
var wordsFile string

// class is what a phrase speaks of: a line's first word in words.txt.
type class uint8

// The classes, in the order of classNames.
const (
	unsub class = iota
	unsubLink
	view
	whyYou
	legal
	sale
	advert
	countdown
	cta
	moneyAsk
	political
	cold
	newsletter
	kindCode
	kindOrder
	kindReceipt
	kindInvoice
	kindDelivery
	kindTravel
	kindTax
	kindAppointment
	contract
	notice
	asked
	account
	confirm
	robot
	signoff
	quote
	behaviour
	date
	place
	number
	offerTerms
	tempt
	errand
	classes // how many there are
)

var classNames = [classes]string{
	"unsub", "unsub_link", "view", "why_you", "legal", "sale", "advert", "countdown", "cta", "money_ask",
	"political", "cold", "newsletter", "kind_code", "kind_order", "kind_receipt", "kind_invoice",
	"kind_delivery", "kind_travel", "kind_tax", "kind_appointment", "contract", "notice", "asked", "account", "confirm", "robot", "signoff", "quote",
	"behaviour", "date", "place", "number", "terms", "tempt", "errand",
}

// phrase is one phrase of words.txt, folded.
type phrase struct {
	text     string
	class    class
	id       int
	anywhere bool // matches inside a run of letters too
	lead     int  // where its first word begins
	open     bool // ends in what is no letter, so that one may follow
}

// phraseBook finds phrases by their first word.
type phraseBook struct {
	byHash map[uint32][]phrase  // of the first word
	begins [1 << 16 / 64]uint64 // hashes with which a phrase begins: most words begin none
	size   int

	errands errands // for subjects
}

// beginning gives the phrases whose first word has this hash.
func (b *phraseBook) beginning(hash uint32) []phrase {
	if at := hash & (1<<16 - 1); b.begins[at/64]&(1<<(at%64)) == 0 {
		return nil
	}
	return b.byHash[hash]
}

var phrases = sync.OnceValue(func() *phraseBook {
	b, err := readPhrases(wordsFile)
	if err != nil {
		panic(err) // the file is compiled in, and a test reads it
	}
	return b
})

// readPhrases reads the format of words.txt.
func readPhrases(file string) (*phraseBook, error) {
	b := &phraseBook{byHash: map[uint32][]phrase{}}
	known := map[string]class{}
	for i, name := range classNames {
		known[name] = class(i)
	}
	n := 0
	for line := range strings.Lines(file) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		head, list, ok := strings.Cut(line, ": ")
		name, _, _ := strings.Cut(head, " ")
		c, isClass := known[name]
		if !ok || !isClass {
			return nil, fmt.Errorf("words.txt:%d: want \"class language: phrase; phrase\"", n)
		}
		for text := range strings.SplitSeq(list, ";") {
			if c == errand {
				b.errands.add(text)
				continue
			}
			b.add(words.Fold(text), c)
		}
	}
	return b, nil
}

func (b *phraseBook) add(text string, c class) {
	start, end := words.Next(text, 0)
	if start == end {
		return
	}
	first, _ := utf8.DecodeRuneInString(text[start:])
	p := phrase{text: text[start:], class: c, id: b.size, anywhere: words.Unspaced(first)}
	// A sign before the first word ("% off", "(광고)") belongs to the phrase.
	if start > 0 {
		p.text = text
	}
	p.lead = strings.IndexFunc(p.text, words.InWord)
	last, _ := utf8.DecodeLastRuneInString(p.text)
	p.open = !words.InWord(last)
	key := words.Hash(text[start:end])
	if slices.ContainsFunc(b.byHash[key], func(q phrase) bool { return q.text == p.text && q.class == c }) {
		return // a word that several languages share is one word
	}
	b.byHash[key] = append(b.byHash[key], p)
	at := key & (1<<16 - 1)
	b.begins[at/64] |= 1 << (at % 64)
	b.size++
}

// tally counts the phrases of each class in one text.
type tally struct {
	hits  [classes]uint16 // occurrences, at most 65,535
	kinds [classes]uint8  // different phrases, at most 255
	first [classes]string // the longest phrase among the first ones found
	tail  [classes]bool   // found in the last third
	start [classes]int    // where the first one stands, in bytes

	placed []placed // of codes and numbers, at most maxPlaced
	hashes []uint32 // of the first words, as many as it has room for
}

// placed is where a phrase stands, in bytes.
type placed struct {
	class      class
	start, end int
}

// maxPlaced bounds the places that are kept.
const maxPlaced = 32

func (t *tally) has(c class) bool { return t.hits[c] > 0 }

// count looks for every phrase in folded text. For each word of the text it
// compares the few phrases that begin with it, so time is linear in the text.
func (b *phraseBook) count(s string) *tally { return b.countWith(s, 0) }

// countWith keeps the hashes of the first words too, as many as are wanted.
func (b *phraseBook) countWith(s string, hashes int) *tally {
	t := &tally{hashes: make([]uint32, 0, min(hashes, len(s)/2+1))}
	b.countInto(t, b.unseen(), s)
	return t
}

// phraseSet is a set of phrases by their ids.
type phraseSet []uint64

func (b *phraseBook) unseen() phraseSet { return make(phraseSet, b.size/64+1) }

// add reports whether the phrase was not yet in the set.
func (s phraseSet) add(id int) bool {
	was := s[id/64]
	s[id/64] |= 1 << (id % 64)
	return s[id/64] != was
}

func (b *phraseBook) countInto(t *tally, seen phraseSet, s string) {
	tail := len(s) - len(s)/3
	for i := 0; i < len(s); {
		start, end := words.Next(s, i)
		if start == len(s) {
			return
		}
		hash := words.Hash(s[start:end])
		if len(t.hashes) < cap(t.hashes) {
			t.hashes = append(t.hashes, hash)
		}
		i = end
		here := b.beginning(hash)
		if here == nil {
			continue
		}
		footer := footerAt(here, s, start)
		for i := range here {
			p := &here[i]
			if !p.at(s, start) || footer > 0 && p.class == newsletter {
				continue
			}
			c := p.class
			if t.hits[c] == 0 {
				t.start[c] = start
			}
			t.hits[c] = min(t.hits[c], 1<<16-2) + 1
			t.tail[c] = t.tail[c] || start >= tail
			if (c == kindCode || c == number) && len(t.placed) < maxPlaced {
				t.placed = append(t.placed, placed{c, start, min(len(s), start+len(p.text))})
			}
			if seen.add(p.id) {
				t.kinds[c] = min(t.kinds[c], 254) + 1
				if t.kinds[c] == 1 || t.kinds[c] < 4 && len(p.text) > len(t.first[c]) {
					t.first[c] = p.text
				}
			}
		}
	}
}

// footerAt is the length of a phrase to unsubscribe by that stands at a word,
// or 0: the "newsletter" one can leave is no word of a newsletter.
func footerAt(here []phrase, s string, start int) (n int) {
	for i := range here {
		if p := &here[i]; p.class == unsub && p.at(s, start) {
			n = max(n, len(here[i].text))
		}
	}
	return n
}

// at reports whether the phrase stands in s with its first word at start.
func (p *phrase) at(s string, start int) bool {
	if start < p.lead || !strings.HasPrefix(s[start-p.lead:], p.text) {
		return false
	}
	end := start - p.lead + len(p.text)
	if p.anywhere || p.open || end == len(s) {
		return true
	}
	next, _ := utf8.DecodeRuneInString(s[end:])
	return !words.InWord(next) || words.Unspaced(next)
}
