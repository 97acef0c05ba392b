// Package senders tells whether a sender is the one that a statement names. It
// never decides what follows from that.
package senders

import (
	"slices"
	"strings"
	"unicode"

	"usher/classify/mail"
	"usher/rules/intents"
)

// Sends asks whether a pattern of protect from names a sender. A domain means
// those below it too; in an address * stands for anything.
func Sends(pattern, address, domain string) bool {
	if !strings.Contains(pattern, "@") {
		name, only := strings.CutPrefix(pattern, "*.")
		return domain != "" && (below(domain, name) || !only && domain == name)
	}
	return address != "" && glob(pattern, strings.ToLower(address))
}

// glob matches with * for any run of characters.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	last := len(parts) - 1
	if !strings.HasPrefix(s, parts[0]) || len(s) < len(parts[0])+len(parts[last]) || !strings.HasSuffix(s, parts[last]) {
		return false
	}
	s = s[len(parts[0]) : len(s)-len(parts[last])]
	for _, p := range parts[1:last] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return true
}

// Comes asks whether the sender is among the domains of a benefit: it must be
// proven. An entry below the proven domain asks for that part of it.
func Comes(id mail.Identity, domains []string) bool {
	if !id.Proven() {
		return false
	}
	return slices.ContainsFunc(domains, func(d string) bool { return belongs(id.SenderKey, id.Domain, d) })
}

// belongs reports whether a sender with an organisational domain, writing from
// a domain at it, is the one that an entry names.
func belongs(org, from, entry string) bool {
	if org == "" || strings.Contains(org, "@") || strings.Contains(entry, "@") {
		return entry == org && org != ""
	}
	return entry == org || below(entry, org) && (from == entry || below(from, entry))
}

func below(name, domain string) bool { return strings.HasSuffix(name, "."+domain) }

// Named asks whether a burden on a brand falls on the sender: proven or merely
// claimed, by domain or by name.
func Named(id mail.Identity, b intents.Brand) bool {
	for _, d := range b.Domains {
		if strings.Contains(d, "@") {
			if strings.EqualFold(d, id.Address) {
				return true
			}
			continue
		}
		for _, org := range []string{id.SenderKey, id.OrgDomain} {
			if belongs(org, id.Domain, d) {
				return true
			}
		}
		if id.OrgDomain == "" && (id.Domain == d || below(id.Domain, d)) {
			return true
		}
	}
	name := letters(b.Name)
	if name == "" {
		return false
	}
	label, _, _ := strings.Cut(id.Brand(), ".")
	return letters(id.Name) == name || letters(label) == name
}

// letters keeps letters and digits, folded: how a brand writes itself varies.
func letters(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, notLetter), ""))
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }

// Same reports whether a sender is the one that an entry names, or claims to be:
// a claim is unproven, and told so, but does not merely look alike.
func Same(id mail.Identity, entry string) bool {
	if strings.Contains(entry, "@") {
		return strings.EqualFold(entry, id.Address)
	}
	for _, org := range []string{id.SenderKey, id.OrgDomain, id.Domain} {
		if org != "" && (entry == org || below(entry, org) || below(org, entry)) {
			return true
		}
	}
	return false
}

// byAddress is the key of the statements that name whole addresses, which are
// compared with every sender's.
const byAddress = "@"

// Burdens finds the statements that burden a brand, by what they call it: then
// a list of ten thousand brands is not walked through for each message.
func Burdens(f *intents.File) map[string][]*intents.Head {
	by := map[string][]*intents.Head{}
	add := func(h *intents.Head, b intents.Brand) {
		keys := append([]string{letters(b.Name)}, b.Domains...)
		for _, k := range keys {
			if strings.Contains(k, "@") {
				k = byAddress
			}
			if said := by[k]; k != "" && (len(said) == 0 || said[len(said)-1] != h) {
				by[k] = append(said, h)
			}
		}
	}
	for _, r := range f.Refuses {
		for _, b := range r.Brands {
			add(&r.Head, b)
		}
	}
	for _, m := range f.Mutes {
		if m.Brand != nil {
			add(&m.Head, *m.Brand)
		}
	}
	for _, c := range f.Caps {
		if c.Brand != nil {
			add(&c.Head, *c.Brand)
		}
	}
	return by
}

// Keys are all keys of Burdens by which a brand could name a sender.
func Keys(id mail.Identity) []string {
	label, _, _ := strings.Cut(id.Brand(), ".")
	keys := []string{byAddress, id.SenderKey, id.OrgDomain, letters(id.Name), letters(label)}
	for domain := id.Domain; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		keys = append(keys, domain)
	}
	return keys
}
