package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/classify/trace"
	"usher/rules/intents"
	"usher/rules/senders"
)

// History counts the mail of each mailbox, for caps and at most.
type History interface {
	// Count calls decide, once, with what was counted for a normalised mailbox, and
	// has what it answers counted (Decision.Counts) before it calls another for the
	// same mailbox. What is then not recorded is not counted after all. Past is nil
	// where it cannot be read before ctx ends: nothing is over any number then.
	Count(ctx context.Context, mailbox string, decide func(Past) *Decision) *Decision
}

// Past is what was counted for one mailbox.
type Past interface {
	// Since counts the mails from a moment on that count under any of the names:
	// all, and of them those that came through, over no number.
	Since(from time.Time, names []string) (all, through int)
}

// Count is one name under which a mail is counted for its mailbox.
type Count struct {
	Of   string `json:"of"`             // a brand, "claimed " and one, "all promotions", or a line: "grant shop.example"
	Over bool   `json:"over,omitempty"` // it came after as many as a line allows, and spends nothing
}

// Served reports whether mail that counts so was let through by a want or a grant.
func Served(counts []Count) bool {
	return slices.ContainsFunc(counts, func(c Count) bool {
		return !c.Over && (strings.HasPrefix(c.Of, "want ") || strings.HasPrefix(c.Of, "grant "))
	})
}

// allPromotions is the name under which every promotion counts.
const allPromotions = "all promotions"

// maxCounts bounds the names under which one mail counts.
const maxCounts = 4

// Key is the name under which a sender's mail is counted, "" for a sender without
// any. Who is not proven is counted apart: nobody can spend another's number.
// Senders made for one use are counted as one.
func (s Sender) Key() string {
	if s.Brand == "" {
		return ""
	}
	key := general(s.Brand)
	if s.How != string(mail.ByDKIM) && s.How != string(mail.ByAR) {
		key = "claimed " + key
	}
	return key
}

// general puts * for what is made for one use in an address, or in a domain below
// another: "offer-8f31c09a7b2e@freemail.example" is "offer-*@freemail.example".
func general(brand string) string {
	local, domain, isAddress := strings.Cut(brand, "@")
	if isAddress {
		local, _, _ = strings.Cut(local, "+")
		return starred(local) + "@" + domain
	}
	if label, rest, _ := strings.Cut(brand, "."); strings.Contains(rest, ".") {
		return starred(label) + "." + rest
	}
	return brand
}

func starred(s string) string {
	for id := range trace.IDs(s) {
		s = strings.Replace(s, id, "*", 1)
	}
	return s
}

// isCounted reports whether the statements ask how often something came.
func (h *hearing) isCounted() bool {
	return h.sells() && slices.ContainsFunc(h.files(), func(f *intents.File) bool {
		return len(f.Caps) > 0 || slices.ContainsFunc(f.Grants, func(g *intents.Grant) bool { return g.AtMost != nil }) ||
			slices.ContainsFunc(f.Wants, func(w *intents.Want) bool { return w.AtMost != nil })
	})
}

// exceeds says what number the message would have under some names where a rate
// is used up, "" where it is not.
func (h *hearing) exceeds(r *intents.Rate, names ...string) string {
	if r == nil || h.past == nil {
		return ""
	}
	all, through, from := h.since(r, names)
	if through < r.N {
		return ""
	}
	return fmt.Sprintf("the %s since %s", ordinal(all+1), from.Format("2 Jan"))
}

// since counts what came under some names in the period of a rate, and tells
// when that began.
func (h *hearing) since(r *intents.Rate, names []string) (all, through int, from time.Time) {
	first := h.day.Plus(1 - map[string]int{"day": 1, "week": 7, "month": 30}[r.Period])
	from = time.Date(first.Year, first.Month, first.Day, 0, 0, 0, 0, h.zone())
	all, through = h.past.Since(from, names)
	return all, through, from
}

