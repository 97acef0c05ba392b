package digest

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("digest").Parse(pageText))

// Act is what a link in the digest leads to.
type act struct{ URL, Name string }

// acts are what may be done about an entry by a link, by the word of an answer.
var acts = []struct{ word, name string }{{"inbox", "To my inbox"}, {"receipt", "It is a receipt"}, {"refuse", "Never again"}}

// shown is an entry as the page has it.
type shown struct {
	Entry
	Acts []act
}

// HTML writes the digest as a page without pictures, scripts or anything from
// elsewhere, for narrow screens and wide ones, light and dark.
func (e *Edition) HTML(how How) (string, error) {
	type section struct {
		Title, More string
		Entries     []shown
	}
	var sections []section
	for _, s := range e.Sections {
		of := section{Title: s.Title, More: s.More}
		for _, x := range s.Entries {
			of.Entries = append(of.Entries, shown{x, how.acts(x)})
		}
		sections = append(sections, of)
	}
	var b strings.Builder
	err := page.Execute(&b, map[string]any{
		"Subject": e.Subject(), "Fault": e.Fault, "Since": e.Since(), "Share": e.Share(), "Sections": sections,
		"Learnt": e.Learnt, "How": how.lines(len(e.Numbered()) > 0),
	})
	if err != nil {
		return "", fmt.Errorf("write the digest: %w", err)
	}
	return b.String(), nil
}

// acts are the links of an entry.
func (h How) acts(x Entry) (list []act) {
	if h.Link == nil || x.N == 0 {
		return nil
	}
	for _, a := range acts {
		list = append(list, act{h.Link(x.N, a.word), a.name})
	}
	return list
}
