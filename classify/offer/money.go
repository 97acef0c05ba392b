package offer

import (
	"strings"
	"unicode/utf8"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
	"usher/classify/offer/money"
)

// symbols are signs that stand for one currency.
var symbols = map[string]string{
	"€": "EUR", "£": "GBP", "￡": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "₱": "PHP",
}

// dollars are the letters before "$".
var dollars = map[string]string{
	"us": "USD", "ca": "CAD", "c": "CAD", "au": "AUD", "a": "AUD", "nz": "NZD", "hk": "HKD", "s": "SGD", "r": "BRL", "mx": "MXN", "nt": "TWD",
}

// byCountry is what "$" and "kr" mean to a sender of a country.
var byCountry = map[string]map[string]string{
	"$":  {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "MX": "MXN", "CL": "CLP", "AR": "ARS", "CO": "COP"},
	"kr": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"},
	"¥":  {"CN": "CNY"},
}

// local reads a sign that several countries share.
func (c Context) local(sign, otherwise string) Money {
	if cur := byCountry[sign][c.Country]; cur != "" {
		return Money{Currency: cur, Assumed: true}
	}
	return Money{Currency: otherwise, Assumed: true}
}

// currencyAt reads token i as a currency.
func (s *sentence) currencyAt(i int, c Context) (Money, bool) {
	if i < 0 || i >= len(s.t) {
		return Money{}, false
	}
	text := s.at(i)
	if s.t[i].kind == sign {
		switch text {
		case "$", "＄":
			return c.local("$", "USD"), true
		case "¥", "￥":
			return c.local("¥", "JPY"), true
		}
		cur, ok := symbols[text]
		return Money{Currency: cur}, ok
	}
	switch text {
	case "EUR", "USD", "GBP", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "INR", "CNY", "KRW", "CAD", "AUD", "NZD",
		"SGD", "HKD", "BRL", "MXN", "ZAR", "ILS", "RUB", "UAH", "ISK", "THB", "TWD", "AED", "SAR", "KWD", "TRY":
		return Money{Currency: text}, true
	case "RMB", "元":
		return Money{Currency: "CNY"}, true
	case "원":
		return Money{Currency: "KRW"}, true
	}
	if strings.HasPrefix(text, "円") {
		return Money{Currency: "JPY"}, true
	}
	switch s.t[i].low {
	case "euro", "euros", "euroa", "euron", "eurolla", "euroon", "eurosta", "eurot", "eur":
		return Money{Currency: "EUR"}, true
	case "dollars", "dollar":
		return c.local("$", "USD"), true
	case "kr", "kronor", "kroner":
		return c.local("kr", "SEK"), true
	case "tl":
		return Money{Currency: "TRY"}, text == "TL"
	case "fr", "sfr", "fr.", "chf", "franken":
		return Money{Currency: "CHF", Assumed: text != "CHF"}, (text != "FR" || s.is(i+1, ".")) && (c.Country == "" || c.Country == "CH" || c.Country == "LI" || s.t[i].low != "fr") // "FR6LB" is a battery, Swedish "fr." from
	case "zł", "zl":
		return Money{Currency: "PLN"}, true
	case "kč":
		return Money{Currency: "CZK"}, true
	case "ft":
		return Money{Currency: "HUF", Assumed: true}, text == "Ft"
	case "rs", "rupees":
		return Money{Currency: "INR", Assumed: true}, text != "RS" || s.is(i+1, ".") // "RS232" is a plug
	case "lei", "leu":
		return Money{Currency: "RON"}, true
	}
	return Money{}, false
}

// money reads the number at token k as an amount, with its currency before or
// after it. Tokens up to used belong to others.
func (s *sentence) money(k, used int, c Context) (mark, bool) {
	m := mark{kind: isMoney, i: k, j: k}
	if v, last, ok := s.cents(k, c); ok {
		m.money, m.j = v, last
		return m, true
	}
	cur, ok := s.left(&m, used, c)
	if !ok && !(s.is(k-1, "x", "×") && k > 1 && s.t[k-2].kind == number && !s.t[k].gap) { // "180x200 kr 990"
		cur, ok = s.right(&m, c)
	}
	if !ok {
		return m, false
	}
	minor, ok := money.Amount(s.at(k), cur.Currency)
	cur.Minor = minor
	m.money = cur
	return m, ok && minor > 0 && !s.huge(k, m.j)
}

// cents reads "85p", "99¢" and "39:90".
func (s *sentence) cents(k int, c Context) (v Money, last int, ok bool) {
	n := int64(atoi(s.at(k)))
	switch {
	case n <= 0 || k+1 >= len(s.t) || s.t[k+1].gap:
	case s.is(k+1, "p") && n < 100 && (c.Country == "GB" || c.Country == "IE"):
		return Money{Minor: n, Currency: "GBP"}, k + 1, true
	case s.is(k+1, "¢") && n < 100:
		v = c.local("$", "USD")
		v.Minor = n
		return v, k + 1, true
	case s.is(k+1, ":") && k+2 < len(s.t) && !s.t[k+2].gap && len(s.at(k+2)) == 2:
		m := int64(atoi(s.at(k + 2)))
		crowns := s.is(k+3, "kr")
		if m < 0 || !crowns && (c.Country != "SE" || n < 24 && m < 60) {
			return v, k, false
		}
		v = c.local("kr", "SEK")
		v.Minor, last = 100*n+m, k+2
		if crowns {
			last++
		}
		return v, last, true
	}
	return v, k, false
}