// ordinal writes 1st, 2nd, 3rd, 4th.
func ordinal(n int) string {
	suffix := "th"
	if n%100/10 != 1 {
		suffix = cmp.Or(map[int]string{1: "st", 2: "nd", 3: "rd"}[n%10], suffix)
	}
	return fmt.Sprint(n, suffix)
}

// 6. Caps count what came before. A brand's own cap is asked in place of that on
// every brand, a person's in place of the site's.
func (h *hearing) capped() (rs []ruling) {
	if h.past == nil || !h.sells() {
		return nil
	}
	ask := func(names []string, kinds ...func(*intents.Cap) bool) {
		for _, f := range h.files() {
			for _, kind := range kinds {
				i := slices.IndexFunc(f.Caps, kind)
				if i < 0 {
					continue
				}
				c := f.Caps[i]
				if text := h.exceeds(&c.Rate, names...); text != "" {
					if claim := h.claimed(); claim != "" {
						text = claim + "; " + text
					}
					rs = append(rs, ruling{voice: limit, file: f, by: &c.Head, answer: classify.Yes, applies: true, to: Disposition(c.Then), text: text, over: true})
				}
				return
			}
		}
	}
	ask(h.names(),
		func(c *intents.Cap) bool {
			return c.Brand != nil && h.mayName(&c.Head) && senders.Named(h.sender, *c.Brand)
		},
		func(c *intents.Cap) bool { return c.Every })
	if h.verdict.Category == classify.Promotion {
		ask([]string{allPromotions}, func(c *intents.Cap) bool { return c.All })
	}
	return rs
}

// names are those under which the sender's mail was counted: its own, and those
// of the domains that a grant says are the same brand.
func (h *hearing) names() []string {
	names := []string{h.key()}
	for _, f := range h.files() {
		for _, g := range f.Grants {
			if !senders.Comes(h.sender, g.Brand.Domains) {
				continue
			}
			for _, d := range g.Brand.Domains {
				// One of them is what its owner registered; the others are nobody's key.
				for ; strings.Contains(d, "."); _, d, _ = strings.Cut(d, ".") {
					if names = append(names, general(d)); strings.Contains(d, "@") {
						break
					}
				}
			}
		}
	}
	return names
}

func (h *hearing) key() string {
	return Sender{Brand: h.sender.Brand(), How: string(h.sender.How)}.Key()
}

// counts are the names under which the message counts. Mail that is needed or
// protected, refused or muted, or let in by an override counts for nothing. Mail
// that is only observed counts as it would: else the first day on which a file is
// in force would begin with nothing.
func (h *hearing) counts(won ruling, others []ruling) []Count {
	if won.observed && won.displaced != nil {
		won = *won.displaced
	}
	if !h.sells() || won.override != "" || won.voice < benefit {
		return nil
	}
	var cs []Count
	if key := h.key(); key != "" {
		cs = append(cs, Count{key, won.over})
	}
	if h.verdict.Category == classify.Promotion {
		cs = append(cs, Count{allPromotions, won.over})
	}
	if won.as != "" {
		cs = append(cs, Count{won.as, won.over})
	}
	for _, r := range others {
		if r.as != "" && r.over && len(cs) < maxCounts {
			cs = append(cs, Count{r.as, true})
		}
	}
	return cs
}

// lineOf names a grant or a want for as long as it is about the same, wherever
// it stands in its file.
func lineOf(by any) string {
	switch by := by.(type) {
	case *intents.Grant:
		return "grant " + strings.ToLower(cmp.Or(by.Brand.Name, strings.Join(by.Brand.Domains[:min(1, len(by.Brand.Domains))], "")))
	case *intents.Want:
		if by.Newsletters {
			return "want newsletters " + strings.ToLower(strings.Join(by.About, ", "))
		}
		return "want " + strings.ToLower(by.Wanted)
	}
	return ""
}
