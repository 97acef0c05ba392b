package offer

import (
	"strings"
	"time"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
)

// dayInJapanese reads "11月30日まで".
func (s *sentence) dayInJapanese(k int, c Context) (m mark, ok bool) {
	if !s.is(k+1, "月") || k+3 >= len(s.t) || s.t[k+2].kind != number || !strings.HasPrefix(s.t[k+3].low, "日まで") {
		return m, false
	}
	at, ok := c.resolve(day{month: time.Month(atoi(s.at(k))), date: atoi(s.at(k + 2))})
	return mark{kind: isEnd, i: k, j: k + 3, at: at, strong: true}, ok
}

// reaches reports a word or sign between the first and the last day of a span.
func (s *sentence) reaches(k int) bool {
	return s.is(k, "-", "–", "—", "to", "bis", "au", "al", "à", "do", "til", "till", "tot", "through", "thru", "until", "a", "até", "ao", "t", "og")
}

// reached gives the token that follows what stands between two days at token k:
// "-", "bis", "t/m", "til og med".
func (s *sentence) reached(k int) int {
	if s.is(k, "t") && s.is(k+1, "/", ".") {
		k += 2
	}
	return s.filler(k + 1)
}

// span reads the last day of "20.–27. November", "from 20 to 27 November" or
// "20/11 t/m 27/11", from its first number on.
func (s *sentence) span(k int, c Context) (m mark, ok bool) {
	next := k + 1
	if n := atoi(s.at(k)); n < 1 || n > 31 {
		_, last, ok := s.date(k, c)
		if !ok {
			return m, false
		}
		next = last + 1
	}
	for s.is(next, ".", "th", "st", "nd", "rd", "e", "er") && next < k+4 {
		next++
	}
	if days.Month(s.low(next)) != 0 {
		next++
	}
	if !s.reaches(next) {
		return m, false
	}
	at, last, ok := s.date(s.reached(next), c)
	if !ok || last < next+2 || !at.After(c.Date) {
		return m, false
	}
	return mark{kind: isEnd, i: k, j: last, at: at, strong: s.is(k-1, "vom", "du", "dal", "del", "from", "van", "från", "fra", "od", "de", "valid", "gültig", "valable")}, true
}

// hoursOnly reads "48 hours only", where that is all that is said.
func (s *sentence) hoursOnly(k int, c Context) (m mark, ok bool) {
	n := atoi(s.at(k))
	if c.Date.IsZero() || n < 2 || n > 96 || s.before(k, 3)&endsSure != 0 {
		return m, false
	}
	if !s.is(k+1, "hours", "hour", "hrs", "h", "stunden", "heures", "horas", "ore", "uur", "tuntia", "timmar", "timer", "hodin", "godzin", "saat", "óra") ||
		s.before(k, 2)&now == 0 && s.after(k+1, 2)&now == 0 && !cue.Leaving[s.low(k-1)] && !cue.Leaving[s.low(k+2)] && len(s.t) > 4 {
		return m, false
	}
	at := onDay(c.Date.Add(time.Duration(n)*time.Hour), 0, lastMoment)
	return mark{kind: isEnd, i: k, j: k + 1, at: at, strong: true}, true
}

// daysLeft reads "3 days left", of which today is the first, and "valid for 7 days".
func (s *sentence) daysLeft(k int, c Context) (m mark, ok bool) {
	n := atoi(s.at(k))
	if c.Date.IsZero() || n < 1 || n > 60 || !days.Day(s.low(k+1)) || s.within(0, len(s.t), ship) {
		return m, false
	}
	around := func(words cue.Words) bool {
		for i := max(0, k-3); i < min(len(s.t), k+4); i++ {
			if words[s.t[i].low] {
				return true
			}
		}
		return false
	}
	switch {
	case around(cue.Leaving):
		n--
	case !around(cue.Lending):
		return m, false
	}
	return mark{kind: isEnd, i: k, j: k + 1, at: onDay(c.Date, n, lastMoment), strong: len(s.t) <= 6}, true
}
