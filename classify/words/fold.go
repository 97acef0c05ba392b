// Package words reads text as words: folded, stemmed, and in a
// guessed language. It never judges what they mean.
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
// time linear in the text, and text that is folded comes back as it is.
func Fold(s string) string {
	n := foldedAlready(s)
	if n == len(s) {
		return strings.TrimSuffix(s, " ")
	}
	var (
		b     strings.Builder
		chunk [256]byte // what is written next
		used  int
		space byte = 1 // 1 after white space, of which more is dropped
		table      = foldedRunes()
	)
	b.Grow(len(s))
	b.WriteString(s[:n])
	if n > 0 {
		space = white[s[n-1]]
	}
	for i := n; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			// Without a branch: where words end cannot be foretold.
			chunk[used] = ascii[c]
			used += int(1 - white[c]&space)
			space = white[c]
			i++
			if used < len(chunk) {
				continue
			}
		}
		b.Write(chunk[:used])
		used = 0
		if i == len(s) || s[i] < utf8.RuneSelf {
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		before := b.Len()
		switch {
		case !unicode.IsSpace(r) && (r >= 0x2000 || table[r] != " "): // an accent alone folds to a space
			foldRune(&b, r, table)
			if b.Len() > before {
				space = 0
			}
		case space == 0:
			b.WriteByte(' ')
			space = 1
		}
	}
	b.Write(chunk[:used])
	return strings.TrimSuffix(b.String(), " ")
}

// ascii holds what each ASCII character folds to, and white is 1 for those that
// fold to a space.
var ascii, white = func() (to, is [utf8.RuneSelf]byte) {
	for c := range to {
		switch {
		case c <= ' ' || c == 0x7f:
			to[c], is[c] = ' ', 1
		case 'A' <= c && c <= 'Z':
			to[c] = byte(c) + 'a' - 'A'
		default:
			to[c] = byte(c)
		}
	}
	return to, is
}()

// foldedAlready gives the length of the ASCII text that begins s and folds to itself.
func foldedAlready(s string) int {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || ascii[c] != c || c == ' ' && before == ' ' {
			return i
		}
		before = c
	}
	return len(s)
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

// inWord tells of each ASCII character what InWord does.
var inWord = func() (in [utf8.RuneSelf]bool) {
	for c := range in {
		in[c] = InWord(rune(c))
	}
	return in
}()

// Next returns the bounds of the first word at or after i:
// a run of letters and digits, or a single rune of an Unspaced script. It
// returns start == len(s) where no word is left.
func Next(s string, i int) (start, end int) {
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if inWord[c] {
				break
			}
			i++
			continue
		}
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
			if !inWord[c] {
				return start, i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !InWord(r) || Unspaced(r) {
			break
		}
		i += n
	}
	return start, i
}
