package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/lessons"
)

// hearing is one message before one person's statements: all that a decision
// reads. own or site is nil where there is no such file.
type hearing struct {
	object    *mail.Object
	mailbox   string
	own, site *intents.File
	verdict   *classify.Verdict
	sender    mail.Identity
	listID    string // of the List-Id field, without brackets, lower case; "" if there is none
	arrived   time.Time
	day       intents.Date // of arrival, in the person's zone
	like      likeness     // a brand for which the sender may be taken
	overrides []Override
	lessons   *lessons.Book
	past      Past // nil: nothing is counted

	asked     []ruling                         // what the wants answered, for steps 4 and 7
	relevance []relevance                      // of each want that was asked
	naming    map[*intents.Head]bool           // burdens on brands that could be on the sender; nil before one is asked
	near      map[*intents.File]*classify.Near // of the intents of each file; nil before the first is asked

	structured bool // it has markup, which counts only where the sender is proven
	wantsProof bool // a statement would have answered otherwise to a proven sender
	nearest    string
}

// ruling is one statement's answer to the message. The first in the order that
// applies decides.
type ruling struct {
	voice   voice
	file    *intents.File   // whose statement it is; nil: nobody's
	by      *intents.Head   // nil: the language's own default
	stated  string          // what a person would write for that default
	answer  classify.Answer // yes, or why it is listed all the same
	applies bool
	to      Disposition
	text    string
	named   bool   // a burden on this very sender or list
	over    bool   // as many as a line allows came before
	as      string // the name under which a want or a grant counts what it lets through

	declines, tell string // why a sender is told so, and in which words

	observed bool // an observe is in force

	override  string  // id of the override that this is
	label     string  // id of the correction that this is
	displaced *ruling // would have decided, but for an override or an observe
}

// voice is what kind of statement speaks, as far as it matters who beats whom.
type voice int

const (
	protection voice = iota
	need             // mail that never goes lower, whoever says what
	burden           // refuse and mute
	lesson           // a correction
	benefit          // want and grant
	limit            // cap
	doubt            // a want that answers unknown, a language not read
	rest
)

// decide gives the ruling that decides, with the others that matched or nearly did.
func (h *hearing) decide() (ruling, []ruling) {
	rs := h.rulings()
	i := h.winner(rs)
	won, others := h.overridden(rs[i], slices.Delete(slices.Clone(rs), i, i+1))
	won, others = h.observed(won, others)
	if won.displaced == nil && !won.observed {
		h.nearest = h.nearby(rs, i)
	}
	return won, others
}

// rulings asks the statements in their fixed order.
func (h *hearing) rulings() (rs []ruling) {
	order := []func() []ruling{
		// 1. An override comes before all; it is asked last, since it tells what
		//    would have happened.
		h.protected, // 2. protect, and mail that is needed or not surely marketing: inbox
		h.burdened,  // 3. refuse, mute
		h.corrected, // 3a. a person's correction
		h.wanted,    // 4. a want that answers yes
		h.granted,   // 5. a grant, on its topic or off it
		h.capped,    // 6. caps, by what came before
		h.doubted,   // 7. a want that answers unknown; a language that is not read
		h.remainder, // 8. promotions, newsletters, notifications
	}
	for _, step := range order {
		rs = append(rs, step()...)
	}
	return rs
}

// winner is the first ruling that applies. The site's file underlies the
// person's: its protection yields to a burden that the person laid on this very
// sender or list, its burden to a benefit. Needed mail yields to nobody, and a
// general refusal does not undo what the site protects.
func (h *hearing) winner(rs []ruling) int {
	first := slices.IndexFunc(rs, func(r ruling) bool { return r.applies })
	for rs[first].voice == limit {
		without := 1 + first + slices.IndexFunc(rs[first+1:], func(r ruling) bool { return r.applies && r.voice != limit })
		if rs[first].to.rank() >= rs[without].to.rank() {
			break
		}
		first++ // a cap never lifts what would go lower without it
	}
	yieldsTo := map[voice]voice{protection: burden, burden: benefit, limit: rest}
	to, yields := yieldsTo[rs[first].voice]
	if !yields || !h.isSite(rs[first]) || slices.ContainsFunc(rs, func(r ruling) bool { return r.voice == need }) {
		return first
	}
	own := slices.IndexFunc(rs, func(r ruling) bool {
		return r.applies && r.voice == to && r.by != nil && !h.isSite(r) && (to != burden || r.named)
	})
	if own < 0 {
		return first
	}
	return own
}

