package offer

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
)

type markKind byte

const (
	isMoney markKind = iota
	isPercent
	isCode
	isEnd
	isBundle
)

// mark is something found in a sentence, over the tokens i to j.
type mark struct {
	kind   markKind
	i, j   int
	money  Money
	n      int  // percent
	upTo   bool // the percent is at most so much
	text   string
	at     time.Time
	strong bool // an end beyond doubt
}

// mark finds cues first, then amounts, percents, codes and ends in order.
func (s *sentence) mark(c Context) {
	for i := 0; i < len(s.t); {
		n := 1
		if s.t[i].kind == word && cue.Begins(s.t[i].low) {
			n = s.cue(i)
		}
		if s.t[i].role == 0 {
			s.t[i].role = compound(s.t[i].low)
		}
		i += n
	}
	used := -1
	for i := 0; i < len(s.t); i++ {
		t := &s.t[i]
		var m mark
		ok := false
		switch {
		case i <= used:
			continue
		case t.kind == number:
			m, ok = s.amount(i, used, c)
		case t.role&code != 0 && (i+1 == len(s.t) || s.t[i+1].role&code == 0):
			m, ok = s.code(i)
		case t.role&(ends|endsSure|beforeDay) != 0 && (i+1 == len(s.t) || s.t[i+1].role&(ends|endsSure|beforeDay) == 0):
			if m, ok = s.end(i, c); !ok && t.role&today != 0 {
				m, ok = s.said(i, c) // "last day"
			}
		case t.role&endsPast != 0:
			m, ok = s.endBefore(i, c)
		case t.role&checkout != 0:
			m, ok = s.codeAtCheckout(i)
		default:
			m, ok = s.said(i, c)
		}
		if ok {
			s.marks = append(s.marks, m)
			used = max(used, m.j)
		}
	}
}

// compound gives the role of a long word by its end, as Germanic languages and
// Finnish put words together: "Willkommensrabatt", "syysalennus".
func compound(low string) role {
	if len(low) < 8 {
		return 0
	}
	for _, end := range [...]struct {
		text string
		role role
	}{
		{"rabatt", off | save | sale}, {"rabat", off | save | sale}, {"korting", off | save | sale}, {"alennus", off | save | sale},
		{"bonus", value}, {"guthaben", value}, {"prämie", value}, {"betrag", never | receipt}, {"beløp", never | receipt}, {"beloppet", never | receipt}, {"rechnung", receipt}, {"rekening", receipt}, {"regning", receipt}, {"räkning", receipt}, {"gebühr", never}, {"avgift", never}, {"gebyr", never},
		{"versand", ship}, {"lieferung", ship}, {"verzending", ship}, {"bezorging", ship}, {"frakt", ship}, {"fragt", ship},
	} {
		if strings.HasSuffix(low, end.text) {
			return end.role
		}
	}
	return 0
}

// amount reads the number at token i.
func (s *sentence) amount(i, used int, c Context) (m mark, ok bool) {
	if m, ok = s.bundled(i); ok {
		return m, true
	}
	if m, ok = s.dayInJapanese(i, c); ok {
		return m, true
	}
	if m, ok = s.percent(i); ok {
		return m, true
	}
	if m, ok = s.hoursOnly(i, c); ok {
		return m, true
	}
	if m, ok = s.daysLeft(i, c); ok {
		return m, true
	}
	if m, ok = s.span(i, c); ok {
		return m, true
	}
	if m, ok = s.money(i, used, c); ok {
		return m, true
	}
	return s.sameMoney(i, c)
}

