package rules

import (
	"fmt"
	"slices"
	"strings"

	"usher/classify"
	"usher/rules/claim"
	"usher/rules/clauses"
	"usher/rules/intents"
	"usher/rules/senders"
)

// protects tells why a protect applies, "" if it does not. It asks for no
// proof: it gives what the mail would have had without usher.
func (h *hearing) protects(p *intents.Protect) string {
	for _, k := range p.Kinds {
		if slices.Contains(h.verdict.Kinds, k) || k == "people" && h.verdict.Category == classify.Personal {
			return "you protect " + k
		}
	}
	if h.listID != "" && slices.Contains(p.Lists, h.listID) {
		return "you protect the list " + h.listID
	}
	for _, pattern := range p.From {
		if senders.Sends(pattern, h.sender.Address, h.sender.Domain) {
			return "you protect mail from " + pattern
		}
	}
	return ""
}

// bulk reports mail on which a burden may fall.
func (h *hearing) bulk() bool {
	return h.sells() || h.verdict.Category == classify.Notification
}

// refuses asks one refuse. What is unknown is never refused, only listed.
func (h *hearing) refuses(r *intents.Refuse) finding {
	if !h.bulk() {
		return finding{}
	}
	switch {
	case len(r.Topics) > 0:
		return h.about(r.Topics, "which you refuse")
	case len(r.Tracking) > 0:
		return h.tracks(r.Tracking)
	case r.Unsigned:
		return h.unsigned()
	}
	if len(r.Brands) == 0 || !h.mayName(&r.Head) {
		return finding{}
	}
	for _, b := range r.Brands {
		if senders.Named(h.sender, b) {
			text := h.who() + ", which you refuse"
			if r.BrandsIn != nil {
				text = h.who() + ", which is in your list " + r.BrandsIn.Name
			}
			return finding{Answer: classify.Yes, Text: text}
		}
	}
	return finding{}
}

// unsigned asks for a valid signature, of promotions and newsletters only: a
// robot's notice seldom has one. A signature whose key could not be looked up is
// not known to be bad.
func (h *hearing) unsigned() finding {
	if !h.sells() || h.sender.Proven() {
		return finding{}
	}
	answer, text := classify.Yes, "no valid signature, and you refuse unsigned mail"
	for _, s := range h.sender.Signatures {
		switch {
		case s.Valid:
			return finding{}
		case s.Unchecked:
			answer, text = classify.Unknown, "its signature could not be checked"
		}
	}
	h.wantsProof = true
	return finding{Answer: answer, Text: text}
}

// who names the sender, as a claim where it is one.
func (h *hearing) who() string {
	if c := h.claimed(); c != "" {
		return c
	}
	return "from " + h.sender.Brand()
}

// about asks which of the topics the message sells or is mainly about.
func (h *hearing) about(topics []intents.Topic, which string) (f finding) {
	for _, t := range topics {
		switch h.selling(t.Intent).Answer() {
		case classify.Yes:
			return finding{Answer: classify.Yes, Text: "about " + t.Text + ", " + which}
		case classify.Unknown:
			if f.Text == "" {
				f = finding{Answer: classify.Unknown, Text: "perhaps about " + t.Text + ", " + which}
			}
		}
	}
	return f
}

// tracks asks for ways of tracking, of promotions and newsletters only. What
// is merely suspected is unknown.
func (h *hearing) tracks(ways []string) (f finding) {
	if !h.sells() {
		return f
	}
	for _, k := range h.verdict.Knows {
		way := intents.TrackedBy[k.Code]
		switch {
		case way == "" || !slices.Contains(ways, way):
		case k.Level == "seen":
			return finding{Answer: classify.Yes, Text: "tracks by " + way + ": " + k.Text}
		case f.Text == "":
			f = finding{Answer: classify.Unknown, Text: "appears to track by " + way + ": " + k.Text}
		}
	}
	return f
}

// mutes asks one mute.
func (h *hearing) mutes(m *intents.Mute) finding {
	list := m.List != "" && m.List == h.listID
	switch {
	case list && (h.bulk() || h.verdict.Category == classify.List):
		return finding{Answer: classify.Yes, Text: "the list " + m.List + ", which you muted"}
	case !h.bulk() || list:
		return finding{}
	case m.Brand != nil && h.mayName(&m.Head) && senders.Named(h.sender, *m.Brand):
		return finding{Answer: classify.Yes, Text: h.who() + ", which you muted"}
	case len(m.Topics) > 0:
		return h.about(m.Topics, "which you muted")
	}
	return finding{}
}

// wants asks every want about this kind of mail, and notes how relevant the
// message is to each.
func (h *hearing) wants() (rs []ruling) {
	if !h.sells() {
		return nil
	}
	for _, f := range h.files() {
		for _, w := range h.wantsNear(f) {
			if w.Newsletters != (h.verdict.Category == classify.Newsletter) || w.Ended(h.day) {
				continue
			}
			rel := h.verdict.Serves(w.Intent)
			n := h.asks(w, rel)
			if rel.Answer() != classify.No || len(f.Wants) <= maxRelevance {
				h.relevance = append(h.relevance, relevance{f, &w.Head, rel.Score, n.Answer})
			}
			if n.Text == "" {
				continue
			}
			r := ruling{voice: benefit, file: f, by: &w.Head, answer: n.Answer, text: n.Text, to: Disposition(w.Route), as: lineOf(w)}
			switch n.Answer {
			case classify.Yes:
				// Beyond its number it is as if nothing had been wanted: what follows decides.
				nth := h.exceeds(w.AtMost, r.as)
				if r.applies, r.over = nth == "", nth != ""; r.over {
					r.text += ", at most " + w.AtMost.String() + "; " + nth
				}
			case classify.Unknown:
				r.voice, r.applies, r.to, r.as = doubt, true, h.unknownRoute(), ""
			}
			rs = append(rs, r)
		}
	}
	return rs
}

