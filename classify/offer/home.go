package offer

import (
	"strings"

	"usher/classify/offer/money"
)

// sameMoney reads a number that says no currency after a word for an old price:
// "CHF 14.50 statt 19.90".
func (s *sentence) sameMoney(i int, c Context) (mark, bool) {
	if m, ok := s.atHome(i, c); ok {
		return m, true
	}
	if s.before(i, 3)&was == 0 {
		if s.after(i, 1)&now != 0 {
			return s.asNext(i, c) // "12,99 nu 9,99 euro"
		}
		return mark{}, false
	}
	if len(s.marks) == 0 || s.marks[len(s.marks)-1].kind != isMoney {
		return s.asNext(i, c)
	}
	last := s.marks[len(s.marks)-1]
	m := mark{kind: isMoney, i: i, j: i, money: last.money}
	if last.j+6 < i {
		return m, false
	}
	minor, ok := money.Amount(s.at(i), last.money.Currency)
	m.money.Minor = minor
	s.tail(&m)
	return m, ok && minor > last.money.Minor
}

// atHome reads a number with cents that ends a line, right behind a word of price, in
// the money of the country: "UVP 8,49".
func (s *sentence) atHome(i int, c Context) (mark, bool) {
	text := s.at(i)
	if i == 1 && s.is(0, "van") {
		s.t[0].role |= was // "van 49,99", and in the next line "voor 34,99"
	}
	if i == 1 && s.is(0, "voor") {
		s.t[0].role |= now
	}
	if i == 0 || i != len(s.t)-1 || s.t[i-1].role&(was|now|from) == 0 || homes[c.Country] == "" || len(text) < 4 || text[len(text)-3] != ',' && text[len(text)-3] != '.' {
		return mark{}, false
	}
	minor, ok := money.Amount(text, homes[c.Country])
	return mark{kind: isMoney, i: i, j: i, money: Money{Minor: minor, Currency: homes[c.Country], Assumed: true}}, ok && minor > 0
}

// asNext reads a number with cents, after a word for an old price, in the currency of
// the amount that follows: "UVP 129,00 nur 89,00 EUR".
func (s *sentence) asNext(i int, c Context) (mark, bool) {
	m := mark{kind: isMoney, i: i, j: i}
	if !strings.ContainsAny(s.at(i), ".,") {
		return m, false
	}
	for k := i + 1; k < len(s.t) && k <= i+5; k++ {
		if s.t[k].kind != number {
			continue
		}
		next, ok := s.money(k, i, c)
		if !ok {
			return m, false
		}
		minor, ok := money.Amount(s.at(i), next.money.Currency)
		m.money = Money{Minor: minor, Currency: next.money.Currency, Assumed: next.money.Assumed}
		return m, ok && minor > next.money.Minor
	}
	return m, false
}
