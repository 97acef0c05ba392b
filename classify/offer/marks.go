package offer

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

type markKind byte

const (
	isMoney markKind = iota
	isPercent
	isCode
	isEnd
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
		if s.t[i].kind == word && heads.may(s.t[i].low) {
			i += s.cue(i)
		} else {
			i++
		}
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
			if m, ok = s.percent(i); !ok {
				m, ok = s.money(i, used, c)
			}
		case t.role&code != 0 && (i+1 == len(s.t) || s.t[i+1].role&code == 0):
			m, ok = s.code(i)
		case t.role&(ends|endsSure) != 0 && (i+1 == len(s.t) || s.t[i+1].role&(ends|endsSure) == 0):
			m, ok = s.end(i, c)
		case t.role&endsPast != 0:
			m, ok = s.endBefore(i, c)
		case t.role&checkout != 0:
			m, ok = s.codeAtCheckout(i)
		}
		if ok {
			s.marks = append(s.marks, m)
			used = max(used, m.j)
		}
	}
}

// percent reads the number at token k as a discount. A share, a rate or a
// fabric is none: without a word or sign that says so, a percent is not taken.
func (s *sentence) percent(k int) (mark, bool) {
	j := k + 1
	switch {
	case s.is(j, "%", "٪", "％", "percent", "prozent", "procent", "prosenttia", "prosent"):
	case s.is(j, "pour", "per", "por") && s.is(j+1, "cent", "cento", "ciento"):
		j++
	default:
		return mark{}, false
	}
	n, err := strconv.Atoi(s.at(k))
	m := mark{kind: isPercent, i: k, j: j, n: n}
	if err != nil || n < 1 || n > 100 {
		return m, false
	}
	first := k
	minus := k > 0 && s.t[k-1].dash(s.text)
	if minus && k > 1 && (s.t[k-2].kind == number || s.is(k-2, "%")) {
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
	m.upTo = m.upTo || before&upTo != 0
	switch {
	case after&off != 0 && next&other == 0, s.before(first, 3)&save != 0 && next&other == 0:
		return m, true
	case s.after(j, 2)&other != 0:
		return m, false
	case minus, m.upTo && before&upTo != 0:
		return m, true
	}
	// "20 % auf alles", "25% on everything"
	return m, s.is(j+1, "auf", "sur", "on", "på", "su") && s.after(j, 4)&sale != 0
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
			if !strings.Contains(`:"'„“”«»*(=–-‘’>[`, s.at(k)) {
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
		"HIER", "UND", "BEI", "IHR", "AUF", "EUR", "USD", "USA", "FREE", "CODE", "YOUR", "OFF", "GET", "NOT":
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
