package classify

import (
	"strings"
	"unicode/utf8"

	"usher/classify/words"
)

// errands finds nouns of business in subjects: "password", "Rechnung". An entry
// may end in "*", for languages that inflect; in scripts without blanks it is
// found anywhere.
type errands struct {
	starts   map[string][]string // entries by their first three bytes
	anywhere []string
}

func (e *errands) add(text string) {
	entry := strings.TrimSpace(text)
	entry, open := strings.CutSuffix(entry, "*")
	entry = words.Fold(entry)
	if len(entry) < 3 {
		return
	}
	first, _ := utf8.DecodeRuneInString(entry)
	if words.Unspaced(first) {
		e.anywhere = append(e.anywhere, entry)
		return
	}
	if open {
		entry += "*"
	}
	if e.starts == nil {
		e.starts = map[string][]string{}
	}
	e.starts[entry[:3]] = append(e.starts[entry[:3]], entry)
}

// in gives the first entry that stands in a folded subject, to the end of its
// last word, or "". The subject is short, and each of its words meets a handful
// of entries.
func (e *errands) in(subject string) string {
	for i := 0; i < len(subject); {
		start, end := words.Next(subject, i)
		if start == len(subject) {
			break
		}
		for _, entry := range e.starts[subject[start:min(len(subject), start+3)]] {
			text, open := strings.CutSuffix(entry, "*")
			if !strings.HasPrefix(subject[start:], text) {
				continue
			}
			stop := start + len(text)
			for stop < len(subject) {
				next, size := utf8.DecodeRuneInString(subject[stop:])
				if !words.InWord(next) {
					break
				}
				stop += size
			}
			if open || stop == start+len(text) {
				return subject[start:stop]
			}
		}
		i = end
	}
	for _, entry := range e.anywhere {
		if strings.Contains(subject, entry) {
			return entry
		}
	}
	return ""
}
