package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is one mistake in a file.
type Error struct {
	File       string
	Line       int    // from 1
	Column     int    // in characters, from 1
	Words      string // the offending words as written; "" where something is missing
	Message    string
	Suggestion string // the nearest thing that the language can say; "" if none is near
	Source     string // the line as written
}

// Errors are the mistakes of a file, in its order.
type Errors []Error

// Error prints all of them, each with its line and a caret under the words.
func (e Errors) Error() string {
	const most = 20 // a file that is none of ours has one on each line
	told := e[:min(len(e), most)]
	all := make([]string, len(told))
	for i := range told {
		all[i] = told[i].Error()
	}
	if left := len(e) - len(told); left > 0 {
		all = append(all, fmt.Sprintf("and %d more", left))
	}
	return strings.Join(all, "\n")
}

// Err returns the errors as an error, nil if there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// shown is how many characters of a line are printed around a mistake.
const shown = 100

// Error prints file:line:column and the message, the line, a caret line under
// the words, and the suggestion. What a terminal would act on is left out.
func (e Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Source != "" {
		source := []rune(visible(e.Source))
		from, lead := 0, ""
		if e.Column-1 > shown {
			from, lead = e.Column-1-shown/2, "…"
		}
		to, tail := len(source), ""
		if to-from > shown+shown/2 {
			to, tail = from+shown+shown/2, "…"
		}
		under := max(1, min(utf8.RuneCountInString(e.Words), to-e.Column+1))
		fmt.Fprintf(&b, "\n    %s%s%s", lead, string(source[min(from, to):to]), tail)
		fmt.Fprintf(&b, "\n    %s%s", strings.Repeat(" ", utf8.RuneCountInString(lead)+e.Column-1-from), strings.Repeat("^", under))
	}
	if e.Suggestion != "" {
		fmt.Fprintf(&b, "\n    did you mean %s?", visible(e.Suggestion))
	}
	return b.String()
}

// visible turns tabs into blanks, so that the caret stands under the words, and
// what cannot be seen into a mark of the same width.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) && r != '\u200C' && r != '\u200D':
			return '\uFFFD'
		}
		return r
	}, s)
}

// Nearest returns the word nearest to s in quotes, "" if none is near enough to
// have been meant.
func Nearest(s string, words []string) string {
	s = strings.ToLower(s)
	best, least := "", 1+len(s)/3
	for _, w := range words {
		if d := distance(s, w); d <= least && (best == "" || d < least) {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return `"` + best + `"`
}

// distance counts the letters to insert, delete, change or swap with a
// neighbour between a and b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > 8 || len(y)-len(x) > 8 || len(x) > 40 {
		return 40
	}
	before, above := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(y)]
}
