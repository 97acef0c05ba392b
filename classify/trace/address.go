package trace

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Text is what forms of an address are looked for in: URLs and values of header
// fields, one a line, with what is escaped in them made plain.
type Text struct {
	plain, folded strings.Builder
	long          bool // some run is long enough for an encoded address
}

// maxText bounds a Text, in bytes: what is added beyond is not looked through.
const maxText = 64 << 10

// Add puts one more URL or value on a line of its own.
func (t *Text) Add(s string) {
	s = s[:max(0, min(len(s), maxURL, maxText-t.plain.Len()))]
	run := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
				c = hi<<4 | lo
				i += 2
			}
		}
		t.plain.WriteByte(c)
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		t.folded.WriteByte(c)
		if run++; c == '/' || c == '=' || c == '&' || c == '?' {
			run = 0
		}
		t.long = t.long || run >= shortest
	}
	t.plain.WriteByte('\n')
	t.folded.WriteByte('\n')
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

// HasAddress reports whether an address stands in the text: as it is, in
// hexadecimal, in base64 or base64url at each of three alignments, or as the
// MD5, SHA-1 or SHA-256 of it in lower case, in hexadecimal or base64.
func (t *Text) HasAddress(address string) bool {
	lower := strings.ToLower(address)
	if at := strings.LastIndexByte(lower, '@'); at < 1 || t.plain.Len() == 0 {
		return false
	}
	folded, plain := t.folded.String(), t.plain.String()
	if hasWhole(folded, lower) || strings.Contains(folded, "%40") && strings.Contains(folded, strings.Replace(lower, "@", "%40", 1)) {
		return true
	}
	if !t.long {
		return false
	}
	if strings.Contains(folded, hex.EncodeToString([]byte(lower))) || hasBase64(plain, lower) ||
		address != lower && hasBase64(plain, address) {
		return true
	}
	md, s1, s2 := md5.Sum([]byte(lower)), sha1.Sum([]byte(lower)), sha256.Sum256([]byte(lower))
	return slices.ContainsFunc([][]byte{md[:], s1[:], s2[:]}, func(sum []byte) bool {
		if strings.Contains(folded, hex.EncodeToString(sum)) {
			return true
		}
		standard := base64.RawStdEncoding.EncodeToString(sum)
		return strings.Contains(plain, standard) || strings.Contains(plain, forURLs(standard))
	})
}

// hasWhole looks for an address that is not the end of a longer one: ann@x.example
// does not stand in joann@x.example.
func hasWhole(folded, address string) bool {
	for {
		before, after, ok := strings.Cut(folded, address)
		if !ok {
			return false
		}
		begins := before == "" || !inLocal(before[len(before)-1])
		ends := after == "" || !inLocal(after[0]) || after[0] == '.' && (len(after) == 1 || !inLocal(after[1]))
		if begins && ends {
			return true
		}
		folded = after
	}
}

func inLocal(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || c == '.' || c == '-' || c >= 0x80
}

// HasValue reports whether a value in lower case is the whole of a parameter.
func (t *Text) HasValue(value string) bool {
	for rest := t.folded.String(); ; {
		_, after, ok := strings.Cut(rest, "="+value)
		if !ok {
			break
		}
		if after == "" || strings.IndexByte("&\n#", after[0]) >= 0 {
			return true
		}
		rest = after
	}
	return false
}

// hasBase64 looks for an address at each of the three places where it may begin
// among other bytes.
func hasBase64(plain, address string) bool {
	for shift := range 3 {
		standard := aligned(address, shift)
		if len(standard) < shortest {
			continue
		}
		if strings.Contains(plain, standard) {
			return true
		}
		if other := forURLs(standard); other != standard && strings.Contains(plain, other) {
			return true
		}
	}
	return false
}

// aligned encodes the address as it would stand after shift other bytes,
// without the characters that depend on its neighbours.
func aligned(address string, shift int) string {
	text := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:shift] + address))
	first := [...]int{0, 2, 3}[shift]
	whole := (shift + len(address)) / 3 * 4
	return text[min(first, whole):whole]
}

// forURLs turns base64 into base64url.
func forURLs(standard string) string {
	return strings.ReplaceAll(strings.ReplaceAll(standard, "+", "-"), "/", "_")
}
