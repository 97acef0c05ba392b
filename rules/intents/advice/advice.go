// Package advice tells what in a person's statements does nothing, or soon will
// not. It never finds mistakes: a file that has one is not in force.
package advice

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/rules/intents"
	"usher/rules/intents/names"
)

// Note is something worth knowing about a statement that is no mistake.
type Note struct {
	Line int
	Kind string // "ended", "soon", "shadowed", "dead", or "note"
	Text string
}

// soon is how many days ahead the end of a grant is told.
const soon = 30

// On looks for statements that do nothing, or soon will not, and tells what is
// not yet in force. Notes come in the file's order.
func On(f *intents.File, now time.Time) []Note {
	c := checker{file: f, today: intents.DateOf(now.In(f.Location())), first: map[string]int{}}
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
	file  *intents.File
	today intents.Date
	first map[string]int // line of the first statement with that key
	notes []Note
}

func (c *checker) add(s intents.Statement, kind, format string, args ...any) {
	c.notes = append(c.notes, Note{s.Source().Line, kind, fmt.Sprintf(format, args...)})
}

// time tells what has ended and which grants soon will.
func (c *checker) time(s intents.Statement) {
	h := s.Source()
	_, isGrant := s.(*intents.Grant)
	w, isWant := s.(*intents.Want)
	switch {
	case h.Ended(c.today):
		c.add(s, "ended", "ended on %s and no longer applies", h.Until)
	case isWant && w.When != nil && w.When.To.Before(c.today):
		c.add(s, "ended", "its window ended on %s", w.When.To)
	case isGrant && h.Until != nil && !c.today.Plus(soon).Before(*h.Until):
		c.add(s, "soon", "this grant ends on %s", h.Until)
	}
}

func fold(s string) string { return strings.ToLower(s) }

func (c *checker) shadow(s intents.Statement) {
	if s.Source().Ended(c.today) {
		return
	}
	if g, ok := s.(*intents.Grant); ok {
		c.overlap(g)
	}
	line := c.begin(intents.Key(s), s)
	if line == 0 {
		c.again(s)
		return
	}
	if _, isWant := s.(*intents.Want); isWant {
		c.add(s, "shadowed", "line %d wants the same; where both answer yes, that line decides", line)
		return
	}
	c.add(s, "shadowed", "line %d says the same or comes first: this line decides nothing", line)
}

// begin gives the line of an earlier statement with that key, 0 if s is the first.
func (c *checker) begin(key string, s intents.Statement) int {
	own := s.Source().Line
	line := c.first[key]
	if line == 0 {
		c.first[key] = own
	}
	if line == own {
		return 0
	}
	return line
}

// again tells of a topic of a burden that an earlier one of the same verb names.
func (c *checker) again(s intents.Statement) {
	var topics []intents.Topic
	switch s := s.(type) {
	case *intents.Refuse:
		topics = s.Topics
	case *intents.Mute:
		topics = s.Topics
	}
	verb := s.Source().Verb
	for _, t := range topics {
		if line := c.begin(verb+" topic "+fold(t.Text), s); line != 0 {
			c.add(s, "shadowed", "line %d says %s %s already, and comes first", line, verb, quote(t.Text))
		}
	}
}

// overlap tells of a domain of a grant that an earlier one names under another
// name.
func (c *checker) overlap(g *intents.Grant) {
	for _, d := range g.Brand.Domains {
		if line := c.begin("grant to "+d, g); line != 0 && c.first[intents.Key(g)] != line {
			c.add(g, "shadowed", "line %d is a grant to %s too, and decides for it", line, d)
		}
	}
}

