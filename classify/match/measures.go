package match

import "strings"

// What numbers and units say, against other words: of "a 56 inch fan" the fan is
// what is wanted.
const (
	numberSays = 0.7
	digitSays  = 0.3 // a single one
	unitSays   = 0.05
)

// apart parts a number from what is written on to it: "18volt", "10x20".
func apart(word string) (first, rest string) {
	n := 0
	for n < len(word) && isDigit(word[n]) {
		n++
	}
	if n == 0 || n == len(word) {
		return word, ""
	}
	rest = word[n:]
	if (rest[0] == 'x' || rest[0] == 'X') && len(rest) > 1 && isDigit(rest[1]) {
		return word[:n], rest[1:]
	}
	if len(rest) < 2 || ordinals[strings.ToLower(rest)] {
		return word, "" // "4k", "3rd"
	}
	for i := range rest {
		if isDigit(rest[i]) {
			return word, "" // "1000xm5"
		}
	}
	return word[:n], rest
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

var (
	ordinals = set("st nd rd th")
	units    = set(`in inch inches ft foot feet mm cm km lb lbs oz kg qt gal gallon gallons liter liters litre litres ounce ounces
		pound pounds yd yard yards meter meters metre metres sq cu volt volts watt watts amp amps gram grams`)
)

// measures weighs numbers and the units behind them.
func (t *topic) measures(from int) {
	for i := from; i < len(t.terms); i++ {
		m := &t.terms[i]
		switch {
		case strings.Trim(m.folded, "0123456789") == "":
			m.weight = numberSays
			if len(m.folded) == 1 {
				m.weight = digitSays
			}
		case i > 0 && isDigit(t.terms[i-1].folded[0]) && units[m.folded]:
			m.weight *= unitSays
		}
	}
}
