package offer

import (
	"strings"
	"time"
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
	if months[s.low(next)] != 0 {
		next++
	}
	if !s.reaches(next) {
		return m, false
	}
	if s.is(next, "t") && s.is(next+1, "/") {
		next += 2
	}
	at, last, ok := s.date(s.filler(next+1), c)
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
		s.before(k, 2)&now == 0 && s.after(k+1, 2)&now == 0 && !s.is(k-1, "last", "letzte", "dernières", "últimas", "ultime", "laatste", "viimeiset", "sista", "sidste", "siste") && len(s.t) > 4 {
		return m, false
	}
	at := onDay(c.Date.Add(time.Duration(n)*time.Hour), 0, lastMoment)
	return mark{kind: isEnd, i: k, j: k + 1, at: at, strong: true}, true
}
