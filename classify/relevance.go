package classify

// Bars of Relevance.Score.
const (
	yesBar     = 0.6
	unknownBar = 0.35
)

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
type Intent struct{}

// Compile reads an intent: its text, further topics (about) and topics that
// rule a message out (not). It never fails; what it cannot read matches nothing.
func Compile(text string, about, not []string) *Intent { return &Intent{} }

// Serves tells how well the message serves the intent.
func (v *Verdict) Serves(i *Intent) Relevance { return Relevance{} }

// Sells tells whether the message sells, or is mainly about, the topic. It is
// stricter than Serves: a mention, a disclaimer or a footer is not enough.
func (v *Verdict) Sells(i *Intent) Relevance { return Relevance{} }