// unknownRoute is where what is not known goes.
func (h *hearing) unknownRoute() Disposition {
	if d, _ := h.stated("unknown"); d != nil {
		return Disposition(d.Route)
	}
	return Digest
}

// asks asks one want of mail that serves it so well. Mail that has nothing to do
// with it gets no text.
func (h *hearing) asks(w *intents.Want, rel classify.Relevance) finding {
	subject := rel.Answer()
	if subject == classify.No {
		return finding{Answer: classify.No}
	}
	if c := h.claimed(); c != "" {
		h.wantsProof = true
		return finding{Answer: classify.No, Text: c + ": no want applies"}
	}
	if h.like.by != nil {
		return finding{Answer: classify.No, Text: h.like.text + ": no want applies"}
	}
	from := finding{Answer: classify.Yes}
	if len(w.From) > 0 && !senders.Comes(h.sender, w.From) {
		from = finding{Answer: classify.No, Text: "from " + h.sender.Brand() + ", not from " + strings.Join(w.From, " or ")}
	}
	serves := finding{Answer: subject, Text: "serves your want"}
	if subject == classify.Unknown {
		serves.Text = "perhaps for your want"
	}
	if how := rel.How(); how != "" {
		serves.Text += " (" + how + ")"
	}
	fs := []finding{serves, clauses.Within(w.When, h.day), from, clauses.From(w.Names, h.sender, h.verdict),
		clauses.Only(w.Only, h.verdict), clauses.Offered(w, h.verdict, h.arrived)}
	for _, n := range w.Needs {
		fs = append(fs, h.meets(n))
	}
	return clauses.All(fs...)
}

// meets asks whether the sender, which is proven, is in the list of a criterion.
func (h *hearing) meets(n intents.Need) finding {
	switch l := n.List; {
	case l == nil: // terms: what was seen may rule them out; what a sender claims decides nothing
		if rung := claim.Rung(h.verdict.Knows, h.verdict.Tagged); claim.Exceeds(rung, n.Name) {
			return finding{Answer: classify.No, Text: "what was seen would need " + rung + ", more than your " + n.Name}
		}
		return finding{Answer: classify.Unknown, Text: "nothing was seen that " + n.Name + " would not permit; whether it is kept cannot be told"}
	case !l.Read:
		return finding{Answer: classify.Unknown, Text: l.Name + " could not be read"}
	case slices.ContainsFunc(l.Brands, func(b intents.Brand) bool { return h.isBrand(b.Domains) }):
		return finding{Answer: classify.Yes, Text: fmt.Sprintf("in %s of %s", l.Name, l.Day)}
	default:
		return finding{Answer: classify.No, Text: fmt.Sprintf("not in %s of %s", l.Name, l.Day)}
	}
}

// isBrand asks whether one of these domains is the sender's, or is one of its
// brand's by a grant that names both.
func (h *hearing) isBrand(domains []string) bool {
	if senders.Comes(h.sender, domains) {
		return true
	}
	for _, f := range h.files() {
		for _, g := range f.Grants {
			if senders.Comes(h.sender, g.Brand.Domains) && slices.ContainsFunc(domains, func(d string) bool { return slices.Contains(g.Brand.Domains, d) }) {
				return true
			}
		}
	}
	return false
}

// grants asks one grant, and where it sends the message.
func (h *hearing) grants(g *intents.Grant) (finding, Disposition) {
	if !senders.Comes(h.sender, g.Brand.Domains) {
		if c := h.claimed(); c != "" && senders.Named(h.sender, intents.Brand{Domains: g.Brand.Domains}) {
			h.wantsProof = true
			return finding{Answer: classify.No, Text: c + ": no grant applies"}, ""
		}
		if h.like.by == &g.Head {
			return finding{Answer: classify.No, Text: h.like.text + ": no grant applies"}, ""
		}
		return finding{}, ""
	}
	who := h.sender.Brand()
	if len(g.For) == 0 {
		return finding{Answer: classify.Yes, Text: "you granted it to " + who}, Disposition(g.Route)
	}
	answer := classify.No
	var topics []string
	for _, t := range g.For {
		switch h.serving(t.Intent).Answer() {
		case classify.Yes:
			return finding{Answer: classify.Yes, Text: fmt.Sprintf("you granted it to %s for %s", who, t.Text)}, Disposition(g.Route)
		case classify.Unknown:
			answer = classify.Unknown
		}
		topics = append(topics, t.Text)
	}
	only := strings.Join(topics, ", ")
	if answer == classify.Unknown {
		return finding{Answer: classify.Unknown, Text: "granted for " + only + "; whether this is for it is not clear"}, h.unknownRoute()
	}
	// It decides although it is off topic: the brand may write, to the digest.
	return finding{Answer: classify.Yes, Text: "granted, but for " + only + " only"}, Digest
}
