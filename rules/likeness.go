package rules

import (
	"strings"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/alike"
	"usher/rules/intents"
	"usher/rules/senders"
)

// LooksLike is the code of the evidence that a sender may be taken for another,
// whom the person granted or wants mail from.
const LooksLike = "looks_like"

// maxBrands is how many brands of a file a sender is held against.
const maxBrands = 500

// likeness is the brand for which a sender may be taken.
type likeness struct {
	by   *intents.Head // the statement that names it; nil: there is none
	text string        // for the person
}

// known is a brand that a person granted, or wants mail from.
type known struct {
	intents.Brand
	by    *intents.Head
	stem  string // what the person did
	names []called
}

// brands are those of a file that a sender would gain from being taken for.
// Who knew a brand still does when its grant has ended.
func brands(f *intents.File) (ks []known) {
	for _, g := range f.Grants {
		ks = append(ks, known{Brand: g.Brand, by: &g.Head, stem: "which you granted"})
	}
	for _, w := range f.Wants {
		if len(w.From) > 0 {
			ks = append(ks, known{Brand: intents.Brand{Domains: w.From}, by: &w.Head, stem: "from which you want mail"})
		}
	}
	ks = ks[:min(len(ks), maxBrands)]
	for i := range ks {
		ks[i].names = ks[i].called()
	}
	return ks
}

// resembles finds a brand of the person's for which another sender may be
// taken. One that the person named is no other.
func (h *hearing) resembles() likeness {
	var books [2][]known
	for i, f := range h.files() {
		books[i] = of(f).brands()
		for _, k := range books[i] {
			for _, d := range k.Domains {
				if senders.Same(h.sender, d) {
					return likeness{}
				}
			}
		}
	}
	var names []alike.Name
	for _, ks := range books {
		for i := range ks {
			if names == nil {
				names = shown(h.sender)
			}
			for _, b := range ks[i].names {
				for _, n := range names {
					if n.To(b.Name) {
						return likeness{ks[i].by, "looks like " + b.of + ", " + ks[i].stem + ", and is not"}
					}
				}
			}
		}
	}
	return likeness{}
}

// called is a name made for comparing, and whose it is.
type called struct {
	alike.Name
	of string
}

// called are the names by which a reader would know a brand.
func (k *known) called() (ns []called) {
	of := k.Name
	for _, d := range k.Domains {
		if !strings.Contains(d, "@") { // many share the domain of such a one
			ns = append(ns, called{alike.OfDomain(d), d})
			of = d
		}
	}
	return append(ns, called{alike.Of(k.Name), of})
}

// shown are the names that a reader sees of a sender: its own words, the domain
// in them, and the domain that it writes from.
func shown(id mail.Identity) []alike.Name {
	ns := []alike.Name{alike.Of(id.Name), alike.OfDomain(id.Domain)}
	word := id.Name[strings.LastIndexByte(id.Name, '@')+1:]
	if strings.Contains(word, ".") {
		ns = append(ns, alike.OfDomain(strings.ToLower(strings.TrimSpace(word))))
	}
	return ns
}

// evidence puts the likeness before what the classifier found.
func (l likeness) evidence(found []classify.Evidence) []classify.Evidence {
	if l.by == nil {
		return found
	}
	e := classify.Evidence{Code: LooksLike, Text: l.text}
	return append([]classify.Evidence{e}, found[:min(len(found), maxEvidence-1)]...)
}
