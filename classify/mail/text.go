package mail

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textWriter gathers text with white space collapsed, one line for each block.
type textWriter struct {
	b     []byte
	max   int  // bytes kept
	space bool // a blank is due before the next character
	lines int  // line breaks due before the next character
}

// reset empties the writer and keeps its memory.
func (w *textWriter) reset() { *w = textWriter{b: w.b[:0], max: w.max} }

// unseen reports characters that take no room on a screen and serve as padding.
func unseen(c rune) bool {
	switch c {
	case '\u00AD', '\u034F', '\u061C', '\u180E', '\u200B', '\u200C', '\u200E', '\u200F', '\u2060', '\u2061', '\u2062', '\u2063', '\u2064', '\uFEFF':
		return true
	}
	return c < ' ' || c == 0x7F
}

// clean takes unseen characters out of a line and makes other blanks plain ones.
func clean(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return unseen(c) || c != ' ' && unicode.IsSpace(c) }) < 0 {
		return s
	}
	return collapse(strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unseen(c):
			return -1
		}
		return c
	}, s))
}

// write adds s, of which every run of white space counts as one blank.
func (w *textWriter) write(s []byte) {
	for i := 0; i < len(s) && len(w.b) < w.max; {
		if s[i] > ' ' && s[i] < 0x7F {
			w.flush()
			n := plainRun(s[i:], w.max-len(w.b))
			w.b = append(w.b, s[i:i+n]...)
			i += n
			continue
		}
		c, n := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRune(s[i:])
		}
		switch {
		case unicode.IsSpace(c):
			w.space = true
		case unseen(c):
		default:
			w.flush()
			w.b = append(w.b, s[i:i+n]...)
		}
		i += n
	}
}

// plainRun gives the length of what begins s and can be kept as it is: words of
// ASCII with one blank between them, which most of a mail is. Beyond room bytes
// it ends with a word.
func plainRun(s []byte, room int) int {
	for i, c := range s {
		switch {
		case c > ' ' && c < 0x7F:
		case c == ' ' && i > 0 && i+1 < len(s) && s[i+1] > ' ' && s[i+1] < 0x7F && i < room:
		default:
			return i
		}
	}
	return len(s)
}

// flush writes the breaks that are due.
func (w *textWriter) flush() {
	switch {
	case len(w.b) == 0:
	case w.lines > 1:
		w.b = append(w.b, "\n\n"...)
	case w.lines > 0:
		w.b = append(w.b, '\n')
	case w.space:
		w.b = append(w.b, ' ')
	}
	w.space, w.lines = false, 0
}

// line asks for a line break before what comes next; two make an empty line.
func (w *textWriter) line() { w.lines = max(w.lines, 1) }

func (w *textWriter) String() string { return string(w.b) }

// cleanPlain reads a text/plain part: lines kept, padding dropped, at most one
// empty line in a row.
func cleanPlain(s []byte) string {
	w := textWriter{b: make([]byte, 0, min(len(s), MaxText)), max: MaxText}
	for len(s) > 0 {
		var line []byte
		line, s, _ = bytes.Cut(s, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			w.lines++
			continue
		}
		w.write(line)
		w.line()
	}
	return w.String()
}

// plainLinks finds the targets written out in a message without markup.
func (m *Message) plainLinks(text string) {
	for len(m.Links) < MaxLinks {
		i := nextTarget(text)
		if i < 0 {
			return
		}
		text = text[i:]
		n := strings.IndexFunc(text, func(c rune) bool {
			return unicode.IsSpace(c) || strings.ContainsRune("<>\"`{}|^", c)
		})
		if n < 0 {
			n = len(text)
		}
		target := strings.TrimRight(text[:n], ".,;:!?)]'*_")
		if host := hostOf(target); host != "" || strings.HasPrefix(target, "mailto:") {
			m.Links = append(m.Links, Link{URL: target, Host: host, Text: target})
		}
		text = text[n:]
	}
}

// nextTarget finds the first http, https or mailto target in text.
func nextTarget(text string) int {
	for at := 0; ; {
		i := strings.IndexByte(text[at:], ':')
		if i < 0 {
			return -1
		}
		i += at
		for _, scheme := range [...]string{"https", "http", "mailto"} {
			if b := i - len(scheme); b >= 0 && strings.EqualFold(text[b:i], scheme) {
				return b
			}
		}
		at = i + 1
	}
}

// hostOf gives the host of an absolute target, lower case; "" for others.
func hostOf(target string) string {
	i := strings.Index(target, "//")
	if i < 0 {
		return ""
	}
	switch scheme := strings.ToLower(target[:i]); scheme {
	case "http:", "https:", "":
	default:
		return ""
	}
	host := target[i+2:]
	if j := strings.IndexAny(host, "/?#\\"); j >= 0 {
		host = host[:j]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	if j := strings.LastIndexByte(host, ':'); j >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:j]
	}
	return Domain(host)
}

// hasMergeField finds a place for a name that a campaign tool left unfilled:
// {{name}}, *|NAME|*, %%NAME%%, [Contact.Name].
func hasMergeField(s string) bool {
	for rest := s; ; {
		_, after, ok := strings.Cut(rest, "[")
		if !ok {
			break
		}
		if j := strings.IndexByte(after[:min(len(after), 30)], ']'); j > 0 && isPersonField(after[:j]) {
			return true
		}
		rest = after
	}
	for _, pair := range [...][2]string{{"{{", "}}"}, {"*|", "|*"}, {"%%", "%%"}} {
		rest := s
		for {
			_, after, ok := strings.Cut(rest, pair[0])
			if !ok {
				break
			}
			if j := strings.Index(after[:min(len(after), 60)], pair[1]); j > 0 && isWord(after[:j]) {
				return true
			}
			rest = after
		}
	}
	return false
}

// joints part the words of a field's name.
var joints = strings.NewReplacer("_", "", " ", "", "-", "")

// isPersonField reports whether s names something about a person, in brackets
// that stand around much else: [First Name], [Contact.Name].
func isPersonField(s string) bool {
	s = strings.ToLower(joints.Replace(s))
	switch s {
	case "firstname", "lastname", "fullname", "fname", "lname", "yourname", "vorname", "nachname", "prenom":
		return true
	}
	whose, what, ok := strings.Cut(s, ".")
	switch whose {
	case "contact", "subscriber", "recipient", "customer", "lead", "member":
		return ok && what != ""
	}
	return false
}

// isWord reports whether s could be the name of a field.
func isWord(s string) bool {
	letters := 0
	for _, c := range s {
		switch {
		case unicode.IsLetter(c):
			letters++
		case unicode.IsDigit(c), strings.ContainsRune(" _.:-|,'\"()", c):
		default:
			return false
		}
	}
	return letters > 1
}
