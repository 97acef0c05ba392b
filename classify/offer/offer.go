// Package offer finds what is for sale in lines of text: prices, percents,
// codes and ends. It never reads markup, a clock or the network, and uses no
// regular expression, so its time grows with the length of the text alone.
package offer

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// Money is an amount in minor units of a currency. Free is 0.
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case
	Assumed  bool   // the currency was inferred: "$" read as USD, "kr" by the language
}

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
	source string
	found  []Offer
	last   int       // sentences since the last offer was found
	was    *Money    // an old price in the sentence before, without a new one
	ends   time.Time // the end said apart from any offer
	many   bool      // several such ends were said, so none is the message's
	s      sentence
}

// Find gives the offers in a subject and a text, at most Max, each once.
func Find(subject, text string, c Context) []Offer {
	f := finder{Context: c}
	subject, text = narrow(subject), unwrap(narrow(text[:min(len(text), MaxText)]))
	f.crowns(subject, text)
	f.read("subject", subject)
	f.read("text", text)
	if !f.ends.IsZero() && !f.many {
		for i := range f.found {
			if f.found[i].Ends.IsZero() {
				f.found[i].Ends = f.ends
			}
		}
	}
	return f.found
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
func (f *finder) crowns(subject, text string) {
	if f.Country != "" || !strings.Contains(subject, "kr") && !strings.Contains(text, "kr") {
		return
	}
	all := strings.ToLower(subject + " " + text[:min(len(text), 4096)])
	switch {
	case !strings.ContainsAny(all, "øæ") && !strings.Contains(all, " og "):
		f.Country = "SE"
	case strings.Contains(all, " af "):
		f.Country = "DK"
	default:
		f.Country = "NO"
	}
}

// read finds the offers of each sentence of text.
func (f *finder) read(source, text string) {
	f.source, f.last = source, near
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
	b := builder{}
	var ends time.Time
	for i := range s.marks {
		switch m := &s.marks[i]; m.kind {
		case isMoney:
			b.money(s, m)
		case isPercent:
			b.percent(m)
		case isCode:
			b.cur.Code = m.text
		case isEnd:
			if ends.IsZero() && (m.strong || b.any() || f.last < near || s.sells()) {
				ends = m.at
			}
		}
	}
	b.flush()
	f.old(&b)
	if len(b.done) == 1 && b.done[0].bare() && f.last < near && len(f.found) > 0 {
		// "Use code X." speaks of the offer before it.
		if o := &f.found[len(f.found)-1]; o.Code == "" && o.Source == f.source {
			o.Code = b.done[0].Code
			b.done = nil
			f.last = 0
		}
	}
	for _, o := range b.done {
		o.Ends = ends
		f.add(o)
	}
	if ends.IsZero() || len(b.done) > 0 && f.source == "text" {
		return
	}
	if f.last < near && len(f.found) > 0 && f.found[len(f.found)-1].Ends.IsZero() {
		f.found[len(f.found)-1].Ends = ends
	}
	f.many = f.many || !f.ends.IsZero() && !f.ends.Equal(ends)
	f.ends = ends
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
	switch {
	case before != nil && first.Price != nil && first.Was == nil && first.Price.below(before):
		first.Was = before
	case f.last == 1 && alone(*first) && len(f.found) > 0:
		if o := &f.found[len(f.found)-1]; o.Price != nil && o.Was == nil && o.Price.below(first.Was) {
			o.Was = first.Was
		}
	}
	if alone(last) {
		f.was = last.Was
	}
	b.done = slices.DeleteFunc(b.done, func(o Offer) bool { return alone(o) && o.Code == "" })
}

// below reports an amount less than m in the same currency.
func (p *Money) below(m *Money) bool { return p.Currency == m.Currency && p.Minor < m.Minor }

// add keeps an offer unless it was found before.
func (f *finder) add(o Offer) {
	o.Source = f.source
	f.last = 0
	for i := range f.found {
		if o.repeats(&f.found[i]) {
			if f.found[i].Ends.IsZero() {
				f.found[i].Ends = o.Ends
			}
			return
		}
	}
	if len(f.found) < Max {
		f.found = append(f.found, o)
	}
}

// bare reports an offer that is nothing but a code.
func (o *Offer) bare() bool {
	return o.Price == nil && o.Was == nil && o.Off == nil && o.Discount == 0
}

// repeats reports whether o says nothing that p does not say.
func (o *Offer) repeats(p *Offer) bool {
	return sameMoney(o.Price, p.Price) && sameMoney(o.Was, p.Was) && sameMoney(o.Off, p.Off) &&
		(o.Discount == 0 || o.Discount == p.Discount) && (o.Code == "" || o.Code == p.Code) && (o.If == "" || o.If == p.If)
}

func sameMoney(a, b *Money) bool { return a == nil || b != nil && *a == *b }

// builder puts the marks of a sentence together.
type builder struct {
	cur  Offer
	end  int // index of the token after the last price
	done []Offer
}

func (b *builder) any() bool { return len(b.done) > 0 || !b.cur.bare() || b.cur.Code != "" }

// flush ends the current offer. A condition alone is none.
func (b *builder) flush() {
	o := b.cur
	b.cur = Offer{}
	if o.Was != nil && o.Price != nil && !o.Price.below(o.Was) {
		o.Was = nil
	}
	if !o.bare() || o.Code != "" {
		b.done = append(b.done, o)
	}
}

// money places an amount by the words around it.
func (b *builder) money(s *sentence, m *mark) {
	before, after := s.before(m.i, 4), s.after(m.j, 2)
	v := m.money
	switch {
	case before&over != 0 && before&(was|save) == 0, after&spend != 0:
		b.cur.If = "orders over " + v.String()
	case before&never != 0:
	case s.before(m.i, 3)&save != 0, s.after(m.j, 3)&off != 0 && after&was == 0 && before&(was|now) == 0:
		if b.cur.Off != nil {
			b.flush()
		}
		b.cur.Off, b.cur.UpTo = &v, before&upTo != 0
	case before&upTo != 0:
	case before&was != 0, s.after(m.j, 3)&wasPast != 0:
		if b.cur.Was != nil {
			b.flush()
		}
		b.cur.Was = &v
	default:
		b.price(s, m, before)
	}
	b.end = m.j + 1
}

// price places the price asked now.
func (b *builder) price(s *sentence, m *mark, before role) {
	v := m.money
	if p := b.cur.Price; p != nil {
		apart := m.i - b.end
		switch {
		case apart == 0 && b.cur.Was == nil && p.Currency == v.Currency && p.Minor > v.Minor:
			b.cur.Was, b.cur.Price = p, &v // "$99 $49", the first struck through
			return
		case apart == 1 && s.t[b.end].dash(s.text):
			b.cur.FromLow = true // "$20 – $40"
			return
		}
		b.flush()
	}
	b.cur.Price, b.cur.FromLow = &v, before&from != 0
	if n, thing := s.bundle(m.i); n != "" {
		b.cur.If, b.cur.Item = n+" for", thing
	}
}

// percent places a discount.
func (b *builder) percent(m *mark) {
	if b.cur.Discount != 0 {
		b.flush()
	}
	b.cur.Discount, b.cur.UpTo = m.n, m.upTo
}
