package classify

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// maxChecked bounds the recipients whose address is looked for.
const maxChecked = 8

// addressInURL reports whether the address of a recipient stands in a link, a
// picture or a provider's header field, in any of the usual encodings.
func (r *reading) addressInURL() bool {
	recipients := r.o.Envelope.To
	if len(recipients) == 0 && len(r.m.To) <= 3 {
		for _, a := range r.m.To {
			recipients = append(recipients, a.String())
		}
	}
	for _, to := range recipients[:min(len(recipients), maxChecked)] {
		to = strings.ToLower(strings.TrimSpace(to))
		local, _, ok := strings.Cut(to, "@")
		if !ok || local == "" {
			continue
		}
		n := needlesOf(to)
		for _, l := range r.m.Links {
			if l.Host != "" && (n.in(l.URL) || localIsValue(l.URL, local)) {
				return true
			}
		}
		for _, i := range r.m.Images {
			if i.Host != "" && (n.in(i.URL) || localIsValue(i.URL, local)) {
				return true
			}
		}
		for _, name := range []string{"X-PM-RCPT", "X-Mailgun-Sid", "X-Mailer-RecptId", "X-Mailin-EID", "X-MSFBL"} {
			if v := r.m.Get(name); v != "" && n.in(v) {
				return true
			}
		}
	}
	return false
}

// needles are the forms that an address takes in a URL.
type needles struct {
	exact  []string // base64: case matters
	folded []string // plain, hexadecimal: looked for in lower case
}

// needlesOf makes the needles of an address in lower case.
func needlesOf(address string) needles {
	n := needles{folded: []string{address, strings.Replace(address, "@", "%40", 1), hex.EncodeToString([]byte(address))}}
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
	return text[first:whole]
}

func (n needles) in(s string) bool {
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

// localIsValue reports whether a local part of five bytes or more is the whole
// value of a parameter; shorter ones, and desks, stand there by chance.
func localIsValue(url, local string) bool {
	if len(local) < 5 || roles[local] || promoLocals[local] || serviceLocals[local] {
		return false
	}
	_, query, ok := strings.Cut(strings.ToLower(url), "?")
	for ok {
		var param string
		param, query, ok = strings.Cut(query, "&")
		if _, value, _ := strings.Cut(param, "="); value == local {
			return true
		}
	}
	return false
}
