package offer

import (
	"strconv"
	"strings"
	"time"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
)

// day is a date as far as it was said.
type day struct {
	year  int // 0 if not said
	month time.Month
	date  int
}

// lastMoment is where a day ends that says no time.
const lastMoment = 24*time.Hour - time.Second

// end reads the date after the cue that ends at token i.
func (s *sentence) end(i int, c Context) (mark, bool) {
	sure := false
	for k := i; k >= 0 && s.t[k].role&(ends|endsSure|beforeDay) != 0; k-- {
		sure = sure || s.t[k].role&endsSure != 0
	}
	marked := len(s.marks) > 0 && s.marks[len(s.marks)-1].j == i-1
	if !sure && !marked && i > 0 && (s.t[i-1].kind == number || days.Weekday(s.t[i-1].low) != 0) {
		return mark{}, false // "Mo bis Fr", "9 bis 18 Uhr": opening hours
	}
	m := mark{kind: isEnd, i: i, j: i, strong: sure}
	k := s.filler(i + 1)
	clock, after, timed := s.clock(k)
	if timed {
		k = s.filler(after)
	}
	at, last, ok := s.date(k, c)
	if !ok && cue.Endings[s.low(i)] {
		at, last, ok = s.endOf(i, c) // the cue itself says "the end of"
	}
	if !ok && s.is(i, "ut") && !c.Date.IsZero() && (days.Month(s.low(k)) != 0 || s.is(k, "uken", "veckan", "ugen") || cue.AMonth[s.low(k)] || cue.AYear[s.low(k)]) { // "ut november"
		at, last, ok = s.endOf(k-1, c)
	}
	if !ok {
		if !timed || c.Date.IsZero() || s.t[i].role&(beforeDay|endsSure) == beforeDay { // "before 23:59 is delivered tomorrow"
			return m, false
		}
		at, last = onDay(c.Date, 0, clock), after-1
		m.at, m.j = at, last
		return m, true
	}
	first := last + 1
	if days.Weekday(s.low(last)) != 0 && first < len(s.t) && s.t[first].kind == number {
		first++ // "Monday 23 to Sunday 29 November"
	}
	if s.is(first, ".") {
		first++
	}
	if s.reaches(first) {
		if later, end, ok := s.date(s.reached(first), c); ok && later.After(at) { // "11/20 – 11/23"
			at, last = later, end
		}
	}
	if s.t[i].role&beforeDay != 0 || s.is(i, "before", "vóór", "före", "før", "inden", "innan", "przed", "voor") || s.is(i, "le", "del") && s.is(i-1, "avant", "antes", "prima") {
		at = onDay(at, -1, lastMoment)
	}
	if !timed {
		if clock, after, timed = s.clock(s.filler(last + 1)); timed {
			last = after - 1
		}
	}
	if timed {
		at = onDay(at, 0, clock)
	}
	m.at, m.j = at, last
	return m, true
}

// endBefore reads the date before token i, as Finnish puts it.
func (s *sentence) endBefore(i int, c Context) (mark, bool) {
	for k := max(0, i-5); k < i; k++ {
		if at, last, ok := s.date(k, c); ok && (last == i-1 || last == i-2 && s.is(i-1, ".", "-", "'", "’")) {
			return mark{kind: isEnd, i: k, j: i, at: at, strong: true}, true
		}
	}
	return mark{}, false
}

// filler skips the small words before a date, at most four.
func (s *sentence) filler(k int) int {
	for n := 0; n < 5 && s.is(k, "am", "on", "at", "the", "this", "cyber", "black", "den", "der", "dem", "zum", "einschließlich", "diesen", "le", "ce", "la", "el", "este", "il", "alle", "al", "l", "op", "om", "med",
		"met", "um", "à", "a", "las", "kl", "klo", "kello", "and", "och", "og", "mit", "m", "o", "including", "inkl", "incl", "einschl", "next", "del", "de", "du", "di", "d", "dem", "zum", "na", "dni", "tra", "fra", "dans", "en", "binnen", "over", "za", "em", "w", "ciągu",
		"pt", "et", "est", "pst", "edt", "cet", "mez", "gmt", "bst", "dne", "dnia", "pe", "ao", "i", "-", ":", ",", ".", "(", "'", "’", "by", "in", "on", "uhr", "på"); n++ {
		k++
	}
	return k
}

