package calendar

import (
	"testing"
	"time"
)

func TestAPhraseIsTheNextSuchDay(t *testing.T) {
	today := Date{2026, time.November, 22}
	cases := []struct{ name, text, want string }{
		{"a day of the calendar", "2026-12-24", "2026-12-24 .. 2026-12-24"},
		{"today", "today", "2026-11-22 .. 2026-11-22"},
		{"a day that has passed", "21 November", "2027-11-21 .. 2027-11-21"},
		{"this very day", "22 nov.", "2026-11-22 .. 2026-11-22"},
		{"a month that has begun", "this November", "2027-11-01 .. 2027-11-30"},
		{"a month of a year", "2027-02", "2027-02-01 .. 2027-02-28"},
		{"a winter runs into the new year", "winter", "2026-12-01 .. 2027-02-28"},
		{"the beginning of a season", "beginning of spring 2028", "2028-03-01 .. 2028-03-01"},
		{"the end of a leap February", "end of February 2028", "2028-02-29 .. 2028-02-29"},
		{"the end of the year", "end of the year", "2026-12-31 .. 2026-12-31"},
		{"the end of a year", "end of 2027", "2027-12-31 .. 2027-12-31"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, bad := Read(c.text, today)
			if bad != nil {
				t.Fatal(bad)
			}
			w, ok := p.Next(today, func(w Window) bool { return !w.From.Before(today) })
			if !ok || w.String() != c.want {
				t.Errorf("%s, %v", w, ok)
			}
		})
	}
}

func TestWhatIsNoDateSaysSo(t *testing.T) {
	for _, c := range []struct{ text, suggestion string }{
		{"2026-02-30", `"2026-02-28"`}, {"2026-13-01", ""}, {"24.12.2026", `"2026-12-24"`}, {"31 June", `"30 June"`}, {"2027", `"end of 2027"`},
		{"24 Decembr", `"december"`}, {"someday", ""}, {"", ""}, {"of of of", ""}, {"24 24 Dec", ""}, {"spring 1999", ""}, {"24", ""},
	} {
		_, bad := Read(c.text, Date{2026, time.November, 22})
		if bad == nil || bad.Message == "" || bad.Suggestion != c.suggestion {
			t.Errorf("%q: %+v", c.text, bad)
		}
	}
}
