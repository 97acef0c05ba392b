// Package calendar reads what people call a day or a time of day: "24 Dec", "end
// of June", "spring", "7:30". It never asks a clock.
package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"usher/rules/intents/source"
)

// Date is a day of the calendar, in the person's own zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of a time in the time's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// String gives 2026-12-24.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Plus returns the day n days later.
func (d Date) Plus(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Window is a span of days; both ends belong to it.
type Window struct{ From, To Date }

// Holds reports whether the day lies in the window.
func (w Window) Holds(day Date) bool { return !day.Before(w.From) && !w.To.Before(day) }

// String gives "2026-11-01 .. 2026-12-24".
func (w Window) String() string { return w.From.String() + " .. " + w.To.String() }

var (
	months  = strings.Fields("january february march april may june july august september october november december")
	seasons = map[string]time.Month{"spring": time.March, "summer": time.June, "autumn": time.September, "fall": time.September, "winter": time.December}
)

// Phrase is what a person calls a time: a span of days in each year, or in one.
type Phrase struct {
	in   func(year int) Window
	year int // 0: each
}

// IsOfOneYear reports a phrase that names its year.
func (p Phrase) IsOfOneYear() bool { return p.year != 0 }

// Unreadable is why a date cannot be read, and what may have been meant.
type Unreadable struct{ Message, Suggestion string }

// Read reads "2026-12-24", "24 Dec", "end of June", "spring 2027".
func Read(s string, today Date) (Phrase, *Unreadable) {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(s, ",", " ")))
	edge := ""
	if len(words) > 2 && words[1] == "of" && (words[0] == "end" || words[0] == "beginning" || words[0] == "start") {
		edge, words = words[0], words[2:]
	}
	if len(words) > 1 && (words[0] == "the" || words[0] == "this") {
		words = words[1:]
	}
	year := 0
	if n := len(words); n > 1 {
		if y, err := strconv.Atoi(words[n-1]); err == nil && len(words[n-1]) == 4 {
			year, words = y, words[:n-1]
		}
	}
	p, err := named(words, edge != "", today)
	if err != nil {
		return p, err
	}
	if year != 0 {
		if p.year != 0 && p.year != year {
			return p, &Unreadable{Message: "this names two years"}
		}
		p.year = year
	}
	if p.year != 0 && (p.year < 2000 || p.year > 2999) {
		return p, &Unreadable{Message: "a year lies between 2000 and 2999"}
	}
	span := p.in
	switch edge {
	case "end":
		p.in = func(y int) Window { w := span(y); return Window{w.To, w.To} }
	case "beginning", "start":
		p.in = func(y int) Window { w := span(y); return Window{w.From, w.From} }
	}
	return p, nil
}

// named reads a phrase without its edge and year. "year" and a year's number
// are too wide to be a date, and stand behind "end of" only.
func named(words []string, edge bool, today Date) (Phrase, *Unreadable) {
	s := strings.Join(words, " ")
	if d, bad := iso(s); d != (Date{}) || bad != nil {
		return Phrase{in: day(d.Month, d.Day), year: d.Year}, bad
	}
	if n := figures(s, "-"); len(n) == 2 && len(s) == len("2026-12") && n[0] > 999 && n[1] >= 1 && n[1] <= 12 {
		return Phrase{in: span(time.Month(n[1]), 1), year: n[0]}, nil
	}
	y, err := strconv.Atoi(s)
	switch {
	case s == "today":
		return Phrase{in: day(today.Month, today.Day), year: today.Year}, nil
	case s == "tomorrow":
		d := today.Plus(1)
		return Phrase{in: day(d.Month, d.Day), year: d.Year}, nil
	case s == "christmas":
		return Phrase{in: func(y int) Window { return Window{Date{y, time.December, 25}, Date{y, time.December, 26}} }}, nil
	case seasons[s] != 0:
		return Phrase{in: span(seasons[s], 3)}, nil
	case edge && s == "year":
		return Phrase{in: span(time.January, 12), year: today.Year}, nil
	case edge && s == "month":
		return Phrase{in: span(today.Month, 1), year: today.Year}, nil
	case edge && err == nil && len(s) == 4:
		return Phrase{in: span(time.January, 12), year: y}, nil
	case err == nil && len(s) == 4:
		return Phrase{}, &Unreadable{"a year alone leaves the day open", `"end of ` + s + `"`}
	}
	return monthAndDay(words)
}

