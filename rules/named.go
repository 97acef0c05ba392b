package rules

import (
	"strings"

	"usher/classify/mail"
	"usher/rules/intents"
)

// byAddress is the key of the statements that name whole addresses, which are
// compared with every sender's.
const byAddress = "@"

// namings finds the statements that burden a brand by what they call it:
// a list of ten thousand brands is not walked through for each message.
func namings(f *intents.File) map[string][]*intents.Head {
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

// callings are all keys by which a brand could name a sender.
func callings(id mail.Identity) []string {
	label, _, _ := strings.Cut(id.Brand(), ".")
	keys := []string{byAddress, id.SenderKey, id.OrgDomain, letters(id.Name), letters(label)}
	for domain := id.Domain; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		keys = append(keys, domain)
	}
	return keys
}

// mayName reports whether a refuse, mute or cap of brands could be on the sender.
func (h *hearing) mayName(by *intents.Head) bool {
	if h.naming == nil {
		h.naming = map[*intents.Head]bool{}
		for _, f := range h.files() {
			said := of(f).namings()
			for _, key := range callings(h.sender) {
				for _, s := range said[key] {
					h.naming[s] = true
				}
			}
		}
	}
	return h.naming[by]
}