// left looks for the currency before the amount.
func (s *sentence) left(m *mark, used int, c Context) (Money, bool) {
	p := m.i - 1
	if s.is(p, ".") && !s.t[p].gap && s.is(p-1, "fr", "sfr", "rs", "kr") {
		p--
	}
	if p <= used {
		return Money{}, false
	}
	cur, ok := s.currencyAt(p, c)
	if !ok {
		return cur, false
	}
	m.i = p
	if s.is(p, "$") && !s.t[p].gap && p-1 > used {
		if d := dollars[s.t[p-1].low]; d != "" {
			cur, m.i = Money{Currency: d}, p-1
		}
	}
	s.tail(m)
	if s.is(p, "$", "¥") && m.j+1 < len(s.t) && s.t[m.j+1].kind == word {
		if named, ok := s.currencyAt(m.j+1, c); ok && !named.Assumed { // "$1,299 MXN"
			cur, m.j = named, m.j+1
		}
	}
	return cur, true
}

// tail takes the stroke that stands for no cents: 49.–, 49,-, 499:-
func (s *sentence) tail(m *mark) (colon bool) {
	q := m.j + 1
	if s.is(q, ".", ",", ":") && !s.t[q].gap && q+1 < len(s.t) && !s.t[q+1].gap && s.t[q+1].dash(s.text) {
		m.j = q + 1
		for m.j+1 < len(s.t) && !s.t[m.j+1].gap && s.t[m.j+1].dash(s.text) {
			m.j++
		}
		return s.is(q, ":")
	}
	return false
}

// right looks for the currency after the amount.
func (s *sentence) right(m *mark, c Context) (Money, bool) {
	colon := s.tail(m)
	q := m.j + 1
	cur, ok := s.currencyAt(q, c)
	if !ok {
		stroke := m.j > m.i // "249,-" is in the money of the country
		cur := Money{Currency: homes[c.Country], Assumed: true}
		if colon && cur.Currency == "" {
			cur.Currency = "SEK"
		}
		return cur, stroke && cur.Currency != ""
	}
	if s.t[q].gap && s.t[q].kind == sign && q+1 < len(s.t) && s.t[q+1].kind == number && !s.t[q+1].gap {
		return cur, false // "2 $10": the sign is the next amount's
	}
	m.j = q
	return cur, true
}

// homes are the countries that write "249,-" without a currency.
var homes = map[string]string{
	"SE": "SEK", "DK": "DKK", "NO": "NOK", "NL": "EUR", "BE": "EUR", "DE": "EUR", "AT": "EUR", "FI": "EUR", "CH": "CHF", "CZ": "CZK",
}

// huge reports millions and the like: news, not a price.
func (s *sentence) huge(k, j int) bool {
	for _, i := range [...]int{k + 1, j + 1} {
		if i < len(s.t) && s.t[i].kind == word {
			switch low := s.t[i].low; {
			case cue.Huge[low]:
				return true
			case low == "k" || low == "m" || low == "b":
				return !s.t[i].gap
			}
		}
	}
	return false
}

// bundle reads "2 pizzas for" or "3 für" before the amount at token i.
func (s *sentence) bundle(i int) (n, thing string, at int) {
	if cue.Pieces[s.low(i-1)] {
		if n := atoi(s.at(i - 2)); i > 1 && n > 1 && n < 100 {
			return s.at(i - 2), "", i - 2
		}
	}
	if !s.is(i-1, "for", "für", "pour", "por", "per", "voor", "för", "a", "à", "za", "zu", "til") {
		return "", "", i
	}
	for k := i - 2; k >= 0 && k >= i-7; k-- {
		switch {
		case s.t[k].kind == number && k > 0 && s.t[k-1].kind == word && !s.t[k].gap: // "R16"
		case s.t[k].kind == number:
			if n := atoi(s.at(k)); n < 2 || n > 99 || days.Lasts(s.low(k+1)) || s.is(k+1, "cm", "mm", "m", "ml", "cl", "dl", "l", "kg", "g", "zoll", "inch", "in", "w", "watt", "v", "gb", "tb", "x", "%", "\"", "″", "tum", "tommer") {
				return "", "", i
			}
			if k < i-2 && !(k == i-3 && cue.Pieces[s.low(k+1)]) {
				first := k + 1
				if cue.Pieces[s.low(first)] {
					first++
				}
				if s.is(first, ".") {
					first++
				}
				thing = strings.TrimSpace(s.text[s.t[min(first, i-2)].from:s.t[i-2].to])
			}
			return s.at(k), thing, k
		case s.is(k, ".") && cue.Pieces[s.low(k-1)]:
		case s.t[k].kind == sign && utf8.RuneCountInString(s.at(k)) > 0 && s.at(k) != "-":
			return "", "", i
		}
	}
	return "", "", i
}
