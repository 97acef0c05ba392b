package show

import (
	"fmt"
	"io"
	"math"
	"strings"

	"usher/classify/plain"
	"usher/corpus/train/relevance"
)

// listed is how many pairs of a kind are listed: the worst, and few enough to read.
const listed = 40

// Relevance prints how well wants were held against texts, beside the other
// methods. Where few pairs are good, or all is wanted, those that do not stand
// out are listed.
func Relevance(w io.Writer, m *relevance.Measure, all bool) {
	fmt.Fprintf(w, "%s: %s of %s; %d good (grade %v or more), %d bad (%v or less)\n\n",
		m.Set, Count(m.Pairs, "pair"), Count(m.Intents, "want"), m.Good, m.From, m.Bad, m.To)
	rows := [][]string{{"", "usher", relevance.BM25, relevance.Overlap, fmt.Sprintf("usher is better, of %d draws", m.Rounds)}}
	bm25, overlap := m.Beside[relevance.BM25], m.Beside[relevance.Overlap]
	first, second := m.Better[relevance.BM25], m.Better[relevance.Overlap]
	for _, r := range []struct {
		name          string
		of            [3]relevance.Figure
		first, second int
	}{
		{"NDCG@10", [3]relevance.Figure{m.NDCG, bm25.NDCG, overlap.NDCG}, first.NDCG, second.NDCG},
		{"AUC", [3]relevance.Figure{m.Area, bm25.Area, overlap.Area}, first.Area, second.Area},
		{"TPR at 1 % FPR", [3]relevance.Figure{m.Found, bm25.Found, overlap.Found}, first.Found, second.Found},
		{"across: AUC", [3]relevance.Figure{m.CrossArea, bm25.CrossArea, overlap.CrossArea}, first.CrossArea, second.CrossArea},
		{"across: TPR at 1 % FPR", [3]relevance.Figure{m.CrossFound, bm25.CrossFound, overlap.CrossFound}, first.CrossFound, second.CrossFound},
	} {
		rows = append(rows, []string{r.name, figure(r.of[0]), figure(r.of[1]), figure(r.of[2]), fmt.Sprintf("than bm25 in %d, than overlap in %d", r.first, r.second)})
	}
	Table(w, rows)
	fmt.Fprintf(w, "\nAcross: the good texts against %s of other people.\n", Count(m.CrossPairs, "want"))
	rows = [][]string{{"grade", "yes", "unknown", "no"}}
	for _, a := range m.Answers {
		rows = append(rows, []string{fmt.Sprint(a.Grade), number(a.Yes), number(a.Unknown), number(a.No)})
	}
	fmt.Fprintln(w)
	Table(w, rows)
	fmt.Fprintf(w, "\n%d of %s score above 95 %% of the bad ones of their own want.\n", m.Stands.Above, Count(m.Stands.Of, "good pair"))
	if all || m.Stands.Of <= listed {
		pairs(w, m.Stands.Missed)
	}
}

func figure(f relevance.Figure) string {
	if math.IsNaN(float64(f)) {
		return "–"
	}
	return fmt.Sprintf("%.3f", float64(f))
}

func pairs(w io.Writer, list []relevance.Wrong) {
	for n, p := range list {
		if n == listed {
			fmt.Fprintf(w, "  … and %d more\n", len(list)-n)
			return
		}
		fmt.Fprintf(w, "  line %-5d grade %v  %.2f  %q: %s\n", p.Line, p.Grade, p.Found.Score, plain.Clip(p.Intent, 50), plain.Clip(p.Text.Name(), 80))
		if len(p.Found.Terms) > 0 {
			fmt.Fprintf(w, "             found: %s\n", plain.Clip(strings.Join(p.Found.Terms, ", "), 90))
		}
	}
}

// RelevanceErrors prints what was answered against the grade, the worst first.
func RelevanceErrors(w io.Writer, j *relevance.Judged) {
	for _, c := range j.Contrasts {
		if c.Right() {
			continue
		}
		fmt.Fprintf(w, "\nline %d  %s, %s  %q\n", c.Line, c.Kind, c.Language, plain.Clip(c.Intent, 60))
		fmt.Fprintf(w, "  good %.2f  %s\n  bad  %.2f  %s\n", c.GoodFound.Score, plain.Clip(c.Good, 90), c.BadFound.Score, plain.Clip(c.Bad, 90))
	}
	if len(j.Pairs) == 0 {
		return
	}
	missed, taken := j.Misses()
	fmt.Fprintf(w, "\n%s answered no:\n", Count(len(missed), "good pair"))
	pairs(w, missed)
	fmt.Fprintf(w, "\n%s answered yes:\n", Count(len(taken), "bad pair"))
	pairs(w, taken)
}

// Contrasts prints how often the text that serves a want scored above the one that
// seems to.
func Contrasts(w io.Writer, t *relevance.Totals) {
	fmt.Fprintf(w, "%s: %s of a text that serves a want, and one that seems to\n\n", t.Set, Count(t.All.Of, "pair"))
	rows := [][]string{{"", "pairs", "right", "", "good not answered no", "bad not answered yes"}}
	row := func(name string, n relevance.Total) {
		rows = append(rows, []string{name, fmt.Sprint(n.Of), fmt.Sprint(n.Right), fmt.Sprintf("%.1f %%", 100*float64(n.Right)/float64(n.Of)), fmt.Sprint(n.Good), fmt.Sprint(n.Bad)})
	}
	for _, k := range relevance.Names(t.Kinds) {
		row(k, t.Kinds[k])
	}
	for _, l := range relevance.Names(t.Languages) {
		row("in "+l, t.Languages[l])
	}
	row("all", t.All)
	Table(w, rows)
	fmt.Fprintf(w, "\nBM25 has %d right, the share of words found %d.\n", t.Beside[relevance.BM25], t.Beside[relevance.Overlap])
}