func (h *hearing) isSite(r ruling) bool { return r.by != nil && h.site != nil && r.file == h.site }

// observed leaves in the inbox, untouched, what an observe in force watches.
func (h *hearing) observed(won ruling, others []ruling) (ruling, []ruling) {
	for _, f := range h.files() {
		for _, o := range f.Observes {
			if o.Ended(h.day) {
				continue
			}
			if won.to == Inbox {
				won.observed = true
				return won, others
			}
			text := fmt.Sprintf("observed until %s; it would go to %s: %s", o.Until, won.to.place(), won.text)
			watch := ruling{file: f, by: &o.Head, answer: classify.Yes, applies: true, to: Inbox, text: text, observed: true, displaced: &won}
			return watch, others
		}
	}
	return won, others
}

// files are the statements in force, the person's own first.
func (h *hearing) files() (fs []*intents.File) {
	for _, f := range []*intents.File{h.own, h.site} {
		if f != nil {
			fs = append(fs, f)
		}
	}
	return fs
}

// sells reports mail that a want or a grant may lift: promotions and newsletters.
func (h *hearing) sells() bool {
	return h.verdict.Category == classify.Promotion || h.verdict.Category == classify.Newsletter
}

// 2. Needed mail never goes lower.
func (h *hearing) protected() (rs []ruling) {
	for _, f := range h.files() {
		for _, p := range f.Protects {
			if text := h.protects(p); text != "" {
				rs = append(rs, ruling{voice: protection, file: f, by: &p.Head, answer: classify.Yes, applies: true, to: Inbox, text: text})
			}
		}
	}
	if text := h.needed(); text != "" {
		rs = append(rs, ruling{voice: need, answer: classify.Yes, applies: true, to: Inbox, text: text})
	}
	return rs
}

// needed tells why the message stays in the inbox whoever says what, "" if it
// need not.
func (h *hearing) needed() string {
	v := h.verdict
	muted := h.mutedList()
	switch {
	case v.Category == classify.Personal:
		return "personal mail always reaches the inbox"
	case v.Category == classify.Transactional && len(v.Kinds) > 0:
		return "mail about " + listed(v.Kinds) + " always reaches the inbox"
	case v.Category == classify.Transactional && len(v.Evidence) > 0 && v.Evidence[0].Code == classify.Unsure:
		return "mail that may be needed always reaches the inbox"
	case v.Category == classify.Transactional:
		return "mail about your own business always reaches the inbox"
	case muted || v.Category == classify.Notification:
		return ""
	case v.Category == classify.List:
		return "a discussion list stays in the inbox until you mute it"
	}
	return ""
}

// mutedList reports a mute of the very list that the message came by.
func (h *hearing) mutedList() bool {
	for _, f := range h.files() {
		for _, m := range f.Mutes {
			if m.List != "" && m.List == h.listID && !m.Ended(h.day) {
				return true
			}
		}
	}
	return false
}

// 3. Burdens fall on claimed names as well as on proven ones.
func (h *hearing) burdened() (rs []ruling) {
	for _, f := range h.files() {
		for _, r := range f.Refuses {
			if n := h.refuses(r); n.Text != "" && !r.Ended(h.day) {
				one := ruling{voice: burden, file: f, by: &r.Head, answer: n.Answer, applies: n.Answer == classify.Yes, to: Refuse, text: n.Text, named: len(r.Brands) > 0}
				if r.Tell {
					one.to, one.declines, one.tell = Reject, declines(r), intents.Sayable(r.Told)
				}
				rs = append(rs, one)
			}
		}
		for _, m := range f.Mutes {
			if n := h.mutes(m); n.Text != "" && !m.Ended(h.day) {
				rs = append(rs, ruling{voice: burden, file: f, by: &m.Head, answer: n.Answer, applies: n.Answer == classify.Yes, to: Promotions, text: n.Text, named: len(m.Topics) == 0})
			}
		}
	}
	return rs
}

