// Package clauses asks what a message offers, and who sent it, the clauses of a
// want. What a message does not tell is unknown, never no; it never decides where
// mail goes.
package clauses

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

// Finding is an answer with its reason. No text: nothing to speak of.
type Finding struct {
	Answer classify.Answer
	Text   string
}

var met = Finding{Answer: classify.Yes}

// All is yes where every finding is, no where one is, else unknown. Its text is
// that of the findings with that answer.
func All(fs ...Finding) Finding {
	for _, a := range []classify.Answer{classify.No, classify.Unknown, classify.Yes} {
		var texts []string
		for _, f := range fs {
			if f.Answer == a && f.Text != "" {
				texts = append(texts, f.Text)
			}
		}
		if slices.ContainsFunc(fs, func(f Finding) bool { return f.Answer == a }) {
			return Finding{a, strings.Join(texts, ", ")}
		}
	}
	return met
}

// Best is the finding nearest to yes, the first of equals.
func Best(fs []Finding) Finding {
	for _, a := range []classify.Answer{classify.Yes, classify.Unknown} {
		if i := slices.IndexFunc(fs, func(f Finding) bool { return f.Answer == a }); i >= 0 {
			return fs[i]
		}
	}
	return fs[0]
}

// If is yes or no.
func If(yes bool) classify.Answer {
	if yes {
		return classify.Yes
	}
	return classify.No
}

// Under asks whether a price is at most a bound.
func Under(o mail.Offer, bound *mail.Money) Finding { return priced(o, bound, -1, "under") }

// Over asks whether a price is at least a bound.
func Over(o mail.Offer, bound *mail.Money) Finding { return priced(o, bound, 1, "over") }

// priced compares an offer's price with a bound, which belongs to the wanted
// side. Free is a price of 0 in any currency.
func priced(o mail.Offer, bound *mail.Money, side int, clause string) Finding {
	if bound == nil {
		return met
	}
	asked := bound.String()
	if o.Price == nil {
		return Finding{classify.Unknown, fmt.Sprintf("no price is told, so '%s %s' cannot be known", clause, asked)}
	}
	price := o.Price.String()
	switch {
	case o.Price.Minor == 0:
		price = "free"
	case o.Price.Currency != bound.Currency:
		return Finding{classify.Unknown, fmt.Sprintf("%s cannot be held against your %s", price, asked)}
	}
	if o.FromLow {
		price = "from " + price
	}
	switch {
	case o.Price.Minor == bound.Minor:
		return Finding{classify.Yes, price + " is just your " + asked}
	case o.Price.Minor < bound.Minor:
		return Finding{If(side < 0), price + " is under your " + asked}
	}
	return Finding{If(side > 0), price + " is over your " + asked}
}

// Off asks whether a discount is at least so many percent. One with a
// condition, or up to a bound, may not hold for what is wanted.
func Off(o mail.Offer, percent int) Finding {
	if percent == 0 {
		return met
	}
	got := Discount(o)
	upTo := ""
	if o.UpTo {
		upTo = "up to "
	}
	switch {
	case o.If != "":
		return Finding{classify.Unknown, "its discount has a condition: " + clip(o.If, 60)}
	case got == 0:
		return Finding{classify.Unknown, fmt.Sprintf("no discount is told, so 'off %d%%' cannot be known", percent)}
	case got < percent:
		return Finding{classify.No, fmt.Sprintf("%s%d%% off is less than your %d%%", upTo, got, percent)}
	case o.UpTo:
		return Finding{classify.Unknown, fmt.Sprintf("up to %d%% off is weaker than your %d%%: on what is not told", got, percent)}
	case got == percent:
		return Finding{classify.Yes, fmt.Sprintf("%d%% off is just your %d%%", got, percent)}
	}
	return Finding{classify.Yes, fmt.Sprintf("%d%% off is more than your %d%%", got, percent)}
}

// clip cuts a text to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// Discount is what an offer says is off, or what its prices do; 0 if neither is said.
func Discount(o mail.Offer) int {
	if o.Discount == 0 && o.Price != nil && o.Was != nil && o.Price.Currency == o.Was.Currency && o.Was.Minor > o.Price.Minor {
		return int((o.Was.Minor - o.Price.Minor) * 100 / o.Was.Minor)
	}
	return o.Discount
}

// Code asks for a code. That none is told does not say that there is none.
func Code(o mail.Offer, asked bool) Finding {
	switch {
	case !asked:
		return met
	case o.Code == "":
		return Finding{classify.Unknown, "no code is told"}
	}
	return Finding{classify.Yes, "with the code " + clip(o.Code, 40)}
}

// Live asks whether an offer had not ended when the message arrived.
func Live(o mail.Offer, arrived time.Time) Finding {
	if !o.Ends.IsZero() && o.Ends.Before(arrived) {
		return Finding{classify.No, "the offer ended on " + intents.DateOf(o.Ends).String()}
	}
	return met
}

// Within asks whether a day lies in a window.
func Within(w *intents.Window, day intents.Date) Finding {
	switch {
	case w == nil || w.Holds(day):
		return met
	case day.Before(w.From):
		return Finding{classify.No, "its window begins on " + w.From.String()}
	}
	return Finding{classify.No, "its window ended on " + w.To.String()}
}
