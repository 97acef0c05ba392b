// Package offer finds what is for sale in lines of text: prices, percents,
// codes and ends. It never reads markup, a clock or the network, and uses no
// regular expression, so its time grows with the length of the text alone.
package offer

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/width"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
	"usher/classify/offer/money"
	"usher/classify/offer/wrap"
)

// Money is an amount in minor units of a currency. Free is 0.
type Money = money.Money

// Offer is a thing for sale found in a message.
type Offer struct {
	Brand    string
	Item     string
	Price    *Money // the price asked now
	Was      *Money // the price before
	Off      *Money // an amount off, where no percent is said
	UpTo     bool   // Discount or Off is "up to"
	FromLow  bool   // Price is "from"
	Discount int    // percent, 1 to 100; 0 if not said
	If       string // condition on the discount: "2 for", "orders over 60 EUR"; "" if none
	Code     string
	Ends     time.Time // zero if not said
	Source   string    // "json-ld", "microdata", "subject", "text", "header"

	told  bool // a verb tells it: "costs 14 EUR"
	asked bool // the words around the price say that it is one: "now", "from"
	low   bool // Was is the lowest of late, which a regular price takes the place of
	label bool // it stands at the end of its line, as on a label: "Parka $149"
}

// Max bounds the offers found in one message, MaxText the bytes of its text
// that are looked at.
const (
	Max     = 50
	MaxText = 64 << 10
)

// Context is what a message says besides its text that an offer is read by.
type Context struct {
	Date    time.Time // the Date field, in its own zone; if zero, only dates with a year are read
	Country string    // two letters, of the sender: "$", "kr" and "¥" are this country's; "" if unknown
}

// near is how many sentences a code or an end may stand behind its offer.
const near = 3

// finder gathers the offers of one message.
type finder struct {
	Context
	source  string
	found   []Offer
	latest  int       // the place of the one found last
	begun   int       // the place of the first one of its sentence
	last    int       // sentences since the last offer was found
	was     *Money    // an old price in the sentence before, without a new one
	wasName string    // of what
	ends    time.Time // the end said apart from any offer
	many    bool      // several such ends were said, so none is the message's
	head    string    // the line before, if it can name a thing
	only    bool      // the sentence before is one amount and nothing else
	sells   bool      // it has words of selling
	takes   bool      // something is taken off, or was dearer
	owed    int       // how often it speaks of what was bought or is owed
	letter  bool      // somebody writes of himself
	s       sentence
}

// Find gives the offers in a subject and a text, at most Max, each once.
func Find(subject, text string, c Context) []Offer {
	f := finder{Context: c}
	subject, text = narrow(subject), wrap.Join(narrow(text[:min(len(text), MaxText)]))
	f.crowns(subject, text)
	f.read("subject", subject)
	f.read("text", text)
	f.doubt()
	if !f.ends.IsZero() && !f.many {
		for i := range f.found {
			if f.found[i].Ends.IsZero() {
				f.found[i].Ends = f.ends
			}
		}
	}
	return f.found
}

// doubt drops what is no offer in a letter or a bill: amounts alone, where nothing
// is taken off and nothing was dearer.
func (f *finder) doubt() {
	if f.takes || f.sells && f.owed == 0 {
		if f.owed > 1 {
			f.found = slices.DeleteFunc(f.found, func(o Offer) bool {
				return o.Price != nil && !o.asked && o.Was == nil && o.Discount == 0 && o.If == "" && o.Code == ""
			})
		}
		return
	}
	f.found = slices.DeleteFunc(f.found, func(o Offer) bool {
		return o.Price != nil && (f.owed > 0 || f.letter || o.told || !(o.label && o.Item != "") && !o.asked && o.If == "" && o.Ends.IsZero())
	})
}

// narrow makes the wide digits and signs of East Asian text plain ones.
func narrow(s string) string {
	const digits = "０１２３４５６７８９"
	if !strings.Contains(s, digits[:2]) || !strings.ContainsAny(s, digits) {
		return s
	}
	return width.Fold.String(s)
}

// crowns tells by its words whose crowns "kr" means, where the country does not.
// Who writes "£" is British.
func (f *finder) crowns(subject, text string) {
	if f.Country == "" && (strings.Contains(subject, "£") || strings.Contains(text, "£")) {
		f.Country = "GB"
	}
	if f.Country != "" || !strings.Contains(subject, "kr") && !strings.Contains(text, "kr") {
		return
	}
	all := strings.ToLower(subject + " " + text[:min(len(text), 4096)])
	switch {
	case !strings.ContainsAny(all, "øæ") && !strings.Contains(all, " og "):
		f.Country = "SE"
	case heard(all, " af ", "køb", "rabatkode", "fragt", "gælder", " uge", "spar ", " mdr", " md.") > heard(all, " av ", "kjøp", "rabatt", "frakt", "gjelder", " nå", " uke", " mnd"):
		f.Country = "DK"
	default:
		f.Country = "NO"
	}
}

// heard counts those of the words that are in a text.
func heard(text string, words ...string) (n int) {
	for _, w := range words {
		if strings.Contains(text, w) {
			n++
		}
	}
	return n
}

// read finds the offers of each sentence of text.
func (f *finder) read(source, text string) {
	f.source, f.last, f.head = source, near, ""
	low := lowered(text)
	f.s.t = slices.Grow(f.s.t, min(maxTokens, len(text)/4+1))
	for text != "" && len(f.found) < Max {
		text = f.s.read(text, low[len(low)-len(text):])
		if len(f.s.t) == 0 {
			continue
		}
		f.last++
		f.sentence()
	}
}

