// Package match holds the words of a message against what a person wants, or
// does not want. It never parses mail and knows no categories.
package match

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"usher/classify/vectors"
	"usher/classify/wish"
	"usher/classify/words"
)

// Tagged is a word of an intent and its part of speech.
type Tagged = wish.Tagged

// Tagger parts a text into words with their parts of speech.
type Tagger = wish.Tagger

// Intent is what a person wants, or does not want, as messages are matched
// against it. It is immutable, and read when it is first asked for: the tagger
// is slow, and of many intents few are ever asked.
type Intent struct{ read func() *meaning }

// meaning is an intent as read.
type meaning struct {
	topics []topic // any one of them is enough
	about  []topic // further ones
	not    []topic // one of them rules a message out
}

// meant reads the intent, nil if there is none.
func (i *Intent) meant() *meaning {
	if i == nil || i.read == nil {
		return nil
	}
	return i.read()
}

// IsEmpty reports an intent that no message can have to do with: nothing but
// words that every mail holds.
func (i *Intent) IsEmpty() bool {
	m := i.meant()
	return m == nil || len(m.topics) == 0
}

// Understood gives the topics as they were understood, in the words that count:
// those of which one is enough, those that help, and those that rule a message out.
func (i *Intent) Understood() (topics, about, not []string) {
	m := i.meant()
	if m == nil {
		return nil, nil, nil
	}
	texts := func(list []topic) (out []string) {
		for _, t := range list {
			var words []string
			for _, term := range t.terms {
				words = append(words, term.written)
			}
			out = append(out, strings.Join(words, " "))
		}
		return out
	}
	return texts(m.topics), texts(m.about), texts(m.not)
}

// Known parts the words of the topics into those of which it is known what they
// mean, and those that only match as they are written, each once.
func (i *Intent) Known() (known, written []string) {
	m := i.meant()
	if m == nil {
		return nil, nil
	}
	for _, topics := range [][]topic{m.topics, m.about, m.not} {
		for _, t := range topics {
			for _, term := range t.terms {
				list := &written
				if term.known || len(t.kin) > 0 {
					list = &known
				}
				if !slices.Contains(*list, term.written) {
					*list = append(*list, term.written)
				}
			}
		}
	}
	return known, written
}

// topic is something that a message can be about.
type topic struct {
	terms  []term
	kin    []topic // words that mean it as well, for the burdens of topics.txt
	phrase bool    // its terms must stand together, in order

	language string // of the words, where a short one would mean another thing elsewhere

	foreign bool // in a language of which it is not known what its words mean

	named int          // terms before "for", "with" or the like; 0 if there is none
	head  int          // the term that names the thing, -1 if none does: "shoes" of "running shoes"
	sum   *vectors.Sum // of its terms, in length 1; nil if none is known
}

// text is the topic as it was written, folded.
func (t topic) text() string {
	var list []string
	for _, m := range t.terms {
		list = append(list, m.folded)
	}
	return strings.Join(list, " ")
}

// term is one word of a topic.
type term struct {
	written string                   // as stemmers want it
	stemmed *atomic.Pointer[stemmed] // in the language of the last message
	folded  string
	key     uint32  // hash of what is written
	weight  float64 // how much it says, above 0 to 1
	capital bool    // counts only as a name: capitalised amid a sentence

	meaning vectors.Word // if known
	known   bool
}

// stemmed is the stem of a word in a language.
type stemmed struct{ language, stem string }

// Bounds of an intent; what is beyond them is left out.
const (
	maxTopics = 50
	maxTerms  = 20
	maxToken  = 64 // bytes of one word
)

// set makes a look-up of the words of a text.
func set(list string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(list) {
		s[w] = true
	}
	return s
}

// Compile reads an intent: its text, further topics (about) and topics that
// rule a message out (not). Commas, "or" and "and" part topics; "no" and
// "without" turn what follows into an exclusion. It never fails; what it cannot
// read matches nothing.
func Compile(tag Tagger, text string, about, not []string) *Intent {
	return &Intent{sync.OnceValue(func() *meaning { return compile(tag, text, about, not) })}
}

