package intents

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// verbs begin a statement. clauses are what may follow its object.
var (
	verbs = strings.Fields(`protect grant want refuse mute cap promotions newsletters notifications unknown
		digest away observe zone speak forget terms feedback`)

	clauses = map[string][]string{
		"grant":   {"is", "for", "at most", "until", "because", "terms", "route"},
		"want":    {"about", "not", "under", "over", "off", "from", "when", "until", "needs", "route", "at most", "publish"},
		"refuse":  {"until", "tell sender"},
		"mute":    {"until"},
		"cap":     {"then"},
		"observe": {"until"},
	}

	// grammar holds the words that mean something by themselves. Inside an
	// item of a list they want quotes.
	grammar = append(strings.Fields(`is for at most until because terms route about not under over off from when needs
		publish tell sender then per in by brand brands topic list tracking`), verbs...)
)

// Parse reads a file of statements. Relative dates ("24 Dec") are read against
// at, the file's own date. It reads nothing but text; what could be read of a
// file with mistakes is returned beside them.
func Parse(name string, text []byte, at time.Time) (*File, Errors) {
	f, _, errs := parse(name, text, at, nil)
	return f, errs
}

// parse also tells which dates are relative, and takes a zone for a text that
// states none.
func parse(name string, text []byte, at time.Time, zone *time.Location) (*File, []rewrite, Errors) {
	sum := sha256.Sum256(text)
	f := &File{Name: name, At: at, Sum: hex.EncodeToString(sum[:8])}
	if len(text) > MaxBytes {
		return f, nil, Errors{{File: name, Line: 1, Column: 1, Message: fmt.Sprintf("this file has %d bytes; %d are read at most", len(text), MaxBytes)}}
	}
	bs, stray := blocks(lex(text))
	p := &parser{file: f, errs: stray}
	if len(bs) > MaxStatements {
		r := bs[MaxStatements].rows[0]
		p.errs = append(p.errs, Error{Line: r.no, Column: 1, Words: r.text, Source: r.text,
			Message: fmt.Sprintf("this is the %dth statement; %d are read at most", MaxStatements+1, MaxStatements)})
		bs = bs[:MaxStatements]
	}
	if f.Zone = zoneOf(bs); f.Zone == nil {
		f.Zone = zone
	}
	p.today = DateOf(at.In(f.location()))
	for _, b := range bs {
		p.block(b)
	}
	for i := range p.errs {
		p.errs[i].File = name
	}
	slices.SortStableFunc(p.errs, func(a, b Error) int { return a.Line - b.Line })
	return f, p.dates, p.errs
}

// rewrite is a date that is written otherwise than it was understood.
type rewrite struct {
	line, col, length int // in characters
	text              string
}

// write notes how a phrase was understood.
func (p *parser) write(phrase [2]token, text string) {
	from, to := phrase[0], phrase[1]
	if from != to || from.text != text {
		p.dates = append(p.dates, rewrite{from.line, from.col, to.col + to.length - from.col, text})
	}
}

// location is the zone in which the file's dates are read.
func (f *File) location() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// block is a statement's lines: the first and those indented beneath it.
type block struct{ rows []row }

// blocks groups rows. Comments and blank lines belong to no statement, even
// between its lines.
func blocks(rows []row) (bs []block, errs Errors) {
	for _, r := range rows {
		switch {
		case r.err != nil && len(r.toks) == 0 && len(bs) > 0 && strings.TrimLeft(r.text, " \t") != r.text,
			r.indented && len(bs) > 0:
			b := &bs[len(bs)-1]
			b.rows = append(b.rows, r)
		case r.indented:
			t := r.toks[0]
			errs = append(errs, Error{Line: r.no, Column: t.col, Words: t.text, Source: r.text,
				Message: "an indented line belongs to the statement above it, and there is none"})
		case r.err != nil || len(r.toks) > 0:
			bs = append(bs, block{[]row{r}})
		}
	}
	return bs, errs
}

// zoneOf finds the zone that a file states, wherever it stands: dates and
// "kr" are read by it. Mistakes in it are told when it is parsed.
func zoneOf(bs []block) *time.Location {
	for _, b := range bs {
		t := b.rows[0].toks
		if len(t) == 2 && strings.EqualFold(t[0].text, "zone") {
			if z, err := location(t[1].text); err == nil {
				return z
			}
		}
	}
	return nil
}

// parser reads one block at a time. After a mistake it goes on at the next
// line, so that one mistake gives one message and several give several.
type parser struct {
	file  *File
	errs  Errors
	today Date

	rows    []row
	toks    []token
	pos     int
	verb    string
	notices []string
	dates   []rewrite
	failed  bool // on this line
	bad     bool // in this statement
}

