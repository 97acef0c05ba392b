// Package amount reads what people call a sum of money: "120 EUR", "€120",
// "1 200 kr". It never converts one currency into another.
package amount

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"usher/classify/mail"
	"usher/classify/offer/money"
)

// currencies are the codes of ISO 4217 that mail sells in.
var currencies = strings.Fields(`AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR
	ISK JPY KES KRW MAD MXN MYR NGN NOK NZD PEN PHP PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR`)

// marks are what people write instead of a code.
var marks = map[string]string{
	"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "us$": "USD", "₹": "INR", "₽": "RUB", "zł": "PLN",
	"kč": "CZK", "ft": "HUF", "₺": "TRY", "₩": "KRW", "₪": "ILS", "lei": "RON", "лв": "BGN", "₴": "UAH",
}

// assumed are marks that several currencies share, with the one that is read.
var assumed = map[string]string{"$": "USD", "¥": "JPY", "kr": "SEK", "kr.": "SEK"}

// crowns tells whose kr a person means by their time zone.
var crowns = map[string]string{
	"Europe/Oslo": "NOK", "Arctic/Longyearbyen": "NOK", "Europe/Copenhagen": "DKK", "America/Nuuk": "DKK",
	"Atlantic/Faroe": "DKK", "Atlantic/Reykjavik": "ISK", "Europe/Stockholm": "SEK",
}

// Read reads "120 EUR", "€120", "1 200 kr". The message says what is wrong
// with it, "" if nothing.
func Read(s string, zone *time.Location) (m mail.Money, message string) {
	first := strings.IndexFunc(s, unicode.IsDigit)
	last := strings.LastIndexFunc(s, unicode.IsDigit)
	if first < 0 {
		return m, `an amount is a number and a currency, "120 EUR"`
	}
	before, digits, after := strings.TrimSpace(s[:first]), s[first:last+1], strings.TrimSpace(s[last+1:])
	mark := strings.ToLower(before + after)
	switch code := strings.ToUpper(mark); {
	case mark == "":
		return m, "an amount wants its currency: a bare number is never guessed"
	case before != "" && after != "":
		return m, `an amount is a number and one currency, "120 EUR"`
	case slices.Contains(currencies, code):
		m.Currency = code
	case marks[mark] != "":
		m.Currency = marks[mark]
	case assumed[mark] != "":
		m.Currency, m.Assumed = assumed[mark], true
		if own := crowns[zoneName(zone)]; own != "" && mark[0] == 'k' {
			m.Currency, m.Assumed = own, false
		}
	default:
		return m, "this is no currency that usher knows"
	}
	minor, ok := money.Amount(digits, m.Currency)
	if !ok {
		return m, "this number cannot be read"
	}
	m.Minor = minor
	return m, ""
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return ""
	}
	return zone.String()
}