// clock reads a time of day at token k: midnight, 23:59, 11:59 pm, 10am, 18 Uhr.
func (s *sentence) clock(k int) (d time.Duration, next int, ok bool) {
	if s.is(k, "midnight", "mitternacht", "minuit", "medianoche", "mezzanotte", "middernacht", "keskiyöhön", "midnatt", "midnat") {
		return lastMoment, k + 1, true
	}
	if s.is(k, "noon", "midday", "mittag", "midi", "mediodía") {
		return 12 * time.Hour, k + 1, true
	}
	if k >= len(s.t) || s.t[k].kind != number {
		return 0, k, false
	}
	text, minute := s.at(k), 0
	if h, m, found := strings.Cut(text, "."); found && len(m) == 2 && s.is(k+1, "uhr") {
		text, minute = h, atoi(m)
	}
	hour, next := atoi(text), k+1
	said := false
	if s.is(next, ":", "h") && next+1 < len(s.t) && s.t[next+1].kind == number && !s.t[next+1].gap {
		minute, next, said = atoi(s.at(next+1)), next+2, true
		if s.is(next, ":") && next+1 < len(s.t) && s.t[next+1].kind == number {
			next += 2
		}
	}
	switch {
	case s.is(next, "pm", "p"):
		if hour < 12 {
			hour += 12
		}
		next, said = next+1, true
	case s.is(next, "am", "a"):
		hour, next, said = hour%12, next+1, true
	case s.is(next, "uhr", "h", "heures", "uur"):
		next, said = next+1, true
	}
	if !said || hour < 0 || hour > 24 || minute < 0 || minute > 59 {
		return 0, k, false
	}
	d = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	return min(d, lastMoment), next, true
}

// atoi reads up to four digits; -1 for anything else.
func atoi(s string) int {
	if n, err := strconv.Atoi(s); err == nil && len(s) <= 4 {
		return n
	}
	return -1
}

// date reads a day at token k and gives the moment it ends, in the zone of the
// message, and its last token.
func (s *sentence) date(k int, c Context) (at time.Time, last int, ok bool) {
	if k >= len(s.t) {
		return at, k, false
	}
	if s.t[k].kind == word {
		low := s.t[k].low
		if cue.Endings[low] {
			return s.endOf(k, c)
		}
		if w := days.Weekday(low); w != 0 && !c.Date.IsZero() {
			// A date after its weekday says more.
			next := s.filler(k + 1)
			if s.is(next, ".") {
				next = s.filler(next + 1)
			}
			if at, last, ok := s.date(next, c); ok && next < len(s.t) && days.Weekday(s.t[next].low) == 0 && days.Near(s.t[next].low) == 0 {
				return at, last, true
			}
			ahead := (int(w-1) - int(c.Date.Weekday()) + 7) % 7
			return onDay(c.Date, ahead, lastMoment), k, true
		}
		if n := days.Near(low); n != 0 && !c.Date.IsZero() {
			return onDay(c.Date, n-1, lastMoment), k, true
		}
		if m := days.Month(low); m != 0 {
			return s.monthFirst(k, m, c)
		}
		return at, k, false
	}
	if s.t[k].kind != number {
		return at, k, false
	}
	if d, last, ok := s.numeric(k, c); ok {
		at, ok := c.resolve(d)
		return at, last, ok
	}
	return s.dayFirst(k, c)
}

// endOf reads "the end of November", "Ende des Monats", "fin d'année" from the word
// for the end on.
func (s *sentence) endOf(k int, c Context) (at time.Time, last int, ok bool) {
	for last = k + 1; last < len(s.t) && last <= k+4 && !c.Date.IsZero(); last++ {
		low := s.t[last].low
		switch m := days.Month(low); {
		case m != 0:
			year, said := s.year(last + 1)
			if !said {
				if year = c.Date.Year(); m < c.Date.Month() {
					year++
				}
			} else {
				last++
			}
			return time.Date(year, m+1, 0, 23, 59, 59, 0, c.Date.Location()), last, true
		case cue.AMonth[low]:
			return time.Date(c.Date.Year(), c.Date.Month()+1, 0, 23, 59, 59, 0, c.Date.Location()), last, true
		case s.is(last, "uken", "veckan", "ugen", "week", "woche", "semaine", "semana", "settimana", "tygodnia", "viikon"):
			return onDay(c.Date, (7-int(c.Date.Weekday()))%7, lastMoment), last, true
		case cue.AYear[low]:
			return time.Date(c.Date.Year(), 12, 31, 23, 59, 59, 0, c.Date.Location()), last, true
		}
	}
	return at, k, false
}

// monthFirst reads "December 24th, 2026".
func (s *sentence) monthFirst(k int, m time.Month, c Context) (at time.Time, last int, ok bool) {
	last = k + 1
	if s.is(last, ".") {
		last++
	}
	if last >= len(s.t) || s.t[last].kind != number {
		return at, k, false
	}
	d := day{month: m, date: atoi(s.at(last))}
	next := last + 1
	if s.is(next, "st", "nd", "rd", "th") {
		last, next = next, next+1
	}
	if s.is(next, ",") {
		next++
	}
	if y, ok := s.year(next); ok {
		d.year, last = y, next
	} else if n := atoi(s.at(next + 1)); s.is(next, "-", "–") && next+1 < len(s.t) && s.t[next+1].kind == number && n > d.date && n <= 31 {
		d.date, last = n, next+1 // "Nov 20–27"
	}
	at, ok = c.resolve(d)
	return at, last, ok
}

