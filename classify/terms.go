package classify

import (
	"slices"
	"strings"
	"sync"

	"usher/classify/match"
	"usher/classify/words"
)

// terms gives what a message is about, as Serves and Sells look it up. It is
// read when it is first asked for: most mail is judged without.
type terms func() *match.Index

// newTerms keeps what is needed to read a message's words later.
func newTerms(r *reading, language string) terms {
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
	return sync.OnceValue(func() *match.Index {
		b := match.NewIndexer(language)
		b.Add(clip(subject, 2000), match.InTitle)
		for _, t := range titles {
			b.Add(t, match.InTitle)
		}
		for _, l := range links {
			if !phrases().any(words.Fold(l), unsub, view, legal, unsubLink) {
				b.Add(l, match.InLink)
			}
		}
		for line := range strings.Lines(withoutFooter(own)) {
			z := match.InBody
			if bare := strings.TrimSpace(line); len(bare) > 2 && len(bare) <= 60 && !strings.ContainsAny(bare[len(bare)-1:], ".,;:") {
				z = match.InHeading
			}
			b.Add(line, z)
		}
		return b.Finish()
	})
}

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
