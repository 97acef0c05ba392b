// Package alike tells where one name may be taken for another at a glance. It
// never says which of the two is the true one.
package alike

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"go.mau.fi/util/confusable"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// Bounds of a comparison.
const (
	maxLength = 64 // letters of a name that are compared; a longer one is like no other
	minEdited = 6  // letters from which on names one edit apart are alike; in shorter ones an edit makes another word
)

// Name is a name made for comparing. The zero Name is like none.
type Name struct {
	letters []rune   // folded, nothing but letters and digits
	looks   []string // what they look like, in small and in capital letters
}

// Of makes a display name ready, or the name of a brand. Accents, blanks and
// punctuation do not count.
func Of(name string) Name {
	if len(name) > 8*maxLength {
		return Name{}
	}
	if folded, ok := plain(name); ok {
		return Name{[]rune(folded), []string{small.Replace(folded), capital.Replace(folded)}}
	}
	written := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(name))
	folded := strings.ToLower(written)
	n := utf8.RuneCountInString(folded)
	if n == 0 || n > maxLength {
		return Name{}
	}
	// In small letters rn is m; in capitals I is l.
	return Name{[]rune(folded), []string{look(folded), look(strings.ToUpper(written))}}
}

// In plain letters and digits, which nearly all names have, the skeletons are
// these; a test holds them against the library's.
var (
	small   = strings.NewReplacer("m", "rn", "0", "o", "1", "l")
	capital = strings.NewReplacer("i", "l", "0", "o", "1", "l")
)

// plain gives the letters and digits of a name, folded, if it is in ASCII.
func plain(name string) (folded string, ok bool) {
	var b [maxLength]byte
	n := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case 'A' <= c && c <= 'Z':
			c |= 0x20
		case (c < 'a' || c > 'z') && (c < '0' || c > '9'):
			continue
		}
		if n == maxLength {
			return "", false
		}
		b[n] = c
		n++
	}
	return string(b[:n]), n > 0
}

// look is the skeleton of UTS #39, folded once more: that of 0 is O.
func look(s string) string { return strings.ToLower(confusable.Skeleton(s)) }

// OfDomain makes ready what a reader takes for the name in a domain: the label
// that its owner registered, "northwind" of "news.northwind.co.uk".
func OfDomain(domain string) Name {
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		domain = registered
	}
	label, _, _ := strings.Cut(domain, ".")
	if strings.HasPrefix(label, "xn--") {
		if shown, err := idna.ToUnicode(label); err == nil {
			label = shown
		}
	}
	return Of(label)
}

// To reports whether two names look the same, or are one edit apart: a letter
// more, less, another, or two exchanged.
func (n Name) To(m Name) bool {
	for _, a := range n.looks {
		for _, b := range m.looks {
			if a == b {
				return true
			}
		}
	}
	return min(len(n.letters), len(m.letters)) >= minEdited && oneEdit(n.letters, m.letters)
}

// oneEdit reports whether an edit turns one into the other.
func oneEdit(a, b []rune) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	for len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 2 && len(b) == 2:
		return a[0] == b[1] && a[1] == b[0]
	case len(a) == 1:
		return len(b) <= 1
	}
	return false
}
