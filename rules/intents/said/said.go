// Package said finds what a person asks for beside the thing, in the words of a
// want: a price, a percentage, a last day, a brand, a code. It never guesses: what
// it cannot read stays among the words, or is told of.
package said

import (
	"fmt"
	"slices"
	"strings"

	"usher/classify/mail"
	"usher/rules/intents/calendar"
)

// Clauses are what was found in the words of a want.
type Clauses struct {
	Rest    string // the words without what a clause of the language says as well
	Topics  string // the words without all that is said here
	Under   *mail.Money
	Over    *mail.Money
	Off     int // percent; 0: not said
	Until   *calendar.Date
	Domains []string // from these
	Names   []string // from one of these, or about it
	Code    bool     // with a code
	Only    []string // what must be said of it as well

	Unread []string // what looks like a clause and was not understood, and why
}

// Behind says what was cut from the words as clauses, each with a blank before it.
func (c Clauses) Behind() string {
	text := ""
	if c.Under != nil {
		text += " under " + c.Under.String()
	}
	if c.Over != nil {
		text += " over " + c.Over.String()
	}
	if c.Off > 0 {
		text += fmt.Sprintf(" off %d%%", c.Off)
	}
	if len(c.Domains) > 0 {
		text += " from " + strings.Join(c.Domains, ", ")
	}
	if c.Until != nil {
		text += " until " + c.Until.String()
	}
	return text
}

// word is a word of the text, and what became of it.
type word struct {
	text   string // without the marks around it
	lead   string // "(", or none
	folded string // lower case
	marks  string // what stands behind it: "," or ")"
	gone   fate
}

// fate is what becomes of a word.
type fate int

const (
	stays  fate = iota
	cut         // a clause of the language says it: neither in Rest nor in Topics
	hidden      // in Rest, not in Topics
)

// reader goes through the words once.
type reader struct {
	Reader
	words []word
	found Clauses
}

// Reader reads amounts, days and domains: in whose zone and against which day is
// the caller's knowledge.
type Reader struct {
	Money func(text string) (*mail.Money, string)  // the message says what is wrong, "" if nothing
	Day   func(text string) (*calendar.Date, bool) // of an English phrase
	From  func(text string) (domain string, ok bool)
}

// maxWords bounds the words that are looked at.
const maxWords = 200

// Read finds the clauses in a text. Where one is said twice, the first counts and
// the second stays among the words.
func Read(text string, how Reader) Clauses {
	r := &reader{Reader: how}
	for i, w := range strings.Fields(text) {
		if i == maxWords {
			break
		}
		r.words = append(r.words, split(w))
	}
	for i := 0; i < len(r.words); {
		n := 0
		for _, clause := range []func(int) int{r.between, r.bound, r.percent, r.last, r.code, r.brand, r.alone} {
			if n = clause(i); n > 0 {
				break
			}
		}
		i += max(1, n)
	}
	r.found.Rest, r.found.Topics = r.join(cut), r.join(hidden)
	if len(r.words) == maxWords {
		r.found.Rest = text
	}
	return r.found
}

// split parts a word from the marks behind it.
func split(w string) word {
	text := strings.TrimRight(w, ",;:)!?")
	marks := w[len(text):]
	lead := strings.TrimLeft(text, "(")
	if len(lead) < len(text) {
		return word{text: lead, folded: strings.ToLower(lead), lead: "(", marks: marks}
	}
	return word{text: text, folded: strings.ToLower(text), marks: marks}
}

// join puts the words together again that were not taken, with the marks where
// something was.
func (r *reader) join(taken fate) string {
	var b strings.Builder
	for i, w := range r.words {
		if w.gone == cut || w.gone == taken {
			if (w.marks != "" || i > 0 && r.words[i-1].marks != "") && b.Len() > 0 && !strings.HasSuffix(b.String(), ",") {
				b.WriteByte(',')
			}
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.lead + w.text + w.marks)
	}
	return strings.Trim(b.String(), " ,;")
}

// take marks words as taken, with what stands before them: "but", "and".
func (r *reader) take(from, n int, as fate) int {
	for i := from; i < from+n; i++ {
		r.words[i].gone = as
	}
	if before := from - 1; before >= 0 && leading[r.words[before].folded] {
		r.words[before].gone = as
	}
	return n
}

// cue gives how many words at i are one of the cues, the longest first.
func (r *reader) cue(i int, cues map[string]bool) int {
	for n := min(4, len(r.words)-i); n > 0; n-- {
		if cues[r.phrase(i, n)] {
			return n
		}
	}
	return 0
}

// phrase joins n words from i, lower case; "" if a mark parts them.
func (r *reader) phrase(i, n int) string {
	var list []string
	for k := i; k < i+n; k++ {
		if k > i && r.words[k-1].marks != "" {
			return ""
		}
		list = append(list, r.words[k].folded)
	}
	return strings.Join(list, " ")
}

