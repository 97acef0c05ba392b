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

// Fitting keeps the offers that are what is wanted, as a person would read a mail
// of many things: those that are named as the want names it, where any is; else
// those that are not named at all, where any is priced: the price of the subject
// before those of the text, for it is the headline's. It is not sure where it can
// tell none apart from the others.
func Fitting(i *classify.Intent, v *classify.Verdict) (offers []mail.Offer, sure bool) {
	if len(v.Offers) < 2 {
		return v.Offers, true
	}
	const alike = 0.8 // of the best: "trail shoes" beside "road shoes"
	scores, best := make([]classify.Relevance, len(v.Offers)), classify.Relevance{}
	for n, o := range v.Offers {
		if o.Item == "" {
			continue
		}
		scores[n] = classify.ItemServes(i, o.Item, v.Language)
		if scores[n].Score > best.Score {
			best = scores[n]
		}
	}
	keep := func(is func(n int) bool) (kept []mail.Offer) {
		for n, o := range v.Offers {
			if is(n) {
				kept = append(kept, o)
			}
		}
		return kept
	}
	if best.Answer() != classify.No {
		return keep(func(n int) bool { return scores[n].Score >= alike*best.Score }), true
	}
	headline := func(n int) bool { return v.Offers[n].Item == "" && v.Offers[n].Source == "subject" }
	if kept := keep(headline); slices.ContainsFunc(kept, isPriced) {
		return kept, true
	}
	unnamed := keep(func(n int) bool { return v.Offers[n].Item == "" })
	if slices.ContainsFunc(unnamed, isPriced) {
		return unnamed, true
	}
	return v.Offers, len(keep(func(n int) bool { return isPriced(v.Offers[n]) })) < 2
}

func isPriced(o mail.Offer) bool { return o.Price != nil }

// Offered asks the clauses about price, discount and code of each offer that is
// what is wanted; one that meets all of them suffices. Where it is not told which
// offer that is, they must agree.
func Offered(w *intents.Want, v *classify.Verdict, arrived time.Time) Finding {
	offers, sure := Fitting(w.Intent, v)
	if len(offers) == 0 {
		offers = []mail.Offer{{}}
	}
	coded := offers[0] // a code is often for all that a mail offers
	if i := slices.IndexFunc(v.Offers, func(o mail.Offer) bool { return o.Code != "" && Live(o, arrived) == met }); i >= 0 {
		coded = v.Offers[i]
	}
	if w.Under != nil || w.Over != nil {
		offers = pricedAlone(offers)
	}
	fs := make([]Finding, len(offers))
	for i, o := range offers {
		fs[i] = All(Live(o, arrived), Under(o, w.Under), Over(o, w.Over), Off(o, w.Off), Code(coded, w.Code))
	}
	best := Best(fs)
	if best.Answer != classify.Yes || !slices.ContainsFunc(fs, func(f Finding) bool { return f.Answer == classify.No }) {
		return best
	}
	low, high := priceRange(offers)
	if low == nil || w.Under == nil && w.Over == nil || sure && (offers[0].Item != "" || high.Minor < apart*low.Minor) {
		return best
	}
	return Finding{classify.Unknown, fmt.Sprintf("of prices from %s to %s, which is for your want is not told", low, high)}
}

// apart is how many times dearer one thing is than another for them to be of two
// kinds: headphones and their cable, shoes and polish.
const apart = 3

// pricedAlone leaves out, where any offer has a price, those that have none: what
// they say is off goes to those that say nothing of it.
func pricedAlone(offers []mail.Offer) (priced []mail.Offer) {
	var off mail.Offer
	for _, o := range offers {
		if isPriced(o) {
			priced = append(priced, o)
		} else if off.Discount == 0 {
			off = o
		}
	}
	if len(priced) == 0 {
		return offers
	}
	for i, o := range priced {
		if Discount(o) == 0 {
			priced[i].Discount, priced[i].UpTo, priced[i].If = off.Discount, off.UpTo, off.If
		}
	}
	return priced
}

// priceRange is the lowest and the highest price, in the currency of the first.
func priceRange(offers []mail.Offer) (low, high *mail.Money) {
	for _, o := range offers {
		switch p := o.Price; {
		case p == nil || low != nil && p.Currency != low.Currency:
		case low == nil:
			low, high = p, p
		case p.Minor < low.Minor:
			low = p
		case p.Minor > high.Minor:
			high = p
		}
	}
	return low, high
}

// From asks whether the mail is from one of the names, or about one. The sender is
// proven; of a name only its domain is proof, so who merely calls itself so, or
// mentions it, is unknown.
func From(names []string, id mail.Identity, v *classify.Verdict) Finding {
	if len(names) == 0 {
		return met
	}
	best := Finding{classify.No, "neither from " + strings.Join(names, " or ") + " nor about it"}
	for _, n := range names {
		switch {
		case sameName(n, label(id.Brand())):
			return Finding{classify.Yes, "from " + id.Brand()}
		case named(n, v):
			return Finding{classify.Yes, "it names " + n}
		case strings.Contains(plain(id.Name), plain(n)):
			best = Finding{classify.Unknown, fmt.Sprintf("%s calls itself %s", id.Brand(), clip(id.Name, 40))}
		case best.Answer == classify.No && v.Sells(classify.Compile(n, nil, nil)).Score > 0:
			best = Finding{classify.Unknown, "it only mentions " + n}
		}
	}
	return best
}

// named reports whether a message is about a name, or offers it.
func named(name string, v *classify.Verdict) bool {
	for _, o := range v.Offers {
		if sameName(name, o.Brand) || holds(o.Item, name) {
			return true
		}
	}
	return v.Sells(classify.Compile(name, nil, nil)).Answer() == classify.Yes
}

// holds reports whether a text has a name as words of its own.
func holds(text, name string) bool {
	list, asked := strings.Fields(strings.ToLower(text)), strings.Fields(strings.ToLower(name))
	for i := 0; i+len(asked) <= len(list); i++ {
		if slices.EqualFunc(list[i:i+len(asked)], asked, func(a, b string) bool { return strings.Trim(a, ".,:;!()®™") == b }) {
			return len(asked) > 0
		}
	}
	return false
}

// label is what a domain is called: "zalando" of zalando.co.uk.
func label(domain string) string {
	first, _, _ := strings.Cut(domain, ".")
	return first
}

// plain leaves letters and digits, lower case: "Jack Wolfskin" is jack-wolfskin.de.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_'’.&", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func sameName(a, b string) bool { return plain(a) != "" && plain(a) == plain(b) }

// Only asks for what the message must say as well. What it does not say is unknown.
func Only(asked []intents.Topic, v *classify.Verdict) Finding {
	fs := []Finding{met}
	for _, o := range asked {
		if v.Serves(o.Intent).Answer() == classify.Yes {
			fs = append(fs, Finding{classify.Yes, "it says " + o.Text})
		} else {
			fs = append(fs, Finding{classify.Unknown, "'only " + o.Text + "' cannot be known: it is not told"})
		}
	}
	return All(fs...)
}
