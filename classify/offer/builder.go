package offer

import (
	"slices"
	"strings"

	"usher/classify/offer/cue"
)

// builder puts the marks of a sentence together.
type builder struct {
	head string // the line before, if it can name a thing
	near bool   // an offer was found in the sentence before

	cur   Offer
	list  bool   // amounts stand side by side
	ahead string // what stands before a percent, if it can name a thing
	began int    // index of the first token of its price
	end   int    // index of the token after the last mark
	done  []Offer
	lone  string // a condition that stands alone
}

func (b *builder) any() bool { return len(b.done) > 0 || !b.cur.bare() || b.cur.Code != "" }

// onlyWas reports old prices and nothing else.
func (b *builder) onlyWas() bool {
	return !slices.ContainsFunc(b.done, func(o Offer) bool { return o.Was == nil || o.Price != nil })
}

// finish ends the sentence: what it names last may be what it prices.
func (b *builder) finish(s *sentence) {
	if o := &b.cur; len(b.done) == 0 && o.Price != nil && o.Was != nil && o.Item == "" {
		o.Item = s.nameBehind(b.end)
	}
	b.flush()
}

// flush ends the current offer. A condition alone is none.
func (b *builder) flush() {
	o := b.cur
	if o.Price != nil || o.Off != nil {
		b.ahead = ""
	}
	b.cur = Offer{}
	if o.Was != nil && o.Price != nil && o.Was.Assumed && !o.Price.Assumed {
		o.Was.Currency = o.Price.Currency // "$79 CAD, was $119"
	}
	if o.Was != nil && o.Price != nil && !o.Price.Below(o.Was) {
		o.Was = nil
	}
	if !o.bare() || o.Code != "" {
		b.done = append(b.done, o)
	} else {
		b.lone = o.If
	}
}

// money places an amount by the words around it.
func (b *builder) money(s *sentence, m *mark) {
	before, after := s.before(m.i, 4), s.after(m.j, 2)
	v := m.money
	begin := b.end
	if m.i == 1 && m.j == len(s.t)-1 && s.is(0, "de", "van") {
		s.t[0].role |= was // "De R$ 299,00", and in the next line "Por R$ 179,00"
		before |= was
	}
	b.end = m.j + 1
	switch {
	case s.delivers(m), s.is(m.j+1, "/") && m.j+2 < len(s.t) && s.t[m.j+2].kind == number, after&value != 0 && s.after(m.j, 1)&off == 0, s.is(m.i-1, "de", "of", "à", "a", "von", "van") && s.is(m.i-2, "x", "×"):
	case s.within(max(0, m.i-1), m.i, over), before&over != 0 && before&(was|save) == 0, after&spend != 0, s.is(m.j+1, "+") && !s.t[m.j+1].gap:
		b.condition("orders over " + v.String())
	case b.cur.Off != nil && b.cur.If == "" && b.cur.Price == nil && before&from != 0 && m.i-begin <= 3:
		b.condition("orders over " + v.String())
	case before&lowest != 0 || s.within(begin, m.i, lowest):
		if b.cur.Was == nil {
			b.cur.Was, b.cur.low = &v, true
		}
	case s.given(m.i), s.never(m.i), after&monthly != 0 && before&was == 0 && (b.cur.Price != nil || (len(b.done) > 0 || b.near) && s.name(begin, m.i) == ""):
	case s.saves(m.i), s.after(m.j, 1)&off != 0 && before&was == 0, s.after(m.j, 3)&off != 0 && after&was == 0 && before&(was|now) == 0:
		if b.cur.Off != nil {
			b.flush()
		}
		b.cur.Off, b.cur.UpTo = &v, before&upTo != 0
	case before&upTo != 0:
	case before&was != 0, s.after(m.j, 3)&wasPast != 0:
		b.old(s, m, begin)
	default:
		b.price(s, m, begin)
	}
}

// condition keeps what must be spent for what is taken off.
func (b *builder) condition(text string) {
	if b.cur.If == "" {
		b.cur.If = text
	}
}

// old places the price before.
func (b *builder) old(s *sentence, m *mark, begin int) {
	if b.cur.Was != nil && !b.cur.low {
		b.flush()
	}
	b.cur.low = false
	if b.cur.Price == nil && b.cur.Item == "" {
		b.cur.Item = s.name(begin, m.i)
	}
	v := m.money
	b.cur.Was = &v
}

