package offer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
)

// A name of a thing is short; longer runs of words are prose.
const (
	maxName      = 70 // bytes
	maxNameWords = 9
)

// name gives what the amount at mark m is the price of, from what stands before it
// in its sentence; "" if that is no name.
func (s *sentence) name(from, to int) string {
	skip := func(t token) bool {
		return t.kind == sign || t.kind == word && (cue.Dressing[t.low] || cue.Rates[t.low] || t.role&^(sale|other|code|ends|second|receipt|ship|monthly|today|spend|over) != 0)
	}
	for k := to - 1; k >= from; k-- { // behind the last comma or the like, if it is a clause of its own
		if s.is(k, ",") && k+1 < to && s.t[k+1].kind == word && s.t[k+1].gap && !s.onlyDressing(k+1, to) {
			if s.leads(from, k) {
				to = k // "Gran Canaria, flight and hotel"
				continue
			}
			from = k + 1 // "Dear parents, the trip"
			break
		}
		if s.is(k, ";", "|", "•", "→", "!", "?") || s.is(k, ":") && k < to-1 && !s.onlyDressing(k+1, to) {
			from = k + 1
			break
		}
	}
	for from < to && skip(s.t[from]) && !s.is(from, "(") {
		from++
	}
	for to > from && (skip(s.t[to-1]) || s.t[to-1].kind == number && s.is(to-2, "(")) {
		to--
	}
	return s.asName(from, to)
}

// leads reports a short name before a comma, behind which it is only told more of.
func (s *sentence) leads(from, comma int) bool {
	first, _ := utf8.DecodeRuneInString(s.at(from))
	next, _ := utf8.DecodeRuneInString(s.at(comma + 1))
	if comma-from > 4 || comma == from || !unicode.IsUpper(first) || unicode.IsUpper(next) || cue.Greeting[s.low(from)] || s.t[from].role != 0 {
		return false
	}
	return s.asName(from, comma) != ""
}

// onlyDressing reports that the tokens name nothing.
func (s *sentence) onlyDressing(from, to int) bool {
	for _, t := range s.t[from:to] {
		if t.kind == number || t.kind == word && t.role == 0 && !cue.Dressing[t.low] && !cue.Rates[t.low] {
			return false
		}
	}
	return true
}

// asName gives the text of tokens if it can be the name of a thing.
func (s *sentence) asName(from, to int) string {
	if from >= to {
		return ""
	}
	for k := from + 1; k < to-1; k++ { // what is in brackets tells more
		if s.is(k, "(", "[") {
			to = k
			break
		}
	}
	for from < to && s.t[to-1].kind == word && cue.Acting[s.t[to-1].low] {
		to--
	}
	if from == to {
		return ""
	}
	if cue.Urging[s.low(from)] {
		return ""
	}
	for k := to - 1; k > from; k-- { // "Try the Morning Post": what an action is done to
		if s.t[k].kind == word && cue.Acting[s.t[k].low] && k+1 < to {
			first := k + 1
			for first < to && (cue.Dressing[s.low(first)] || s.t[first].kind == sign) {
				first++
			}
			if c, _ := utf8.DecodeRuneInString(s.at(first)); first < to && unicode.IsUpper(c) {
				from = first
			}
			break
		}
	}
	words, letters, named := 0, false, false
	for _, t := range s.t[from:to] {
		if t.kind == word {
			named = named || !cue.Rates[t.low]
			if cue.Acting[t.low] {
				return ""
			}
			words++
			letters = letters || utf8.RuneCountInString(t.low) >= 3 || words > 0 && !isASCII(t.low)
		}
	}
	text := strings.TrimSpace(s.text[s.t[from].from:s.t[to-1].to])
	if !letters || !named || words > maxNameWords || len(text) > maxName {
		return ""
	}
	return text
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}

// nameBehind gives a name that stands behind the amount: "Now £39.00 Wrenfield throw".
func (s *sentence) nameBehind(from int) string {
	to := from
	for to < len(s.t) && to < from+6 && s.t[to].kind == word && s.t[to].role == 0 {
		to++
	}
	if from >= to {
		return ""
	}
	if first, _ := utf8.DecodeRuneInString(s.at(from)); !unicode.IsUpper(first) {
		return ""
	}
	return s.asName(from, to)
}

// heading gives a line that may name what the next line prices.
func (s *sentence) heading() string {
	if len(s.marks) > 0 || len(s.t) == 0 || s.is(len(s.t)-1, ".", ":", ",") {
		return ""
	}
	if days.Lasts(s.low(1)) && s.t[0].kind == number {
		return "" // "8 days, half board" tells more of what the line before names
	}
	for k := range s.t {
		if s.is(k, ",") {
			if name := s.name(0, k); name != "" && !cue.Greeting[s.low(0)] && len(strings.Fields(name)) <= 5 {
				return name // "Hurghada, 7 days, all inclusive"
			}
			break
		}
	}
	if name := s.name(0, len(s.t)); len(strings.Fields(name)) <= 7 {
		return name
	}
	return ""
}
