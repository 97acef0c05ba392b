package trace

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Forms are the forms that one address takes in a URL: plain, escaped, base64 at
// each alignment, hexadecimal, and its common digests.
type Forms struct {
	exact  []string // base64: case matters
	folded []string // plain, hexadecimal: looked for in lower case
}

// FormsOf makes the forms of an address; its case does not matter.
func FormsOf(address string) Forms {
	address = strings.ToLower(address)
	n := Forms{folded: []string{address, strings.Replace(address, "@", "%40", 1), hex.EncodeToString([]byte(address))}}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			n.exact = append(n.exact, aligned(encoding, address, shift))
		}
	}
	md, s1, s2 := md5.Sum([]byte(address)), sha1.Sum([]byte(address)), sha256.Sum256([]byte(address))
	for _, sum := range [][]byte{md[:], s1[:], s2[:]} {
		n.folded = append(n.folded, hex.EncodeToString(sum))
		n.exact = append(n.exact, base64.RawStdEncoding.EncodeToString(sum), base64.RawURLEncoding.EncodeToString(sum))
	}
	return n
}

// aligned encodes the address as it would stand after shift other bytes,
// without the characters that depend on its neighbours.
func aligned(encoding *base64.Encoding, address string, shift int) string {
	text := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + address))
	first := []int{0, 2, 3}[shift]
	whole := (shift + len(address)) / 3 * 4
	return text[min(first, whole):whole]
}

// In reports whether the address stands in a URL in one of its forms.
func (n Forms) In(s string) bool {
	if len(n.folded[0]) < 3 {
		return false // no address
	}
	lower := strings.ToLower(s)
	for _, f := range n.folded {
		if strings.Contains(lower, f) {
			return true
		}
	}
	plain := s
	if strings.Contains(s, "%") {
		plain = unescape(s)
	}
	for _, e := range n.exact {
		if len(e) >= 8 && strings.Contains(plain, e) {
			return true
		}
	}
	return strings.Contains(plain, "@") && strings.Contains(strings.ToLower(plain), n.folded[0])
}
