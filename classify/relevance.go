package classify

import (
	"strings"
	"sync"

	"usher/classify/match"
)

// Bars of Relevance.Score, set by hand against graded mail.
const (
	yesBar     = 0.6
	unknownBar = 0.35
)

// How tells what a reader of the intent would not see: which words of the message
// stand for its words ("trail ~ off-road"), or that none could.
func (r Relevance) How() string {
	if r.WordsOnly {
		return "by its words only"
	}
	var list []string
	for _, a := range r.Alike {
		list = append(list, a.Wanted+" ~ "+a.Found)
	}
	return strings.Join(list, ", ")
}

// Answer tells what a score means: Yes at or above a bar, Unknown in a band
// beneath it, No else.
func (r Relevance) Answer() Answer {
	switch {
	case r.Score >= yesBar:
		return Yes
	case r.Score >= unknownBar:
		return Unknown
	}
	return No
}

// Intent is what a person wants, or does not want, as messages are matched
// against it. It is immutable.
type Intent = match.Intent

// Compile reads an intent: its text, further topics (about) and topics that
// rule a message out (not). Commas, "or" and "and" part topics; "no" and
// "without" turn what follows into an exclusion. It never fails; what it cannot
// read matches nothing.
func Compile(text string, about, not []string) *Intent {
	return match.Compile(tag, text, about, not)
}

// Serves tells how well the message serves the intent. A message that is about
// an excluded topic scores 0.
func (v *Verdict) Serves(i *Intent) Relevance {
	if v.terms == nil {
		return Relevance{}
	}
	s := v.terms().Serves(i)
	return Relevance{Score: s.Value, Terms: s.Terms, Alike: s.Alike, WordsOnly: s.Value > 0 && v.terms().WordsOnly()}
}

// ItemServes tells how well what an offer is named serves the intent, as Serves does
// of a message that has nothing else.
func ItemServes(i *Intent, item, language string) Relevance {
	b := match.NewIndexer(language)
	b.Add(item, match.InTitle)
	s := b.Finish().Serves(i)
	return Relevance{Score: s.Value, Terms: s.Terms}
}

// Sells tells whether the message sells, or is mainly about, the topic. It is
// stricter than Serves: a mention, a disclaimer or a footer is not enough.
func (v *Verdict) Sells(i *Intent) Relevance {
	if v.terms == nil {
		return Relevance{}
	}
	s := v.terms().Sells(i)
	return Relevance{Score: s.Value, Terms: s.Terms}
}

// Words are what a message was about, hashed, as they may be kept.
type Words = match.Features

// ReadWords reads what Words.Append wrote.
func ReadWords(b []byte) (Words, error) { return match.ReadFeatures(b) }

// Words gives the words by which Serves and Sells answer, but for those of the
// title: the subject and the names of things offered.
func (v *Verdict) Words() (w Words) {
	if v.terms != nil {
		w = v.terms().Features()
	}
	return w
}

// Recall lets a verdict answer Serves and Sells again, from kept words and the
// title, its texts in their order.
func (v *Verdict) Recall(w Words, title []string) {
	v.terms = sync.OnceValue(func() *match.Index { return match.FromFeatures(w, title...) })
}

// Finder tells which of many intents a message can have to do with.
type Finder = match.Finder

// NewFinder reads the intents of one person, which takes some 0.1 ms for each of
// their texts.
func NewFinder(intents []*Intent) *Finder { return match.NewFinder(intents) }

// Near are the intents of a Finder with which a message can have to do.
type Near = match.Near

// Near finds the intents of a Finder with which the message can have to do: Serves
// and Sells answer no for the others. It is nil where that cannot be told without
// asking.
func (v *Verdict) Near(f *Finder) *Near {
	if v.terms == nil || f == nil {
		return nil
	}
	return v.terms().Near(f)
}
