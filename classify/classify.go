package classify

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"usher/classify/mail"
	"usher/classify/words"
)

// Threshold is the least Verdict.Lowering at which a message may be filed below
// the inbox. It was set by hand so that needed mail is kept: lowering one needed
// message costs more than missing a hundred promotions.
const Threshold = 0.6

// Model judges messages. It is immutable: any number of goroutines may share it.
type Model struct {
	signs map[string]*sign
}

// New returns the model with the weights that ship with the program.
func New() *Model { return &Model{signs: shippedSigns()} }

// Classify gives a verdict on a message; it never fails. A nil message counts
// as an empty one. It takes time linear in the message.
func (m *Model) Classify(o *mail.Object) *Verdict {
	if o == nil {
		o = &mail.Object{}
	}
	if o.Message == nil {
		whole := *o
		whole.Message = &mail.Message{}
		o = &whole
	}
	r := read(o)
	language := words.Language(r.m.Subject + "\n" + r.own)
	v := &Verdict{
		Offers:   r.m.Offers,
		Language: language,
		Provider: r.provider,
		P:        m.probabilities(r),
		terms:    newTerms(r, language),
	}
	v.settle()
	v.Knows = r.seen.Signs(r.said(v.Category))
	v.Evidence = m.evidence(r, v.Category)
	v.Kinds = r.kinds(v)
	v.Summary = summary(o, v.Category)
	return v
}

// mostCarriage bounds what the signs of carriage say together, such as a
// header to unsubscribe by, a footer and a pixel: a mail provider puts them all
// on a receipt as on an offer, so that ten of them tell little more than three.
const mostCarriage = 5

// torn is how far newsletter or promotion must lead over transactional and
// notification before a mail that tells of business is called one of them.
const torn = 2

// probabilities weighs the signs, in the order of questions: what must never
// go lower, what is bulk, what sells.
func (m *Model) probabilities(r *reading) [6]float64 {
	sums := m.signs["prior"].weights
	var carriage [6]float64
	groups := map[string]bool{} // that speak for promotion
	for _, f := range r.found {
		s := m.signs[f.code]
		if s == nil {
			continue
		}
		into := &sums
		if s.carriage {
			into = &carriage
		}
		for i, w := range s.weights {
			into[i] += w
		}
		switch {
		case s.weights[5] <= 0:
		case s.group == "subject": // words of the mail, as those of its body are
			groups["body"] = true
		default:
			groups[s.group] = true
		}
	}
	share := min(1, mostCarriage/max(mostCarriage, carriage[4], carriage[5]))
	for i, w := range carriage {
		sums[i] += w * share
	}
	if len(groups) < 2 {
		// One group alone, the words of a mail or its header, makes no promotion.
		sums[5] = min(sums[5], slices.Max(sums[:4])-1)
	}
	lead, best := max(sums[4], sums[5]), 1
	if sums[2] > sums[1] {
		best = 2
	}
	switch {
	case !r.pitches():
		// That it went to many is all that is known: it stays in the inbox.
		sums[best] = max(sums[best], lead+0.5)
	case r.business() && sums[best] > lead-torn:
		// Torn between business done and an offer: it stays in the inbox.
		sums[best] = max(sums[best], lead+0.5)
	}
	return softmax(sums)
}

// evidence words the signs, strongest first. A sign that speaks for two
// categories alike is told for the one that was found.
func (m *Model) evidence(r *reading, found Category) []Evidence {
	at := slices.Index(Categories[:], found)
	list := make([]Evidence, 0, len(r.found))
	for _, f := range r.found {
		s := m.signs[f.code]
		if s == nil {
			continue
		}
		i := s.strongest()
		if s.weights[at] == s.weights[i] {
			i = at
		}
		text := strings.Replace(s.sentence, "%s", f.shown, 1)
		list = append(list, Evidence{Code: f.code, For: Categories[i], Weight: s.weights[i], Text: text})
	}
	slices.SortStableFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// settle names the category so that category and filing never disagree: one of
// the two that may be lowered only if Lowering reaches Threshold.
func (v *Verdict) settle() {
	from, to := 0, 4
	if v.Lowering() >= Threshold {
		from, to = 4, 6
	}
	best := from
	for i := from; i < to; i++ {
		if v.P[i] > v.P[best] {
			best = i
		}
	}
	v.Category, v.Confidence = Categories[best], v.P[best]
}

// kinds lists the transactional kinds of a message that is not bulk.
func (r *reading) kinds(v *Verdict) (list []string) {
	switch v.Category {
	case Personal:
		list = append(list, "people")
	case List, Newsletter, Promotion:
		return nil
	}
	for _, k := range kinds {
		if r.inSubject.has(k.class) || v.Category == Transactional && r.inOwn.kinds[k.class] >= 2 || k.class == kindAppointment && r.has("calendar") {
			list = append(list, k.name)
		}
	}
	if r.has("code") && !slices.Contains(list, "security codes") {
		list = append(list, "security codes")
	}
	return list
}
