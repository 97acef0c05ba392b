// Package wish parts the words of a want into what is wanted and what is not. It
// never looks at a message, and reads no amounts and no days.
package wish

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"usher/classify/vectors"
	"usher/classify/words"
)

// Tagged is a word of an intent and its part of speech, as the Penn Treebank
// names it; "" if it is not known.
type Tagged struct{ Text, Tag string }

// Tagger parts a text into words with their parts of speech.
type Tagger func(text string) []Tagged

// Word is one word of a topic, as written.
type Word struct {
	Text string
	Name bool // counts only as a name, with a capital: "Go", "R"

	Further bool // behind "for", "with" or the like: it tells more of what was named before
}

// Topic is something that a message can be about.
type Topic []Word

// String joins its words.
func (t Topic) String() string {
	var list []string
	for _, w := range t {
		list = append(list, w.Text)
	}
	return strings.Join(list, " ")
}

// Wish is a want as understood.
type Wish struct {
	Topics []Topic // any one of them is enough
	Not    []Topic // one of them rules a message out

	Language string // in which it seems to be written; "" where that cannot be told
}

// MaxTopics bounds the topics of one wish; what is beyond is left out.
const MaxTopics = 50

// Read parts a text. Commas, "or" and "and" part topics, which share what is said
// once: "Go or Rust jobs", "flights to Lisbon or Porto". What follows "no",
// "without" or "except" is not wanted. It never fails; what it cannot read is
// taken as words.
func Read(tag Tagger, text string) (w Wish) {
	list := tag(text)
	language := languageOf(text, list)
	w.Language = language
	parts := parted(tokens(list, language))
	closeLists(parts)
	shareLast(parts)
	shareFirst(parts)
	for _, p := range narrow(parts, language) {
		t := p.topic(language)
		switch {
		case len(t) == 0 || len(w.Topics)+len(w.Not) == MaxTopics:
		case p.not:
			w.Not = append(w.Not, t)
		default:
			w.Topics = append(w.Topics, t)
		}
	}
	return w
}

// token is a word with what it does in a sentence.
type token struct {
	Tagged
	folded string
	does   role
}

// role is what a word does between topics.
type role int

const (
	names    role = iota // belongs to a topic
	parts                // a comma or another mark
	joins                // "or", "and"
	turns                // "not", "without"
	returns              // "but"
	heeds                // a preposition: what is behind it narrows what is before
	isolated             // belongs to a topic, whatever it is elsewhere: "and" in "bed and breakfast"
)

// tokens finds what each word does.
func tokens(list []Tagged, language string) (ts []token) {
	for n, w := range list {
		if n > 0 && len(ts) > 0 && (w.Tag == "POS" || w.Text == "'s" || w.Text == "'") {
			ts[len(ts)-1].Tag = possessive
			continue
		}
		t := token{Tagged: w, folded: strings.TrimSuffix(words.Fold(w.Text), ".")}
		lower := w.Text == strings.ToLower(w.Text)
		switch {
		case !allowed(t.folded, language):
		case isDash(w.Text) && n > 0 && n+1 < len(list) && isUpper(token{Tagged: list[n-1]}) && isUpper(token{Tagged: list[n+1]}):
			t.does = heeds // "Helsinki - Lisbon"
		case strings.Trim(w.Text, `,;/()[]{}|:"`) == "" || isDash(w.Text):
			t.does = parts
		case joining[t.folded] && (lower || w.Tag == "CC"):
			t.does = joins
		case turning[t.folded] && (t.folded != "ei" || lower):
			t.does = turns
		case returning[t.folded]:
			t.does = returns
		case heeding[t.folded] && lower:
			t.does = heeds
		}
		ts = append(ts, t)
	}
	for i := range ts {
		idiom(ts, i)
	}
	return ts
}

// possessive tags "women" of "women's".
const possessive = "POS+"

func isDash(s string) bool { return s == "–" || s == "-" || s == "→" }

// allowed reports whether a word means in this language what the lists say of it:
// "men" is Swedish for "but".
func allowed(folded, language string) bool {
	only, is := only[folded]
	return !is || language != "" && strings.Contains(only, language)
}

