// Package money reads amounts as shops write them. It never guesses a currency.
package money

import (
	"fmt"
	"strings"
)

// Money is an amount in minor units of a currency. Free is 0.
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case
	Assumed  bool   // the currency was inferred: "$" read as USD, "kr" by the language
}

// Below reports an amount less than m in the same currency.
func (p *Money) Below(m *Money) bool { return p.Currency == m.Currency && p.Minor < m.Minor }

// String gives the amount as "60 EUR" or "15.99 USD".
func (m Money) String() string {
	unit := m.unit()
	if m.Minor%unit == 0 {
		return fmt.Sprintf("%d %s", m.Minor/unit, m.Currency)
	}
	return fmt.Sprintf("%d.%0*d %s", m.Minor/unit, exponent(m.Currency), m.Minor%unit, m.Currency)
}

// RoundUp gives the next amount in whole units of the currency: 150 EUR for
// 149.95 EUR.
func (m Money) RoundUp() Money {
	unit := m.unit()
	m.Minor += (unit - m.Minor%unit) % unit
	return m
}

// unit is how many minor units make a whole one.
func (m Money) unit() int64 {
	unit := int64(1)
	for range exponent(m.Currency) {
		unit *= 10
	}
	return unit
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
