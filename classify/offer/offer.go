// Package offer finds what is for sale in lines of text: prices, percents,
// codes and ends. It never reads markup, a clock or the network, and uses no
// regular expression, so its time grows with the length of the text alone.
package offer

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/width"

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
	last    int       // sentences since the last offer was found
	was     *Money    // an old price in the sentence before, without a new one
	wasName string    // of what
	ends    time.Time // the end said apart from any offer
	many    bool      // several such ends were said, so none is the message's
	head    string    // the line before, if it can name a thing
	only    bool      // the sentence before is one amount and nothing else
	sells   bool      // it has words of selling
	takes   bool      // something is taken off, or was dearer
	owed    bool      // it speaks of what was bought or is owed
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
	if f.takes || f.sells && !f.owed {
		return
	}
	f.found = slices.DeleteFunc(f.found, func(o Offer) bool {
		return o.Price != nil && (f.owed || f.letter || !(o.label && o.Item != "") && !o.asked && o.If == "" && o.Ends.IsZero())
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
	b := builder{head: f.head, near: f.last <= 1}
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
	if len(b.done) == 1 && b.done[0].bare() && f.last < near && len(f.found) > 0 {
		// "Use code X." speaks of the offer before it.
		if o := &f.found[f.latest]; o.Code == "" && (o.Source == f.source || f.last == 1) {
			o.Code = b.done[0].Code
			b.done = nil
			f.last = 0
		}
	}
	for _, o := range b.done {
		o.Ends = ends
		f.add(o)
	}
	f.end(ends, len(b.done) > 0)
}

// end keeps the end that was said.
func (f *finder) end(ends time.Time, beside bool) {
	if ends.IsZero() || beside && f.source == "text" {
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

// notice keeps what the sentence tells of the message as a whole, and of the lines
// that follow.
func (f *finder) notice(b *builder) {
	s := &f.s
	for _, o := range b.done {
		f.takes = f.takes || o.Was != nil || o.Off != nil || o.Discount > 0 || o.If != "" && o.Price == nil
	}
	for i, t := range s.t {
		f.owed = f.owed || t.role&receipt != 0
		f.letter = f.letter || personal[t.low] || s.at(i) == "I"
		f.sells = f.sells || t.role&(off|save|code|sale) != 0 && t.role&never == 0
	}
	if head := s.heading(); head != "" || len(s.marks) > 0 && !b.onlyWas() {
		f.head = head
	}
}

// saved joins a percent that stands in a line of its own with the price before it,
// if it is what that says: "149 EUR, was 199 EUR" and then "You save 25 %".
func (f *finder) saved(b *builder) {
	if len(b.done) != 1 || len(f.found) == 0 || f.last > 2 {
		return
	}
	o, p := &b.done[0], &f.found[f.latest]
	if o.Price != nil || o.Code != "" || o.UpTo || o.If != "" || p.Price == nil {
		return
	}
	if o.Off != nil && p.Off == nil && p.Discount == 0 && o.Discount == 0 && o.Off.Currency == p.Price.Currency &&
		(p.Was != nil && p.Was.Minor-p.Price.Minor == o.Off.Minor || p.Was == nil && f.last == 1 && len(f.s.t) <= 6) {
		p.Off = o.Off // "149 EUR, was 199 EUR" and then "You save 50 EUR"
		b.done = nil
		f.last = 0
		return
	}
	if p.saves(o.Discount) {
		p.Discount = o.Discount
		b.done = nil
		f.last = 0
	}
}

// saves reports that a price is so many percent below the one before.
func (o *Offer) saves(percent int) bool {
	if o.Price == nil || o.Was == nil {
		return false
	}
	share := 100 - 100*float64(o.Price.Minor)/float64(o.Was.Minor)
	return share > float64(percent)-1.5 && share < float64(percent)+1.5
}

// old joins an old price that stands in a line of its own with the new price in
// the line before or after. An old price alone is no offer.
func (f *finder) old(b *builder) {
	alone := func(o Offer) bool { return o.Was != nil && o.Price == nil && o.Off == nil && o.Discount == 0 }
	before := f.was
	f.was = nil
	if len(b.done) == 0 {
		return
	}
	first, last := &b.done[0], b.done[len(b.done)-1]
	only := f.only
	f.only = len(b.done) == 1 && len(f.s.marks) == 1 && f.s.marks[0].kind == isMoney && f.s.marks[0].j-f.s.marks[0].i+1 == len(f.s.t)
	switch {
	case only && f.only && f.last == 1 && len(f.found) > 0 && f.found[f.latest].Was == nil && first.Price != nil && first.Price.Below(f.found[f.latest].Price):
		// The line before was struck through.
		o := &f.found[f.latest]
		o.Was, o.Price = o.Price, first.Price
		b.done = b.done[1:]
		f.only = false
		return
	case before != nil && first.Price != nil && first.Was == nil && first.Price.Below(before):
		first.Was = before
		if first.Item == "" {
			first.Item = f.wasName
		}
	case f.last == 1 && alone(*first) && len(f.found) > 0:
		if o := &f.found[f.latest]; o.Price != nil && (o.Was == nil || o.low) && o.Price.Below(first.Was) && !(o.low && first.low) {
			o.Was, o.low = first.Was, first.low
			f.last = 0
		}
	}
	if alone(last) {
		f.was, f.wasName = last.Was, last.Item
	}
	b.done = slices.DeleteFunc(b.done, func(o Offer) bool { return alone(o) && o.Code == "" })
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

// foretells reports that a subject says in short what o says in full.
func (o *Offer) foretells(full *Offer) bool {
	if o.Source != "subject" || full.Source == "subject" {
		return false
	}
	code := o.Code == "" || full.Code == "" || o.Code == full.Code
	switch {
	case o.Price != nil && o.Was == nil && full.Off != nil: // "15 EUR for you"
		return o.Price.Minor == full.Off.Minor && full.Price == nil
	case o.Price != nil:
		return full.Price != nil && sameMoney(o.Price, full.Price) && sameMoney(o.Was, full.Was) && code
	case o.Discount > 0 && full.Discount == 0 && full.saves(o.Discount) && !o.UpTo && o.Code == "" && o.If == "":
		full.Discount = o.Discount // "60% off Draftly": "$59, normally $149"
		return true
	case o.Discount > 0:
		return o.Discount == full.Discount && full.Price == nil && code && (o.If == "" || o.If == full.If)
	case o.Off != nil:
		return sameMoney(o.Off, full.Off) && full.Price == nil && code
	case o.If != "":
		return o.If == full.If && full.Price == nil && code
	}
	return o.Code != "" && o.Code == full.Code
}

// bare reports an offer that is nothing but a code.
func (o *Offer) bare() bool {
	return o.Price == nil && o.Was == nil && o.Off == nil && o.Discount == 0 && !o.bundled()
}

// bundled reports a deal by number: "3 for 2".
func (o *Offer) bundled() bool {
	return len(o.If) == len("3 for 2") && o.If[1:6] == " for " || len(o.If) == 8 && strings.Contains(o.If, " for ")
}

// repeats reports whether o says nothing that p does not say.
func (o *Offer) repeats(p *Offer) bool {
	return sameMoney(o.Price, p.Price) && sameMoney(o.Was, p.Was) && sameMoney(o.Off, p.Off) &&
		(o.Discount == 0 || o.Discount == p.Discount) && (o.Code == "" || o.Code == p.Code) && (o.If == "" || o.If == p.If)
}

func sameMoney(a, b *Money) bool { return a == nil || b != nil && *a == *b }
