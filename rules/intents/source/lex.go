// Package source takes a text of statements apart into lines and words, points
// at mistakes in it, and edits its lines. It never knows what a word means.
package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a token looks like.
type Kind int

// The kinds of tokens.
const (
	Word   Kind = iota
	Quoted      // its text is without quotes
	Angle       // <list.id>, its text without brackets
	Comma
	Dots // ".."
	EOL  // the end of a line, where something may be missing
)

// Token is one word or mark.
type Token struct {
	Kind        Kind
	Text        string
	Line        int
	Col, Length int  // in characters; Col from 1
	Glued       bool // a comment follows without a blank: "C#"
}

// Row is one line of a file.
type Row struct {
	No       int
	Text     string // without line end
	Toks     []Token
	Indented bool
	Err      *Error // what could not be read; Toks is then of no use
}

// Comment returns the comment at the end of a row with the blanks before it.
func (r Row) Comment() string {
	if len(r.Toks) == 0 {
		return ""
	}
	last := r.Toks[len(r.Toks)-1]
	rest := string([]rune(r.Text)[last.Col+last.Length-1:])
	if strings.TrimSpace(rest) == "" {
		return ""
	}
	return rest
}

// Words returns a row without its indentation and comment, blanks collapsed.
func (r Row) Words() string {
	last := r.Toks[len(r.Toks)-1]
	text := []rune(r.Text)[r.Toks[0].Col-1 : last.Col+last.Length-1]
	return strings.Join(strings.Fields(string(text)), " ")
}

// Lines splits a text into its lines. A byte order mark and the CR of a CRLF
// are no part of them.
func Lines(text []byte) []string {
	s := strings.TrimPrefix(string(text), "\uFEFF")
	ls := strings.Split(s, "\n")
	for i := range ls {
		ls[i] = strings.TrimSuffix(ls[i], "\r")
	}
	return ls
}

// Lex takes every line of a text apart.
func Lex(text []byte) []Row {
	ls := Lines(text)
	rows := make([]Row, len(ls))
	for i, l := range ls {
		x := lexer{Row: Row{No: i + 1, Text: l}, rest: l, col: 1}
		x.line()
		rows[i] = x.Row
		rows[i].Indented = len(x.Toks) > 0 && x.Toks[0].Col > 1
	}
	return rows
}

// lexer takes one line apart.
type lexer struct {
	Row
	rest string
	col  int
}

func (x *lexer) line() {
	for x.Err == nil {
		r, size := utf8.DecodeRuneInString(x.rest)
		switch {
		case size == 0:
			return
		case unicode.IsSpace(r):
			x.skip(size)
		case r == '#':
			if n := len(x.Toks); n > 0 && x.Toks[n-1].Col+x.Toks[n-1].Length == x.col {
				x.Toks[n-1].Glued = true
			}
			return
		case isQuote(r):
			x.quoted(size)
		case r == ',':
			x.take(Comma, 1, ",")
		case r == '<':
			x.angle()
		case isDots(x.rest):
			x.take(Dots, 2, "..")
		case r == '\'' || r == '‘':
			x.single()
		default:
			x.word()
		}
	}
}

// isQuote reports whether r is a double quote, straight or smart. Which way a
// smart one turns does not matter: keyboards of many languages differ.
func isQuote(r rune) bool { return strings.ContainsRune("\"“”„‟«»", r) }

// isDots reports a range: no ellipsis, and no path to the folder above.
func isDots(s string) bool {
	return strings.HasPrefix(s, "..") && !strings.HasPrefix(s, "...") && !strings.HasPrefix(s, "../")
}

func (x *lexer) skip(bytes int) {
	x.col += utf8.RuneCountInString(x.rest[:bytes])
	x.rest = x.rest[bytes:]
}

func (x *lexer) take(k Kind, bytes int, text string) {
	n := utf8.RuneCountInString(x.rest[:bytes])
	x.Toks = append(x.Toks, Token{Kind: k, Text: text, Line: x.No, Col: x.col, Length: n})
	x.skip(bytes)
}

