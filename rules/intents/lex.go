package intents

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	word   kind = iota
	quoted      // its text is without quotes
	angle       // <list.id>, its text without brackets
	comma
	dots // ".."
	eol  // the end of a line, where something may be missing
)

type token struct {
	kind        kind
	text        string
	line        int
	col, length int  // in characters; col from 1
	glued       bool // a comment follows without a blank: "C#"
}

// row is one line of a file.
type row struct {
	no       int
	text     string // without line end
	toks     []token
	indented bool
	err      *Error // what could not be read; toks is then of no use
}

// lines splits a text into its lines. A byte order mark and the CR of a CRLF
// are no part of them.
func lines(text []byte) []string {
	s := strings.TrimPrefix(string(text), "\uFEFF")
	ls := strings.Split(s, "\n")
	for i := range ls {
		ls[i] = strings.TrimSuffix(ls[i], "\r")
	}
	return ls
}

func lex(text []byte) []row {
	ls := lines(text)
	rows := make([]row, len(ls))
	for i, l := range ls {
		x := lexer{row: row{no: i + 1, text: l}, rest: l, col: 1}
		x.line()
		rows[i] = x.row
		rows[i].indented = len(x.toks) > 0 && x.toks[0].col > 1
	}
	return rows
}

// lexer takes one line apart.
type lexer struct {
	row
	rest string
	col  int
}

func (x *lexer) line() {
	for x.err == nil {
		r, size := utf8.DecodeRuneInString(x.rest)
		switch {
		case size == 0:
			return
		case unicode.IsSpace(r):
			x.skip(size)
		case r == '#':
			if n := len(x.toks); n > 0 && x.toks[n-1].col+x.toks[n-1].length == x.col {
				x.toks[n-1].glued = true
			}
			return
		case isQuote(r):
			x.quoted(size)
		case r == ',':
			x.take(comma, 1, ",")
		case r == '<':
			x.angle()
		case isDots(x.rest):
			x.take(dots, 2, "..")
		case r == '\'' || r == '‘':
			x.fail(1, "text stands in double quotes", "")
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

func (x *lexer) take(k kind, bytes int, text string) {
	n := utf8.RuneCountInString(x.rest[:bytes])
	x.toks = append(x.toks, token{kind: k, text: text, line: x.no, col: x.col, length: n})
	x.skip(bytes)
}

// fail notes the mistake at the next n bytes.
func (x *lexer) fail(n int, message, suggestion string) {
	n = min(n, len(x.rest))
	x.err = &Error{Line: x.no, Column: x.col, Words: x.rest[:n], Message: message, Suggestion: suggestion, Source: x.text}
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
	if text = plain(text); text == "" {
		x.fail(open+n+end, "there is nothing between these quotes", "")
		return
	}
	x.take(quoted, open+n+end, text)
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
		x.take(angle, n+1, strings.ToLower(x.rest[1:n]))
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
		x.take(word, n, plain(x.rest[:n]))
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

// plain collapses white space and turns typographic apostrophes into plain ones.
func plain(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "’", "'")
}
