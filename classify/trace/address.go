package trace

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"iter"
	"slices"
	"strings"
)

// Text is what addresses are looked for in: URLs and values of header fields,
// one a line, with what is escaped in them made plain.
type Text struct {
	text  []byte
	ends  []int  // of lines
	found []bool // by line
}

// maxText bounds a Text, in bytes: what is added beyond is not looked through.
const maxText = 64 << 10

// Grow makes room for so many lines, of so many bytes in all.
func (t *Text) Grow(lines, size int) {
	t.text = slices.Grow(t.text, min(size+lines, maxText))
	t.ends, t.found = slices.Grow(t.ends, lines), slices.Grow(t.found, lines)
}

// Add puts one more URL or value on a line of its own.
func (t *Text) Add(s string) {
	s = s[:max(0, min(len(s), maxURL, maxText-len(t.text)))]
	if s == "" {
		return
	}
	for i := strings.IndexByte(s, '%'); i >= 0; i = strings.IndexByte(s, '%') {
		t.text = append(t.text, s[:i]...)
		c, width := s[i], 1
		if i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
				c, width = hi<<4|lo, 3
			}
		}
		t.text = append(t.text, c)
		s = s[i+width:]
	}
	t.text = append(t.text, s...)
	t.text = append(t.text, '\n')
	t.ends, t.found = append(t.ends, len(t.text)), append(t.found, false)
}

// Found counts the lines in which something that was looked for stands.
func (t *Text) Found() (n int) {
	for _, f := range t.found {
		if f {
			n++
		}
	}
	return n
}

// maxNeedle is how much of an encoded address or a digest is compared, in bytes:
// more would say no more, and is looked for far slower.
const maxNeedle = 48

// mark marks the lines where a form stands and fits what is around it; fits may
// be nil.
func (t *Text) mark(form string, fits func(before, after []byte) bool) {
	needle := []byte(form)
	if fits == nil {
		needle = needle[:min(len(needle), maxNeedle)]
	}
	for at := 0; ; {
		i := bytes.Index(t.text[at:], needle)
		if i < 0 {
			return
		}
		start := at + i
		at = start + len(needle)
		if fits == nil || fits(t.text[:start], t.text[at:]) {
			line, _ := slices.BinarySearch(t.ends, start+1)
			t.found[line] = true
			at = max(at, t.ends[line])
		}
	}
}

func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// shortest is the least length of an encoded address: a@b.io in base64.
const shortest = 8

// Look marks the lines in which an address stands: as it is, in hexadecimal, in
// base64 or base64url at each of three alignments, or as the MD5, SHA-1 or
// SHA-256 of it in lower case, in hexadecimal or base64; or in which one of the
// values, in lower case, is the whole of a parameter. The text is used up: a
// second Look finds less.
func (t *Text) Look(addresses, values []string) {
	for _, a := range addresses {
		if folded := strings.ToLower(a); strings.LastIndexByte(a, '@') > 0 {
			t.lookBase64(folded)
			if a != folded {
				t.lookBase64(a)
			}
			for sum := range digests(folded) {
				t.markBoth(base64.RawStdEncoding.EncodeToString(sum))
			}
		}
	}
	for i, c := range t.text { // base64 is done with, and nothing else minds the case
		if 'A' <= c && c <= 'Z' {
			t.text[i] = c + 'a' - 'A'
		}
	}
	for _, a := range addresses {
		if strings.LastIndexByte(a, '@') > 0 {
			t.lookFolded(strings.ToLower(a))
		}
	}
	for _, v := range values {
		t.mark("="+v, func(_, after []byte) bool {
			return len(after) > 0 && (after[0] == '&' || after[0] == '\n' || after[0] == '#')
		})
	}
}

func (t *Text) lookFolded(address string) {
	t.mark(address, isWhole)
	if bytes.Contains(t.text, []byte("%40")) { // escaped twice
		t.mark(strings.Replace(address, "@", "%40", 1), isWhole)
	}
	t.mark(hex.EncodeToString([]byte(address)), nil)
	for sum := range digests(address) {
		t.mark(hex.EncodeToString(sum), nil)
	}
}

// digests gives those by which senders know an address again.
func digests(address string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		md, s1, s2 := md5.Sum([]byte(address)), sha1.Sum([]byte(address)), sha256.Sum256([]byte(address))
		_ = yield(md[:]) && yield(s1[:]) && yield(s2[:])
	}
}

// isWhole reports an address that is no part of a longer one: ann@x.example does
// not stand in joann@x.example.
func isWhole(before, after []byte) bool {
	if n := len(before); n > 0 && inLocal(before[n-1]) {
		return false
	}
	return len(after) < 2 || !inLocal(after[0]) || after[0] == '.' && !inLocal(after[1])
}

func inLocal(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || c == '.' || c == '-' || c >= 0x80
}

// lookBase64 looks for an address at each of the three places where it may begin
// among other bytes.
func (t *Text) lookBase64(address string) {
	for shift := range 3 {
		if form := aligned(address, shift); len(form) >= shortest {
			t.markBoth(form)
		}
	}
}

// markBoth marks base64 in either alphabet.
func (t *Text) markBoth(standard string) {
	t.mark(standard, nil)
	if strings.ContainsAny(standard, "+/") {
		t.mark(strings.NewReplacer("+", "-", "/", "_").Replace(standard), nil)
	}
}

// aligned encodes the address as it would stand after shift other bytes,
// without the characters that depend on its neighbours.
func aligned(address string, shift int) string {
	text := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:shift] + address))
	first := [...]int{0, 2, 3}[shift]
	whole := (shift + len(address)) / 3 * 4
	return text[min(first, whole):whole]
}
