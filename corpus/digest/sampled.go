package digest

import (
	"fmt"
	"math"
	"slices"

	"usher/rules"
	"usher/rules/lessons"
)

// Sampled are the samples of earlier digests: how many were shown, and how many the
// person then corrected.
type Sampled struct{ Shown, Wrong int }

// Check counts the samples that were shown, by their decisions, and those of them
// which the person's corrections in force say belong in the inbox.
func Check(shown []string, kept []*lessons.Label) Sampled {
	n := Sampled{Shown: len(shown)}
	for _, id := range shown {
		if slices.ContainsFunc(kept, func(l *lessons.Label) bool { return l.Decision == id && l.Route() == string(rules.Inbox) }) {
			n.Wrong++
		}
	}
	return n
}

// AtMost is the share of what is set aside that is wrong at most, with 95 % certainty:
// the upper bound of Wilson's interval, one-sided.
func (s Sampled) AtMost() float64 {
	const z = 1.645
	if s.Shown == 0 {
		return 1
	}
	n, p := float64(s.Shown), float64(s.Wrong)/float64(s.Shown)
	return min(1, (p+z*z/(2*n)+z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)))/(1+z*z/n))
}

// told words the estimate, "" before any sample was shown.
func (s Sampled) told() string {
	const enough = 10 // of fewer the bound is above a fifth, whatever they were
	switch {
	case s.Shown == 0:
		return ""
	case s.Shown < enough:
		return fmt.Sprintf("Of %s shown to you so far you corrected %d: too few to estimate by.", count(s.Shown, "sample"), s.Wrong)
	}
	return fmt.Sprintf("Of %s shown to you so far you corrected %d: of what is set aside at most %.0f %% may be wrong.", count(s.Shown, "sample"), s.Wrong, 100*s.AtMost())
}
