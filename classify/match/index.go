package match

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"usher/classify/words"
)

// Bounds of what a message is about.
const (
	maxWords  = 20_000 // words read
	maxPlaces = 24     // places kept of one word
	minPart   = 5      // letters of a word that is looked for within longer ones
)

// Zone is where in a message a word stands.
type Zone uint8

const (
	InTitle   Zone = iota // subject, names of things offered
	InLink                // text of a link
	InHeading             // a short line of its own
	InBody
)

// Index finds the words of a message by their stems.
type Index struct {
	language string
	byStem   map[string]*spots
	long     map[string]bool // folded words of five letters or more
	size     int             // words of the body

	// An index from features has the words of its title above, all others here.
	kept   bool
	taken  map[int]bool      // places of the words that were kept
	hashed map[uint32]*spots // by the Key of the stem, those of the title too
	parts  map[uint32]bool   // Keys of words, and of what they begin or end with

	stemming sync.Mutex
	stemmer  *words.Stemmer // of the language; it has met the message's words

	mean meant // what the words mean, read when it is first asked for

	sort     sync.Once // few messages are asked for compounds
	forward  []string  // long, sorted
	backward []string  // the same, reversed, sorted
}

// spots are the places of one stem.
type spots struct {
	places  []spot
	n       int  // places in all
	title   bool // one is in the title
	capital bool // one is capitalised amid a sentence
	meant   int  // its place among the words whose meaning is known, from 1

	hit, asHead float64 // how much it counts: see strength
}

type spot struct {
	at     int
	word   string // folded; "" if only its hash was kept
	zone   Zone
	denied bool // "no gambling", "alcohol-free"
	leads  bool // a thing follows of which it only tells more: "laptop bag"

	hash        uint32
	extra, lost uint8 // as Token has them
}

// Indexer reads words into an index. It is not safe for use by several
// goroutines; the index it makes is.
type Indexer struct {
	index  *Index
	recent [3]turn // the words before
	last   []*spot // where the word before was kept
	things things  // what is known of the message's words
	at     int
	zone   Zone // of the text before
}

func NewIndexer(language string) *Indexer {
	return &Indexer{
		index: &Index{language: language, byStem: map[string]*spots{}, long: map[string]bool{}, stemmer: words.NewStemmer(language)},
	}
}

// denials before a word, or after it, turn it round.
var (
	denials = set(`no not never without non anti kein keine keinen keinerlei ohne nie sans jamais sin nunca senza niente mai sem
		geen zonder nooit inga ingen inget utan aldrig ikke ingen uten aldri uden ei ilman eika mitaan bez nie zadnych bez ne
		без не yok prohibit prohibits prohibited ban bans banned quit stop avoid forbidden refuse`)
	freedoms = set("free frei freie freier vrij fri vapaa vapaata libre fria")
	ofs      = set("of from von van de di da fran av fra")
)

// turn is what a word can do to those after it.
type turn struct{ denies, frees, of bool }

// maxTurn is the longest word that does anything, in bytes.
const maxTurn = 10

func turnOf(folded string) turn {
	if len(folded) > maxTurn {
		return turn{}
	}
	return turn{denials[folded], freedoms[folded], ofs[folded]}
}

// denied reports whether the three words before a word turn it round: "no
// gambling", "free of perfume".
func denied(w [3]turn) bool {
	return w[0].denies || w[1].denies || w[2].denies || w[1].frees && w[2].of || w[0].frees && w[1].of
}

// Add reads the words of a text that stands in a Zone.
func (b *Indexer) Add(text string, z Zone) {
	b.at += 10 // words of two texts are no neighbours
	if b.zone == InTitle && z != InTitle {
		b.at += near // nor do a title and what follows it belong together
	}
	b.zone = z
	b.recent, b.last = [3]turn{}, nil
	begins := true
	for i := 0; i < len(text) && b.at < maxWords*2; {
		start, end := words.Next(text, i)
		if start == len(text) {
			return
		}
		gap := text[i:start]
		begins = begins || strings.ContainsAny(gap, ".!?:•|\n")
		for word := text[start:end]; word != ""; gap, begins = "", false {
			var first string
			first, word = apart(word)
			b.word(first, gap, z, begins)
		}
		i = end
	}
}

// word reads a word and what stands between it and the one before it.
func (b *Indexer) word(word, before string, z Zone, begins bool) {
	b.at++
	if z == InBody || z == InHeading {
		b.index.size++
	}
	stem := b.index.stemmer.Stem(word)
	if stem == "" || len(stem) == 1 && !(stem[0] >= '0' && stem[0] <= '9') {
		b.last = nil
		b.recent = [3]turn{b.recent[1], b.recent[2], turnOf(stem)}
		return
	}
	folded := words.Fold(word)
	its := turnOf(folded)
	for _, s := range b.last {
		s.denied = s.denied || its.frees && strings.HasSuffix(before, "-")
		s.leads = z != InBody && (before == " " || before == "-") && b.things.has(folded)
	}
	s := b.index.byStem[stem]
	if s == nil {
		s = new(spots)
		b.index.byStem[stem] = s
	}
	s.n++
	s.title = s.title || z == InTitle
	first, _ := utf8.DecodeRuneInString(word)
	s.capital = s.capital || !begins && unicode.IsUpper(first)
	b.last = b.last[:0]
	if len(s.places) < maxPlaces {
		if s.places == nil {
			s.places = make([]spot, 0, 2)
		}
		s.places = append(s.places, spot{at: b.at, word: folded, zone: z, denied: denied(b.recent)})
		b.last = append(b.last, &s.places[len(s.places)-1])
	}
	if len(folded) >= minPart {
		b.index.long[folded] = true
	}
	b.recent = [3]turn{b.recent[1], b.recent[2], its}
}

// Finish gives the index; nothing can be added any more.
func (b *Indexer) Finish() *Index {
	for _, s := range b.index.byStem {
		s.weigh()
	}
	return b.index
}

// stem stems the word of a term as the message's words were.
func (x *Index) stem(t term) string {
	if s := t.stemmed.Load(); s != nil && s.language == x.language {
		return s.stem
	}
	x.stemming.Lock()
	defer x.stemming.Unlock()
	s := &stemmed{x.language, x.stemmer.Stem(t.written)}
	t.stemmed.Store(s)
	return s.stem
}

// sorted gives the long words of the message, and the same reversed.
func (x *Index) sorted() (forward, backward []string) {
	x.sort.Do(func() {
		for w := range x.long {
			x.forward = append(x.forward, w)
			x.backward = append(x.backward, reversed(w))
		}
		slices.Sort(x.forward)
		slices.Sort(x.backward)
	})
	return x.forward, x.backward
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

// compound finds a longer word of the message that begins or ends with a word
// of five letters or more: "Laufschuhe" has "schuhe".
func (x *Index) compound(word string) bool {
	if utf8.RuneCountInString(word) < minPart {
		return false
	}
	if x.kept && x.parts[Key(word)] {
		return true
	}
	forward, backward := x.sorted()
	starts := func(list []string, prefix string) bool {
		i, _ := slices.BinarySearch(list, prefix)
		return i < len(list) && strings.HasPrefix(list[i], prefix)
	}
	return starts(forward, word) || starts(backward, reversed(word))
}
