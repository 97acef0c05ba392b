package classify

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
)

// zone is where in a message a word stands.
type zone uint8

const (
	inTitle   zone = iota // subject, names of things offered
	inLink                // text of a link
	inHeading             // a short line of its own
	inBody
)

// terms is what a message is about, as Serves and Sells look it up. It is read
// when it is first asked for: most mail is judged without.
type terms struct {
	read     func() *index
	language string
}

// index finds the words of a message by their stems.
type index struct {
	byStem   map[string]*spots
	forward  []string // folded words of five letters or more, sorted
	backward []string // the same, reversed, sorted
	size     int      // words of the body
}

// spots are the places of one stem.
type spots struct {
	places  []spot
	n       int  // places in all
	title   bool // one is in the title
	capital bool // one is capitalised amid a sentence
}

type spot struct {
	at     int
	zone   zone
	denied bool // "no gambling", "alcohol-free"
}

// newTerms keeps what is needed to read a message's words later.
func newTerms(r *reading, language string) *terms {
	subject, own := r.m.Subject, r.own
	if strings.TrimSpace(own) == "" {
		own = clip(r.m.Text, maxOwn)
	}
	var titles, links []string
	for _, o := range r.m.Offers {
		titles = append(titles, clip(o.Item, 300))
	}
	for _, l := range r.m.Links[:min(len(r.m.Links), 300)] {
		if n := len(l.Text); n > 0 && n <= 200 {
			links = append(links, l.Text)
		}
	}
	return &terms{language: language, read: sync.OnceValue(func() *index {
		b := newIndexer(language)
		b.add(clip(subject, 2000), inTitle)
		for _, t := range titles {
			b.add(t, inTitle)
		}
		for _, l := range links {
			if !phrases().any(words.Fold(l), unsub, view, legal, unsubLink) {
				b.add(l, inLink)
			}
		}
		for line := range strings.Lines(withoutFooter(own)) {
			z := inBody
			if bare := strings.TrimSpace(line); len(bare) > 2 && len(bare) <= 60 && !strings.ContainsAny(bare[len(bare)-1:], ".,;:") {
				z = inHeading
			}
			b.add(line, z)
		}
		return b.finish()
	})}
}

// withoutFooter drops the lines that every mailing has: how to unsubscribe, the
// version for the browser, the small print. From the first line that tells how
// to unsubscribe in the last part of a text, all is footer.
func withoutFooter(text string) string {
	var b strings.Builder
	book, at := phrases(), 0
	for line := range strings.Lines(text) {
		at += len(line)
		if len(line) <= 400 && book.any(words.Fold(line), unsub, view, whyYou, legal) {
			if at > len(text)/2 && b.Len() > 0 {
				return b.String()
			}
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// any reports whether a phrase of one of the classes stands in folded text.
func (b *phraseBook) any(s string, of ...class) bool {
	for i := 0; i < len(s); {
		start, end := words.Next(s, i)
		if start == len(s) {
			return false
		}
		for _, p := range b.byWord[s[start:end]] {
			if slices.Contains(of, p.class) && p.at(s, start) {
				return true
			}
		}
		i = end
	}
	return false
}

// indexer reads words into an index.
type indexer struct {
	stemmer *words.Stemmer
	index   *index
	long    map[string]bool
	recent  [3]string // the folded words before
	last    []*spot   // where the word before was kept
	at      int
}

func newIndexer(language string) *indexer {
	return &indexer{
		stemmer: words.NewStemmer(language),
		index:   &index{byStem: map[string]*spots{}},
		long:    map[string]bool{},
	}
}

// denials before a word, or after it, turn it round.
var (
	denials = set(`no not never without non anti kein keine keinen keinerlei ohne nie sans jamais sin nunca senza niente mai sem
		geen zonder nooit inga ingen inget utan aldrig ikke ingen uten aldri uden ei ilman eika mitaan bez nie zadnych bez ne
		без не yok prohibit prohibits prohibited ban bans banned quit stop avoid forbidden refuse`)
	freedoms = set("free frei freie freier vrij fri vapaa vapaata libre fria")
)

// add reads the words of a text that stands in a zone.
func (b *indexer) add(text string, z zone) {
	b.at += 10 // words of two texts are no neighbours
	b.recent = [3]string{}
	begins := true
	for i := 0; i < len(text) && b.at < maxWords*2; {
		start, end := words.Next(text, i)
		if start == len(text) {
			return
		}
		begins = begins || strings.ContainsAny(text[i:start], ".!?:•|\n")
		b.word(text[start:end], text[max(0, start-1):start], z, begins)
		begins = false
		i = end
	}
}

func (b *indexer) word(word, before string, z zone, begins bool) {
	b.at++
	if z == inBody || z == inHeading {
		b.index.size++
	}
	stem := b.stemmer.Stem(word)
	if stem == "" || len(stem) == 1 && !isDigit(stem[0]) {
		b.recent = [3]string{b.recent[1], b.recent[2], stem}
		return
	}
	folded := words.Fold(word)
	if freedoms[folded] && before == "-" {
		for _, s := range b.last {
			s.denied = true
		}
	}
	s := b.index.byStem[stem]
	if s == nil {
		s = new(spots)
		b.index.byStem[stem] = s
	}
	s.n++
	s.title = s.title || z == inTitle
	first, _ := utf8.DecodeRuneInString(word)
	s.capital = s.capital || !begins && unicode.IsUpper(first)
	b.last = b.last[:0]
	if len(s.places) < maxPlaces {
		denied := denials[b.recent[0]] || denials[b.recent[1]] || denials[b.recent[2]]
		if s.places == nil {
			s.places = make([]spot, 0, 2)
		}
		s.places = append(s.places, spot{b.at, z, denied})
		b.last = append(b.last, &s.places[len(s.places)-1])
	}
	if len(folded) >= 5 {
		b.long[folded] = true
	}
	b.recent = [3]string{b.recent[1], b.recent[2], folded}
}

func (b *indexer) finish() *index {
	for w := range b.long {
		b.index.forward = append(b.index.forward, w)
		b.index.backward = append(b.index.backward, reversed(w))
	}
	slices.Sort(b.index.forward)
	slices.Sort(b.index.backward)
	return b.index
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

// compound finds a longer word of the message that begins or ends with a word
// of five letters or more: "Laufschuhe" has "schuhe".
func (x *index) compound(word string) bool {
	if utf8.RuneCountInString(word) < 5 {
		return false
	}
	starts := func(list []string, prefix string) bool {
		i, _ := slices.BinarySearch(list, prefix)
		return i < len(list) && strings.HasPrefix(list[i], prefix)
	}
	return starts(x.forward, word) || starts(x.backward, reversed(word))
}
