package match

import "usher/classify/vectors"

// Score is how well a message answers an intent.
type Score struct {
	Value float64  // 0 to 1
	Terms []string // words of the message that answer it, sorted: those of the intent, or others that mean much the same
	Alike []Alike  // the latter
}

// Alike is a word of an intent, and the word of the message that stands for it.
type Alike struct{ Wanted, Found string }

// add names a word by which an intent is served.
func (s *Score) add(word string) {
	if s != nil {
		s.Terms = append(s.Terms, word)
	}
}

// addAlike names a word that stands for one of the intent.
func (s *Score) addAlike(wanted string, found vectors.Word) {
	if s != nil {
		s.Terms, s.Alike = append(s.Terms, found.String()), append(s.Alike, Alike{wanted, found.String()})
	}
}

// become takes the words of another score, join adds them.
func (s *Score) become(o *Score) {
	if s != nil {
		s.Terms, s.Alike = o.Terms, o.Alike
	}
}

func (s *Score) join(o *Score) {
	if s != nil {
		s.Terms, s.Alike = append(s.Terms, o.Terms...), append(s.Alike, o.Alike...)
	}
}