// dayFirst reads "24. Dezember 2026", "24 de diciembre", "1er janvier", or a
// number of hours or days from now.
func (s *sentence) dayFirst(k int, c Context) (at time.Time, last int, ok bool) {
	n, next := atoi(s.at(k)), k+1
	for s.is(next, ".", "st", "nd", "rd", "th", "er", "de", "of", "º", "-") && next < k+3 {
		next++
	}
	if next >= len(s.t) || n < 1 {
		return at, k, false
	}
	low := s.t[next].low
	if m := days.Month(low); m != 0 {
		d, last := day{month: m, date: n}, next
		next++
		if s.is(next, ".", ",", "de") {
			next++
		}
		if y, ok := s.year(next); ok {
			d.year, last = y, next
		}
		at, ok = c.resolve(d)
		return at, last, ok
	}
	if c.Date.IsZero() || next != k+1 || n > 1000 {
		return at, k, false
	}
	switch low {
	case "hours", "hour", "hrs", "stunden", "stunde", "heures", "horas", "ore", "uur", "tuntia", "timmar", "timer", "hodin", "godzin", "óra", "saat":
		return c.Date.Add(time.Duration(n) * time.Hour), next, true
	}
	if days.Day(low) {
		return onDay(c.Date, n, lastMoment), next, true
	}
	return at, k, false
}

// year reads a year of four digits.
func (s *sentence) year(k int) (int, bool) {
	if k >= len(s.t) || s.t[k].kind != number || len(s.at(k)) != 4 {
		return 0, false
	}
	y := atoi(s.at(k))
	return y, y >= 1990 && y < 2100
}

// numeric reads 30.11., 24.12.2026, 12/24, 24/12/2026 and 2026-12-24.
func (s *sentence) numeric(k int, c Context) (d day, last int, ok bool) {
	parts := strings.Split(s.at(k), ".")
	last = k
	if len(parts) == 1 && s.is(k+1, ".") && !s.t[k+1].gap && k+2 < len(s.t) && s.t[k+2].gap && s.t[k+2].kind == number && atoi(s.at(k+2)) <= 12 && s.is(k+3, ".") {
		return day{month: time.Month(atoi(s.at(k + 2))), date: atoi(parts[0])}, k + 3, true // "30. 11."
	}
	between := "."
	if len(parts) == 1 {
		between = s.at(k + 1)
		if between != "/" && between != "-" {
			return d, k, false
		}
		for len(parts) < 3 && s.is(last+1, between) && last+2 < len(s.t) && s.t[last+2].kind == number && !s.t[last+2].gap {
			parts, last = append(parts, s.at(last+2)), last+2
		}
	} else if len(parts) == 2 && s.is(k+1, ".") && !s.t[k+1].gap {
		last++
		if _, ok := s.year(last + 1); ok {
			parts, last = append(parts, s.at(last+1)), last+1
		}
	}
	if len(parts) < 2 || len(parts) > 3 {
		return d, k, false
	}
	var n [3]int
	for i, p := range parts {
		if n[i] = atoi(p); n[i] < 0 {
			return d, k, false
		}
	}
	switch {
	case len(parts[0]) == 4:
		return day{year: n[0], month: time.Month(n[1]), date: n[2]}, last, len(parts) == 3
	case between == "-":
		return d, k, false
	case between == "/" && n[0] <= 12 && (n[1] > 12 || s.american(c)):
		n[0], n[1] = n[1], n[0]
	}
	if len(parts) == 3 && n[2] < 100 {
		n[2] += 2000
	}
	return day{year: n[2], month: time.Month(n[1]), date: n[0]}, last, true
}

// american reports whether 12/1 means December 1: English words and no country
// that writes the day first.
func (s *sentence) american(c Context) bool {
	switch c.Country {
	case "US":
		return true
	case "":
		for i := range s.t {
			if s.is(i, "until", "ends", "expires", "valid", "through", "by", "offer", "ending", "expire", "till") {
				return true
			}
		}
	}
	return false
}

// resolve gives the end of a day; without a year it is the next one after the
// message's date.
func (c Context) resolve(d day) (time.Time, bool) {
	if d.month < 1 || d.month > 12 || d.date < 1 || d.date > 31 || d.year == 0 && c.Date.IsZero() {
		return time.Time{}, false
	}
	year := d.year
	if year == 0 {
		year = c.Date.Year()
	}
	at := time.Date(year, d.month, d.date, 23, 59, 59, 0, c.Date.Location())
	if at.Day() != d.date {
		return time.Time{}, false // 31 February
	}
	if d.year == 0 && at.Before(c.Date) {
		at = time.Date(year+1, d.month, d.date, 23, 59, 59, 0, c.Date.Location())
	}
	return at, year >= 1990 && year < 2100
}

// onDay gives the moment clock of the day that is some days after t.
func onDay(t time.Time, days int, clock time.Duration) time.Time {
	s := int(clock / time.Second)
	return time.Date(t.Year(), t.Month(), t.Day()+days, s/3600, s/60%60, s%60, 0, t.Location())
}
