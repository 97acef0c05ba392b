package classify

import (
	"slices"
	"strings"
	"sync"

	"usher/classify/match"
	"usher/classify/topic"
	"usher/classify/words"
)

// terms gives what a message is about, as Serves and Sells look it up. It is
// read when it is first asked for: most mail is judged without.
type terms func() *match.Index

// newTerms keeps what is needed to read a message's words later, for what it is about
// and for its topic.
func newTerms(r *reading, language string) (of terms, about func() string) {
	subject, own := r.m.Subject, r.own
	if strings.TrimSpace(own) == "" {
		own = clip(r.m.Text, maxOwn)
	}
	var titles, links []string
	for _, o := range r.m.Offers {
		titles = append(titles, clip(o.Item, 300))
	}
	for _, l := range r.m.Links[:min(len(r.m.Links), 300)] {
		if n := len(l.Text); n > 0 && n <= 200 {
			links = append(links, l.Text)
		}
	}
	each := func(add func(text string, z match.Zone)) {
		add(clip(subject, 2000), match.InTitle)
		for _, t := range titles {
			add(t, match.InTitle)
		}
		for _, l := range links {
			if !phrases().any(words.Fold(l), unsub, view, legal, unsubLink) {
				add(l, match.InLink)
			}
		}
		for line := range strings.Lines(withoutFooter(own)) {
			z := match.InBody
			if bare := strings.TrimSpace(line); len(bare) > 2 && len(bare) <= 60 && !strings.ContainsAny(bare[len(bare)-1:], ".,;:") {
				z = match.InHeading
			}
			add(line, z)
		}
	}
	of = sync.OnceValue(func() *match.Index {
		b := match.NewIndexer(language)
		each(b.Add)
		return b.Finish()
	})
	about = sync.OnceValue(func() string {
		r := topic.NewReader(language)
		each(func(text string, z match.Zone) { r.Add(text, heard[z]) })
		return r.Topic()
	})
	return of, about
}

// heard is how much a word counts for the topic of a message, by where it stands.
var heard = [...]float64{match.InTitle: topic.InSubject, match.InLink: topic.InLink, match.InHeading: topic.InText, match.InBody: topic.InText}

// withoutFooter drops the lines that every mailing has: how to unsubscribe, the
// version for the browser, the small print. From the first line that tells how
// to unsubscribe in the last part of a text, all is footer.
func withoutFooter(text string) string {
	var b strings.Builder
	book, at := phrases(), 0
	for line := range strings.Lines(text) {
		at += len(line)
		if len(line) <= 400 && book.any(words.Fold(line), unsub, view, whyYou, legal) {
			if at > len(text)/2 && b.Len() > 0 {
				return b.String()
			}
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// any reports whether a phrase of one of the classes stands in folded text.
func (b *phraseBook) any(s string, of ...class) bool {
	for i := 0; i < len(s); {
		start, end := words.Next(s, i)
		if start == len(s) {
			return false
		}
		for _, p := range b.beginning(words.Hash(s[start:end])) {
			if slices.Contains(of, p.class) && p.at(s, start) {
				return true
			}
		}
		i = end
	}
	return false
}
