package offer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// String gives the amount as "60 EUR" or "15.99 USD".
func (m Money) String() string {
	unit := int64(1)
	for range exponent(m.Currency) {
		unit *= 10
	}
	if m.Minor%unit == 0 {
		return fmt.Sprintf("%d %s", m.Minor/unit, m.Currency)
	}
	return fmt.Sprintf("%d.%0*d %s", m.Minor/unit, exponent(m.Currency), m.Minor%unit, m.Currency)
}

// RoundUp gives the next amount in whole units of the currency: 150 EUR for
// 149.95 EUR.
func (m Money) RoundUp() Money {
	unit := int64(1)
	for range exponent(m.Currency) {
		unit *= 10
	}
	m.Minor += (unit - m.Minor%unit) % unit
	return m
}

// exponent is how many decimals a currency has (ISO 4217).
func exponent(currency string) int {
	switch currency {
	case "JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "PYG":
		return 0
	case "KWD", "BHD", "OMR", "JOD", "TND":
		return 3
	}
	return 2
}

// Amount reads a number as shops write it, in minor units of the currency: the
// last of two kinds of separators is the decimal one, a lone separator before
// three digits parts thousands.
func Amount(s, currency string) (minor int64, ok bool) {
	groups, seps := splitNumber(s)
	exp, n := exponent(currency), len(seps)
	decimals := ""
	if n > 0 {
		last := groups[n]
		apart := n > 1 && seps[n-1] != seps[n-2]
		lone := n == 1 && seps[0] != " " && seps[0] != "'" && (len(last) < 3 || len(last) == exp || groups[0] == "0")
		if apart || lone {
			decimals, groups = last, groups[:n]
		}
	}
	for i, g := range groups[1:] {
		if len(g) != 3 || seps[i] != seps[0] {
			return 0, false
		}
	}
	whole := strings.Join(groups, "")
	if len(groups) > 1 && len(groups[0]) > 3 || len(whole) > 10 || whole == "" || len(decimals) > 3 {
		return 0, false
	}
	for len(decimals) < exp {
		decimals += "0"
	}
	for _, c := range whole + decimals[:exp] {
		if c < '0' || c > '9' {
			return 0, false
		}
		minor = minor*10 + int64(c-'0')
	}
	return minor, true
}

// blanks makes curly apostrophes straight, and blanks plain.
var blanks = strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ", "\u2009", " ")

// splitNumber parts digits and separators; a curly apostrophe counts as a straight one.
func splitNumber(s string) (groups, seps []string) {
	s = blanks.Replace(strings.TrimSpace(s))
	for {
		i := strings.IndexAny(s, ".,' ")
		if i < 0 || len(seps) > 5 {
			return append(groups, s), seps
		}
		groups, seps = append(groups, s[:i]), append(seps, s[i:i+1])
		s = s[i+1:]
	}
}

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
	case "euro", "euros", "euroa", "euron", "eur":
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
	cur, ok := s.left(&m, used, c)
	if !ok {
		cur, ok = s.right(&m, c)
	}
	if !ok {
		return m, false
	}
	minor, ok := Amount(s.at(k), cur.Currency)
	cur.Minor = minor
	m.money = cur
	return m, ok && minor > 0 && !s.huge(k, m.j)
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
			switch s.t[i].low {
			case "million", "millions", "millionen", "mio", "mln", "milliarden", "mrd", "billion", "billions", "bn", "trillion", "millones", "milioni", "miljoen", "miljoonaa":
				return true
			case "k", "m", "b":
				return !s.t[i].gap
			}
		}
	}
	return false
}

// bundle reads "2 pizzas for" or "3 für" before the amount at token i.
func (s *sentence) bundle(i int) (n, thing string) {
	if s.is(i-1, "kpl", "st", "stk", "szt", "ks", "db", "stück", "stuks", "pcs") {
		if n := atoi(s.at(i - 2)); i > 1 && n > 1 && n < 100 {
			return s.at(i - 2), ""
		}
	}
	if !s.is(i-1, "for", "für", "pour", "por", "per", "voor", "för", "a", "à", "za", "zu", "til") {
		return "", ""
	}
	for k := i - 2; k >= 0 && k >= i-7; k-- {
		switch {
		case s.t[k].kind == number:
			if n := atoi(s.at(k)); n < 2 || n > 99 || s.is(k+1, "cm", "mm", "m", "ml", "cl", "dl", "l", "kg", "g", "zoll", "inch", "in", "w", "watt", "v", "gb", "tb", "x", "%", "\"", "″", "tum", "tommer") {
				return "", ""
			}
			if k < i-2 {
				thing = strings.TrimSpace(s.text[s.t[k].to:s.t[i-2].to])
			}
			return s.at(k), thing
		case s.t[k].kind == sign && utf8.RuneCountInString(s.at(k)) > 0 && s.at(k) != "-":
			return "", ""
		}
	}
	return "", ""
}
