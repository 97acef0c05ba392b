package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/clauses"
	"usher/rules/intents"
	"usher/rules/senders"
)

// Bounds of the search for what would have changed a decision.
const (
	maxNear    = 20  // wants, and grants, asked again
	maxDays    = 90  // by which a statement missed the day
	maxWithout = 3   // lines that are thought away together
	maxNearest = 200 // characters of the sentence
)

// near is one change to the file or the message: what it is, in the words that
// follow "had", and the ruling that some statement would then have given.
type near struct {
	change string
	ruling ruling
}

// nearby says what small change to file or message would have moved the
// message up, or taken from the inbox what a statement put there; "" where no
// small change would. It is true: what it promises was decided by the same rules.
func (h *hearing) nearby(rs []ruling, won int) string {
	if rs[won].to == Inbox {
		if v := rs[won].voice; v != benefit && v != protection {
			return ""
		}
		sentence, _ := h.without(rs, won)
		return sentence
	}
	best, least := "", rs[won].to.rank()
	offer := func(sentence string, to Disposition) {
		if sentence != "" && to.rank() < least {
			best, least = sentence, to.rank()
		}
	}
	for _, n := range slices.Concat(h.nearWants(), h.nearGrants(), h.nearRates(rs)) {
		to := h.granting(rs, won, n.ruling)
		offer(promise("had "+n.change, to), to)
	}
	offer(h.without(rs, won))
	if least > 0 {
		offer(h.ifProven())
	}
	return best
}

func promise(change string, to Disposition) string {
	s := change + ", it would have gone to " + to.place()
	if len([]rune(s)) > maxNearest {
		return ""
	}
	return s
}

// rank orders dispositions from the inbox down.
func (d Disposition) rank() int {
	return slices.Index([]Disposition{Inbox, Digest, Promotions, Refuse, Reject}, d)
}

// granting is where the message would have gone, had a benefit been given. A
// ruling that is listed is given in its place; one that is not may stand
// anywhere among the benefits, so none of those may have decided.
func (h *hearing) granting(rs []ruling, won int, r ruling) Disposition {
	rs = slices.Clone(rs)
	at := slices.IndexFunc(rs, func(old ruling) bool { return old.by == r.by && old.voice == r.voice })
	switch {
	case at >= 0:
		rs[at] = r
	case rs[won].voice == benefit:
		return rs[won].to
	default:
		at = slices.IndexFunc(rs, func(old ruling) bool { return old.voice > benefit })
		rs = slices.Insert(rs, at, r)
	}
	return rs[h.winner(rs)].to
}

// line names a statement as a reader of the files finds it.
func (h *hearing) line(f *intents.File, by *intents.Head) string {
	if f == h.own {
		return fmt.Sprintf("line %d", by.Line)
	}
	return fmt.Sprintf("line %d of the site's file", by.Line)
}

