// Package words reads text as words: folded, stemmed, ranked by how common they
// are, and in a guessed language. It never judges what they mean.
package words

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldedRunes holds what each rune of the alphabets below U+2000 folds to:
// lower case, without diacritics, ligatures spelled out.
var foldedRunes = sync.OnceValue(func() *[0x2000]string {
	spelled := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ł': "l", 'ı': "i", 'þ': "th", 'ð': "d", 'ς': "σ"}
	var table [0x2000]string
	for r := rune(0); r < 0x2000; r++ {
		var b strings.Builder
		for _, d := range norm.NFKD.String(string(r)) {
			d = unicode.ToLower(d)
			switch {
			case d == 0x00AD || d == 'ـ' || unicode.Is(unicode.Mn, d) && dropsMark(d):
			case spelled[d] != "":
				b.WriteString(spelled[d])
			default:
				b.WriteRune(d)
			}
		}
		table[r] = b.String()
	}
	return &table
})

// dropsMark reports whether a combining mark is mere decoration: in Indic
// scripts and in Thai it is a vowel, and a word is nothing without it.
func dropsMark(r rune) bool { return r < 0x0900 || r >= 0x1AB0 }

// Fold makes text comparable: lower case, no diacritics, compatibility forms
// resolved, straight quotes, and every run of white space one space. It takes
// time linear in the text.
func Fold(s string) string {
	table := foldedRunes()
	var b strings.Builder
	b.Grow(len(s))
	space := true // so that leading space is dropped
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c <= ' ' || c == 0x7f:
				if !space {
					b.WriteByte(' ')
				}
				space = true
				continue
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			}
			b.WriteByte(c)
			space = false
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if unicode.IsSpace(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		before := b.Len()
		foldRune(&b, r, table)
		space = space && b.Len() == before
	}
	return strings.TrimSuffix(b.String(), " ")
}

func foldRune(b *strings.Builder, r rune, table *[0x2000]string) {
	switch {
	case r < 0x2000:
		b.WriteString(table[r])
	case r >= 0x200B && r <= 0x200F, r == 0x2060, r == 0xFEFF, r >= 0xFE00 && r <= 0xFE0F, r == utf8.RuneError:
		// Joiners, marks of direction and variation selectors hide words.
	case r >= 0x2010 && r <= 0x2015:
		b.WriteByte('-')
	case r == 0x2018 || r == 0x2019 || r == 0x201B:
		b.WriteByte('\'')
	case r == 0x201C || r == 0x201D || r == 0x201E || r == 0x201F:
		b.WriteByte('"')
	case r >= 0xFF01 && r <= 0xFF5E: // full width ASCII
		b.WriteRune(unicode.ToLower(r - 0xFF01 + '!'))
	default:
		b.WriteRune(unicode.ToLower(r))
	}
}

// Unspaced reports whether a rune belongs to a script that puts no space
// between words.
func Unspaced(r rune) bool {
	return r >= 0x0E00 && r <= 0x0E7F || // Thai
		r >= 0x3040 && r <= 0x30FF || // kana
		r >= 0x3400 && r <= 0x9FFF || // Han
		r >= 0xAC00 && r <= 0xD7AF // Hangul: particles cling to words
}

// InWord reports whether a rune can stand inside a word.
func InWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// Next returns the bounds of the first word at or after i:
// a run of letters and digits, or a single rune of an Unspaced script. It
// returns start == len(s) where no word is left.
func Next(s string, i int) (start, end int) {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if Unspaced(r) {
			return i, i + n
		}
		if InWord(r) {
			break
		}
		i += n
	}
	start = i
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' {
				i++
				continue
			}
			return start, i
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !InWord(r) || Unspaced(r) {
			break
		}
		i += n
	}
	return start, i
}
