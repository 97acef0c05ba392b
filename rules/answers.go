package rules

import (
	"slices"

	"usher/rules/clauses"
)

// finding is an answer with its reason.
type finding = clauses.Finding

// reads asks whether a language is among those that a person reads. Norwegian
// has three codes.
func reads(languages []string, language string) bool {
	one := func(l string) string {
		if l == "nb" || l == "nn" {
			return "no"
		}
		return l
	}
	return slices.ContainsFunc(languages, func(l string) bool { return one(l) == one(language) })
}

// claimed names an unproven sender, "" if the sender is proven.
func (h *hearing) claimed() string {
	if h.sender.Proven() {
		return ""
	}
	if b := h.sender.Brand(); b != "" {
		return "claims " + b + ", unproven"
	}
	return "names no sender that could be proven"
}
