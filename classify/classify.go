package classify

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"usher/classify/mail"
	"usher/classify/model"
)

// Model judges messages. It is immutable: any number of goroutines may share it.
type Model struct{ weights *model.Weights }

// New returns the model that ships with the program.
func New() *Model { return &Model{model.Shipped()} }

// With returns a model with the given weights.
func With(w *model.Weights) *Model { return &Model{w} }

// Classify gives a verdict on a message; it never fails. A nil message counts
// as an empty one. It takes time linear in the message.
func (m *Model) Classify(o *mail.Object) *Verdict {
	o = whole(o)
	r := read(o)
	seen := r.observed(m.weights.Learned)
	language := r.language()
	v := &Verdict{
		Offers:   r.m.Offers,
		Language: language,
		Provider: r.provider,
		P:        m.weights.P(seen),
	}
	v.terms, v.topic = newTerms(r, language)
	least := v.settle(m.weights.Low)
	v.Knows, v.Tagged = r.seen.Signs(r.said(v.Category)), r.tagged
	v.Evidence = m.evidence(r, v.Category)
	if likely := v.likelier(); !v.Low() && v.Lowering() > 0.5 {
		v.Evidence = slices.Insert(v.Evidence, 0, Evidence{Code: Unsure, For: likely,
			Text: fmt.Sprintf("looks like a %s (%.0f %%); nothing below %.0f %% leaves the inbox", likely, 100*v.Lowering(), 100*least)})
	}
	for _, c := range r.m.Conflicts[:min(len(r.m.Conflicts), 1)] {
		v.Evidence = slices.Insert(v.Evidence, 0, Evidence{Code: Conflict, For: v.Category, Text: c.String()})
	}
	v.Kinds = r.kinds(v)
	v.Summary = summary(o, v.Category)
	return v
}

// Unsure is the code of the evidence that a message was kept as needed mail to
// be safe, where another kind is likelier.
const Unsure = "unsure"

// Conflict is the code of the evidence that markup claims a price which the visible
// text does not have.
const Conflict = "markup_conflict"

// Observe gives what Classify weighs: the signs and all words of a message.
func Observe(o *mail.Object) *model.Found {
	return read(whole(o)).observed(func(uint32) bool { return true })
}

// observed lists the signs that were found, and the words that count.
func (r *reading) observed(counts func(key uint32) bool) *model.Found {
	f := &model.Found{Signs: make([]int, 0, len(r.found)), Words: r.keys(counts)}
	for _, s := range r.found {
		if at := model.Place(s.code); at >= 0 && !slices.Contains(f.Signs, at) {
			f.Signs = append(f.Signs, at)
		}
	}
	return f
}

// evidence words the signs, strongest first. A sign that speaks for two
// categories alike is told for the one that was found.
func (m *Model) evidence(r *reading, found Category) []Evidence {
	at := slices.Index(Categories[:], found)
	list := make([]Evidence, 0, len(r.found))
	for _, f := range r.found {
		place := model.Place(f.code)
		if place < 0 {
			continue
		}
		weights := m.weights.Signs[place]
		i := strongest(weights)
		if weights[at] == weights[i] {
			i = at
		}
		text := strings.Replace(model.Signs()[place].Sentence, "%s", f.shown, 1)
		list = append(list, Evidence{Code: f.code, For: Categories[i], Weight: weights[i], Text: text})
	}
	slices.SortStableFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// strongest is the category of which a sign says most, for or against.
func strongest(weights [model.Classes]float64) int {
	best := 0
	for i, w := range weights {
		if math.Abs(w) > math.Abs(weights[best]) {
			best = i
		}
	}
	return best
}

// likelier is the one of newsletter and promotion that the message rather is.
func (v *Verdict) likelier() Category {
	if v.P[model.Promotion] > v.P[model.Newsletter] {
		return Promotion
	}
	return Newsletter
}

// settle names the category so that category and filing never disagree: one of
// the two that may be lowered only if Lowering reaches least, their threshold.
func (v *Verdict) settle(low model.Thresholds) (least float64) {
	least = low.Newsletter
	if v.likelier() == Promotion {
		least = low.Promotion
	}
	from, to := 0, model.Newsletter
	switch {
	case v.Lowering() >= least:
		from, to = model.Newsletter, model.Classes
	case v.Lowering() > 0.5:
		from, to = 1, 3 // rather bulk, but not surely: no person's letter, no discussion
	}
	best := from
	for i := from; i < to; i++ {
		if v.P[i] > v.P[best] {
			best = i
		}
	}
	v.Category, v.Confidence = Categories[best], v.P[best]
	return least
}

// whole gives an object with a message, empty if there is none.
func whole(o *mail.Object) *mail.Object {
	if o == nil {
		o = &mail.Object{}
	}
	if o.Message == nil {
		with := *o
		with.Message = &mail.Message{}
		return &with
	}
	return o
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