// never reports a word for a sum, fee or tax before the amount at token i. In "Home
// Total for 35 EUR" it is a part of a name.
func (s *sentence) never(i int) bool {
	return s.before(i, 4)&never != 0 && !(cue.Against[s.low(i-1)] && s.t[i-1].role&never == 0)
}

// given reports a word for what is given before the amount at token i: "a gift card
// of 100 EUR".
func (s *sentence) given(i int) bool {
	return i > 1 && s.t[i-2].role&value != 0 && s.is(i-1, "van", "von", "of", "de", "di", "på", "over", "över", "à", "na", "w")
}

// saves reports a word of saving before the amount at token i, with nothing between
// that it could be of, or a minus right at it: "save now 10 €", "-15 €".
func (s *sentence) saves(i int) bool {
	if i > 0 && s.t[i-1].dash(s.text) && !s.t[i].gap && (i == 1 || s.t[i-1].gap && s.t[i-2].kind != number) {
		return true
	}
	for k := i - 1; k >= 0 && k >= i-3 && s.t[k].kind != number; k-- {
		if s.t[k].role&save != 0 {
			return true
		}
		if s.t[k].kind == word && s.t[k].role == 0 && !cue.Dressing[s.t[k].low] {
			return false
		}
	}
	return false
}

// delivers reports an amount that is paid for delivery, or must be spent to have it
// for nothing.
func (s *sentence) delivers(m *mark) bool {
	if strings.Contains(s.t[m.j].low, "送料") {
		return true // no blanks part Japanese words
	}
	if s.is(m.j+1, "(") || s.is(m.j+1, ",") {
		return s.within(max(0, m.i-12), m.i, ship)
	}
	return s.after(m.j, 2)&ship != 0 && !s.is(m.j+1, "och", "og", "and", "und", "et", "y", "ja", "+", "con", "mit", "med", "met", "avec", "with", "com", "inkl", "incl", "inc", "including", "plus", "zzgl", "delivered") || s.within(max(0, m.i-12), m.i, ship)
}

// within reports a role among tokens.
func (s *sentence) within(from, to int, r role) bool {
	for k := from; k < to; k++ {
		if s.t[k].role&r != 0 {
			return true
		}
	}
	return false
}

// price places the price asked now.
func (b *builder) price(s *sentence, m *mark, begin int) {
	v := m.money
	before := s.before(m.i, 4)
	if p := b.cur.Price; p != nil {
		apart := m.i - begin
		reduced := b.cur.Was == nil && v.Below(p) && apart <= 2 &&
			s.is(m.i-1, "por", "voor", "auf", "für", "to", "a", "for", "now", "jetzt", "nu", "nyt", "ora", "agora", "na", "til", "à", "nå", "till") &&
			s.is(b.began-1, "de", "van", "von", "from", "da", "från", "fra", "od", "z", "ab", "vanaf") // "van 59 voor 39"
		share := 100 - 100*float64(v.Minor)/float64(p.Minor)
		reduced = reduced || b.cur.Was == nil && v.Below(p) && (apart <= 2 && before&now != 0 && before&from == 0 && s.t[m.i-1].role&now != 0 ||
			b.cur.Discount > 0 && share > float64(b.cur.Discount)-1.5 && share < float64(b.cur.Discount)+1.5) // "999,- nå 599,-", "49,99 € -30 % soit 34,99 €"
		arrow := apart == 1 && s.is(begin, "→", ">", "➜", "➔")
		switch {
		case reduced:
			b.cur.Was, b.cur.Price, b.cur.FromLow = p, &v, false
			return
		case (apart == 0 || arrow) && b.cur.Was == nil && p.Currency == v.Currency && p.Minor > v.Minor:
			b.cur.Was, b.cur.Price = p, &v // "$99 $49", the first struck through
			return
		case (apart == 0 || apart == 1 && s.is(begin, "(", "/", "[")) && b.cur.Was == nil && p.Below(&v) && !b.list && !s.amountFollows(m.j+1) && !s.is(b.began-1, "je", "each", "ea", "à", "per", "cad", "stk", "st", "x", "szt"):
			b.cur.Was = &v
			return
		case b.cur.FromLow && p.Below(&v) && apart == 1 && s.reaches(begin):
			return // "from 499 kr to 1,299 kr"
		case apart == 1 && s.t[begin].dash(s.text):
			b.cur.FromLow = true // "$20 – $40"
			return
		}
		b.list = apart == 0
		b.flush()
	}
	if b.cur.Discount > 0 && b.cur.If != "" || b.cur.Off != nil && b.cur.If != "" || b.cur.bundled() || b.cur.Discount > 0 && b.cur.UpTo {
		b.flush()
	}
	b.cur.Price, b.cur.FromLow, b.began = &v, s.startsAt(m.i), m.i
	b.cur.told = s.tells(begin, m.i)
	b.cur.asked, b.cur.label = before&(from|now) != 0 || len(b.done) > 0, s.wordsAfter(m.j) <= 2
	n, thing, counted := s.bundle(m.i)
	if n != "" {
		b.cur.If = n + " for"
		if thing == "" {
			thing = s.name(begin, counted)
		}
	}
	if thing == "" && n == "" && (b.cur.Item == "" || b.cur.Was == nil) {
		thing = s.name(begin, m.i)
	}
	if thing == "" && b.cur.Item == "" {
		thing = b.ahead // "Brick set 20 % off – $39.99"
	}
	if thing == "" && b.cur.Item == "" {
		thing = b.named(s, m, begin)
	}
	if thing != "" {
		b.cur.Item = thing
	}
}

