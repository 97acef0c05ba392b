package intents

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Note is something worth knowing about a statement that is no mistake.
type Note struct {
	Line int
	Kind string // "ended", "soon", "shadowed", "dead", or "note"
	Text string
}

// soon is how many days ahead the end of a grant is told.
const soon = 30

// Check looks for statements that do nothing, or soon will not, and tells what
// is not yet in force. Notes come in the file's order.
func (f *File) Check(now time.Time) []Note {
	c := checker{file: f, today: DateOf(now.In(f.location())), first: map[string]int{}}
	for _, s := range f.All {
		c.time(s)
		c.shadow(s)
		c.dead(s)
		for _, n := range s.Source().Notices {
			c.add(s, "note", "%s", n)
		}
	}
	slices.SortStableFunc(c.notes, func(a, b Note) int { return a.Line - b.Line })
	return c.notes
}

type checker struct {
	file  *File
	today Date
	first map[string]int // line of the first statement with that key
	notes []Note
}

func (c *checker) add(s Statement, kind, format string, args ...any) {
	c.notes = append(c.notes, Note{s.Source().Line, kind, fmt.Sprintf(format, args...)})
}

// time tells what has ended and which grants soon will.
func (c *checker) time(s Statement) {
	h := s.Source()
	_, isGrant := s.(*Grant)
	w, isWant := s.(*Want)
	switch {
	case h.Ended(c.today):
		c.add(s, "ended", "ended on %s and no longer applies", h.Until)
	case isWant && w.When != nil && w.When.To.Before(c.today):
		c.add(s, "ended", "its window ended on %s", w.When.To)
	case isGrant && h.Until != nil && !c.today.Plus(soon).Before(*h.Until):
		c.add(s, "soon", "this grant ends on %s", h.Until)
	}
}

// key names what a statement is about. Of two with the same key the first decides.
func key(s Statement) string {
	switch s := s.(type) {
	case *Grant:
		return "grant " + s.Brand.String()
	case *Want:
		if s.Newsletters {
			return "want newsletters " + fold(strings.Join(s.About, ","))
		}
		return "want " + fold(s.Wanted)
	case *Refuse:
		other := *s
		other.Until, other.Tell = nil, false
		return fold(other.String())
	case *Mute:
		other := *s
		other.Until = nil
		return fold(other.String())
	case *Cap:
		other := *s
		other.Rate, other.Then = Rate{}, ""
		return fold(other.String())
	case *Protect, *Away:
		return fold(s.String())
	}
	return s.Source().Verb // said once
}

func fold(s string) string { return strings.ToLower(s) }

func (c *checker) shadow(s Statement) {
	if s.Source().Ended(c.today) {
		return
	}
	k := key(s)
	line, ok := c.first[k]
	if !ok {
		c.first[k] = s.Source().Line
		return
	}
	if _, isWant := s.(*Want); isWant {
		c.add(s, "shadowed", "line %d wants the same; where both answer yes, that line decides", line)
		return
	}
	c.add(s, "shadowed", "line %d says the same or comes first: this line decides nothing", line)
}

// dead finds statements that an earlier step of the order always answers.
func (c *checker) dead(s Statement) {
	switch s := s.(type) {
	case *Grant:
		for _, r := range c.file.Refuses {
			for _, b := range r.Brands {
				c.outranked(s, s.Brand, b, r)
			}
		}
		for _, m := range c.file.Mutes {
			if m.Brand != nil {
				c.outranked(s, s.Brand, *m.Brand, m)
			}
		}
	case *Want:
		if s.Under != nil && s.Over != nil && s.Under.Currency == s.Over.Currency && s.Under.Minor < s.Over.Minor {
			c.add(s, "dead", "no price is under %s and over %s", s.Under.String(), s.Over.String())
		}
		if s.When != nil && s.Until != nil && s.Until.Before(s.When.From) {
			c.add(s, "dead", "it ends on %s, before its window begins", s.Until)
		}
		for _, r := range c.file.Refuses {
			for _, t := range r.Topics {
				if !r.Ended(c.today) && (fold(t.Text) == fold(s.Wanted) || slices.ContainsFunc(s.About, func(a string) bool { return fold(a) == fold(t.Text) })) {
					c.add(s, "dead", "line %d refuses %s, and refuse comes before want", r.Line, quote(t.Text))
				}
			}
		}
	}
}

// outranked tells that a burden on the same brand makes a grant idle.
func (c *checker) outranked(g *Grant, granted, burdened Brand, by Statement) {
	same := granted.Name != "" && fold(granted.Name) == fold(burdened.Name)
	for _, d := range burdened.Domains {
		same = same || slices.Contains(granted.Domains, d)
	}
	if h := by.Source(); same && !h.Ended(c.today) {
		c.add(g, "dead", "line %d, %s, comes before it", h.Line, h.Verb)
	}
}

// Understanding is one statement as understood.
type Understanding struct {
	Line int
	Text string
}

// Understood returns every statement as understood, in the file's order: dates
// absolute, money with its currency, topics quoted.
func (f *File) Understood() []Understanding {
	us := make([]Understanding, len(f.All))
	for i, s := range f.All {
		us[i] = Understanding{s.Source().Line, s.String()}
	}
	return us
}

// String gives "14 ended: …": line, kind and text.
func (n Note) String() string { return fmt.Sprintf("%d %s: %s", n.Line, n.Kind, n.Text) }
