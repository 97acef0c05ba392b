package intents

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Change is one line of a file that an edit changed.
type Change struct {
	Line  int  // its number: in the new text if Added, in the old one otherwise
	Added bool // else removed
	Text  string
}

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
	fresh := lines(absolute([]byte(statement), dates))
	at0, gone := place(f, s)
	if gone != nil && gone.String() == s.String() {
		return nil, nil, fmt.Errorf("line %d says so already", gone.Source().Line)
	}
	d := document(text)
	var changes []Change
	if gone != nil {
		old := blockAt(text, gone.Source().Line)
		if kept := comment(old[0]); kept != "" && comment(lex([]byte(fresh[0]))[0]) == "" {
			fresh[0] += kept
		}
		changes = d.remove(old)
	}
	changes = append(changes, d.insert(at0, fresh)...)
	out := d.bytes()
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
		if key(t) == key(s) {
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
	rows := blockAt(text, line)
	if rows == nil {
		return nil, nil, fmt.Errorf("no statement stands on line %d", line)
	}
	d := document(text)
	changes := d.remove(rows)
	return d.bytes(), changes, nil
}

// Format writes out every relative date as it is understood against at, the
// file's own date, and changes nothing else.
func Format(text []byte, at time.Time) ([]byte, []Change, error) {
	_, dates, errs := parse("intents", text, at, nil)
	if errs != nil {
		return nil, nil, errs
	}
	out := absolute(text, dates)
	var changes []Change
	before, after := lines(text), lines(out)
	for i := range before {
		if before[i] != after[i] {
			changes = append(changes, Change{i + 1, false, before[i]}, Change{i + 1, true, after[i]})
		}
	}
	return out, changes, nil
}

// absolute replaces relative dates, last first so that columns stay true.
func absolute(text []byte, dates []rewrite) []byte {
	d := document(text)
	for _, r := range slices.Backward(dates) {
		bom := 0
		if r.line == 1 && strings.HasPrefix(d.lines[0], "\uFEFF") {
			bom = 1
		}
		l := []rune(d.lines[r.line-1])
		from := r.col - 1 + bom
		d.lines[r.line-1] = string(l[:from]) + r.text + string(l[from+r.length:])
	}
	return d.bytes()
}

// blockAt returns the rows of the statement to which a line belongs, nil if
// the line belongs to none.
func blockAt(text []byte, line int) []row {
	bs, _ := blocks(lex(text))
	for _, b := range bs {
		if slices.ContainsFunc(b.rows, func(r row) bool { return r.no == line }) {
			return b.rows
		}
	}
	return nil
}

// comment returns the comment at the end of a row with the blanks before it.
func comment(r row) string {
	if len(r.toks) == 0 {
		return ""
	}
	last := r.toks[len(r.toks)-1]
	rest := string([]rune(r.text)[last.col+last.length-1:])
	if strings.TrimSpace(rest) == "" {
		return ""
	}
	return rest
}

// doc is a text as lines with their own line ends.
type doc struct {
	lines []string
	end   string // of a new line
}

func document(text []byte) *doc {
	d := &doc{strings.SplitAfter(string(text), "\n"), "\n"}
	if strings.HasSuffix(d.lines[0], "\r\n") {
		d.end = "\r\n"
	}
	if n := len(d.lines); d.lines[n-1] == "" {
		d.lines = d.lines[:n-1]
	}
	return d
}

func (d *doc) bytes() []byte { return []byte(strings.Join(d.lines, "")) }

// remove takes rows out.
func (d *doc) remove(rows []row) (changes []Change) {
	last := len(d.lines)
	open := last > 0 && !strings.HasSuffix(d.lines[last-1], "\n")
	for _, r := range slices.Backward(rows) {
		changes = append(changes, Change{r.no, false, r.text})
		d.lines = slices.Delete(d.lines, r.no-1, r.no)
		if n := len(d.lines); open && r.no == last && n > 0 {
			// The text ended without a line end, and still does.
			d.lines[n-1] = strings.TrimSuffix(d.lines[n-1], d.end)
		}
	}
	slices.Reverse(changes)
	return changes
}

// insert puts lines after a line, at the end if after is -1.
func (d *doc) insert(after int, fresh []string) (changes []Change) {
	n := len(d.lines)
	if after < 0 || after > n {
		after = n
	}
	open := after == n && n > 0 && !strings.HasSuffix(d.lines[n-1], "\n")
	if open {
		d.lines[n-1] += d.end
	}
	for i, l := range fresh {
		changes = append(changes, Change{after + i + 1, true, l})
		if !open || i < len(fresh)-1 {
			l += d.end
		}
		d.lines = slices.Insert(d.lines, after+i, l)
	}
	return changes
}