// fail notes the mistake at the next n bytes.
func (x *lexer) fail(n int, message, suggestion string) {
	n = min(n, len(x.rest))
	x.Err = &Error{Line: x.No, Column: x.col, Words: x.rest[:n], Message: message, Suggestion: suggestion, Source: x.Text}
}

func (x *lexer) quoted(open int) {
	n := strings.IndexFunc(x.rest[open:], isQuote)
	if n < 0 {
		x.fail(len(x.rest), "a quote is opened and not closed on this line", "")
		return
	}
	text := x.rest[open : open+n]
	if !x.readable(text, open) {
		return
	}
	_, end := utf8.DecodeRuneInString(x.rest[open+n:])
	if text = Plain(text); text == "" {
		x.fail(open+n+end, "there is nothing between these quotes", "")
		return
	}
	x.take(Quoted, open+n+end, text)
}

// single explains a text between single quotes.
func (x *lexer) single() {
	inner := strings.TrimLeft(x.rest, "'‘")
	end := strings.IndexAny(inner, "'’")
	if end < 1 {
		x.fail(1, "text stands in double quotes", "")
		return
	}
	_, size := utf8.DecodeRuneInString(inner[end:])
	x.fail(len(x.rest)-len(inner)+end+size, "text stands in double quotes", `"`+Plain(inner[:end])+`"`)
}

func (x *lexer) angle() {
	n := strings.IndexAny(x.rest, "> \t#")
	if n < 0 || x.rest[n] != '>' || n == 1 {
		if n < 1 {
			n = len(x.rest)
		}
		x.fail(n, "a list is named by what stands between < and > in its List-Id field", "<parents.school.example>")
		return
	}
	if x.readable(x.rest[1:n], 1) {
		x.take(Angle, n+1, strings.ToLower(x.rest[1:n]))
	}
}

// word takes what runs to the next blank or mark. A comma between two digits
// belongs to a number.
func (x *lexer) word() {
	n := 0
	for n < len(x.rest) {
		r, size := utf8.DecodeRuneInString(x.rest[n:])
		if unicode.IsSpace(r) || isQuote(r) || r == '#' || r == '<' || isDots(x.rest[n:]) {
			break
		}
		if r == ',' && !inNumber(x.rest, n) {
			break
		}
		n += size
		if r == '.' && strings.HasPrefix(x.rest[n:], "..") {
			n += 2 // an ellipsis is no range
		}
	}
	if x.readable(x.rest[:n], 0) {
		x.take(Word, n, Plain(x.rest[:n]))
	}
}

// inNumber reports whether the comma at s[i] stands inside an amount: a digit
// follows, and nothing but an amount stands before it.
func inNumber(s string, i int) bool {
	if i == 0 || i+1 >= len(s) || !isDigit(s[i-1]) || !isDigit(s[i+1]) {
		return false
	}
	return strings.IndexFunc(s[:i], func(r rune) bool {
		return !unicode.IsDigit(r) && !unicode.Is(unicode.Sc, r) && r != '.' && r != ',' && r != '\''
	}) < 0
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// readable notes what a person could not see in the text, which begins at the
// given byte of the rest: it must not decide anything.
func (x *lexer) readable(text string, at int) bool {
	for i, r := range text {
		message := ""
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			message = "this is not UTF-8; save the file as UTF-8"
		case unicode.IsControl(r) && r != '\t':
			message = fmt.Sprintf("here stands a control character, U+%04X; delete it", r)
		case unicode.Is(unicode.Cf, r) && r != '\u200C' && r != '\u200D':
			message = fmt.Sprintf("here stands an invisible character, U+%04X; delete it", r)
		default:
			continue
		}
		x.skip(at + i)
		_, size := utf8.DecodeRuneInString(x.rest)
		x.fail(size, message, "")
		return false
	}
	return true
}

// Plain collapses white space and turns typographic apostrophes into plain ones.
func Plain(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "’", "'")
}
