package rules

import (
	"fmt"
	"slices"
	"strings"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

// finding is an answer with its reason. No text: nothing to speak of.
type finding struct {
	answer classify.Answer
	text   string
}

// all is yes where every finding is, no where one is, else unknown. Its text is
// that of the findings with that answer.
func all(fs ...finding) finding {
	for _, a := range []classify.Answer{classify.No, classify.Unknown, classify.Yes} {
		var texts []string
		for _, f := range fs {
			if f.answer == a && f.text != "" {
				texts = append(texts, f.text)
			}
		}
		if slices.ContainsFunc(fs, func(f finding) bool { return f.answer == a }) {
			return finding{a, strings.Join(texts, ", ")}
		}
	}
	return finding{answer: classify.Yes}
}

// best is the finding nearest to yes, the first of equals.
func best(fs []finding) finding {
	for _, a := range []classify.Answer{classify.Yes, classify.Unknown} {
		if i := slices.IndexFunc(fs, func(f finding) bool { return f.answer == a }); i >= 0 {
			return fs[i]
		}
	}
	return fs[0]
}

// under asks whether a price is at most a bound.
func under(o mail.Offer, bound *mail.Money) finding { return priced(o, bound, -1) }

// over asks whether a price is at least a bound.
func over(o mail.Offer, bound *mail.Money) finding { return priced(o, bound, 1) }

// priced compares an offer's price with a bound, which belongs to the wanted
// side. Free is a price of 0 in any currency.
func priced(o mail.Offer, bound *mail.Money, side int) finding {
	if bound == nil {
		return finding{answer: classify.Yes}
	}
	asked := bound.String()
	if o.Price == nil {
		return finding{classify.Unknown, "no price is said to hold against " + asked}
	}
	price := o.Price.String()
	switch {
	case o.Price.Minor == 0:
		price = "free"
	case o.Price.Currency != bound.Currency:
		return finding{classify.Unknown, fmt.Sprintf("%s cannot be compared with %s", price, asked)}
	}
	if o.FromLow {
		price = "from " + price
	}
	switch {
	case o.Price.Minor == bound.Minor:
		return finding{classify.Yes, price + " is just " + asked}
	case o.Price.Minor < bound.Minor:
		return finding{answerIf(side < 0), price + " is under " + asked}
	}
	return finding{answerIf(side > 0), price + " is over " + asked}
}

func answerIf(yes bool) classify.Answer {
	if yes {
		return classify.Yes
	}
	return classify.No
}

// off asks whether a discount is at least so many percent. One with a
// condition, or up to a bound, may not hold for what is wanted.
func off(o mail.Offer, percent int) finding {
	if percent == 0 {
		return finding{answer: classify.Yes}
	}
	got := discount(o)
	switch {
	case o.If != "":
		return finding{classify.Unknown, "its discount has a condition: " + clip(o.If, 60)}
	case got == 0:
		return finding{classify.Unknown, fmt.Sprintf("no discount is said to hold against %d%%", percent)}
	case got < percent:
		return finding{classify.No, fmt.Sprintf("%d%% off is less than %d%%", got, percent)}
	case o.UpTo:
		return finding{classify.Unknown, fmt.Sprintf("up to %d%% off, on what is not said", got)}
	}
	return finding{classify.Yes, fmt.Sprintf("%d%% off", got)}
}

// discount is what an offer says is off, or what its prices do; 0 if neither is said.
func discount(o mail.Offer) int {
	if o.Discount == 0 && o.Price != nil && o.Was != nil && o.Price.Currency == o.Was.Currency && o.Was.Minor > o.Price.Minor {
		return int((o.Was.Minor - o.Price.Minor) * 100 / o.Was.Minor)
	}
	return o.Discount
}

// live asks whether an offer had not ended when the message arrived.
func (h *hearing) live(o mail.Offer) finding {
	if !o.Ends.IsZero() && o.Ends.Before(h.arrived) {
		return finding{classify.No, "the offer ended on " + intents.DateOf(o.Ends).String()}
	}
	return finding{answer: classify.Yes}
}

// within asks whether a day lies in a window.
func within(w *intents.Window, day intents.Date) finding {
	switch {
	case w == nil || w.Holds(day):
		return finding{answer: classify.Yes}
	case day.Before(w.From):
		return finding{classify.No, "its window begins on " + w.From.String()}
	}
	return finding{classify.No, "its window ended on " + w.To.String()}
}

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

// offered asks the clauses about price and discount of each offer; one that
// meets all of them suffices.
func (h *hearing) offered(w *intents.Want, found []string) finding {
	offers := fitting(h.verdict.Offers, found)
	if len(offers) == 0 {
		offers = []mail.Offer{{}}
	}
	fs := make([]finding, len(offers))
	for i, o := range offers {
		fs[i] = all(h.live(o), under(o, w.Under), over(o, w.Over), off(o, w.Off))
	}
	return best(fs)
}

// fitting keeps the offers that name what is wanted, where any does: the socks
// at 9 EUR say nothing of the shoes.
func fitting(offers []mail.Offer, found []string) (fit []mail.Offer) {
	for _, o := range offers {
		name := strings.ToLower(o.Item)
		if slices.ContainsFunc(found, func(t string) bool { return t != "" && strings.Contains(name, strings.ToLower(t)) }) {
			fit = append(fit, o)
		}
	}
	if len(fit) == 0 {
		return offers
	}
	return fit
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
