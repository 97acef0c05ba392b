package offer

import (
	"fmt"

	"usher/classify/offer/cue"
)

// deal is one over the tokens i to j in which fewer are paid than are taken.
func deal(i, j, taken, paid int) (m mark, ok bool) {
	return mark{kind: isBundle, i: i, j: j, text: fmt.Sprintf("%d for %d", taken, paid)}, taken > paid && paid > 0
}

// count reads token i as a small number; 0 if it is none.
func (s *sentence) count(i int) int {
	if i < 0 || i >= len(s.t) {
		return 0
	}
	if s.t[i].kind == word {
		return cue.Counted[s.t[i].low]
	}
	if n := atoi(s.at(i)); s.t[i].kind == number && n > 0 && n < 10 {
		return n
	}
	return 0
}

// bundled reads a deal in which fewer are paid than are taken: "3 for 2", "2x1",
// "1+1 gratis", "prendi 3 paghi 2", "buy 2, get 1 free".
func (s *sentence) bundled(i int) (m mark, ok bool) {
	n := s.count(i)
	if n == 0 || s.t[i].kind != number {
		return m, false
	}
	plain := func(k int) bool { // the number at k is of nothing else
		return !s.is(k+1, "%", "€", "$", "£", ":", "/", ".", ",") || s.is(k+1, ".", ",") && (k+2 >= len(s.t) || s.t[k+2].gap)
	}
	next := s.count(i + 2)
	switch {
	case s.count(i+1) > 0 && s.is(i+2, "hinnalla", "prisen", "priset"): // "3 kahden hinnalla"
		return deal(i, i+2, n, s.count(i+1))
	case next > 0 && s.is(i+1, "x", "×") && !s.t[i+2].gap && plain(i+2):
		return deal(i, i+2, n, next)
	case next > 0 && s.is(i+1, "+") && s.after(i+2, 4)&free != 0:
		return deal(i, i+2, n+next, n)
	case next > 0 && cue.Against[s.low(i+1)] && n > next && plain(i+2) && !s.priced(i+2):
		return deal(i, i+2, n, next)
	case next > 0 && s.is(i+1, "al") && cue.Paying[s.low(i+3)]: // "3 al 2 öde"
		return deal(i, i+3, n, next)
	}
	for k := i + 1; k < len(s.t) && k <= i+7; k++ {
		if taken := s.count(k); taken == n+1 && s.isOrdinal(k) && s.after(k+1, 4)&free != 0 {
			return deal(i, k+1, taken, n) // "pour 2 achetés, le 3e offert"
		}
		if paid := s.count(k); paid > 0 && paid < n && (s.is(k-1, "of", "von", "de", "di", "van", "av", "af") && s.is(k-2, "price", "preis", "preise", "prix", "precio", "prezzo", "prijs", "pris", "preço") || s.is(k+1, "payés", "payées", "bezahlt", "pagati", "pagate", "pagados", "betaald") || cue.Paying[s.low(k-1)] || cue.Paying[s.low(k-2)] || cue.Paying[s.low(k+1)]) && plain(k) && !s.priced(k) {
			return deal(i, k, n, paid)
		}
	}
	return m, false
}

// priced reports a currency at the number at token k.
func (s *sentence) priced(k int) bool {
	_, right := s.currencyAt(k+1, Context{})
	_, left := s.currencyAt(k-1, Context{})
	return right || left
}

// cheapest reports that what is taken off behind token j is taken off the cheapest.
func (s *sentence) cheapest(j int) bool {
	for k := j + 1; k < len(s.t) && k <= j+5; k++ {
		if s.is(k, "billigste", "billigaste", "billigsten", "günstigsten", "goedkoopste", "cheapest", "lowest", "tańszy", "tańszą", "najtańszy", "halvimmasta", "levnější") ||
			s.is(k, "cher", "barato", "barata", "economico", "caro") && s.is(k-1, "moins", "más", "mais", "più", "meno") {
			return true
		}
	}
	return false
}

// boughtFor reads "buy one, get one free" from the word at token i on.
func (s *sentence) boughtFor(i int) (m mark, ok bool) {
	if !cue.Buying[s.low(i)] {
		return m, false
	}
	paid := 0
	for k := i + 1; k < len(s.t) && k <= i+10; k++ {
		switch n := s.count(k); {
		case n > 0 && paid > n && (cue.Paying[s.low(k-1)] || cue.Paying[s.low(k-2)]) && !s.priced(k): // "köp tre betala för två"
			return deal(i, k, paid, n)
		case n > 0 && paid == 0 && !s.priced(k):
			paid = n
		case n == paid+1 && paid > 1 && (s.isOrdinal(k) || s.is(k+1, ".") && !s.t[k+1].gap) && s.after(k+1, 3)&free != 0: // "buy 3, get the 4th free"
			return deal(i, k+1, n, paid)
		case n == paid+1 && paid > 1 && cue.Getting[s.low(k-1)] && !s.priced(k): // "compra 2 y llévate 3"
			return deal(i, k, n, paid)
		case n > 0 && paid > 0 && s.after(k, 3)&free != 0:
			return deal(i, k, paid+n, paid)
		case paid == 0 && s.t[k].kind == sign:
			return m, false
		}
	}
	return m, false
}

// isOrdinal reports a number that is written as one: "2nd", "2e", "2ª".
func (s *sentence) isOrdinal(k int) bool {
	if s.is(k+1, ".") && s.is(k+2, "ª", "º") {
		return true
	}
	return k+1 < len(s.t) && !s.t[k+1].gap && s.is(k+1, "e", "de", "nd", "rd", "th", "ª", "º", "ème", "eme", "te", "a", "o") && s.t[k].kind == number
}

// ordinal reports a second thing that is written with a number, among tokens.
func (s *sentence) ordinal(from, to int) bool {
	for k := from; k+1 < to; k++ {
		if s.is(k, "2") && s.isOrdinal(k) {
			return true
		}
	}
	return false
}

// buyOneGetOne reports "buy one, get one" before token to, of which something is
// taken off.
func (s *sentence) buyOneGetOne(to int) bool {
	bought := -1
	for k := max(0, to-10); k < to; k++ {
		switch {
		case cue.Buying[s.low(k)] && s.count(k+1) == 1:
			bought = k
		case bought >= 0 && k > bought+1 && (cue.Getting[s.low(k)] || s.count(k) == 1):
			return true
		}
	}
	return false
}
