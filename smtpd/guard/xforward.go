package guard

import (
	"fmt"
	"maps"
	"strings"
)

// attributes are those of XFORWARD that are taken.
const attributes = "NAME ADDR PORT PROTO HELO IDENT SOURCE"

// xforward answers XFORWARD (Postfix's XFORWARD_README): what upstream knows of
// the server that it talked to. It holds for one transaction.
func (g *Conn) xforward(arg string) (reply string) {
	if g.mailed {
		return g.set.Replies.Order
	}
	if arg == "" {
		return g.set.Replies.Malformed
	}
	client, forward := g.Client, maps.Clone(g.Forward)
	if forward == nil {
		forward = make(map[string]string)
	}
	for word := range strings.FieldsSeq(arg) {
		name, value, ok := strings.Cut(word, "=")
		text, valid := xtext(value)
		if !ok || !valid {
			return g.set.Replies.Malformed
		}
		name = strings.ToUpper(name)
		if !strings.Contains(" "+attributes+" ", " "+name+" ") {
			return g.set.Replies.Malformed
		}
		forward[name] = text
		if strings.EqualFold(text, "[UNAVAILABLE]") || strings.EqualFold(text, "[TEMPUNAVAIL]") {
			text = ""
		}
		switch name {
		case "ADDR":
			client.Addr = strings.TrimPrefix(text, "IPv6:")
		case "HELO":
			client.Helo = text
		case "IDENT":
			client.Queue = text
		}
	}
	g.Client, g.Forward = client, forward
	return g.set.Replies.Noted
}

// xtext decodes RFC 3461, section 4. It is not valid with control characters
// in it, encoded or not.
func xtext(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			if i+2 >= len(s) {
				return "", false
			}
			high, low := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			c = byte(high<<4 | low)
			i += 2
		}
		if c < ' ' || c == 0x7f {
			return "", false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

const hexDigits = "0123456789ABCDEF"

// Xtext encodes RFC 3461, section 4.
func Xtext(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > ' ' && c <= '~' && c != '+' && c != '=' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "+%02X", c)
		}
	}
	return b.String()
}
