// Package wrap joins lines of plain text that were broken to fit a screen. It never
// reads what they say.
package wrap

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lines of plain text that were broken to fit a screen, in bytes.
const (
	from = 50
	to   = 110
)

// Join joins lines that were broken to fit a screen: "now 89 EUR instead" goes
// on with "of 129 EUR". A line that ends with a word in lower case, long enough
// to have been broken, is joined with a next one that goes on in lower case or
// with a sum. The length of the text stays.
func Join(text string) string {
	var joined []byte
	for from := 0; from < len(text); {
		end := strings.IndexByte(text[from:], '\n')
		if end < 0 {
			break
		}
		end += from
		if goesOn(text[from:end], text[end+1:]) {
			if joined == nil {
				joined = []byte(text)
			}
			joined[end] = ' '
		}
		from = end + 1
	}
	if joined == nil {
		return text
	}
	return string(joined)
}

func goesOn(line, next string) bool {
	line = strings.TrimRight(line, " \r")
	if len(line) < from || len(line) > to {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(line)
	first, _ := utf8.DecodeRuneInString(next)
	return (unicode.IsLower(last) || last == ',') && (unicode.IsLower(first) || unicode.IsDigit(first) || unicode.Is(unicode.Sc, first))
}
