// Package trace finds in a URL the marks by which a sender tells one recipient
// from another. It never stores, shows or resolves what it finds.
package trace

import (
	"iter"
	"net/url"
	"strings"
)

// Bounds of reading one URL.
const (
	maxTokens = 20   // tokens given
	maxURL    = 2000 // bytes looked at
)

// IDs gives the id-like tokens of a URL: in its path, the values of its query,
// and the labels of its host; at most 20 of its first 2,000 bytes. A number in a
// parameter that counts a campaign is the campaign's, and is left out.
func IDs(raw string) iter.Seq[string] {
	return func(yield func(string) bool) {
		raw = raw[:min(len(raw), maxURL)]
		raw, _, _ = strings.Cut(raw, "#")
		address, query, _ := strings.Cut(raw, "?")
		n := 0
		give := func(token string) bool {
			n++
			return n <= maxTokens && yield(token)
		}
		if !eachID(unescape(address), give) {
			return
		}
		for param := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(strings.TrimPrefix(param, "amp;"), "=")
			if len(value) < minID || IsCampaign(name) && isNumber(value) {
				continue
			}
			if !eachID(unescape(value), give) {
				return
			}
		}
	}
}

// CountsCampaign reports whether a URL has a parameter that counts the campaign
// it stands in, which says nothing of the recipient.
func CountsCampaign(url string) bool {
	_, query, ok := strings.Cut(url, "?")
	for ok {
		var param string
		param, query, ok = strings.Cut(query, "&")
		if IsCampaign(strings.TrimPrefix(param, "amp;")) {
			return true
		}
	}
	return false
}

// IsCampaign reports whether the name of a parameter is one that counts a
// campaign.
func IsCampaign(name string) bool {
	if len(name) < 3 {
		return false
	}
	switch name[0] {
	case 'u':
		return strings.HasPrefix(name, "utm_")
	case 'm':
		return strings.HasPrefix(name, "mtm_") || strings.HasPrefix(name, "matomo_")
	case 'p':
		return strings.HasPrefix(name, "pk_") || strings.HasPrefix(name, "piwik_")
	}
	return false
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// minID is the least length of an id-like token: nine digits.
const minID = 9

// run is a run of letters and digits, as far as it was read.
type run struct {
	start, changes       int
	lower, upper, digits int
	last                 kind
}

// kind is what a byte is.
type kind uint8

const (
	other kind = iota
	digit
	small
	capital
)

var kinds = func() (table [256]kind) {
	for c := range table {
		switch {
		case '0' <= c && c <= '9':
			table[c] = digit
		case 'a' <= c && c <= 'z':
			table[c] = small
		case 'A' <= c && c <= 'Z':
			table[c] = capital
		}
	}
	return table
}()

// eachID gives the id-like tokens of s: a UUID, or a run of letters and digits
// that has ten or more and changes between the two three times or more; or 22
// or more, with lower case, upper case and digits; or nine digits or more. A
// date such as 20261121 has eight. It reports whether all were taken.
func eachID(s string, yield func(string) bool) bool {
	r := run{}
	for i := 0; i <= len(s); i++ {
		k := other
		if i < len(s) {
			k = kinds[s[i]]
		}
		if k != other {
			switch k {
			case digit:
				r.digits++
			case small:
				r.lower++
			case capital:
				r.upper++
			}
			if r.last != other && (r.last == digit) != (k == digit) {
				r.changes++
			}
			r.last = k
			continue
		}
		if i-r.start == 8 && r.start+36 <= len(s) && s[i] == '-' && isUUID(s[r.start:r.start+36]) {
			if !yield(s[r.start : r.start+36]) {
				return false
			}
			i = r.start + 36
		} else if r.isID(i-r.start) && !yield(s[r.start:i]) {
			return false
		}
		r = run{start: i + 1}
	}
	return true
}

func (r run) isID(length int) bool {
	return length >= 10 && r.changes >= 3 || r.digits >= 9 || length >= 22 && r.lower > 0 && r.upper > 0 && r.digits > 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isUUID(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isDigit(s[i]) && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
