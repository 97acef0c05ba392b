package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	htmlcharset "golang.org/x/net/html/charset"
)

// decode undoes transfer encoding and charset within the budget of text. What it
// gives is valid UTF-8, and may be a part of body.
func (r *reader) decode(kind, name, transfer string, body []byte) []byte {
	if r.budget <= 0 {
		return nil
	}
	if strings.ContainsAny(name, `"\`) {
		name = strings.NewReplacer(`"`, "", `\`, "").Replace(name)
	}
	known := name == "" || isUTF8(name)
	limit := r.budget
	if !known {
		limit *= 2 // UTF-16 takes two bytes for a letter
	}
	b, err := undo(transfer, body, limit)
	if err != nil {
		r.m.note("part %d: %v", r.m.Parts, shorten(err.Error(), 100))
	}
	if !known {
		if b, err = toUTF8(name, b); err != nil {
			r.m.note("part %d: %v", r.m.Parts, shorten(err.Error(), 100))
		}
	}
	b = b[:min(len(b), r.budget)]
	if r.budget -= len(b); r.budget == 0 {
		r.m.note("part %d: text cut at %d bytes in all", r.m.Parts, MaxText)
		b = wholeRunes(b)
	}
	if utf8.Valid(b) {
		return b
	}
	if name == "" || strings.EqualFold(name, "us-ascii") {
		// The sender did not say: a byte order mark, a <meta>, else Windows-1252.
		enc, _, _ := htmlcharset.DetermineEncoding(b[:min(len(b), 1024)], kind)
		if out, err := enc.NewDecoder().Bytes(b); err == nil {
			b = out
		}
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD"))
}

// undo undoes a transfer encoding (RFC 2045, section 6) and gives at most limit
// bytes. What follows a fault in base64 is lost; other faults are read over.
func undo(transfer string, body []byte, limit int) ([]byte, error) {
	transfer = strings.TrimSpace(transfer)
	switch strings.ToLower(transfer) {
	case "quoted-printable":
		return quotedPrintable(body, limit), nil
	case "base64":
		b, err := unbase64(body, limit)
		return b[:min(len(b), limit)], err
	case "7bit", "8bit", "binary", "":
		return body[:min(len(body), limit)], nil
	}
	return body[:min(len(body), limit)], fmt.Errorf("encoding error: unhandled encoding %q", transfer)
}

// quotedPrintable decodes body (RFC 2045, section 6.7). Where it is broken it
// stands for itself, as readers of mail show it; mime/quotedprintable would give
// up there, or at a line of 4 KB, and what follows would go unread.
func quotedPrintable(body []byte, limit int) []byte {
	out := make([]byte, 0, min(len(body), limit)+2)
	for len(body) > 0 && len(out) < limit {
		line, rest, ended := bytes.Cut(body, []byte("\n"))
		crlf := bytes.HasSuffix(line, []byte("\r"))
		body, line = rest, bytes.TrimRight(line, " \t\r\n")
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for {
			i := bytes.IndexByte(line, '=')
			if i < 0 {
				break
			}
			out = append(out, line[:i]...)
			line = line[i+1:]
			if len(line) >= 2 && hexDigit(line[0]) >= 0 && hexDigit(line[1]) >= 0 {
				out = append(out, byte(hexDigit(line[0])<<4|hexDigit(line[1])))
				line = line[2:]
			} else {
				out = append(out, '=')
			}
		}
		out = append(out, line...)
		switch {
		case soft || !ended:
		case crlf:
			out = append(out, "\r\n"...)
		default:
			out = append(out, '\n')
		}
	}
	return out[:min(len(out), limit)]
}

// hexDigit gives the value of a hexadecimal digit, -1 for what is none.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// unbase64 decodes body (RFC 2045, section 6.8) up to its first fault, reading no
// more of it than gives some limit bytes.
func unbase64(body []byte, limit int) ([]byte, error) {
	if len(body) > 2*limit || bytes.IndexByte(body, ' ') >= 0 || bytes.IndexByte(body, '\t') >= 0 {
		packed := make([]byte, 0, min(len(body), 2*limit))
		for _, c := range body {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				packed = append(packed, c)
			}
			if len(packed) == cap(packed) {
				break
			}
		}
		body = packed
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	n, err := base64.StdEncoding.Decode(out, body)
	var at base64.CorruptInputError
	if errors.As(err, &at) && int(at) < len(body) && !bytes.ContainsFunc(body[at:], notBase64) {
		err = nil // only the end is missing
	}
	return out[:n], err
}

func notBase64(c rune) bool {
	return !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '\r' || c == '\n')
}

func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii")
}

// toUTF8 decodes b from a charset; from one that is not known it comes back as it is.
func toUTF8(name string, b []byte) ([]byte, error) {
	in, err := charset.Reader(name, bytes.NewReader(b))
	if err != nil {
		return b, err
	}
	return io.ReadAll(in)
}

// wholeRunes takes the beginning of a cut character off the end of b.
func wholeRunes(b []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

// wordDecoder decodes encoded words (RFC 2047). There can be thousands in one
// header, so each is decoded at once, without the buffers of a reader.
var wordDecoder = mime.WordDecoder{CharsetReader: func(name string, input io.Reader) (io.Reader, error) {
	text, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	enc, _ := htmlcharset.Lookup(name)
	if enc == nil {
		return nil, fmt.Errorf("unknown charset %q", name)
	}
	text, err = enc.NewDecoder().Bytes(text)
	return bytes.NewReader(text), err
}}

// decodeWords decodes the encoded words of s; one it cannot decode stays as it is.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	out, err := wordDecoder.DecodeHeader(s)
	if err != nil {
		return s
	}
	return strings.ToValidUTF8(out, "\uFFFD")
}