// lines names several, in the order of the files.
func (h *hearing) lines(gone []*intents.Head) string {
	var parts []string
	for _, f := range h.files() {
		var numbers []string
		for _, s := range f.All {
			if slices.Contains(gone, s.Source()) {
				numbers = append(numbers, fmt.Sprint(s.Source().Line))
			}
		}
		part := "line " + strings.Join(numbers, "")
		if len(numbers) > 1 {
			part = "lines " + listed(numbers)
		}
		if f != h.own {
			part += " of the site's file"
		}
		if len(numbers) > 0 {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " and ")
}

// nearWants finds wants that one changed clause would have had answer yes. The
// most relevant come first.
func (h *hearing) nearWants() (found []near) {
	if !h.sells() {
		return nil
	}
	type asked struct {
		file *intents.File
		want *intents.Want
		rel  classify.Relevance
	}
	var list []asked
	n := 0
	for _, f := range h.files() {
		for _, w := range f.Wants {
			if w.Newsletters != (h.verdict.Category == classify.Newsletter) || !h.mayBeNear(w) {
				continue
			}
			if n++; n > maxNear {
				break
			}
			if rel := h.serving(w.Intent); rel.Answer() == classify.Yes {
				list = append(list, asked{f, w, rel})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b asked) int { return cmp.Compare(b.rel.Score, a.rel.Score) })
	for _, a := range list {
		if change := h.relaxed(a.want, a.rel); change != "" {
			r := ruling{voice: benefit, file: a.file, by: &a.want.Head, answer: classify.Yes, applies: true, to: Disposition(a.want.Route)}
			found = append(found, near{strings.Replace(change, "LINE", h.line(a.file, &a.want.Head), 1), r})
		}
	}
	return found
}

// mayBeNear spares asking of what a want is about where it need not be known:
// it was asked already and answered no or unknown for a reason, or has ended of
// late.
func (h *hearing) mayBeNear(w *intents.Want) bool {
	if w.Ended(h.day) {
		return between(*w.Until, h.day) <= maxDays
	}
	return slices.ContainsFunc(h.asked, func(r ruling) bool { return r.by == &w.Head && r.answer != classify.Yes })
}

// relaxed finds the one change of a want, or of the message, that would have it
// answer yes: in words in which LINE stands for the want.
func (h *hearing) relaxed(w *intents.Want, rel classify.Relevance) string {
	yes := func(change func(w *intents.Want)) bool {
		changed := *w
		change(&changed)
		return !changed.Ended(h.day) && h.asks(&changed, rel).Answer == classify.Yes && h.exceeds(w.AtMost, lineOf(w)) == ""
	}
	if w.Until != nil && w.Ended(h.day) {
		if yes(func(w *intents.Want) { w.Until = nil }) {
			return "LINE lasted " + days(*w.Until, h.day) + " longer"
		}
		return ""
	}
	if w.When != nil && !w.When.Holds(h.day) {
		if !yes(func(w *intents.Want) { w.When = nil }) {
			return ""
		}
		if h.day.Before(w.When.From) {
			if between(h.day, w.When.From) > maxDays {
				return ""
			}
			return "the window of LINE begun " + days(h.day, w.When.From) + " earlier"
		}
		return "the window of LINE lasted " + days(w.When.To, h.day) + " longer"
	}
	offers, _ := clauses.Fitting(w.Intent, h.verdict)
	for _, o := range offers {
		if p := o.Price; p != nil && w.Under != nil && p.Currency == w.Under.Currency {
			if bound := p.RoundUp(); yes(func(w *intents.Want) { w.Under = &bound }) {
				return "LINE said under " + bound.String()
			}
		}
		if p := o.Price; p != nil && w.Over != nil && p.Currency == w.Over.Currency {
			if yes(func(w *intents.Want) { w.Over = p }) {
				return "LINE said over " + p.String()
			}
		}
		if off := clauses.Discount(o); off > 0 && off < w.Off && yes(func(w *intents.Want) { w.Off = off }) {
			return fmt.Sprintf("LINE said off %d%%", off)
		}
	}
	if b := h.sender.Brand(); len(w.From) > 0 && b != "" && yes(func(w *intents.Want) { w.From = append(slices.Clone(w.From), b) }) {
		return "LINE named " + b
	}
	priced := slices.ContainsFunc(h.verdict.Offers, func(o mail.Offer) bool { return o.Price != nil })
	if w.Under != nil && w.Over == nil && !priced && yes(func(w *intents.Want) { w.Under = nil }) {
		return "it named a price of at most " + w.Under.String()
	}
	return ""
}

// between counts the days from one to a later one.
func between(from, to intents.Date) int {
	utc := func(d intents.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return int(utc(to).Sub(utc(from)).Hours() / 24)
}

// days words what lies between.
func days(from, to intents.Date) string {
	if n := between(from, to); n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "1 day"
}

// nearGrants finds grants of the sender that have ended, or that it is off the
// topics of.
func (h *hearing) nearGrants() (found []near) {
	if !h.sells() {
		return nil
	}
	for _, f := range h.files() {
		for _, g := range f.Grants {
			if !senders.Comes(h.sender, g.Brand.Domains) || len(found) == maxNear {
				continue
			}
			n, to := h.grants(g)
			change := h.line(f, &g.Head) + " named no topics"
			if g.Ended(h.day) {
				if between(*g.Until, h.day) > maxDays {
					continue
				}
				change = h.line(f, &g.Head) + " lasted " + days(*g.Until, h.day) + " longer"
			} else if len(g.For) > 0 && to != Disposition(g.Route) {
				n.Answer, to = classify.Yes, Disposition(g.Route)
			} else {
				continue
			}
			if n.Answer == classify.Yes {
				r := ruling{voice: benefit, file: f, by: &g.Head, answer: n.Answer, applies: true, to: to, as: lineOf(g)}
				found = append(found, near{change, h.folded(g, r)})
			}
		}
	}
	return found
}

// nearRates finds lines that allow too few mails, and says how many would do.
func (h *hearing) nearRates(rs []ruling) (found []near) {
	for _, r := range rs {
		if !r.over || len(found) == maxNear {
			continue
		}
		line := h.line(r.file, r.by)
		for _, s := range r.file.All {
			if s.Source() != r.by {
				continue
			}
			r.over = false
			switch s := s.(type) {
			case *intents.Want:
				r.applies = true
				found = append(found, near{line + " said at most " + h.enough(s.AtMost, r.as), r})
			case *intents.Grant:
				_, r.to = h.grants(s)
				found = append(found, near{line + " said at most " + h.enough(s.AtMost, r.as), r})
			case *intents.Cap:
				r.applies = false
				names := []string{allPromotions}
				if !s.All {
					names = h.names()
				}
				found = append(found, near{line + " said " + h.enough(&s.Rate, names...), r})
			}
		}
	}
	return found
}

// enough is the rate that would have let the message through.
func (h *hearing) enough(r *intents.Rate, names ...string) string {
	_, through, _ := h.since(r, names)
	return intents.Rate{N: through + 1, Period: r.Period}.String()
}

// without thinks away the lines that decide, one after another, until the
// message goes elsewhere: up, or from the inbox down.
func (h *hearing) without(rs []ruling, won int) (string, Disposition) {
	was, rs := rs[won].to, slices.Clone(rs)
	var gone []*intents.Head
	for len(gone) < maxWithout {
		r := rs[won]
		if r.by == nil || !alone(r) || h.entangled(rs, r) {
			return "", was
		}
		gone = append(gone, r.by)
		rs = slices.DeleteFunc(rs, func(o ruling) bool { return o.by == r.by })
		won = h.winner(rs)
		to := rs[won].to
		if h.unmuted(gone) {
			to = Inbox // a discussion list, again
		}
		if was == Inbox && to != Inbox && h.unlike(gone, rs) || was != Inbox && to.rank() < was.rank() {
			return promise("without "+h.lines(gone), to), to
		}
	}
	return "", was
}

// alone reports a statement without which all others answer as they did. A
// default uncovers another, and languages that are read uncover the site's.
func alone(r ruling) bool { return r.voice != rest && r.by.Verb != "speak" }

// entangled reports a cap without which another might be asked, and a grant
// without which a cap might count otherwise.
func (h *hearing) entangled(rs []ruling, r ruling) bool {
	caps := 0
	for _, f := range h.files() {
		caps += len(f.Caps)
	}
	return r.voice == limit && caps > 1 || r.by.Verb == "grant" && slices.ContainsFunc(rs, func(o ruling) bool { return o.voice == limit })
}

// unmuted reports whether, with some statements gone, a discussion list is no
// longer muted.
func (h *hearing) unmuted(gone []*intents.Head) bool {
	if h.verdict.Category != classify.List {
		return false
	}
	for _, f := range h.files() {
		for _, m := range f.Mutes {
			if m.List != "" && m.List == h.listID && !m.Ended(h.day) && !slices.Contains(gone, &m.Head) {
				return false
			}
		}
	}
	return true
}

// unlike reports whether, with some statements gone, the sender is not taken for
// another where that could matter: a brand that is no longer named may resemble
// one that is.
func (h *hearing) unlike(gone []*intents.Head, rest []ruling) bool {
	naming := func(by *intents.Head) bool { return by.Verb == "grant" || by.Verb == "want" }
	lifts := func(r ruling) bool { return r.applies && (r.voice == benefit || r.voice == doubt) }
	return !slices.ContainsFunc(gone, naming) || !slices.ContainsFunc(rest, lifts)
}

// ifProven decides again as if the sender were who it claims to be, where a want
// or a grant did not apply for lack of proof.
func (h *hearing) ifProven() (string, Disposition) {
	if !h.wantsProof || h.claimed() == "" || h.sender.OrgDomain == "" || h.structured {
		return "", ""
	}
	as := *h
	as.sender.How, as.sender.SenderKey = mail.ByDKIM, h.sender.OrgDomain
	as.sender.Signatures = []mail.Signature{{Domain: h.sender.OrgDomain, Valid: true, Aligned: true}}
	as.asked, as.relevance, as.naming = nil, nil, nil
	as.like = as.resembles()
	rs := as.rulings()
	to := rs[as.winner(rs)].to
	return promise("had a signature proven that it is from "+h.sender.OrgDomain, to), to
}
