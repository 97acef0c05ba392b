package model

import "slices"

// withheld is what is left of P(newsletter) + P(promotion) where a message
// must not be lowered, whatever its other signs say: of 102 such messages of
// bulk and needed mail that were labelled, fewer than one in ten was bulk.
const withheld = 0.1

// surelyPersonal is the most that P(personal) can be for a message with any
// sign of carriage: swindlers write as people do, and send to many.
const surelyPersonal = 0.9

// cautious takes back what weights alone would be too bold in, always towards
// the inbox. p is calibrated.
func (w *Weights) cautious(f *Found, p [Classes]float64) [Classes]float64 {
	if w.sellingGroups(f) < 2 {
		// One group alone, the words of a mail or its header, makes no promotion.
		p[Newsletter] += p[Promotion]
		p[Promotion] = 0
	}
	if f.Withheld() {
		bulk := p[Newsletter] + p[Promotion]
		p[Newsletter] *= withheld
		p[Promotion] *= withheld
		best := 0
		for i := range Newsletter {
			if p[i] > p[best] && (i != 3 || f.has("discussion")) { // a list is what people discuss on
				best = i
			}
		}
		p[best] += bulk * (1 - withheld)
	}
	if p[0] > surelyPersonal && slices.ContainsFunc(f.Signs, func(s int) bool { return Signs()[s].Carriage }) {
		p[2] += p[0] - surelyPersonal
		p[0] = surelyPersonal
	}
	return p
}

// Withheld reports whether the message must not be lowered: it tells of
// business that was done, and an offer beside that makes it a receipt that
// sells; it offers nothing, and all that is known is that it went to many; or a
// person wrote it in a mail program, without a trace of a list.
func (f *Found) Withheld() bool {
	return f.has("business_done") || f.has("nothing_offered") || f.has("by_hand")
}

// sellingGroups counts the groups of signs that speak for promotion.
func (w *Weights) sellingGroups(f *Found) int {
	var groups []string
	for _, s := range f.Signs {
		group := Signs()[s].Group
		if group == "subject" { // words of the mail, as those of its body are
			group = "body"
		}
		if w.Signs[s][Promotion] > 0 && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	return len(groups)
}

func (f *Found) has(code string) bool { return slices.Contains(f.Signs, Place(code)) }