// money reads an amount at i, in up to three words.
func (r *reader) money(i int) (*mail.Money, int) {
	for n := min(3, len(r.words)-i); n > 0; n-- {
		text := r.phrase(i, n)
		if sum, per, _ := strings.Cut(text, "/"); periods[per] {
			text = sum // "$30/month"
		}
		if m, message := r.Money(currency.Replace(text + " ")); text != "" && message == "" {
			return m, n
		}
	}
	return nil, 0
}

// bound reads "under 120 EUR", "mindestens 50 €".
func (r *reader) bound(i int) int {
	for side, cues := range []map[string]bool{unders, overs} {
		n := r.cue(i, cues)
		if n == 0 || i+n >= len(r.words) {
			continue
		}
		if i+n+1 < len(r.words) && articles[r.words[i+n].folded] {
			n++ // "sotto i 50 euro"
		}
		m, k := r.money(i + n)
		if m == nil {
			r.bare(i, n)
			continue
		}
		if side == 0 && r.found.Under == nil {
			r.found.Under = m
		} else if side == 1 && r.found.Over == nil {
			r.found.Over = m
		} else {
			continue
		}
		if at := i + n + k; at < len(r.words) && r.words[at-1].marks == "" {
			k += r.cue(at, each)
		}
		return r.take(i, n+k, cut)
	}
	return r.behind(i)
}

// behind reads "120 EUR or less".
func (r *reader) behind(i int) int {
	m, n := r.money(i)
	if m == nil || i+n >= len(r.words) {
		return 0
	}
	k := r.cue(i+n, orLess)
	if k == 0 || r.found.Under != nil {
		return 0
	}
	r.found.Under = m
	return r.take(i, n+k, cut)
}

// bare tells of "under 120", whose currency is not said: it is no word to look
// for either.
func (r *reader) bare(i, n int) {
	at := i + n
	if !isNumber(r.words[at].folded) || at+1 < len(r.words) && r.words[at].marks == "" && !leading[r.words[at+1].folded] {
		return // "under 5 km"
	}
	r.found.Unread = append(r.found.Unread, r.phrase(i, n+1)+": an amount wants its currency, and without it nothing is asked")
	r.take(i, n+1, hidden)
}

// between reads "between 800 and 1200 EUR", "200-400 EUR".
func (r *reader) between(i int) int {
	n := r.cue(i, betweens)
	if n == 0 {
		return r.span(i)
	}
	rest := r.words[i+n:]
	for k := 1; k < min(4, len(rest)); k++ {
		if !ands[rest[k].folded] || k+1 >= len(rest) {
			continue
		}
		high, size := r.money(i + n + k + 1)
		if high == nil {
			return 0
		}
		low, _ := r.Money(currency.Replace(r.phrase(i+n, k) + " "))
		if low == nil {
			low, _ = r.Money(r.phrase(i+n, k) + " " + high.Currency)
		}
		return r.both(low, high, i, n+k+1+size)
	}
	return 0
}

// span reads "200-400 EUR".
func (r *reader) span(i int) int {
	from, to, ok := strings.Cut(strings.ReplaceAll(r.words[i].folded, "–", "-"), "-")
	if !ok || !isNumber(strings.Trim(from, "€$£")) || to == "" {
		return 0
	}
	for n := min(2, len(r.words)-i); n > 0; n-- {
		rest := to
		if n == 2 {
			rest += " " + r.words[i+1].folded
		}
		if strings.ContainsAny(from, "€$£") {
			rest = strings.TrimRight(from, "0123456789.,") + rest
		}
		high, message := r.Money(currency.Replace(rest + " "))
		if message != "" {
			continue
		}
		low, _ := r.Money(strings.Trim(from, "€$£") + " " + high.Currency)
		return r.both(low, high, i, n)
	}
	return 0
}

// both takes two bounds, of which the lower is the first.
func (r *reader) both(low, high *mail.Money, i, n int) int {
	if low == nil || low.Currency != high.Currency || low.Minor > high.Minor || r.found.Under != nil || r.found.Over != nil {
		return 0
	}
	r.found.Over, r.found.Under = low, high
	return r.take(i, n, cut)
}

// alone reads "remote only", "nur Leder": what must be said of the thing as well.
// Where it is all that is wanted, it is the thing.
func (r *reader) alone(i int) int {
	from, to := i, i+1
	for to < len(r.words) && r.words[to-1].marks == "" && !leading[r.words[to].folded] {
		to++
	}
	started := i > 0 && (r.words[i-1].marks != "" || leading[r.words[i-1].folded])
	first, last := onlys[r.words[from].folded], onlys[r.words[to-1].folded]
	if !started || to-from < 2 || to-from > 5 || first == last || !slices.ContainsFunc(r.words[:from], func(w word) bool { return w.gone == stays }) {
		return 0
	}
	var list []string
	for _, w := range r.words[from:to] {
		if !onlys[w.folded] {
			list = append(list, w.text)
		}
	}
	r.found.Only = append(r.found.Only, strings.Join(list, " "))
	return r.take(from, to-from, hidden)
}
