// Package claims holds the offers that markup claims against those that a reader
// sees. It never finds any itself.
package claims

import (
	"fmt"

	"usher/classify/offer"
)

// Conflict is a price that markup claims and the visible text does not have.
type Conflict struct{ Claimed, Seen offer.Money }

// String tells it to a person.
func (c Conflict) String() string {
	return fmt.Sprintf("markup says %s, the text %s: the text is believed", c.Claimed, c.Seen)
}

// Check holds the offers that markup claims against those that a reader sees. What
// both say is one offer, with what either tells of it. A claimed price that a reader
// does not see, though others are seen in its currency, is no offer but a conflict.
// Without any price in the text, as in a mail of pictures, the claim stands.
func Check(claimed, seen []offer.Offer) (all []offer.Offer, conflicts []Conflict) {
	taken := map[int]bool{}
	for _, c := range claimed {
		at, other := -1, -1
		for i := range seen {
			p := seen[i].Price
			switch {
			case c.Price == nil || p == nil || p.Currency != c.Price.Currency && !p.Assumed:
			case p.Minor == c.Price.Minor && !taken[i]:
				if at < 0 || seen[i].Was != nil && seen[at].Was == nil {
					at = i
				}
			case other < 0:
				other = i
			}
		}
		switch {
		case at >= 0:
			taken[at] = true
			all = append(all, with(c, seen[at]))
		case c.Price != nil && other >= 0:
			conflicts = append(conflicts, Conflict{*c.Price, *seen[other].Price})
		default:
			all = append(all, c)
		}
	}
	for i, s := range seen {
		if !taken[i] && len(all) < offer.Max {
			all = append(all, s)
		}
	}
	return all, conflicts
}

// with adds to a claim what a reader sees of the same offer.
func with(o, s offer.Offer) offer.Offer {
	if s.Was != nil {
		o.Was = s.Was
		if s.Was.Currency != o.Price.Currency { // "$" is what the markup says
			was := *s.Was
			was.Currency, was.Assumed = o.Price.Currency, false
			o.Was = &was
		}
	}
	if o.Discount == 0 {
		o.Discount, o.UpTo = s.Discount, s.UpTo
	}
	if o.Item == "" {
		o.Item = s.Item
	}
	if o.Code == "" {
		o.Code = s.Code
	}
	if o.If == "" {
		o.If = s.If
	}
	if o.Ends.IsZero() {
		o.Ends = s.Ends
	}
	o.FromLow = o.FromLow || s.FromLow
	return o
}
