package report

import (
	"cmp"
	"fmt"
	"slices"
)

// Figure is one number of a row, for people: what it means, and what to do about it.
type Figure struct {
	Name  string
	Value string
	Means string
	Do    string
	N, Of int // of how many; Of is never 0
}

// MostFigures is how many figures a row shows at most.
const MostFigures = 10

// Figures are what a row says to somebody who has read nothing else, the first the one
// to raise. What was 0 and needs nothing done is left out.
func (rec *Record) Figures() []Figure {
	of := max(rec.Recipients, 1)
	r, p, a, rel := rec.Reason, rec.Placement, rec.Action, rec.Relevance
	all := []Figure{
		{"asked for", fmt.Sprintf("%.0f %%", 100*rel.Share), fmt.Sprintf("of the people whom you wrote to had said that they want what you sent (between %.0f and %.0f %%)", 100*rel.Low80, 100*rel.High80),
			"The one figure to raise. Write to those who ask for it, and say product, price and end in the text.", int(100*rel.Share + .5), 100},
		{"inbox", "", "got it in the inbox", "Nothing: that is where you want to be.", p.Inbox, of},
		{"set aside", "", fmt.Sprintf("got it among the promotions (%d) or in a summary (%d), as they chose", p.Promotions, p.Digest),
			"Begin with what it is, for how much, until when: that is what a summary shows.", p.Promotions + p.Digest, of},
		{"declined", "", "do not want it at all; where that was said in the reply (550), your server knows", "Stop writing to whom your server was told of.", p.Refuse + p.Reject, of},
		{"nobody asked", "", "have stated no want that it serves", "Send it to fewer people, or ask them first what they want.", r.NoIntent, of},
		{"too often", "", "get more of it than they said they would take", "Mail less often.", r.OverFrequency, of},
		{"tracking", "", "refuse mail that watches them", "Drop the pixel, and ids and addresses from links.", r.Tracking, of},
		{"could not tell", "", "may want it, and your mail did not say enough to tell", "Say the price with its currency, the discount and its end in the text.", r.IntentUnknown, of},
		{"said no", "", "acted against it (" + counted([]*int{&a.Unsubscribed, &a.Complained, &a.Demoted}, []string{"unsubscribed", "complained", "demoted"}) + ")",
			"Let them go within 48 hours, and look at what they had got.", a.Unsubscribed + a.Complained + a.Demoted, of},
		{"rescued", "", "fetched it from where it was filed", "Look at what these had in common: it was wanted after all.", a.Rescued, of},
	}
	all = slices.DeleteFunc(all, func(f Figure) bool { return f.Value == "" && f.N == 0 })
	for i := range all {
		f := &all[i]
		f.Value = cmp.Or(f.Value, fmt.Sprint(f.N))
		f.N = min(f.N, f.Of)
	}
	return all
}

// Advised are what the row's facts ask its sender to do, in words.
func (rec *Record) Advised() (all []string) {
	for _, code := range rec.Advice {
		all = append(all, words[code])
	}
	return all
}
