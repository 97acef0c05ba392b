// Package slots tells when a person's digest is due. It never sends one, and asks no
// clock.
package slots

import (
	"cmp"
	"time"

	"usher/rules/intents"
)

// Bounds of a look at the calendar.
const (
	lookBack  = 62  // days, beyond which nothing is sent late
	lookAhead = 800 // days, within which an absence ends
)

// Plan is when a person's digest comes, as they stated it.
type Plan struct {
	times []intents.DayTime
	away  []intents.Window
	zone  *time.Location
}

// Of reads the plan of a person from their file, and from the site's what theirs does
// not say. Either may be nil. Without times there is none: see None.
func Of(own, site *intents.File) Plan {
	p := Plan{zone: time.UTC}
	stated, zoned := false, false
	for _, f := range []*intents.File{own, site} {
		if f == nil {
			continue
		}
		if f.Zone != nil && !zoned {
			p.zone, zoned = f.Zone, true
		}
		said := false
		for _, s := range f.All {
			switch s := s.(type) {
			case *intents.Times:
				if !stated && !s.None {
					p.times = append(p.times, s.At...)
				}
				said = true
			case *intents.Away:
				if f == own {
					p.away = append(p.away, s.Window)
				}
			}
		}
		stated = stated || said
	}
	return p
}

// None reports that no digest comes.
func (p Plan) None() bool { return len(p.times) == 0 }

// Zone is the person's.
func (p Plan) Zone() *time.Location { return cmp.Or(p.zone, time.UTC) }

// Due gives the last moment after since, up to now, at which a digest was to come:
// one that was missed comes late, several that were missed are one.
func (p Plan) Due(since, now time.Time) (slot time.Time, is bool) {
	for back := range lookBack {
		day := now.In(p.Zone()).AddDate(0, 0, -back)
		last := time.Time{}
		for _, at := range p.on(day) {
			if at.After(since) && !at.After(now) && at.After(last) {
				last = at
			}
		}
		if !last.IsZero() {
			return last, true
		}
		if day.Before(since.AddDate(0, 0, -1)) {
			break
		}
	}
	return time.Time{}, false
}

// Next gives the first moment after another at which a digest comes.
func (p Plan) Next(after time.Time) (slot time.Time, is bool) {
	if p.None() {
		return slot, false
	}
	for ahead := range lookAhead {
		first := time.Time{}
		for _, at := range p.on(after.In(p.Zone()).AddDate(0, 0, ahead)) {
			if at.After(after) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		if !first.IsZero() {
			return first, true
		}
	}
	return slot, false
}

// Waited reports whether the person was away on a day between two moments: what came
// then waited.
func (p Plan) Waited(from, until time.Time) bool {
	for day := from.In(p.Zone()); day.Before(until); day = day.AddDate(0, 0, 1) {
		if p.isAway(day) {
			return true
		}
	}
	return false
}

// on gives the moments of a day. While the person is away there are none; on the day
// after there is one in any case, at the earliest time that they stated.
func (p Plan) on(day time.Time) (at []time.Time) {
	if p.None() || p.isAway(day) {
		return nil
	}
	y, m, d := day.Date()
	earliest := p.times[0].Minute
	for _, t := range p.times {
		earliest = min(earliest, t.Minute)
		if falls(t.Days, day.Weekday()) {
			at = append(at, time.Date(y, m, d, 0, t.Minute, 0, 0, p.Zone()))
		}
	}
	if len(at) == 0 && p.isAway(day.AddDate(0, 0, -1)) {
		at = append(at, time.Date(y, m, d, 0, earliest, 0, 0, p.Zone()))
	}
	return at
}

func (p Plan) isAway(day time.Time) bool {
	of := intents.DateOf(day)
	for _, w := range p.away {
		if w.Holds(of) {
			return true
		}
	}
	return false
}

// falls reports whether a day of the week is among those named.
func falls(days string, on time.Weekday) bool {
	switch days {
	case "daily":
		return true
	case "weekdays":
		return on >= time.Monday && on <= time.Friday
	case "weekends":
		return on == time.Saturday || on == time.Sunday
	}
	return days == [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}[on]
}
