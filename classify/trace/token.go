// Package trace finds in a URL the marks by which a sender tells one recipient
// from another. It never stores, shows or resolves what it finds.
package trace

import (
	"net/url"
	"strings"
)

// Bounds of reading one URL.
const (
	maxTokens = 20   // tokens kept
	maxURL    = 2000 // bytes looked at
)

// IDs lists the id-like tokens of a URL: in its path, the values of its
// query, and the labels of its host. Parameters that count a campaign are left
// out.
func IDs(raw string) (tokens []string) {
	raw = raw[:min(len(raw), maxURL)]
	address, query, _ := strings.Cut(raw, "?")
	try := func(s string) {
		if len(tokens) < maxTokens && IsID(s) {
			tokens = append(tokens, s)
		}
	}
	for _, part := range strings.FieldsFunc(unescape(address), func(c rune) bool { return strings.ContainsRune("/.:;,@", c) }) {
		try(part)
	}
	query, _, _ = strings.Cut(query, "#")
	for param := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(param, "=")
		if isCampaignParam(name) && !IsID(unescape(value)) {
			continue
		}
		try(unescape(value))
	}
	return tokens
}

// CountsCampaign reports whether a URL has a parameter that counts the campaign
// it stands in, which says nothing of the recipient.
func CountsCampaign(url string) bool {
	_, query, ok := strings.Cut(url, "?")
	for ok {
		var param string
		param, query, ok = strings.Cut(query, "&")
		if isCampaignParam(strings.TrimPrefix(param, "amp;")) {
			return true
		}
	}
	return false
}

func isCampaignParam(name string) bool {
	for _, p := range []string{"utm_", "mtm_", "matomo_", "pk_", "piwik_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
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

// IsID reports whether a word looks made by a machine for one person: a UUID,
// ten or more letters and digits that change between the two three times or
// more, 22 or more with lower case, upper case and digits, or nine digits or
// more. A date such as 20261121 has eight.
func IsID(s string) bool {
	if isUUID(s) {
		return true
	}
	var run struct{ length, changes, lower, upper, digits int }
	var last byte // 'a' for a letter, '0' for a digit
	check := func() bool {
		mixed := run.lower > 0 && run.upper > 0 && run.digits > 0
		return run.length >= 10 && run.changes >= 3 || run.length >= 22 && mixed || run.digits >= 9 && run.digits == run.length
	}
	for i := 0; i <= len(s); i++ {
		kind := byte(0)
		if i < len(s) {
			switch c := s[i]; {
			case isDigit(c):
				kind, run.digits = '0', run.digits+1
			case 'a' <= c && c <= 'z':
				kind, run.lower = 'a', run.lower+1
			case 'A' <= c && c <= 'Z':
				kind, run.upper = 'a', run.upper+1
			}
		}
		if kind == 0 {
			if check() {
				return true
			}
			run = struct{ length, changes, lower, upper, digits int }{}
			last = 0
			continue
		}
		if last != 0 && last != kind {
			run.changes++
		}
		last = kind
		run.length++
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
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