// tells reports that the price at token to is told by a verb, as in a letter: it is to
// be paid, or costs so much for each, or by a day.
func (s *sentence) tells(from, to int) bool {
	costs := false
	for k := from; k < to; k++ {
		if cue.Paying[s.low(k)] && s.before(to, 3)&(now|over) == 0 {
			return true
		}
		costs = costs || cue.Costing[s.low(k)]
	}
	return costs && (s.within(to, len(s.t), ends|endsSure|beforeDay) || slices.ContainsFunc(s.t[to:], func(t token) bool { return cue.Rates[t.low] || cue.Paying[t.low] }))
}

// startsAt reports a word for the lowest price before the amount at token i, with
// nothing between but words of price.
func (s *sentence) startsAt(i int) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		switch {
		case s.t[k].role&from != 0:
			return true
		case s.t[k].role&(now|sale) == 0 && s.t[k].kind == word && !cue.Dressing[s.t[k].low], s.t[k].kind == number:
			return false
		}
	}
	return false
}

// wordsAfter counts the words of the sentence behind token j.
func (s *sentence) wordsAfter(j int) (n int) {
	for k, t := range s.t[j+1:] {
		if s.is(j+1+k, ",") {
			break // "Tickets £12, under-16s free"
		}
		if t.kind == word && t.role == 0 {
			n++
		}
	}
	return n
}

// amountFollows reports another amount right at token k: then they are a list.
func (s *sentence) amountFollows(k int) bool {
	return k < len(s.t) && (s.t[k].kind == number || s.priced(k) && k+1 < len(s.t) && s.t[k+1].kind == number)
}

// named gives a name that does not stand before the amount: in the line before, or
// behind it.
func (b *builder) named(s *sentence, m *mark, begin int) string {
	if b.head != "" && len(b.done) == 0 {
		return b.head
	}
	if begin > 0 && b.cur.Was == nil {
		return ""
	}
	return s.nameBehind(m.j + 1)
}

// percent places a discount.
func (b *builder) percent(s *sentence, m *mark) {
	begin := b.end
	b.end = m.j + 1
	other := b.cur.Price != nil && m.i-begin > 4 // far behind a price it is of something else
	if b.cur.Discount != 0 || other || b.cur.bundled() {
		b.flush()
	}
	if b.cur.Price == nil {
		b.ahead = s.name(begin, m.i)
	}
	b.cur.Discount, b.cur.UpTo = m.n, b.cur.UpTo || m.upTo
	if b.cur.If == "" && (s.buyOneGetOne(m.i) || s.cheapest(m.j) || s.within(max(0, m.i-6), m.i, second) || s.ordinal(max(0, m.i-7), m.i)) {
		b.cur.If = "2 for"
	}
}

// code places a code with what is taken off.
func (b *builder) code(s *sentence, m *mark) {
	b.end = m.j + 1
	if b.cur.Code != "" {
		b.flush()
	}
	b.cur.Code = m.text
}

// bundle places a deal by number.
func (b *builder) bundle(m *mark) {
	b.end = m.j + 1
	if !b.cur.bare() || b.cur.If != "" {
		b.flush()
	}
	b.cur.If = m.text
}