// sentence turns the marks of one sentence into offers.
func (f *finder) sentence() {
	s := &f.s
	s.mark(f.Context)
	b := builder{head: f.head, near: f.last <= 1 && len(f.found) > 0 && f.found[f.latest].Price != nil}
	var ends time.Time
	for i := range s.marks {
		switch m := &s.marks[i]; m.kind {
		case isMoney:
			b.money(s, m)
		case isPercent:
			b.percent(s, m)
		case isCode:
			b.code(s, m)
		case isBundle:
			b.bundle(m)
		case isEnd:
			if ends.IsZero() && (m.strong || b.any() || f.last < near || s.sells()) {
				ends = m.at
			}
		}
	}
	b.finish(s)
	if s.within(0, len(s.t), past) {
		b.done = nil
		return
	}
	f.notice(&b)
	f.old(&b)
	f.saved(&b)
	f.late(&b, ends)
	for _, o := range b.done {
		o.Ends = ends
		f.add(o)
	}
	f.end(ends, len(b.done) > 0)
}

// late gives an offer found before what this sentence alone says of it: its code, its
// condition, or what its code is worth.
func (f *finder) late(b *builder, ends time.Time) {
	if len(b.done) == 1 && b.done[0].bare() && f.last < near && len(f.found) > 0 {
		// "Use code X." speaks of the offer before it.
		if o := &f.found[f.latest]; o.Code == "" && (o.Source == f.source || f.last == 1) {
			for i := max(f.begun, 0); i < len(f.found); i++ { // said once for all of a line
				if p := &f.found[i]; p.Code == "" && p.Price == nil && o.Price == nil {
					p.Code = b.done[0].Code
				}
			}
			o.Code = b.done[0].Code
			b.done = nil
			f.last = 0
		}
	}
	if len(b.done) > 0 {
		f.begun = len(f.found)
	}
	for i := len(f.found) - 1; i >= 0 && b.lone != "" && len(b.done) == 0; i-- {
		if o := &f.found[i]; o.If == "" && o.Price == nil && (o.Off != nil || o.Discount > 0) {
			o.If = b.lone // "Minimum order 40 EUR."
			break
		}
	}
	if len(b.done) == 1 && b.done[0].Code == "" && b.done[0].Price == nil && f.last == 1 && len(f.found) > 0 && f.found[f.latest].bare() {
		o := &f.found[f.latest] // "Your code is X." and then "It gives you 15 %."
		b.done[0].Code, b.done[0].Source = o.Code, o.Source
		if b.done[0].Ends = o.Ends; !ends.IsZero() {
			b.done[0].Ends = ends
		}
		*o = b.done[0]
		b.done, f.last = nil, 0
	}
}

// end keeps the end that was said.
func (f *finder) end(ends time.Time, beside bool) {
	if ends.IsZero() || beside && f.source == "text" && !f.general() {
		return
	}
	if f.last < near && len(f.found) > 0 && f.found[f.latest].Ends.IsZero() {
		o := &f.found[f.latest]
		if o.Ends = ends; o.Code != "" { // how long a code can be used
			for i := f.latest - 1; i >= 0 && f.found[i].Code != "" && f.found[i].Ends.IsZero(); i-- {
				f.found[i].Ends = ends
			}
			if f.ends.Equal(ends) { // the subject spoke of the code alone
				f.ends = time.Time{}
			}
			return
		}
	}
	f.many = f.many || !f.ends.IsZero() && !f.ends.Equal(ends)
	f.ends = ends
}

// general reports that the offer found last is a sale of many things, without a code.
func (f *finder) general() bool {
	o := &f.found[f.latest]
	return o.UpTo && o.Discount > 0 && o.Price == nil && o.Code == "" && o.If == ""
}

// notice keeps what the sentence tells of the message as a whole, and of the lines
// that follow.
func (f *finder) notice(b *builder) {
	s := &f.s
	for _, o := range b.done {
		f.takes = f.takes || o.Was != nil || o.Off != nil || o.Discount > 0 || o.If != "" && o.Price == nil
	}
	for i, t := range s.t {
		if t.role&receipt != 0 {
			f.owed++
		}
		f.letter = f.letter || cue.Personal[t.low] || s.at(i) == "I"
		f.sells = f.sells || t.role&(off|save|code|sale) != 0 && t.role&never == 0
	}
	if head := s.heading(); head != "" || len(s.marks) > 0 && !b.onlyWas() {
		if !(head == "" && len(s.t) > 1 && s.t[0].kind == number && days.Lasts(s.low(1))) {
			f.head = head
		}
	}
}

// add keeps an offer unless it was found before.
func (f *finder) add(o Offer) {
	o.Source = f.source
	f.last = 0
	for i := range f.found {
		if p := &f.found[i]; p.foretells(&o) {
			if o.Ends.IsZero() {
				o.Ends = p.Ends
			}
			if o.Code == "" {
				o.Code = p.Code
			}
			o.UpTo = o.UpTo || p.UpTo
			o.Source = p.Source
			*p = o
			f.latest = i
			return
		}
		if o.repeats(&f.found[i]) {
			if f.found[i].Ends.IsZero() {
				f.found[i].Ends = o.Ends
			}
			f.latest = i
			return
		}
	}
	if len(f.found) < Max {
		f.found, f.latest = append(f.found, o), len(f.found)
	}
}
