package offer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"usher/classify/offer/cue"
	"usher/classify/offer/days"
)

// maxTokens bounds a sentence; a longer one is read as several.
const maxTokens = 150

type tokenKind byte

const (
	word   tokenKind = iota // letters
	number                  // digits, with points, commas, apostrophes or blanks between groups
	sign                    // any other single character
)

type token struct {
	kind     tokenKind
	gap      bool  // a blank stands before it
	from, to int32 // in the sentence's text
	low      string
	role     role // of the phrase it belongs to
}

func (t token) dash(text string) bool {
	switch text[t.from:t.to] {
	case "-", "–", "—", "−":
		return true
	}
	return false
}

// sentence is one sentence or line, its tokens, and what was found in it.
type sentence struct {
	text  string
	t     []token
	marks []mark
	key   []byte // for looking up phrases without an allocation
}

// read takes the first sentence of text and gives the rest; low is the same text
// in lower case as far as it is ASCII. The tokens are reused by the next call.
func (s *sentence) read(text, low string) (rest string) {
	s.text, s.t, s.marks = text, s.t[:0], s.marks[:0]
	gap := false
	for i := 0; i < len(text); {
		c, n := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRuneInString(text[i:])
		}
		k, end, wide := sign, i+n, c >= utf8.RuneSelf
		switch {
		case c == '\n', len(s.t) >= maxTokens:
			s.text = text[:i]
			return text[max(i, 1):]
		case unicode.IsSpace(c):
			gap = true
			i += n
			continue
		case !gap && len(s.t) > 0 && strings.ContainsRune("*†¹²³⁴", c): // leads to a footnote
			i += n
			continue
		case s.stops(c, i+n):
			s.text = text[:i]
			return text[i+n:]
		case '0' <= c && c <= '9':
			k, end = number, numberEnd(text, i, gap || len(s.t) == 0 || s.t[len(s.t)-1].kind != word)
		case unicode.IsLetter(c):
			k = word
			for end < len(low) {
				if 'a' <= low[end] && low[end] <= 'z' {
					end++
					continue
				}
				c, n := utf8.DecodeRuneInString(text[end:])
				if !unicode.IsLetter(c) && !unicode.IsMark(c) {
					break
				}
				end += n
				wide = true
			}
		}
		t := token{kind: k, gap: gap, from: int32(i), to: int32(end)}
		switch {
		case k == word && wide:
			t.low = strings.ToLower(text[i:end])
		case k == word:
			t.low = low[i:end]
		}
		s.t = append(s.t, t)
		gap, i = false, end
	}
	return ""
}

// lowered makes the ASCII letters of s lower case; its length stays.
func lowered(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// stops reports whether c ends a sentence. A point does so only between a whole
// word or a number and a capital: "reg. $99", "Fr. 49.–" and "24. Dezember" go on.
func (s *sentence) stops(c rune, next int) bool {
	switch c {
	case '!', '?', '|', '•', '。', '！':
		return true
	case '.':
		if len(s.t) == 0 || next >= len(s.text) || s.text[next] != ' ' {
			return false
		}
		t := s.t[len(s.t)-1]
		after := strings.TrimLeft(s.text[next:min(len(s.text), next+24)], " ")
		next, _ := utf8.DecodeRuneInString(after)
		if !unicode.IsUpper(next) && !(t.kind == word && unicode.IsDigit(next)) {
			return false
		}
		if t.kind == number {
			if i := strings.IndexFunc(after, func(c rune) bool { return !unicode.IsLetter(c) }); i >= 0 {
				after = after[:i]
			}
			return days.Month(strings.ToLower(after)) == 0
		}
		if n := len(s.t); n > 1 && s.t[n-2].kind == number && (t.low == "kr" || t.low == "zł" || t.low == "kč" || t.low == "ft" || t.low == "lei") {
			return true
		}
		return t.kind == sign || t.to-t.from > 2 && !cue.Shortened[t.low]
	}
	return false
}

// numberEnd finds the end of the number that begins at i. One that stands right
// behind letters has no blanks in it: "V9 199 EUR".
func numberEnd(s string, i int, apart bool) int {
	j, groups := i, 0
	first := 0
	for {
		begin := j
		for j < len(s) && '0' <= s[j] && s[j] <= '9' {
			j++
		}
		if groups++; groups == 1 {
			first = j - begin
		}
		switch {
		case j+1 < len(s) && (s[j] == '.' || s[j] == ',' || s[j] == '\'') && digit(s, j+1):
			j++
		case strings.HasPrefix(s[j:], "’") && digit(s, j+len("’")):
			j += len("’")
		case apart && first <= 3 && (groups == 1 || j-begin == 3) && blank(s[j:]) > 0 && thousand(s[j+blank(s[j:]):]):
			j += blank(s[j:])
		default:
			return j
		}
	}
}

// blank gives the length of the blank that s begins with, 0 if it begins with none:
// a plain one, or one at which a line is not broken.
func blank(s string) int {
	for _, b := range [...]string{" ", "\u00a0", "\u202f", "\u2009"} {
		if strings.HasPrefix(s, b) {
			return len(b)
		}
	}
	return 0
}

func digit(s string, i int) bool { return i < len(s) && '0' <= s[i] && s[i] <= '9' }

// thousand reports three digits and no fourth.
func thousand(s string) bool { return digit(s, 0) && digit(s, 1) && digit(s, 2) && !digit(s, 3) }

// before gives the roles of up to n tokens before i, not reaching over a number.
func (s *sentence) before(i, n int) (r role) {
	for k := i - 1; k >= 0 && k >= i-n && s.t[k].kind != number; k-- {
		r |= s.t[k].role
	}
	return r
}

// after gives the roles of up to n tokens after j, not reaching over a number.
func (s *sentence) after(j, n int) (r role) {
	for k := j + 1; k < len(s.t) && k <= j+n && s.t[k].kind != number; k++ {
		r |= s.t[k].role
	}
	return r
}

// sells reports a word of selling anywhere in the sentence.
func (s *sentence) sells() bool {
	for _, t := range s.t {
		if t.role&(off|save|sale|code) != 0 {
			return true
		}
	}
	return false
}

// text gives token i as written; "" outside the sentence.
func (s *sentence) at(i int) string {
	if i < 0 || i >= len(s.t) {
		return ""
	}
	return s.text[s.t[i].from:s.t[i].to]
}

// is reports whether token i is one of the given lower case words or signs.
func (s *sentence) is(i int, any ...string) bool {
	if i < 0 || i >= len(s.t) {
		return false
	}
	have := s.t[i].low
	if s.t[i].kind != word {
		have = s.at(i)
	}
	for _, a := range any {
		if have == a {
			return true
		}
	}
	return false
}
