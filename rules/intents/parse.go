package intents

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/rules/intents/calendar"
	"usher/rules/intents/source"
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
func parse(name string, text []byte, at time.Time, zone *time.Location) (*File, []source.Place, Errors) {
	sum := sha256.Sum256(text)
	f := &File{Name: name, At: at, Sum: hex.EncodeToString(sum[:8])}
	if len(text) > MaxBytes {
		return f, nil, Errors{{File: name, Line: 1, Column: 1, Message: fmt.Sprintf("this file has %d bytes; %d are read at most", len(text), MaxBytes)}}
	}
	bs, stray := source.Blocks(source.Lex(text))
	p := &parser{file: f, errs: stray}
	if len(bs) > MaxStatements {
		r := bs[MaxStatements].Rows[0]
		p.errs = append(p.errs, Error{Line: r.No, Column: 1, Words: r.Text, Source: r.Text,
			Message: fmt.Sprintf("this is the %dth statement; %d are read at most", MaxStatements+1, MaxStatements)})
		bs = bs[:MaxStatements]
	}
	if f.Zone = zoneOf(bs); f.Zone == nil {
		f.Zone = zone
	}
	p.today = DateOf(at.In(f.Location()))
	for _, b := range bs {
		p.block(b)
	}
	for i := range p.errs {
		p.errs[i].File = name
	}
	slices.SortStableFunc(p.errs, func(a, b Error) int { return a.Line - b.Line })
	slices.SortStableFunc(p.dates, func(a, b source.Place) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) })
	return f, p.dates, p.errs
}

// write notes how a phrase was understood.
func (p *parser) write(phrase [2]source.Token, text string) {
	from, to := phrase[0], phrase[1]
	if from != to || from.Text != text {
		p.dates = append(p.dates, source.Place{Line: from.Line, Col: from.Col, Length: to.Col + to.Length - from.Col, Text: text})
	}
}

// Location is the zone in which the file's dates are read.
func (f *File) Location() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// zoneOf finds the zone that a file states, wherever it stands: dates and
// "kr" are read by it. Mistakes in it are told when it is parsed.
func zoneOf(bs []source.Block) *time.Location {
	for _, b := range bs {
		t := b.Rows[0].Toks
		if len(t) == 2 && strings.EqualFold(t[0].Text, "zone") {
			if z, err := calendar.Zone(t[1].Text); err == nil {
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

	rows    []source.Row
	toks    []source.Token
	pos     int
	verb    string
	notices []string
	dates   []source.Place
	failed  bool // on this line
	bad     bool // in this statement
}

func (p *parser) block(b source.Block) {
	*p = parser{file: p.file, errs: p.errs, today: p.today, rows: b.Rows, dates: p.dates}
	for i, r := range b.Rows {
		if r.Err != nil {
			p.errs, p.bad = append(p.errs, *r.Err), true
			if i == 0 {
				return
			}
			continue
		}
		p.toks = append(p.toks, r.Toks...)
		last := r.Toks[len(r.Toks)-1]
		p.toks = append(p.toks, source.Token{Kind: source.EOL, Line: r.No, Col: last.Col + last.Length, Length: 1})
		if last.Glued {
			p.notice("the # directly after %q begins a comment; what belongs to the word stands in quotes", last.Text)
		}
	}
	first := p.peek()
	if p.verb = strings.ToLower(first.Text); first.Kind != source.Word || !slices.Contains(verbs, p.verb) {
		p.noVerb(first)
		return
	}
	p.pos++
	s := p.statement()
	if p.skipLine(); s != nil && !p.bad {
		p.keep(s, b.Rows)
	}
}

// keep files a statement without mistakes under its kind.
func (p *parser) keep(s Statement, rows []source.Row) {
	h, f := s.Source(), p.file
	h.Line, h.End, h.Verb = rows[0].No, rows[len(rows)-1].No, p.verb
	h.Text, h.Notices = firstLine(rows[0]), append(h.Notices, p.notices...)
	f.All = append(f.All, s)
	switch s := s.(type) {
	case *Protect:
		f.Protects = append(f.Protects, s)
	case *Grant:
		f.Grants = append(f.Grants, s)
	case *Want:
		f.Wants = append(f.Wants, s)
		for i := range s.Needs {
			s.Needs[i].List = f.list(s.Needs[i].List)
		}
	case *Cap:
		f.Caps = append(f.Caps, s)
	case *Refuse:
		f.Refuses = append(f.Refuses, s)
		s.BrandsIn = f.list(s.BrandsIn)
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
func firstLine(r source.Row) string {
	s := []rune(r.Words())
	if len(s) > 200 {
		s = append(s[:199], '…')
	}
	return string(s)
}

func (p *parser) peek() source.Token {
	if p.pos < len(p.toks) {
		return p.toks[p.pos]
	}
	return source.Token{Kind: source.EOL, Line: p.rows[0].No, Col: 1, Length: 1}
}

func (p *parser) done() bool { return p.pos >= len(p.toks) }

func (p *parser) next() source.Token {
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
		if t := p.toks[p.pos+i]; t.Kind != source.Word || !strings.EqualFold(t.Text, w) {
			return false
		}
	}
	p.pos += len(words)
	return true
}

// fail notes a mistake at a source.Token, once a line.
func (p *parser) fail(t source.Token, message, suggestion string) {
	p.failOver(t, t, message, suggestion)
}

// failOver notes a mistake that runs from one source.Token to another of its line.
func (p *parser) failOver(from, to source.Token, message, suggestion string) {
	p.bad = true
	if p.failed {
		return
	}
	p.failed = true
	i, _ := slices.BinarySearchFunc(p.rows, from.Line, func(r source.Row, line int) int { return r.No - line })
	text := []rune(p.rows[i].Text)
	words := ""
	if from.Kind != source.EOL {
		words = string(text[from.Col-1 : min(to.Col+to.Length-1, len(text))])
	}
	p.errs = append(p.errs, Error{Line: from.Line, Column: from.Col, Words: words, Message: message, Suggestion: suggestion, Source: p.rows[i].Text})
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
		if t.Kind == source.EOL {
			p.failed = false
			continue
		}
		p.unexpected(t)
	}
}