// dead finds statements that nothing can meet, or that an earlier step of the
// order always answers.
func (c *checker) dead(s intents.Statement) {
	switch s := s.(type) {
	case *intents.Grant:
		c.nobodys(s, s.Brand.Domains)
		c.empty(s, s.For)
		for _, r := range c.file.Refuses {
			c.outranked(s, s.Brand, r.Brands, r)
		}
		for _, m := range c.file.Mutes {
			if m.Brand != nil {
				c.outranked(s, s.Brand, []intents.Brand{*m.Brand}, m)
			}
		}
	case *intents.Want:
		c.nobodys(s, s.From)
		c.priceless(s)
		if _, _, not := s.Intent.Understood(); s.Intent.IsEmpty() && len(not) > 0 {
			c.add(s, "dead", "it wants nothing and only says what not: refuse %s does that", strings.Join(not, ", "))
		} else if s.Intent.IsEmpty() {
			c.add(s, "dead", "it holds no word by which a mail could be known")
		}
		if s.When != nil && s.Until != nil && s.Until.Before(s.When.From) {
			c.add(s, "dead", "it ends on %s, before its window begins", s.Until)
		}
		for _, r := range c.file.Refuses {
			c.unwanted(s, r.Topics, r)
		}
		for _, m := range c.file.Mutes {
			c.unwanted(s, m.Topics, m)
		}
	case *intents.Refuse:
		c.empty(s, s.Topics)
		for _, b := range s.Brands {
			c.protected(s, b)
		}
	case *intents.Cap:
		c.unbounded(s)
	case *intents.Mute:
		c.empty(s, s.Topics)
		if s.Brand != nil {
			c.protected(s, *s.Brand)
		}
	}
}

// unwanted tells that a burden on the same topic makes a want idle.
func (c *checker) unwanted(w *intents.Want, topics []intents.Topic, by intents.Statement) {
	h := by.Source()
	for _, t := range topics {
		same := func(s string) bool { return fold(s) == fold(t.Text) }
		if !h.Ended(c.today) && (same(w.Wanted) || slices.ContainsFunc(w.About, same)) {
			c.add(w, "dead", "line %d, %s %s, comes before it", h.Line, h.Verb, quote(t.Text))
		}
	}
}

// protected tells that mail on which a burden falls is protected.
func (c *checker) protected(s intents.Statement, b intents.Brand) {
	for _, p := range c.file.Protects {
		for _, from := range p.From {
			if all, ok := strings.CutPrefix(from, "*@"); slices.Contains(b.Domains, from) || ok && slices.Contains(b.Domains, all) {
				c.add(s, "dead", "line %d protects mail from %s, and protect comes before %s", p.Line, from, s.Source().Verb)
			}
		}
	}
}

// nobodys tells of domains by which no sender is known.
func (c *checker) nobodys(s intents.Statement, domains []string) {
	for _, d := range domains {
		if why := names.Nobody(d); why != "" {
			c.add(s, "dead", "no sender is known as %s: %s", d, why)
		}
	}
}

// priceless tells of bounds that no price meets.
func (c *checker) priceless(w *intents.Want) {
	switch under, over := w.Under, w.Over; {
	case under == nil || over == nil:
	case under.Currency != over.Currency:
		c.add(w, "dead", "no price is in %s and in %s: this want answers unknown at best", under.Currency, over.Currency)
	case under.Minor < over.Minor:
		c.add(w, "dead", "no price is under %s and over %s", under.String(), over.String())
	}
}

// empty tells of topics that no mail can be about.
func (c *checker) empty(s intents.Statement, topics []intents.Topic) {
	for _, t := range topics {
		if t.Intent.IsEmpty() {
			c.add(s, "dead", "%s holds no word by which a mail could be known", quote(t.Text))
		}
	}
}

// unbounded tells of a cap that leads up, and of one on a brand that a grant lets in
// before it is asked.
func (c *checker) unbounded(s *intents.Cap) {
	if s.Then == intents.Inbox {
		c.add(s, "dead", "no mail goes lower by a cap that leads to the inbox")
	}
	for _, g := range c.file.Grants {
		if s.Brand != nil && !g.Ended(c.today) && isSame(g.Brand, *s.Brand) {
			c.add(s, "note", "it bounds mail that only claims this brand: the grant on line %d comes before it; bound that one with at most %s", g.Line, s.Rate)
		}
	}
}

// isSame reports whether two statements name one brand.
func isSame(a, b intents.Brand) bool {
	return a.Name != "" && fold(a.Name) == fold(b.Name) ||
		slices.ContainsFunc(b.Domains, func(d string) bool { return slices.Contains(a.Domains, d) })
}

// outranked tells that a burden on the same brand makes a grant idle.
func (c *checker) outranked(g *intents.Grant, granted intents.Brand, burdened []intents.Brand, by intents.Statement) {
	h := by.Source()
	for _, b := range burdened {
		if isSame(granted, b) && !h.Ended(c.today) {
			c.add(g, "dead", "line %d, %s, comes before it", h.Line, h.Verb)
		}
	}
}

// String gives "14 ended: …": line, kind and text.
func (n Note) String() string { return fmt.Sprintf("%d %s: %s", n.Line, n.Kind, n.Text) }

func quote(s string) string { return `"` + s + `"` }