// said finds what is said without a number: that it ends today or on Sunday, that
// it is half the price, a code behind "with".
func (s *sentence) said(i int, c Context) (mark, bool) {
	t := s.t[i]
	m := mark{i: i, j: i}
	for m.j+1 < len(s.t) && t.role != 0 && s.t[m.j+1].role == t.role {
		m.j++
	}
	switch {
	case t.role&today != 0 && i+1 < len(s.t) && s.t[i+1].role == t.role && t.role&endsSure != 0:
		return m, false // "last day", whose date may follow
	case t.role&(today|weekend) != 0 && !c.Date.IsZero():
		m.kind, m.strong, m.at = isEnd, true, onDay(c.Date, 0, lastMoment)
		if t.role&weekend != 0 {
			m.at = onDay(c.Date, (7-int(c.Date.Weekday()))%7, lastMoment)
		}
		if days.Near(s.low(m.j+2)) == 2 && s.is(m.j+1, "and", "und", "et", "e", "y", "en", "och", "og", "ja", "i", "a") { // "heute und morgen"
			m.at, m.j = onDay(c.Date, 1, lastMoment), m.j+2
		}
		return m, true
	case t.role&half != 0:
		m.kind, m.n = isPercent, 50
		return m, true
	case t.kind == word && days.Weekday(t.low) != 0 && strings.HasSuffix(t.low, "ig") && !c.Date.IsZero():
		m.kind, m.strong, m.at = isEnd, true, onDay(c.Date, (int(days.Weekday(t.low)-1)-int(c.Date.Weekday())+7)%7, lastMoment)
		return m, true
	case t.kind == word && days.Weekday(t.low) != 0 && i > 0 && s.before(i, 1)&now != 0 && s.reaches(i+1) && days.Weekday(s.low(i+2)) != 0 && !c.Date.IsZero() && s.after(i+2, 1) == 0:
		last, _, ok := s.date(i+2, c) // "only Thursday to Sunday"
		return mark{kind: isEnd, i: i, j: i + 2, at: last, strong: true}, ok
	case s.is(i, "bogo"):
		m.kind, m.text = isBundle, "2 for 1"
		return m, !strings.Contains(s.text, "%")
	case cue.Buying[t.low]:
		return s.boughtFor(i)
	case t.role&second != 0 && s.after(i, 5)&free != 0:
		return deal(i, m.j, 2, 1)
	case s.is(i, "with", "mit", "avec", "con", "met", "med", "com", "z", "s", "cu"):
		return s.codeWith(i)
	}
	return m, false
}

// low gives token i in lower case, "" outside the sentence.
func (s *sentence) low(i int) string {
	if i < 0 || i >= len(s.t) {
		return ""
	}
	return s.t[i].low
}

// codeWith finds "with SPRING20", if something is taken off in the sentence.
func (s *sentence) codeWith(i int) (mark, bool) {
	if i+1 >= len(s.t) || s.t[i+1].kind == sign {
		return mark{}, false
	}
	text, last := s.run(i + 1)
	taken := slices.ContainsFunc(s.marks, func(m mark) bool { return m.kind == isPercent || m.kind == isMoney })
	for k := last + 1; k < len(s.t) && !taken; k++ { // "with SPRING15 you get 15 %"
		taken = s.t[k].kind == number && (s.is(k+1, "%") || s.priced(k))
	}
	return mark{kind: isCode, i: i, j: last, text: text}, taken && isCodeText(text, false) && len(text) > 3
}

// percent reads the number at token k as a discount. A share, a rate or a
// fabric is none: without a word or sign that says so, a percent is not taken.
func (s *sentence) percent(k int) (mark, bool) {
	j := k + 1
	switch {
	case s.is(j, "%", "٪", "％", "percent", "prozent", "procent", "prosenttia", "prosent"):
	case s.is(j, "pour", "per", "por") && s.is(j+1, "cent", "cento", "ciento"):
		j++
	case s.is(k, "1") && s.is(j, "/") && s.is(j+1, "2") && s.is(j+2, "price", "prix", "pris", "preis", "prijs", "priset"):
		return mark{kind: isPercent, i: k, j: j + 2, n: 50}, true
	case s.is(k-1, "%") && !s.t[k].gap: // "%40"
		j = k
	default:
		return s.inTenths(k)
	}
	n, err := strconv.Atoi(s.at(k))
	m := mark{kind: isPercent, i: k, j: j, n: n}
	if err != nil || n < 1 || n > 100 {
		return m, false
	}
	first := k
	minus := k > 0 && s.t[k-1].dash(s.text)
	if minus && k > 1 && (s.is(k-2, "%") || atoi(s.at(k-2)) > 0 && atoi(s.at(k-2)) < n) {
		// "20–30 %" and "20% - 30%"
		minus, m.upTo = false, true
		first = k - 2
		if s.is(k-2, "%") {
			first = k - 3
		}
	} else if minus && !s.t[k-1].gap && k > 1 && s.t[k-2].kind == word {
		minus = false // "covid-19 %"
	}
	before, after := s.before(first, 4), s.after(j, 3)
	next := s.after(j, 1)
	m.upTo = m.upTo || before&upTo != 0 || first > 0 && s.t[first-1].role&ends != 0 || s.after(j, 4)&varan != 0 || minus && s.is(k-2, "do") || k > 0 && strings.HasSuffix(s.low(k-1), "最大")
	switch {
	case next&other == 0 && s.gets(first), after&off != 0 && next&other == 0, s.before(first, 3)&save != 0 && next&other == 0:
		return m, true
	case s.after(j, 2)&other != 0:
		return m, false
	case s.within(j+1, min(len(s.t), j+6), code) && next&other == 0, s.ordinal(max(0, first-6), first), s.within(max(0, first-6), first, second):
		return m, true
	case minus && n >= 5, m.upTo && before&upTo != 0, j == k && s.after(j, 4)&(off|varan) != 0:
		return m, true
	}
	// "20 % auf alles", "25% on everything"
	return m, s.is(j+1, "auf", "sur", "på", "su", "na", "op") && before&(other|never) == 0 || s.is(j+1, "on") && s.after(j, 4)&sale != 0
}

