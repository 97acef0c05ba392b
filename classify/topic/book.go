package topic

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"usher/classify/vectors"
	"usher/classify/words"
)

//go:embed words.txt
var file string

// book holds the words of the topics.
type book struct {
	words map[string]map[string]set // by language, folded
	stems map[string]map[string]set // by language, their stems
	whole map[string]set            // of all languages, folded
	lines []line                    // of English

	meant []atomic.Uint32 // what meaning has told, by the word's place
}

// line is what some words of a topic mean together.
type line struct {
	topic int
	sum   vectors.Sum
}

// weak marks a word that is said elsewhere too.
const weak = named

const (
	leastPart = 5  // letters of a word that begins or ends a longer one
	leastStem = 4  // letters of what is left of a word without its endings
	maxRunes  = 12 // of a word in a script without blanks
)

var shipped = sync.OnceValue(func() *book { return read(file) })

// read reads a file of words: a topic in brackets, and lines of "language: words".
func read(file string) *book {
	b := &book{stems: map[string]map[string]set{}, words: map[string]map[string]set{}, whole: map[string]set{}, meant: make([]atomic.Uint32, vectors.Len())}
	stemmers := map[string]*words.Stemmer{}
	topic := -1
	for text := range strings.Lines(file) {
		text = strings.TrimSpace(text)
		if name, ok := strings.CutPrefix(text, "["); ok {
			if topic = slices.Index(All[:], strings.TrimSuffix(name, "]")); topic < 0 {
				topic = weak
			}
			continue
		}
		languages, list, ok := strings.Cut(text, ": ")
		if !ok || strings.HasPrefix(text, "#") {
			continue
		}
		for language := range strings.SplitSeq(languages, ",") {
			if b.stems[language] == nil {
				b.stems[language], b.words[language] = map[string]set{}, map[string]set{}
				stemmers[language] = words.NewStemmer(language)
			}
			for word := range strings.FieldsSeq(list) {
				folded := words.Fold(word)
				if stem := stemmers[language].Stem(word); len(stem) >= leastStem && topic != weak {
					b.stems[language][stem] |= 1 << topic
				}
				b.words[language][folded] |= 1 << topic
				b.whole[folded] |= 1 << topic
			}
		}
		if languages == "en" && topic != weak {
			b.lines = append(b.lines, line{topic, sum(list)})
		}
	}
	return b
}

// of tells what a word of a language speaks for, as it is written, else by its stem,
// in English only in the plural: "saved" is no savings.
func (b *book) of(language, folded, stem string) set {
	own := b.words[language]
	if t := own[folded]; t != 0 || language == "en" && len(folded) < leastStem {
		return t
	}
	if language != "en" {
		return b.stems[language][stem]
	}
	if one, ok := strings.CutSuffix(folded, "s"); ok {
		return own[one]
	}
	return own[folded+"s"]
}

// sum adds what words mean, each as much as any.
func sum(list string) (s vectors.Sum) {
	for word := range strings.FieldsSeq(list) {
		if w, ok := vectors.Find(words.Fold(word)); ok {
			s.Add(w, 1/w.Length())
		}
	}
	return s.Unit()
}

// part tells what a word speaks for by the longest word of the language that it
// ends with, else begins with.
func (b *book) part(folded, language string) votes {
	own := b.words[language]
	for n := 1; n <= len(folded)-leastPart; n++ {
		if t := own[folded[n:]]; t != 0 {
			return share(t, endsWith)
		}
	}
	for n := len(folded) - 1; n >= leastPart; n-- {
		if t := own[folded[:n]]; t != 0 {
			return share(t, beginsWith)
		}
	}
	return votes{}
}

// meaning tells what an English word speaks for by what it means: it is that of the
// nearest line. It takes some 3 µs when a word is first met, so it is remembered.
func (b *book) meaning(folded string) votes {
	w, ok := vectors.Find(folded)
	if !ok || w.Rank() < common {
		return votes{}
	}
	if kept := b.meant[w].Load(); kept != 0 {
		return votes{set(kept >> 16), float64(kept&math.MaxUint16) / math.MaxUint16}
	}
	var of vectors.Sum
	of.Add(w, 1/w.Length())
	best, nearest := vectors.NearEnough, 0
	for i := range b.lines {
		if c := b.lines[i].sum.Dot(&of); c > best {
			best, nearest = c, i
		}
	}
	weight := alike * min(1, 2*(best-vectors.NearEnough)/(1-vectors.NearEnough)) * vectors.Weight(w.Rank())
	kept := uint32(1)<<b.lines[nearest].topic<<16 | uint32(weight*math.MaxUint16)
	b.meant[w].Store(kept)
	return votes{set(kept >> 16), float64(kept&math.MaxUint16) / math.MaxUint16}
}
