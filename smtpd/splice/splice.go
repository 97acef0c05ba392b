// Package splice takes our header fields out of a message that comes in and
// puts those of a decision above it. It never touches any other byte.
package splice

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"strings"

	"usher/classify/mail"
	"usher/rules"
)

// Stripper writes a message on to w without the fields of the header whose
// names begin with ours, in any case, and their continuation lines. The header
// ends at the first empty line: a line of blanks, a "From " line or one without
// a colon does not end it, since next hops read on past all three.
type Stripper struct {
	w        io.Writer
	Keep     string // name of a field of ours that stays; "" for none
	Stripped int    // fields removed

	body bool
	keep bool // the line under way, and its continuations, are kept
	in   bool // within a line whose start is decided
	held []byte
}

// NewStripper strips what is written to w.
func NewStripper(w io.Writer) *Stripper {
	return &Stripper{w: w, keep: true, held: make([]byte, 0, len(mail.HeaderDigest)+1)}
}

// Write implements io.Writer. Line ends must be CRLF.
func (s *Stripper) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		var err error
		switch {
		case s.body:
			_, err = s.w.Write(p)
			p = nil
		case s.in:
			end := bytes.IndexByte(p, '\n') + 1
			s.in = end == 0
			if s.in {
				end = len(p)
			}
			if s.keep {
				_, err = s.w.Write(p[:end])
			}
			p = p[end:]
		default:
			s.held = append(s.held, p[0])
			p = p[1:]
			err = s.decide()
		}
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// decide looks at the start of a line and, once it tells, says what becomes of
// the line.
func (s *Stripper) decide() error {
	switch held := string(s.held); {
	case held[0] == ' ' || held[0] == '\t':
		s.in = true // a continuation shares the fate of its field
	case held == "\r":
		return nil
	case held == "\r\n":
		s.body = true
		return s.release()
	case len(held) < len(mail.HeaderPrefix) && begins(mail.HeaderPrefix, held), s.Keep != "" && len(held) <= len(s.Keep) && begins(s.Keep, held):
		return nil
	case !begins(held, mail.HeaderPrefix), s.Keep != "" && begins(held, s.Keep+":"):
		s.in, s.keep = true, true
	default:
		s.in, s.keep = true, false
		s.Stripped++
	}
	if s.keep {
		return s.release()
	}
	s.held = s.held[:0]
	return nil
}

// begins reports whether text begins with prefix, in any case.
func begins(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

func (s *Stripper) release() error {
	_, err := s.w.Write(s.held)
	s.held = s.held[:0]
	return err
}

// Close writes what is held of a line that never ended; it leaves w open.
func (s *Stripper) Close() error { return s.release() }

// Lengths of what is put above a message.
const (
	MaxField   = 400 // bytes of a line of ours
	maxBecause = 200 // characters of reason
)

// Fields gives the header fields that are put above a message for one
// decision, applied as said. because asks for its source and, if it has one,
// its text; folded says that the message begins with a space or tab.
func Fields(d *rules.Decision, applied rules.Disposition, because, folded bool) []byte {
	b := filing(applied, string(d.Category))
	id := d.ID
	if id == "" {
		id = "none"
	}
	fmt.Fprintf(b, "%s: %s\r\n", mail.HeaderDecision, id)
	if because {
		fmt.Fprintf(b, "%s: %s\r\n", mail.HeaderBecause, line(d.Because, d.Text, MaxField-len(mail.HeaderBecause)-len(": \r\n")))
	}
	quirk(b, folded)
	return b.Bytes()
}

// Shared gives the fields above a message that several recipients will see: not
// why, and not whose decision it was. category may be "".
func Shared(applied rules.Disposition, category string, folded bool) []byte {
	b := filing(applied, category)
	quirk(b, folded)
	return b.Bytes()
}

func filing(applied rules.Disposition, category string) *bytes.Buffer {
	b := new(bytes.Buffer)
	fmt.Fprintf(b, "%s: %s\r\n", mail.HeaderDisposition, applied)
	if category != "" {
		fmt.Fprintf(b, "%s: %s\r\n", mail.HeaderCategory, category)
	}
	return b
}

// quirk ends our fields where the message begins with a fold: else its first
// line would be a continuation of one of them.
func quirk(b *bytes.Buffer, folded bool) {
	if folded {
		fmt.Fprintf(b, "%s: begins with a fold\r\n", mail.HeaderQuirk)
	}
}

// line gives source and text as one line of ASCII of at most max bytes.
func line(source, text string, max int) string {
	clean := func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}
	source = ascii(source)
	runes := []rune(strings.TrimSpace(strings.Map(clean, strings.ToValidUTF8(text, "?"))))
	if len(runes) > maxBecause {
		runes = runes[:maxBecause]
	}
	for ; len(runes) > 0; runes = runes[:len(runes)-1] {
		s := source + "; " + mime.BEncoding.Encode("utf-8", string(runes))
		if len(s) <= max {
			return s
		}
	}
	return source
}

// ascii makes s printable ASCII.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s[:min(len(s), maxBecause)])
}
