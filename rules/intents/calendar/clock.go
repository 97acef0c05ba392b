package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a zone is known on every machine
	"unicode"

	"usher/rules/intents/source"
)

// Zone finds a time zone by its name.
func Zone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "local") {
		return nil, fmt.Errorf("no zone is named %q", name)
	}
	return time.LoadLocation(name)
}

// ZoneNear finds the zone of a city, or one that was written without capitals,
// "" if there is none.
func ZoneNear(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), " ", "_")
	start := true
	name = strings.Map(func(r rune) rune {
		if start {
			r = unicode.ToUpper(r)
		}
		start = r == '_' || r == '-' || r == '/'
		return r
	}, name)
	for _, region := range []string{"", "Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "Atlantic/"} {
		if _, err := Zone(region + name); err == nil {
			return region + name
		}
	}
	return ""
}

// DayNames are the days on which something is done at a time.
var DayNames = strings.Fields("monday tuesday wednesday thursday friday saturday sunday weekdays weekends daily")

// Minute reads a time of day, as 7:30 or 18.00, in minutes since midnight.
func Minute(s string) (int, bool) {
	hour, minute, ok := strings.Cut(strings.Replace(s, ".", ":", 1), ":")
	h, errHour := strconv.ParseUint(hour, 10, 8)
	m, errMinute := strconv.ParseUint(minute, 10, 8)
	ok = ok && errHour == nil && errMinute == nil && len(hour) <= 2 && len(minute) == 2 && h < 24 && m < 60
	return int(h*60 + m), ok
}

// TimeNear tells what may have been meant in the place of a time of day.
func TimeNear(s string) string {
	s = strings.ToLower(s)
	clock, isPM := strings.CutSuffix(s, "pm")
	clock, isAM := strings.CutSuffix(clock, "am")
	if !strings.Contains(clock, ":") {
		clock += ":00"
	}
	if minute, ok := Minute(clock); ok {
		switch afternoon := minute >= 12*60; {
		case isPM && !afternoon:
			minute += 12 * 60
		case isAM && afternoon:
			minute -= 12 * 60
		}
		return fmt.Sprintf(`"%02d:%02d"`, minute/60, minute%60)
	}
	return source.Nearest(s, DayNames)
}
