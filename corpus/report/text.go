package report

import (
	"fmt"
	"slices"
	"strings"

	"usher/classify/plain"
)

// Columns is how wide the plain text is.
const Columns = 76

// words are what the keys and codes say in the plain text.
var words = map[string]string{
	"refuse": "refused", "reject": "rejected",
	"no_intent": "no stated want", "intent_unknown": "could not tell", "over_frequency": "too often", "refused": "refused", "tracking": "tracking",
	"no_permission": "permission ended", "other": "other reasons", "demoted": "set aside", "complained": "complained", "unsubscribed": "unsubscribed", "rescued": "rescued",
	"lower-frequency": "mail less often", "ask-permission": "ask for permission anew", "state-price": "say the price in the text",
	"drop-open-pixel": "drop the pixel", "drop-recipient-id": "drop ids from links", "drop-recipient-address": "drop addresses from links",
	"add-one-click": "add one-click unsubscribe (RFC 8058)", "sign-list-unsubscribe": "sign List-Unsubscribe", "split-feedback-id": "keep people out of Feedback-ID", "set-expires": "set Expires",
}

// Text is the report for people, made of the JSON alone, in lines of Columns.
func (r *Report) Text() string {
	var b strings.Builder
	line := func(indent, text string) {
		for _, l := range plain.Wrap(text, Columns-len(indent)) {
			b.WriteString(indent + l + "\n")
			indent = strings.Repeat(" ", len(indent))
		}
	}
	begin, last := r.Metadata.Range.Begin.UTC(), r.Metadata.Range.End.UTC().AddDate(0, 0, -1)
	when := begin.Format("2 Jan 2006")
	if last.After(begin) {
		when = begin.Format("2 Jan") + " to " + last.Format("2 Jan 2006")
	}
	line("", fmt.Sprintf("Relevance report for %s, %s, from %s.", r.Policy.Domain, when, r.Metadata.Submitter))
	line("", "Counts are blurred on purpose (give or take 3); some mailboxes take no part.")
	if r.Starred() {
		line("", Starred)
	}
	for i, rec := range r.Records {
		b.WriteString("\n")
		line("", fmt.Sprintf("%s: about %d mailboxes", rec.Stream.Title(), rec.Recipients))
		lines := rec.lines()
		if i == 0 { // to somebody who has read nothing else
			for _, f := range rec.Figures() {
				line(fmt.Sprintf("  %5s  ", f.Value), f.Name+": "+f.Means+".")
				line("         ", f.Do)
			}
			b.WriteString("\n")
			lines = lines[figured:]
		}
		for _, l := range lines {
			if l[1] != "" {
				line(fmt.Sprintf("  %-12s ", l[0]), l[1])
			}
		}
	}
	if r.Withheld {
		b.WriteString("\n")
		line("", "Further streams had mail, to too few mailboxes to tell of them.")
	}
	return b.String()
}

// Starred says what a star in the name of a stream stands for.
const Starred = "A * in the name of a stream stands for a part of it that differed from mailbox to mailbox."

// Starred reports whether a stream has one.
func (r *Report) Starred() bool {
	return slices.ContainsFunc(r.Records, func(rec Record) bool { return strings.Contains(rec.Stream.Value, "*") })
}

// Title is a stream's name for people.
func (s Stream) Title() string {
	switch s.Kind {
	case "domain":
		return "All bulk mail of " + s.Value
	case "list-id":
		return "List " + s.Value
	}
	return "Stream " + s.Value
}

// figured is how many of a row's lines say in short what its figures say in words.
const figured = 4

// lines are those of a row, each with its title.
func (rec *Record) lines() [][2]string {
	p := func(x float64) string { return fmt.Sprintf("%.0f", 100*x) }
	rel := rec.Relevance
	var facts []string
	for _, f := range []struct {
		is   bool
		text string
	}{
		{rec.Facts.OpenPixel, "open pixel"}, {rec.Facts.ThirdPartyBeacon, "beacon of a third party"}, {rec.Facts.RecipientIDInURL, "recipient id in links"},
		{rec.Facts.RecipientAddressInURL, "recipient's address in links"}, {!rec.Facts.OneClickOK, "no one-click unsubscribe"},
		{!rec.Facts.UnsubscribeSigned, "List-Unsubscribe not signed"}, {!rec.Facts.ExpiresPresent, "no Expires header"}, {!rec.Facts.PriceReadable, "no price in the text"},
	} {
		if f.is {
			facts = append(facts, f.text)
		}
	}
	against := rec.Reason
	against.IntentMatch, against.Granted = 0, 0
	did := rec.Action
	did.None = 0
	var topics []string
	for _, t := range rec.Topics {
		topics = append(topics, fmt.Sprintf("%s %d wanted, %d not", t.Topic, t.Matched, t.Unmatched))
	}
	return [][2]string{
		{"asked for", fmt.Sprintf("%s %% (%s to %s %%) had stated a want that it served", p(rel.Share), p(rel.Low80), p(rel.High80))},
		{"went to", counted(rec.Placement.cells(), Placements)},
		{"against", counted(against.cells(), Reasons)},
		{"people did", counted(did.cells(), Acts)},
		{"topics", strings.Join(topics, "; ")},
		{"your mail", strings.Join(facts, "; ")},
		{"try", strings.Join(rec.Advised(), "; ")},
	}
}

// counted tells a histogram's cells that are not nothing, in words.
func counted(cells []*int, keys []string) string {
	var list []string
	for i, c := range cells {
		if *c > 0 {
			word := words[keys[i]]
			if word == "" {
				word = keys[i]
			}
			list = append(list, fmt.Sprintf("%s %d", word, *c))
		}
	}
	return strings.Join(list, ", ")
}

// Picture shows where the mail of each row went, as bars of blocks.
func (r *Report) Picture() string {
	const wide = 40
	var b strings.Builder
	for _, rec := range r.Records {
		cells := rec.Placement.cells()
		most := 1
		for _, c := range cells {
			most = max(most, *c)
		}
		fmt.Fprintf(&b, "\n%s\n", rec.Stream.Title())
		for i, c := range cells {
			fmt.Fprintf(&b, "  %-12s %s %d\n", Placements[i], strings.Repeat("█", (*c*wide+most-1)/most), *c)
		}
	}
	return b.String()
}
