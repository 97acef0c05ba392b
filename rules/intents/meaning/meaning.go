// Package meaning tells a person how a statement was understood. It never
// changes one.
package meaning

import (
	"fmt"
	"strings"

	"usher/rules/intents"
)

// Of says in one line what a statement's words were taken to mean, as "wants
// running shoes; not sandals; under 120 EUR"; "" for a statement whose words mean
// what they say.
func Of(s intents.Statement) string {
	switch s := s.(type) {
	case *intents.Want:
		return ofWant(s)
	case *intents.Refuse:
		return ofTopics("refuses ", s.Topics)
	case *intents.Mute:
		return ofTopics("mutes ", s.Topics)
	case *intents.Grant:
		return ofTopics("for ", s.For)
	}
	return ""
}

// Line is a statement as understood, and what its words were taken to mean.
type Line struct {
	Line    int
	Text    string
	Meaning string   `json:",omitempty"` // "" where it says no more than the text
	Unread  []string `json:",omitempty"` // what was not understood, and why
	Known   []string `json:",omitempty"` // words that are known by meaning
	Written []string `json:",omitempty"` // words that only match as they are written
}

// Lines gives every statement as understood, in the file's order.
func Lines(f *intents.File) []Line {
	var list []Line
	for _, s := range f.All {
		l := Line{Line: s.Source().Line, Text: s.String(), Meaning: Of(s)}
		if w, is := s.(*intents.Want); is {
			l.Unread = w.Unread
			l.Known, l.Written = w.Intent.Known()
		} else if !strings.Contains(l.Meaning, "; not ") && !strings.Contains(l.Meaning, "nothing") {
			l.Meaning = ""
		}
		list = append(list, l)
	}
	return list
}

// Matching says which words of a want are known by meaning, "" for other
// statements.
func (l Line) Matching() string {
	switch {
	case len(l.Known) > 0 && len(l.Written) > 0:
		return "known by meaning: " + strings.Join(l.Known, ", ") + "; matched as written: " + strings.Join(l.Written, ", ")
	case len(l.Known) > 0:
		return "all its words are known by meaning"
	case len(l.Written) > 0:
		return "matched by words only: meanings are known of English words"
	}
	return ""
}

func ofWant(w *intents.Want) string {
	topics, about, not := w.Intent.Understood()
	said := []string{"wants " + either(topics)}
	if len(about) > 0 {
		said = append(said, "also "+either(about))
	}
	if w.Off > 0 {
		said = append(said, fmt.Sprintf("at least %d%% off", w.Off))
	}
	if len(w.From) > 0 {
		said = append(said, "from "+either(w.From))
	}
	if len(w.Names) > 0 {
		said = append(said, "from "+either(w.Names))
	}
	if w.Over != nil {
		said = append(said, "over "+w.Over.String())
	}
	if w.Under != nil {
		said = append(said, "under "+w.Under.String())
	}
	if w.Code {
		said = append(said, "with a code")
	}
	if w.When != nil {
		said = append(said, "when "+w.When.String())
	}
	if w.Until != nil {
		said = append(said, "until "+w.Until.String())
	}
	for _, o := range w.Only {
		said = append(said, "only "+o.Text)
	}
	for _, n := range w.Needs {
		said = append(said, "only with "+n.String())
	}
	for _, n := range not {
		said = append(said, "not "+n)
	}
	for _, u := range w.Unread {
		words, _, _ := strings.Cut(u, ": ")
		said = append(said, "not counted: "+words)
	}
	return strings.Join(said, "; ")
}

func ofTopics(verb string, ts []intents.Topic) string {
	var topics, not []string
	for _, t := range ts {
		some, _, excluded := t.Intent.Understood()
		topics, not = append(topics, some...), append(not, excluded...)
	}
	if len(ts) == 0 {
		return ""
	}
	text := verb + either(topics)
	for _, n := range not {
		text += "; not " + n
	}
	return text
}

// either words topics of which one is enough.
func either(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, " or ")
}
