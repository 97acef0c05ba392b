package mail

import (
	"bytes"
	"fmt"
	stdmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// header is one header block as it came: fields unfolded, not decoded.
type header []Field

func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// cutHeader splits raw at its first empty line. A line of blanks, an mbox
// "From " line and a line without a colon do not end a header block: the server
// behind us reads on past all three, and so must we.
func cutHeader(raw []byte) (block, body []byte) {
	for at := 0; at < len(raw); {
		next := bytes.IndexByte(raw[at:], '\n')
		if next < 0 {
			break
		}
		if line := raw[at : at+next]; len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			return raw[:at], raw[at+next+1:]
		}
		at += next + 1
	}
	return raw, nil
}

// readHeader reads the fields of a header block within the bounds of R and
// reports what it left out.
func readHeader(block []byte, note func(string, ...any)) header {
	if len(block) > MaxHeader {
		note("header block of %d bytes cut to %d", len(block), MaxHeader)
		block = block[:MaxHeader]
	}
	h := make(header, 0, min(MaxFields, bytes.Count(block, []byte("\n"))+1))
	var text strings.Builder // of all fields: they share one allocation
	text.Grow(len(block))
	strange, long := 0, 0
	for len(block) > 0 {
		var field []byte
		field, block = cutField(block)
		name, value, ok := bytes.Cut(field, []byte(":"))
		name = bytes.TrimRight(name, " \t")
		if !ok || !validName(name) {
			strange++
			continue
		}
		if len(value) > MaxField {
			long++
			value = value[:MaxField]
		}
		if len(h) == MaxFields {
			note("more than %d header fields, the rest not read", MaxFields)
			break
		}
		begin := text.Len()
		text.Write(name)
		middle := text.Len()
		unfold(&text, value)
		h = append(h, Field{text.String()[begin:middle], validHeader(text.String()[middle:])})
	}
	if strange > 0 {
		note("%d header lines are no field", strange)
	}
	if long > 0 {
		note("%d header fields cut to %d bytes", long, MaxField)
	}
	return h
}

// cutField cuts off the first field with its continuation lines.
func cutField(block []byte) (field, rest []byte) {
	for at := 0; at < len(block); {
		i := bytes.IndexByte(block[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
		if at < len(block) && block[at] != ' ' && block[at] != '\t' {
			return block[:at], block[at:]
		}
	}
	return block, nil
}

func validName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(name) > 0
}

// unfold writes a field's value on one line, without the blanks around it.
func unfold(to *strings.Builder, value []byte) {
	value = bytes.Trim(value, " \t\r\n")
	for len(value) > 0 {
		i := bytes.IndexByte(value, '\n')
		if i < 0 {
			i = len(value)
		}
		line := bytes.TrimSuffix(value[:i], []byte("\r"))
		for {
			j := bytes.IndexByte(line, '\r')
			if j < 0 {
				break
			}
			to.Write(line[:j])
			to.WriteByte(' ')
			line = line[j+1:]
		}
		to.Write(line)
		value = value[min(i+1, len(value)):]
	}
}

// validHeader gives a field's value as valid UTF-8.
func validHeader(s string) string {
	if !utf8.ValidString(s) {
		// QUIRK: raw 8-bit text in a header is mostly the sender's Windows code page.
		s, _ = charmap.Windows1252.NewDecoder().String(s)
	}
	return s
}

// collapse makes every run of white space one blank and trims the ends.
func collapse(s string) string {
	if collapsed(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// collapsed reports whether s is plain text with single blanks only: most is.
func collapsed(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}

// fillHeader fills the fields of m that come from its outermost header.
func (m *Message) fillHeader(h header) {
	m.Fields = slices.Clone(h)
	for i, f := range h {
		m.Fields[i].Value = decodeWords(f.Value)
		switch name := f.Name; {
		case strings.EqualFold(name, "From"):
			m.From = appendAddresses(m.From, f.Value)
		case strings.EqualFold(name, "To"), strings.EqualFold(name, "Cc"):
			m.To = appendAddresses(m.To, f.Value)
		case strings.EqualFold(name, "Reply-To"):
			m.ReplyTo = appendAddresses(m.ReplyTo, f.Value)
		case strings.EqualFold(name, "In-Reply-To"), strings.EqualFold(name, "References"):
			m.InReplyTo = appendIDs(m.InReplyTo, f.Value)
		}
	}
	m.Subject = clean(collapse(m.Get("Subject")))
	if ids := appendIDs(nil, h.get("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	if d := h.get("Date"); d != "" && len(d) < 200 {
		t, err := parseDate(d)
		if err != nil {
			m.note("Date cannot be read")
		}
		m.Date = t
	}
}

// parseDate reads a date as RFC 5322 writes it. It tries the usual form first:
// net/mail fails on a dozen others before.
func parseDate(s string) (time.Time, error) {
	usual, comment, also := strings.Cut(s, " (")
	if !also || comment != "" && strings.IndexByte(comment, ')') == len(comment)-1 && !strings.ContainsAny(comment, `(\`) {
		if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", usual); err == nil {
			return t, nil
		}
	}
	return stdmail.ParseDate(s)
}

func appendAddresses(to []Address, value string) []Address {
	to = append(to, addresses(value)...)
	return to[:min(len(to), maxAddresses)]
}

// appendIDs adds the Message-IDs in value, each once, at most 100.
func appendIDs(to []string, value string) []string {
	for len(to) < 100 {
		i := strings.IndexByte(value, '<')
		if i < 0 {
			break
		}
		value = value[i:]
		j := strings.IndexByte(value, '>')
		if j < 0 {
			break
		}
		if id := value[:j+1]; j > 1 && !strings.ContainsAny(id[1:], "< ") && !slices.Contains(to, id) {
			to = append(to, id)
		}
		value = value[j+1:]
	}
	return to
}

// maxNotes bounds Notes; more would only repeat themselves.
const maxNotes = 50

func (m *Message) note(format string, args ...any) {
	if len(m.Notes) < maxNotes {
		m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
	}
}
