package digest

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"usher/corpus/digest/answer"
	"usher/corpus/digest/token"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("digest").Parse(pageText))

// Act is what a link in the digest leads to.
type act struct{ URL, Name string }

// acts are what may be done by a link about the entries of a section, by the words of an
// answer: what is likely there, and fits into a line.
var acts = map[string][]string{
	wanted: {"inbox", "refuse"}, ending: {"inbox", "refuse"}, byBrand: {"inbox", "refuse", answer.Leave},
	refused: {"inbox", "receipt", answer.Leave, token.Complain}, ended: {"refuse", answer.Leave},
	unsure: {"inbox", "receipt", "refuse"}, sampled: {"inbox", "receipt", "refuse"},
}

// names are what the links say.
var names = map[string]string{"inbox": "To my inbox", "receipt": "It is a receipt", "refuse": "Never again", answer.Leave: "Unsubscribe", token.Complain: "Complain"}

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
			x.Facts = unbroken(x.Facts)
			of.Entries = append(of.Entries, shown{x, how.acts(s.Title, x)})
		}
		sections = append(sections, of)
	}
	words := how
	words.Site = "" // here it is a link
	var b strings.Builder
	err := page.Execute(&b, map[string]any{
		"Subject": e.Subject(), "Told": e.told(), "Fault": e.Fault, "Since": percents(e.Since()), "Share": percents(e.Share()), "Sections": sections,
		"Learnt": e.Learnt, "How": words.lines(len(e.Numbered()) > 0), "Site": how.Site,
	})
	if err != nil {
		return "", fmt.Errorf("write the digest: %w", err)
	}
	return b.String(), nil
}

// acts are the links of an entry.
func (h How) acts(section string, x Entry) (list []act) {
	for _, word := range acts[section] {
		if h.Link == nil || x.N == 0 || word == answer.Leave && !h.Leave {
			continue
		}
		if url := h.Link(x.N, word); url != "" {
			list = append(list, act{url, names[word]})
		}
	}
	return list
}

// percents keeps each percentage on a line.
func percents(text string) string { return strings.ReplaceAll(text, " %", "\u00a0%") }

// unbroken keeps each fact on a line: "ends 30 Nov" says nothing where the line ends
// within it.
func unbroken(facts string) string {
	list := strings.Split(facts, " · ")
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], " ", "\u00a0")
	}
	return strings.Join(list, " · ")
}
