package classify

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"

	"usher/classify/match"
)

// Bounds of what is given to the tagger, which is slow on hostile text and
// panics on bytes that are no UTF-8.
const (
	maxTagged = 1000 // bytes of an intent that are read
	maxToken  = 64   // bytes of one word
)

// tagger is the model that all calls share: making one takes a fifth of a
// second.
var tagger = sync.OnceValue(func() *prose.Model {
	doc, err := prose.NewDocument("a", prose.WithSegmentation(false), prose.WithExtraction(false))
	if err != nil {
		return nil
	}
	return doc.Model
})

// Warm reads what is read once, so that the first message need not wait for it.
func Warm() { tag("warm") }

// tag parts an intent into words with their parts of speech. It never fails:
// without the tagger the words have no tags.
func tag(text string) (list []match.Tagged) {
	text = strings.ToValidUTF8(clip(text, maxTagged), " ")
	var short []string
	for _, w := range strings.Fields(spaceRuns(text)) {
		if len(w) <= maxToken {
			short = append(short, w)
		}
	}
	text = strings.Join(short, " ")
	defer func() {
		if recover() != nil {
			list = untagged(short)
		}
	}()
	model := tagger()
	if model == nil || !utf8.ValidString(text) {
		return untagged(short)
	}
	doc, err := prose.NewDocument(text, prose.UsingModel(model), prose.WithSegmentation(false), prose.WithExtraction(false))
	if err != nil {
		return untagged(short)
	}
	for _, t := range doc.Tokens() {
		list = append(list, match.Tagged{Text: t.Text, Tag: t.Tag})
	}
	return list
}

func untagged(texts []string) (list []match.Tagged) {
	for _, w := range texts {
		list = append(list, match.Tagged{Text: w})
	}
	return list
}

// spaceRuns sets punctuation apart and keeps one of each run: the tagger takes
// seconds over thousands of brackets.
func spaceRuns(text string) string {
	var b strings.Builder
	var last rune
	for _, r := range text {
		switch {
		case strings.ContainsRune("()[]{}<>\"!?;,", r):
			if r != last {
				b.WriteRune(' ')
				b.WriteRune(r)
				b.WriteRune(' ')
			}
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}
