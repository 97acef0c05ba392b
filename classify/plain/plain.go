// Package plain makes text from mail safe to print, and fits it into columns. It never
// asks what the text says.
package plain

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Columns is the number of terminal cells that s takes: two for a wide
// character, none for a combining mark.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Clip shortens s to at most n terminal cells, the last an ellipsis, and makes
// it safe to print: what comes from mail may hold control characters.
func Clip(s string, n int) string {
	s = Text(s)
	if Columns(s) <= n {
		return s
	}
	var out strings.Builder
	used := 0
	for _, r := range s {
		if used+cells(r) > n-1 {
			break
		}
		used += cells(r)
		out.WriteRune(r)
	}
	return strings.TrimRight(out.String(), " ") + "…"
}

// Pad fills s up to n cells with blanks.
func Pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-Columns(s)))
}

// Text makes text from mail safe for a terminal: no control character and no
// invisible direction mark survives, white space becomes single blanks.
func Text(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Wrap breaks s into lines of at most n cells, at blanks.
func Wrap(s string, n int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && Columns(line)+1+Columns(word) > n {
			lines = append(lines, line)
			line = word
			continue
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