// declines names what a refusal declines.
func declines(r *intents.Refuse) string {
	switch {
	case len(r.Tracking) > 0:
		return mail.DeclinesTracking
	case r.Unsigned:
		return mail.DeclinesUnsigned
	}
	return mail.DeclinesMail
}

// 4. A want that answers yes. Those that nearly did are listed; one that
// answers unknown applies in step 7.
func (h *hearing) wanted() (rs []ruling) {
	h.asked = h.wants()
	for _, r := range h.asked {
		if r.voice == benefit {
			rs = append(rs, r)
		}
	}
	return rs
}

// 5. A grant lets its brand market: on its topics to its route, else to the digest.
func (h *hearing) granted() (rs []ruling) {
	if !h.sells() {
		return nil
	}
	for _, f := range h.files() {
		for _, g := range f.Grants {
			if n, to := h.grants(g); n.Text != "" && !g.Ended(h.day) {
				r := ruling{voice: benefit, file: f, by: &g.Head, answer: n.Answer, applies: n.Answer != classify.No, to: to, text: n.Text, as: lineOf(g)}
				rs = append(rs, h.folded(g, r))
			}
		}
	}
	return rs
}

// folded has what a grant lets through too often filed among the promotions.
func (h *hearing) folded(g *intents.Grant, r ruling) ruling {
	if nth := h.exceeds(g.AtMost, r.as); r.applies && nth != "" {
		r.text += ", at most " + g.AtMost.String() + "; " + nth
		r.over = true
		if r.to.rank() < Promotions.rank() {
			r.to = Promotions
		}
	}
	return r
}

// 7. What is not known is not refused.
func (h *hearing) doubted() (rs []ruling) {
	for _, r := range h.asked {
		if r.voice == doubt {
			rs = append(rs, r)
		}
	}
	if !h.sells() || h.verdict.Language == "" {
		return rs
	}
	for _, f := range h.files() {
		if len(f.Speaks) > 0 {
			if s := f.Speaks[0]; !reads(s.Languages, h.verdict.Language) {
				text := fmt.Sprintf("written in %s; you read %s", h.verdict.Language, strings.Join(s.Languages, ", "))
				rs = append(rs, ruling{voice: doubt, file: f, by: &s.Head, answer: classify.Yes, applies: true, to: Digest, text: text})
			}
			break
		}
	}
	return rs
}

// NoOther ends the text of a decision of which nothing else was stated.
const NoOther = " on which no other line decides"

// 8. Everything else of a kind.
func (h *hearing) remainder() []ruling { return []ruling{h.remains(h.verdict.Category)} }

// remains is where mail of a category goes on which no other line decides.
func (h *hearing) remains(c classify.Category) ruling {
	kind, route := "promotions", intents.Promotions
	switch c {
	case classify.Newsletter:
		kind = "newsletters"
	case classify.Notification:
		kind, route = "notifications", intents.Inbox
	}
	r := ruling{voice: rest, answer: classify.Yes, applies: true}
	if d, f := h.stated(kind); d != nil {
		r.file, r.by, route = f, &d.Head, d.Route
	}
	r.to, r.stated = Disposition(route), kind+" "+string(route)
	r.text = "a " + strings.TrimSuffix(kind, "s") + NoOther
	return r
}

// stated finds a default, the person's own first.
func (h *hearing) stated(kind string) (*intents.Default, *intents.File) {
	for _, f := range h.files() {
		if d := f.Default(kind); d != nil {
			return d, f
		}
	}
	return nil, nil
}

// listed words a list: "orders, invoices and travel".
func listed(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
