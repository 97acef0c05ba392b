// Package names tells what people write to name senders, lists and files from
// what only looks like it. It never asks the network.
package names

import (
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"usher/classify/mail"
	"usher/classify/provider"
)

// Domain reads a domain, or a whole address: lower case A-labels.
func Domain(s string) (string, bool) {
	local, name, isAddress := strings.Cut(s, "@")
	if !isAddress {
		local, name = "", s
	}
	d := mail.Domain(name)
	if !isDomain(d) || isAddress && !isLocal(local) {
		return "", false
	}
	if isAddress {
		return strings.ToLower(local) + "@" + d, true
	}
	return d, true
}

// isDomain reports two labels or more, of which the last is no number.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	top := labels[len(labels)-1]
	if len(s) > 253 || len(labels) < 2 || len(top) < 2 || top[0] < 'a' || strings.Contains(top, "_") {
		return false
	}
	for _, l := range labels {
		odd := strings.ContainsFunc(l, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
		})
		if odd || l == "" || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return true
}

// isLocal reports what can stand before the @ of an address without quotes. A *
// may stand there too.
func isLocal(s string) bool {
	return s != "" && len([]rune(s)) <= 64 && !strings.ContainsAny(s, `@"<>,#()[]\:;`) && !strings.ContainsFunc(s, unicode.IsSpace)
}

// Within finds the domain in what was written in its place: a link, "*.shop.example",
// "@shop.example"; "" if there is none.
func Within(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "*."), "@")
	s, _, _ = strings.Cut(s, "/")
	d, ok := Domain(strings.TrimPrefix(s, "www."))
	if !ok {
		return ""
	}
	return d
}

// Pattern reads a sender: an address in which * stands for anything, or a domain,
// where *. before it means those below it alone.
func Pattern(s string) (string, bool) {
	s = strings.ToLower(s)
	local, name, isAddress := strings.Cut(s, "@")
	if !isAddress {
		local, name = "*", s
	}
	name, below := strings.CutPrefix(name, "*.")
	d, ok := Domain(name)
	if !ok || strings.Contains(d, "@") || !isLocal(local) {
		return "", false
	}
	if below {
		d = "*." + d
	}
	if isAddress {
		d = local + "@" + d
	}
	return d, true
}

// IsFile reports whether a file beside an intents file may be called that. It is
// in no folder, not hidden, and no intents file.
func IsFile(s string) bool {
	for i, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_'
		if !letter && (i == 0 || !strings.ContainsRune(". -", r)) {
			return false
		}
	}
	return s != "" && len([]rune(s)) <= 100 && !strings.HasSuffix(strings.ToLower(s), ".intents")
}

// Agreements are the identifiers of MyTerms (IEEE 7012-2025) that usher knows. It
// uses their names and restates none of them.
var Agreements = []string{
	"SD-BASE", "SD-BASE-A", "SD-BASE-AT", "SD-BASE-ATP", "SD-BASE-ATP-S3P", "SD-BASE-DP",
	"PDC-AI", "PDC-GOOD", "PDC-INTENT",
}

// Nobody tells why no proven sender is known by a domain, "" where one can be.
func Nobody(domain string) string {
	local, host, isAddress := strings.Cut(domain, "@")
	if !isAddress {
		local, host = "ann", domain
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	switch free, lent := provider.IsFreemail(host), provider.LendsAddresses(host); {
	case isAddress && (free || lent):
		return ""
	case isAddress:
		return "senders at " + host + " are known by that domain: name it in place of an address"
	case free:
		return "anybody may have an address at " + host + ": name a whole one, as " + local + "@" + host
	case lent:
		return host + " lends an address to each of its writers: name a whole one, as " + local + "@" + host
	case suffix == host:
		return "the domains below " + host + " have many owners: name one of them"
	case provider.OfHost(host) != "":
		return host + " is a mail provider's, which many senders use: name the sender's own domain"
	}
	return ""
}