func compile(tag Tagger, text string, about, not []string) *meaning {
	i := new(meaning)
	i.topics, i.not = topicsOf(tag, text)
	for _, a := range about[:min(len(about), maxTopics)] {
		topics, excluded := topicsOf(tag, a)
		i.about = append(i.about, topics...)
		i.not = append(i.not, excluded...)
	}
	for _, n := range not[:min(len(not), maxTopics)] {
		topics, excluded := topicsOf(tag, n)
		i.not = append(append(i.not, topics...), excluded...)
	}
	if len(i.topics) == 0 {
		i.topics, i.about = i.about, nil
	}
	for _, topics := range [][]topic{i.topics, i.about, i.not} {
		for n := range topics {
			if topics[n].head = -1; !topics[n].foreign { // "Gift" is no gift
				topics[n].understand()
			}
		}
	}
	return i
}

// faint are the words of any promotion: they tell little apart.
var faint = set(`deal deals offer offers sale sales discount discounts cheap cheapest best good great new price prices
		promotion promotions bargain bargains coupon coupons angebot angebote rabatt tarjous tarjoukset alennus
		erbjudande tilbud oferta ofertas offerta offerte soldes promo top quality brand`)

// topicsOf parts an intent into topics and exclusions.
func topicsOf(tag Tagger, text string) (topics, excluded []topic) {
	if t, ok := burden(text); ok {
		return []topic{t}, nil
	}
	w := wish.Read(tag, text)
	made := func(list []wish.Topic) (ts []topic) {
		for _, l := range list {
			if t := newTopic(l); len(t.terms) > 0 {
				t.foreign = w.Language != "" && w.Language != "en"
				ts = append(ts, t)
			}
		}
		return ts
	}
	return made(w.Topics), made(w.Not)
}

// newTopic makes a topic of its words. A name that is a common word too weighs as
// much as any name.
func newTopic(list wish.Topic) (t topic) {
	for _, w := range list {
		before := len(t.terms)
		if w.Further && t.named == 0 {
			t.named = before
		}
		t.add(w.Text)
		for i := before; w.Name && i < len(t.terms); i++ {
			t.terms[i].capital, t.terms[i].weight = true, 1
		}
	}
	return t
}

// add adds the words of a text: "Helsinki-Tromsø" has two.
func (t *topic) add(text string) {
	for i := 0; i < len(text) && len(t.terms) < maxTerms; {
		start, end := words.Next(text, i)
		if start == len(text) {
			return
		}
		i = end
		if end-start > maxToken {
			continue
		}
		from := len(t.terms)
		for word := text[start:end]; word != ""; {
			var first string
			first, word = apart(word)
			if a, b := halves(first); b != "" {
				t.addWord(a)
				first = b
			}
			t.addWord(first)
		}
		t.measures(from)
	}
}

// addWord adds one word.
func (t *topic) addWord(word string) {
	folded := words.Fold(word)
	if folded == "" || len(folded) == 1 && word[0] >= 'a' && word[0] <= 'z' {
		return
	}
	m := term{written: word, stemmed: new(atomic.Pointer[stemmed]), folded: folded, key: Key(word), weight: max(0.1, vectors.Says(folded))}
	if faint[folded] {
		m.weight *= 0.25
	}
	t.terms = append(t.terms, m)
}

//go:embed topics.txt
var topicsFile string

// burdens maps each name of a topic of topics.txt, folded, to the topic.
var burdens = sync.OnceValue(func() map[string]topic {
	all := map[string]topic{}
	var names []string
	var kin []topic
	flush := func() {
		for _, n := range names {
			t := phraseTopic(n)
			t.kin = kin
			all[n] = t
		}
		names, kin = nil, nil
	}
	for line := range strings.Lines(topicsFile) {
		head, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || head[0] == '#' {
			continue
		}
		if head == "topic" {
			flush()
		}
		for name := range strings.SplitSeq(list, ";") {
			folded := words.Fold(strings.TrimSpace(name))
			if head == "topic" {
				names = append(names, folded)
			}
			k := phraseTopic(strings.TrimSpace(name))
			if head != "topic" && head != "en" {
				k.language = head
			}
			kin = append(kin, k)
		}
	}
	flush()
	return all
})

func phraseTopic(text string) topic {
	t := topic{phrase: true}
	t.add(text)
	return t
}

// burden finds a text among the topics that many refuse.
func burden(text string) (topic, bool) {
	if len(text) > maxToken {
		return topic{}, false
	}
	t, ok := burdens()[words.Fold(strings.TrimSpace(text))]
	return t, ok
}
