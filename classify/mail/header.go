package mail

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	stdmail "net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
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
	var h header
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
		h = append(h, Field{string(name), unfold(value)})
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

// unfold gives a field's value on one line, as valid UTF-8.
func unfold(value []byte) string {
	s := strings.Trim(string(value), " \t\r\n")
	if strings.ContainsAny(s, "\r\n") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", ""), "\n", "")
		s = strings.ReplaceAll(s, "\r", " ")
	}
	if !utf8.ValidString(s) {
		// QUIRK: raw 8-bit text in a header is mostly the sender's Windows code page.
		s, _ = charmap.Windows1252.NewDecoder().String(s)
	}
	return s
}

// wordReader decodes encoded words (RFC 2047) of a charset that mime does not
// know: whole, since mime would copy each through a buffer of 32 KB.
func wordReader(name string, input io.Reader) (io.Reader, error) {
	r, err := charset.Reader(name, input)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	return bytes.NewReader(text), err
}

// decodeWords decodes the encoded words of s; one it cannot decode stays as it is.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	d := mime.WordDecoder{CharsetReader: wordReader}
	out, err := d.DecodeHeader(s)
	if err != nil {
		return s
	}
	return strings.ToValidUTF8(out, "\uFFFD")
}

// collapse makes every run of white space one blank and trims the ends.
func collapse(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

// fillHeader fills the fields of m that come from its outermost header.
func (m *Message) fillHeader(h header) {
	m.Fields = make([]Field, 0, len(h))
	for _, f := range h {
		m.Fields = append(m.Fields, Field{f.Name, decodeWords(f.Value)})
		switch strings.ToLower(f.Name) {
		case "from":
			m.From = appendAddresses(m.From, f.Value)
		case "to", "cc":
			m.To = appendAddresses(m.To, f.Value)
		case "reply-to":
			m.ReplyTo = appendAddresses(m.ReplyTo, f.Value)
		case "in-reply-to", "references":
			m.InReplyTo = appendIDs(m.InReplyTo, f.Value)
		}
	}
	m.Subject = clean(collapse(m.Get("Subject")))
	if ids := appendIDs(nil, h.get("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	if d := h.get("Date"); d != "" && len(d) < 200 {
		t, err := stdmail.ParseDate(d)
		if err != nil {
			m.note("Date cannot be read")
		}
		m.Date = t
	}
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
