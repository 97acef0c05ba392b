package intents

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"usher/rules/intents/source"
)

// Add puts a statement beside the last one of its verb, or in the place of the
// one about the same thing. Relative dates are read against at and written out
// absolute; everything else in the file stays as it is. A file with mistakes is
// not edited: the error is its Errors.
func Add(text []byte, statement string, at time.Time) ([]byte, []Change, error) {
	f, errs := Parse("intents", text, at)
	if errs != nil {
		return nil, nil, fmt.Errorf("mend the file before adding to it:\n%w", errs)
	}
	statement = strings.TrimSpace(statement)
	added, dates, errs := parse("statement", []byte(statement), at, f.Zone)
	switch {
	case errs != nil:
		return nil, nil, errs
	case len(added.All) != 1:
		return nil, nil, fmt.Errorf("%d statements were given; give one", len(added.All))
	}
	s := added.All[0]
	fresh := source.Lines(source.Replace([]byte(statement), dates))
	at0, gone := place(f, s)
	if gone != nil && gone.String() == s.String() {
		return nil, nil, fmt.Errorf("line %d says so already", gone.Source().Line)
	}
	d := source.Open(text)
	var changes []Change
	if gone != nil {
		old := source.BlockAt(text, gone.Source().Line)
		if kept := old[0].Comment(); kept != "" && source.Lex([]byte(fresh[0]))[0].Comment() == "" {
			fresh[0] += kept
		}
		changes = d.Remove(old)
	}
	changes = append(changes, d.Insert(at0, fresh)...)
	out := d.Bytes()
	g, errs := Parse("intents", out, at)
	if errs != nil {
		return nil, nil, errs
	}
	if want := len(f.All) + 1; gone == nil && len(g.All) != want {
		return nil, nil, errors.New("this statement does not stand by itself")
	}
	return out, changes, nil
}

// place finds the line after which a statement goes, and the statement that it
// replaces, nil if none.
func place(f *File, s Statement) (after int, gone Statement) {
	after = -1
	for _, t := range f.All {
		h := t.Source()
		if Key(t) == Key(s) {
			return h.Line - 1, t
		}
		if h.Verb == s.Source().Verb {
			after = h.End
		}
	}
	return after, nil
}

// Remove takes out the statement to which the line belongs. Comments and blank
// lines between its lines stay. It also works on a file with mistakes.
func Remove(text []byte, line int) ([]byte, []Change, error) {
	rows := source.BlockAt(text, line)
	if rows == nil {
		return nil, nil, fmt.Errorf("no statement stands on line %d", line)
	}
	d := source.Open(text)
	changes := d.Remove(rows)
	return d.Bytes(), changes, nil
}

// Format writes a file the way it should look, with every relative date as it is
// understood against at, the file's own date. Every line stays on its line, for
// decisions cite lines; no statement changes its meaning, no comment is lost.
func Format(text []byte, at time.Time) ([]byte, []Change, error) {
	f, dates, errs := parse("intents", text, at, nil)
	if errs != nil {
		return nil, nil, errs
	}
	out := source.Layout(source.Replace(text, dates), func(verb string) []string { return clauses[verb] }, f.objectColumn)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	g, _, errs := parse("intents", out, at, nil)
	if errs != nil || g.String() != f.String() {
		return nil, nil, errors.New("formatting would change what the file says; it stays as it is, and this is a fault of usher's")
	}
	var changes []Change
	before, after := source.Lines(text), source.Lines(out)
	for i := range before {
		if before[i] != after[i] {
			changes = append(changes, Change{Line: i + 1, Text: before[i]}, Change{Line: i + 1, Added: true, Text: after[i]})
		}
	}
	return out, changes, nil
}

// objectColumn is where the object of a verb stands, 0 for the usual place. The
// routes of all kinds of mail stand beneath one another.
func (f *File) objectColumn(verb string) int {
	column, isDefault := 0, false
	for _, d := range f.Defaults {
		column = max(column, len(d.Verb)+1)
		isDefault = isDefault || d.Verb == verb
	}
	if !isDefault {
		return 0
	}
	return column
}

// Key names what a statement is about. Of two with the same key the first decides.
func Key(s Statement) string {
	switch s := s.(type) {
	case *Grant:
		return "grant " + s.Brand.String()
	case *Want:
		if s.Newsletters {
			return "want newsletters " + strings.ToLower(strings.Join(s.About, ","))
		}
		return "want " + strings.ToLower(s.Wanted)
	case *Refuse:
		other := *s
		other.Until, other.Tell = nil, false
		return strings.ToLower(other.String())
	case *Mute:
		other := *s
		other.Until = nil
		return strings.ToLower(other.String())
	case *Cap:
		other := *s
		other.Rate, other.Then = Rate{}, ""
		return strings.ToLower(other.String())
	case *Protect, *Away:
		return strings.ToLower(s.String())
	}
	return s.Source().Verb // said once
}