// monthAndDay reads "24 Dec", "December 24th" and "June".
func monthAndDay(words []string) (Phrase, *Unreadable) {
	var m time.Month
	d := 0
	for _, w := range words {
		n, isDay := dayOf(w)
		switch {
		case isDay && d == 0:
			d = n
		case m == 0 && monthOf(w) != 0:
			m = monthOf(w)
		case monthOf(w) == 0 && !isDay && d != 0 && source.Nearest(w, months) != "":
			return Phrase{}, &Unreadable{"this is no month", source.Nearest(w, months)}
		default:
			return Phrase{}, &Unreadable{Message: `this is no date; "2026-12-24", "24 Dec", "end of June" and "spring" are`}
		}
	}
	switch {
	case m == 0:
		return Phrase{}, &Unreadable{Message: `this is no date; "2026-12-24", "24 Dec", "end of June" and "spring" are`}
	case d == 0:
		for _, w := range words {
			if w == "0" || w == "00" {
				return Phrase{}, &Unreadable{Message: "no month has a day 0"}
			}
		}
		return Phrase{in: span(m, 1)}, nil
	case d > daysIn(m, 2024):
		return Phrase{}, &Unreadable{fmt.Sprintf("%s has %d days", m, daysIn(m, 2024)), fmt.Sprintf("%q", fmt.Sprint(daysIn(m, 2024), " ", m))}
	}
	return Phrase{in: day(m, d)}, nil
}

// dayOf reads the number of a day: "24", "24.", "24th".
func dayOf(w string) (int, bool) {
	digits := strings.TrimRight(strings.TrimSuffix(w, "."), "dhnrst")
	n := figures(digits, ".")
	if ending := strings.TrimSuffix(w[len(digits):], "."); len(n) != 1 || len(digits) > 2 || !slices.Contains([]string{"", "st", "nd", "rd", "th"}, ending) {
		return 0, false
	}
	return n[0], true
}

// figures reads numbers of one to four digits with a mark between them, nil if s
// is anything else.
func figures(s, mark string) (ns []int) {
	for _, part := range strings.Split(s, mark) {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) > 4 {
			return nil
		}
		ns = append(ns, int(n))
	}
	return ns
}

func monthOf(w string) time.Month {
	w = strings.TrimSuffix(w, ".")
	for i, m := range months {
		if w == m || len(w) == 3 && strings.HasPrefix(m, w) || w == "sept" && i == 8 {
			return time.Month(i + 1)
		}
	}
	return 0
}

// iso reads 2026-12-24, and names it in what writes a date otherwise.
func iso(s string) (Date, *Unreadable) {
	year, _, _ := strings.Cut(s, "-")
	if n := figures(s, "-"); len(n) == 3 && len(year) == 4 && len(s) <= len("2026-12-24") {
		y, mo, d := n[0], n[1], n[2]
		switch {
		case mo < 1 || mo > 12:
			return Date{}, &Unreadable{Message: fmt.Sprintf("a year has 12 months, and no month %d", mo)}
		case d < 1 || d > daysIn(time.Month(mo), y):
			last := daysIn(time.Month(mo), y)
			return Date{}, &Unreadable{fmt.Sprintf("%s %d has %d days", time.Month(mo), y, last), quoted(Date{y, time.Month(mo), last}.String())}
		}
		return Date{y, time.Month(mo), d}, nil
	}
	return Date{}, otherOrder(s)
}

// otherOrder finds the date in figures that stand in the order of a country.
func otherOrder(s string) *Unreadable {
	n := figures(strings.NewReplacer("/", "-", ".", "-").Replace(s), "-")
	if len(n) != 3 {
		return nil
	}
	for _, order := range [][3]int{{0, 1, 2}, {2, 1, 0}, {2, 0, 1}} {
		y, m, d := n[order[0]], n[order[1]], n[order[2]]
		if y > 999 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(time.Month(m), y) {
			return &Unreadable{"a date in figures is written year-month-day", quoted(Date{y, time.Month(m), d}.String())}
		}
	}
	return &Unreadable{Message: "a date in figures is written year-month-day"}
}

func daysIn(m time.Month, year int) int { return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

func day(m time.Month, d int) func(int) Window {
	return func(y int) Window { return Window{Date{y, m, d}, Date{y, m, d}} }
}

// span is whole months from the first day of one.
func span(m time.Month, n int) func(int) Window {
	return func(y int) Window {
		first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		return Window{DateOf(first), DateOf(first.AddDate(0, n, -1))}
	}
}

// Next returns the first span of a phrase that the test accepts, the year
// before today's included: winter begins in December.
func (p Phrase) Next(today Date, ok func(Window) bool) (Window, bool) {
	if p.year != 0 {
		w := p.in(p.year)
		return w, valid(w.From)
	}
	for y := today.Year - 1; y <= today.Year+8; y++ {
		if w := p.in(y); valid(w.From) && ok(w) {
			return w, true
		}
	}
	return Window{}, false
}

// valid is false for 29 February in most years.
func valid(d Date) bool { return d.Day <= daysIn(d.Month, d.Year) }

func quoted(s string) string { return `"` + s + `"` }
