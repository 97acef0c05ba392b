package source

import (
	"slices"
	"strings"
)

// Block is a statement's lines: the first and those indented beneath it.
type Block struct{ Rows []Row }

// Blocks groups rows. Comments and blank lines belong to no statement, even
// between its lines.
func Blocks(rows []Row) (bs []Block, errs Errors) {
	for _, r := range rows {
		switch {
		case r.Err != nil && len(r.Toks) == 0 && len(bs) > 0 && strings.TrimLeft(r.Text, " \t") != r.Text,
			r.Indented && len(bs) > 0:
			b := &bs[len(bs)-1]
			b.Rows = append(b.Rows, r)
		case r.Indented:
			t := r.Toks[0]
			errs = append(errs, Error{Line: r.No, Column: t.Col, Words: t.Text, Source: r.Text,
				Message: "an indented line belongs to the statement above it, and there is none"})
		case r.Err != nil || len(r.Toks) > 0:
			bs = append(bs, Block{[]Row{r}})
		}
	}
	return bs, errs
}

// BlockAt returns the rows of the statement to which a line belongs, nil if
// the line belongs to none.
func BlockAt(text []byte, line int) []Row {
	bs, _ := Blocks(Lex(text))
	for _, b := range bs {
		if slices.ContainsFunc(b.Rows, func(r Row) bool { return r.No == line }) {
			return b.Rows
		}
	}
	return nil
}

// Change is one line of a file that an edit changed.
type Change struct {
	Line  int  // its number: in the new text if Added, in the old one otherwise
	Added bool // else removed
	Text  string
}

// Document is a text as lines with their own line ends.
type Document struct {
	lines []string
	end   string // of a new line
}

// Open takes a text apart.
func Open(text []byte) *Document {
	d := &Document{strings.SplitAfter(string(text), "\n"), "\n"}
	if strings.HasSuffix(d.lines[0], "\r\n") {
		d.end = "\r\n"
	}
	if n := len(d.lines); d.lines[n-1] == "" {
		d.lines = d.lines[:n-1]
	}
	return d
}

// Bytes returns the text as it is now.
func (d *Document) Bytes() []byte { return []byte(strings.Join(d.lines, "")) }

// Remove takes rows out.
func (d *Document) Remove(rows []Row) (changes []Change) {
	last := len(d.lines)
	open := !strings.HasSuffix(d.lines[last-1], "\n") && rows[len(rows)-1].No == last
	for _, r := range slices.Backward(rows) {
		changes = append(changes, Change{r.No, false, r.Text})
		d.lines = slices.Delete(d.lines, r.No-1, r.No)
	}
	if n := len(d.lines); open && n > 0 {
		// The text ended without a line end, and still does.
		d.lines[n-1] = strings.TrimSuffix(d.lines[n-1], d.end)
	}
	slices.Reverse(changes)
	return changes
}

// Insert puts lines after a line, at the end if after is -1.
func (d *Document) Insert(after int, fresh []string) (changes []Change) {
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

// Place is a stretch of a line, and what stands there instead.
type Place struct {
	Line, Col, Length int // in characters; Col from 1
	Text              string
}

// Replace writes other words in the places given, last first so that columns stay true.
func Replace(text []byte, places []Place) []byte {
	d := Open(text)
	for _, r := range slices.Backward(places) {
		bom := 0
		if r.Line == 1 && strings.HasPrefix(d.lines[0], "\uFEFF") {
			bom = 1
		}
		l := []rune(d.lines[r.Line-1])
		from := r.Col - 1 + bom
		d.lines[r.Line-1] = string(l[:from]) + r.Text + string(l[from+r.Length:])
	}
	return d.Bytes()
}
