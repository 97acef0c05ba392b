package words

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// stemmers by ISO 639-1 code.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"da": danish.Stem, "nl": dutch.Stem, "en": english.Stem, "fi": finnish.Stem, "fr": french.Stem, "de": german.Stem,
	"hu": hungarian.Stem, "it": italian.Stem, "no": norwegian.Stem, "pt": portuguese.Stem, "ro": romanian.Stem,
	"ru": russian.Stem, "es": spanish.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// maxWord bounds the words that are stemmed, in bytes.
const maxWord = 64

// Stemmer stems the words of one language, and remembers those it has met. It
// is not safe for use by several goroutines.
type Stemmer struct {
	stem func(*snowballstem.Env) bool
	env  *snowballstem.Env
	met  map[string]string
}

// StemmedAs is the language as which words of a language are stemmed: English
// for one without a stemmer.
func StemmedAs(language string) string {
	if _, ok := stemmers[language]; ok {
		return language
	}
	return "en"
}

// NewStemmer returns a stemmer for a language. A language without one is
// stemmed as English, so that two texts are still stemmed alike.
func NewStemmer(language string) *Stemmer {
	return &Stemmer{stem: stemmers[StemmedAs(language)], env: snowballstem.NewEnv(""), met: map[string]string{}}
}

// Stem returns the folded stem of a word as it was written.
func (s *Stemmer) Stem(word string) string {
	if len(word) > maxWord {
		return ""
	}
	if stem, ok := s.met[word]; ok {
		return stem
	}
	s.env.SetCurrent(strings.ToLower(word))
	s.stem(s.env)
	stem := Fold(s.env.Current())
	s.met[word] = stem
	return stem
}
