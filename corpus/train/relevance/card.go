package relevance

import (
	"fmt"
	"math"
	"strings"
)

// Card tells how well wants are held against texts, as a page in Markdown: what
// was measured of each set on a day. It tells nothing of a set's texts.
func Card(measured []*Measure, counted []*Totals, day string) string {
	var w strings.Builder
	fmt.Fprintf(&w, "# How well wants are held against texts\n\nMeasured %s by `usher eval relevance --card`.\n", day)
	if len(measured) > 0 {
		w.WriteString(cardSets)
		for _, m := range measured {
			for _, name := range []string{"AUC", "NDCG@10", "across: AUC", "across: TPR at 1 % FPR"} {
				m.row(&w, name)
			}
		}
		w.WriteString("\n| set | pairs | wants | good | bad | good above 95 % of the bad of their want |\n|---|---|---|---|---|---|\n")
		for _, m := range measured {
			fmt.Fprintf(&w, "| %s | %d | %d | %d (grade %v or more) | %d (%v or less) | %d of %d |\n", m.Set, m.Pairs, m.Intents, m.Good, m.From, m.Bad, m.To, m.Stands.Above, m.Stands.Of)
		}
	}
	if len(counted) > 0 {
		w.WriteString(cardContrasts)
		for _, t := range counted {
			fmt.Fprintf(&w, "| %s | %d | %d | %d | %d | %d | %d |\n", t.Set, t.All.Of, t.All.Right, t.Beside[BM25], t.Beside[Overlap], t.All.Good, t.All.Bad)
		}
	}
	return w.String()
}

const cardSets = `
Beside usher, in the same run: BM25, and the share of a want's words that stand in the text. *AUC* is how
often a good pair scores above a bad one (0.5 is chance). *Across* holds the good texts against the wants of
others, those left out that share a word or a good text with their own. *Better* counts the draws of the
wants, with replacement, in which usher's figure is the higher one.

| set | figure | usher | BM25 | share of words | better than BM25 | than the share |
|---|---|---|---|---|---|---|
`

const cardContrasts = `
## Pairs that are meant to mislead

A mail that serves a want, and one that only seems to: a pun, an opposite, a near-miss. It is right when the
first scores above the second.

| set | pairs | right | by BM25 | by the share of words | first not answered no | second not answered yes |
|---|---|---|---|---|---|---|
`

// row writes one figure, of usher and of the two beside.
func (m *Measure) row(w *strings.Builder, name string) {
	of := func(f Figures) Figure {
		return map[string]Figure{"AUC": f.Area, "NDCG@10": f.NDCG, "across: AUC": f.CrossArea, "across: TPR at 1 % FPR": f.CrossFound}[name]
	}
	won := func(b Better) int {
		return map[string]int{"AUC": b.Area, "NDCG@10": b.NDCG, "across: AUC": b.CrossArea, "across: TPR at 1 % FPR": b.CrossFound}[name]
	}
	fmt.Fprintf(w, "| %s | %s |", m.Set, name)
	for _, f := range []Figures{m.Figures, m.Beside[BM25], m.Beside[Overlap]} {
		if math.IsNaN(float64(of(f))) {
			w.WriteString(" – |")
		} else {
			fmt.Fprintf(w, " %.3f |", float64(of(f)))
		}
	}
	fmt.Fprintf(w, " %d of %d | %d of %d |\n", won(m.Better[BM25]), m.Rounds, won(m.Better[Overlap]), m.Rounds)
}