func (p *parser) block(b block) {
	*p = parser{file: p.file, errs: p.errs, today: p.today, rows: b.rows, dates: p.dates}
	for i, r := range b.rows {
		if r.err != nil {
			p.errs, p.bad = append(p.errs, *r.err), true
			if i == 0 {
				return
			}
			continue
		}
		p.toks = append(p.toks, r.toks...)
		last := r.toks[len(r.toks)-1]
		p.toks = append(p.toks, token{kind: eol, line: r.no, col: last.col + last.length, length: 1})
		if last.glued {
			p.notice("the # directly after %q begins a comment; what belongs to the word stands in quotes", last.text)
		}
	}
	first := p.peek()
	if p.verb = strings.ToLower(first.text); first.kind != word || !slices.Contains(verbs, p.verb) {
		p.noVerb(first)
		return
	}
	p.pos++
	s := p.statement()
	if p.skipLine(); s != nil && !p.bad {
		p.keep(s, b.rows)
	}
}

// noVerb explains a first word that begins no statement.
func (p *parser) noVerb(t token) {
	for v, words := range clauses {
		if slices.Contains(words, p.verb) || p.verb == "at" || p.verb == "tell" {
			_ = v
			p.fail(t, `"`+t.text+`" is a clause; indent it, and it belongs to the statement above`, "")
			return
		}
	}
	if t.kind != word {
		p.fail(t, "a statement begins with a verb", "")
		return
	}
	p.fail(t, fmt.Sprintf("unknown verb %q", t.text), nearest(t.text, verbs))
}

// keep files a statement without mistakes under its kind.
func (p *parser) keep(s Statement, rows []row) {
	h, f := s.Source(), p.file
	h.Line, h.End, h.Verb = rows[0].no, rows[len(rows)-1].no, p.verb
	h.Text, h.Notices = firstLine(rows[0]), append(h.Notices, p.notices...)
	f.All = append(f.All, s)
	switch s := s.(type) {
	case *Protect:
		f.Protects = append(f.Protects, s)
	case *Grant:
		f.Grants = append(f.Grants, s)
	case *Want:
		f.Wants = append(f.Wants, s)
	case *Refuse:
		f.Refuses = append(f.Refuses, s)
	case *Mute:
		f.Mutes = append(f.Mutes, s)
	case *Default:
		f.Defaults = append(f.Defaults, s)
	case *Speak:
		f.Speaks = append(f.Speaks, s)
	case *Observe:
		f.Observes = append(f.Observes, s)
	}
}

// firstLine is the line by which a decision cites its statement.
func firstLine(r row) string {
	last := r.toks[len(r.toks)-1]
	text := []rune(r.text)[r.toks[0].col-1 : last.col+last.length-1]
	s := []rune(strings.Join(strings.Fields(string(text)), " "))
	if len(s) > 200 {
		s = append(s[:199], '…')
	}
	return string(s)
}

func (p *parser) peek() token {
	if p.pos < len(p.toks) {
		return p.toks[p.pos]
	}
	return token{kind: eol, line: p.rows[0].no, col: 1, length: 1}
}

func (p *parser) done() bool { return p.pos >= len(p.toks) }

func (p *parser) next() token {
	t := p.peek()
	p.pos++
	return t
}

// is reports whether the next words are those, and takes them if so.
func (p *parser) is(words ...string) bool {
	for i, w := range words {
		if p.pos+i >= len(p.toks) {
			return false
		}
		if t := p.toks[p.pos+i]; t.kind != word || !strings.EqualFold(t.text, w) {
			return false
		}
	}
	p.pos += len(words)
	return true
}

// fail notes a mistake at a token, once a line.
func (p *parser) fail(t token, message, suggestion string) { p.failOver(t, t, message, suggestion) }

// failOver notes a mistake that runs from one token to another of its line.
func (p *parser) failOver(from, to token, message, suggestion string) {
	p.bad = true
	if p.failed {
		return
	}
	p.failed = true
	i := slices.IndexFunc(p.rows, func(r row) bool { return r.no == from.line })
	source := []rune(p.rows[i].text)
	words := ""
	if from.kind != eol {
		words = string(source[from.col-1 : min(to.col+to.length-1, len(source))])
	}
	p.errs = append(p.errs, Error{Line: from.line, Column: from.col, Words: words, Message: message, Suggestion: suggestion, Source: p.rows[i].text})
}

func (p *parser) notice(format string, args ...any) {
	p.notices = append(p.notices, fmt.Sprintf(format, args...))
}

// later says that a part of a statement does nothing yet.
func (p *parser) later(what string) {
	p.notice("understood, not yet in force in this version: %s", what)
}

// skipLine leaves the rest of a line. Anything on it that was not read is a
// mistake.
func (p *parser) skipLine() {
	for !p.done() {
		t := p.next()
		if t.kind == eol {
			p.failed = false
			continue
		}
		p.unexpected(t)
	}
}