// idiom mends the words that begin at i where together they mean another thing.
func idiom(ts []token, i int) {
	at := func(n int) string {
		if i+n < len(ts) && i+n >= 0 {
			return ts[i+n].folded
		}
		return ""
	}
	mark := func(n int, r role) { ts[i+n].does = r }
	switch two := at(0) + " " + at(1); {
	case at(0) == "no" && i+1 < len(ts) && ts[i+1].Tag == "CD", // "Chanel No. 5"
		two == "sans fil", two == "no show", two == "no name":
		mark(0, isolated)
	case at(0) == "pas" && strings.HasPrefix(at(1), "cher"):
		ts[i].folded, ts[i+1].folded = "", "" // cheap: neither unwanted nor a thing
		mark(0, names)
		mark(1, names)
	case two == "not only", two == "nothing but", two == "nicht nur", two == "non seulement":
		mark(0, parts)
		mark(1, parts)
		ts[i+1].folded = ""
	case two == "anything but", two == "everything but", two == "other than", two == "rather than", two == "apart from",
		two == "instead of", two == "nothing about", two == "nothing from", two == "nothing for", two == "nothing with", two == "anders als", two == "a part", two == "au lieu",
		two == "anstatt von", two == "statt nur":
		mark(0, turns)
		mark(1, turns)
	case two == "rid of", two == "free of", two == "free from":
		mark(0, turns)
		mark(1, turns)
	case fixed[at(-1)+" "+two]:
		mark(0, isolated)
	}
}

// part is the words between two marks.
type part struct {
	words  []token
	before role // the mark before it
	not    bool
	turned bool // it begins with the word that turned it
}

func (p *part) add(t token) { p.words = append(p.words, t) }

// parted splits the words at what stands between topics. Behind a bracket goes on
// what stood before it: "shoes (not sandals) size 42".
func parted(ts []token) (list []part) {
	p, onto := part{}, -1
	next := func(before role, not, turned bool) {
		switch {
		case len(p.words) > 0 && onto >= 0:
			list[onto].words = append(list[onto].words, p.words...)
		case len(p.words) > 0:
			list = append(list, p)
		}
		p, onto = part{before: before, not: not, turned: turned}, -1
	}
	open := -1
	for _, t := range ts {
		switch t.does {
		case parts:
			next(parts, false, false)
			if t.Text == "(" {
				open = len(list) - 1
			} else if t.Text == ")" {
				onto, open = open, -1
			}
		case joins:
			next(joins, p.not, false)
		case turns:
			next(turns, true, true)
		case returns:
			next(returns, false, false)
		default:
			p.add(t)
		}
	}
	next(parts, false, false)
	return list
}

// topic keeps of a part the words that say what is meant: nouns, adjectives, names
// and numbers, and what the tagger does not know.
func (p *part) topic(language string) (t Topic) {
	further := false
	for n, w := range p.words {
		further = further || w.does == heeds && len(t) > 0
		switch {
		case w.does == isolated, n+1 < len(p.words) && w.does == names && isUpper(w) && isUpper(p.words[n+1]) && !empty[w.folded]: // "Under Armour"
			t = append(t, Word{Text: w.Text, Name: w.does == names && p.isShortName(n), Further: further})
			continue
		case w.does == heeds, empty[w.folded], w.folded == "", !hasLetters(w.Text):
			continue
		case words.IsStop(w.folded, "en") && (language == "en" || language == ""), language != "" && words.IsStop(w.folded, language):
			continue
		case strings.HasPrefix(w.Tag, "W"), w.Tag == "MD", w.Tag == "DT", w.Tag == "IN", w.Tag == "PRP":
			if vectors.Says(w.folded) < 0.5 {
				continue
			}
		}
		t = append(t, Word{Text: w.Text, Name: p.isShortName(n), Further: further})
	}
	if len(t) > 0 {
		return t
	}
	// Nothing but common words is left, as of "Go": it is meant as a name.
	for _, w := range p.words {
		if isUpper(w) && !empty[w.folded] && w.does == names {
			t = append(t, Word{Text: w.Text, Name: true})
		}
	}
	return t
}

// isShortName reports whether the nth word is a name that is a common word too:
// "Go", "R".
func (p *part) isShortName(n int) bool {
	w := p.words[n]
	if len(w.Text) > 3 || !isUpper(w) || vectors.Says(w.folded) >= 0.3 {
		return false
	}
	if len(p.words) == 1 {
		return true
	}
	return strings.HasPrefix(w.Tag, "NNP") && (n+1 == len(p.words) || !isUpper(p.words[n+1]))
}

func isUpper(t token) bool {
	first, _ := utf8.DecodeRuneInString(t.Text)
	return unicode.IsUpper(first)
}

func hasLetters(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