// gets reports a verb of getting right before the percent at token i, with little
// between: "den gir 15 %", "du får 20 %".
func (s *sentence) gets(i int) bool {
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		if s.t[k].kind == number {
			return false
		}
		if cue.Getting[s.t[k].low] {
			return true
		}
	}
	return false
}

// inTenths reads a discount as Japanese counts it: 3割引.
func (s *sentence) inTenths(k int) (mark, bool) {
	n, err := strconv.Atoi(s.at(k))
	ok := err == nil && n > 0 && n < 10 && strings.HasPrefix(s.low(k+1), "割引")
	return mark{kind: isPercent, i: k, j: k + 1, n: 10 * n}, ok
}

// code reads the code after the cue that ends at token i.
func (s *sentence) code(i int) (mark, bool) {
	if s.before(i, 3)&password != 0 || s.before(i+1, 1)&password != 0 {
		return mark{}, false
	}
	sure := false
	for k := i + 1; k < len(s.t) && k <= i+6; k++ {
		t := s.t[k]
		switch {
		case t.kind == sign:
			if !strings.Contains(`:"'„“”«»*(=–-‘’>[「『`, s.at(k)) {
				return mark{}, false
			}
			sure = true
			continue
		case s.is(k, "is", "lautet", "est", "es", "è", "on", "the", "your", "our", "der", "le", "il", "el", "mit", "use", "using", "promo", "code", "nr", "ist", "er", "är") && s.at(k) != strings.ToUpper(s.at(k)):
			continue
		}
		text, last := s.run(k)
		shouted := s.at(i) == strings.ToUpper(s.at(i)) // "CODE LINES" may be two plain words
		if !isCodeText(text, sure || s.mixed() && !shouted) {
			return mark{}, false
		}
		return mark{kind: isCode, i: i, j: last, text: text}, true
	}
	return mark{}, false
}

// run gives the letters, digits and inner hyphens that stand together from token k on.
func (s *sentence) run(k int) (string, int) {
	last := k
	for last+1 < len(s.t) && !s.t[last+1].gap {
		next := s.t[last+1]
		if next.kind == sign && (!s.is(last+1, "-", "_", "%") || last+2 >= len(s.t) || s.t[last+2].gap || s.t[last+2].kind == sign) {
			break
		}
		last++
	}
	return s.text[s.t[k].from:s.t[last].to], last
}

// isCodeText reports 3 to 20 capitals and digits with at least one capital; of
// capitals alone only where the text is otherwise not all in capitals.
func isCodeText(s string, sure bool) bool {
	if len(s) < 3 || len(s) > 20 {
		return false
	}
	capitals, digits := 0, 0
	for _, c := range s {
		switch {
		case unicode.IsUpper(c):
			capitals++
		case unicode.IsDigit(c):
			digits++
		case c != '-' && c != '_' && c != '%':
			return false
		}
	}
	switch s {
	case "BELOW", "ABOVE", "HERE", "NOW", "AND", "FOR", "THE", "WITH", "ONLY", "TODAY", "INSIDE", "CHECKOUT", "ONLINE", "VALID", "PROMO", "SALE", "SHOP",
		"HIER", "UND", "BEI", "IHR", "AUF", "EUR", "USD", "USA", "FREE", "CODE", "YOUR", "OFF", "GET", "NOT", "OTP", "PIN", "TAN", "IBAN", "VAT":
		return false
	}
	return capitals > 0 && (digits > 0 || sure)
}

// mixed reports whether the sentence has words not written in capitals.
func (s *sentence) mixed() bool {
	for _, t := range s.t {
		if t.kind == word && s.text[t.from:t.to] == t.low && strings.ToUpper(t.low) != t.low {
			return true
		}
	}
	return false
}

// codeAtCheckout finds "use SPRING20 at checkout": letters with digits alone,
// since no cue stands before it.
func (s *sentence) codeAtCheckout(i int) (mark, bool) {
	for _, m := range s.marks {
		if m.kind == isCode {
			return mark{}, false
		}
	}
	for k := i - 1; k >= 0 && k >= i-6; k-- {
		if s.t[k].kind != word || !s.t[k].gap {
			continue
		}
		if text, _ := s.run(k); isCodeText(text, false) && len(text) > 3 {
			return mark{kind: isCode, i: k, j: i, text: text}, true
		}
	}
	return mark{}, false
}
