package show

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"usher/classify"
	"usher/classify/plain"
	"usher/corpus/train"
)

// Measure prints how well messages were judged: the figures that matter first,
// then every table.
func Measure(w io.Writer, m *train.Measure) {
	fmt.Fprintf(w, "%s judged", Count(m.Messages, "message"))
	if m.Ambiguous > 0 {
		fmt.Fprintf(w, "; %d marked ambiguous are left out", m.Ambiguous)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w)
	Table(w, [][]string{
		{"needed mail called newsletter or promotion", m.All.Lowered.String(), percent(m.All.Lowered), "at most " + whole(m.All.LoweredUpper) + " (95 %)"},
		{"newsletters and promotions found", m.All.Found.String(), percent(m.All.Found), "at least " + whole(m.All.FoundLower) + " (95 %)"},
		{"area under the curve", area(m.All), "", ""},
		{"spam called personal above 0.9, with signs of bulk", m.Spam.String(), percent(m.Spam), ""},
	})
	confusion(w, m)
	// A table that would say the same again is left out.
	if len(m.Archives) > 1 {
		groups(w, "archive", m.Archives)
	}
	if len(m.Sources) > len(m.Archives) {
		groups(w, "source", m.Sources)
	}
	if len(m.Eras) > 1 {
		groups(w, "era", m.Eras)
	}
	fmt.Fprintln(w, "\nAt other thresholds of P(newsletter) + P(promotion):")
	rows := [][]string{{"threshold", "needed lowered", "found", ""}}
	for i, p := range m.Curve {
		if i > 0 && p.Found == m.Curve[i-1].Found {
			continue // lowering more needed mail would find nothing more
		}
		rows = append(rows, []string{fmt.Sprintf("%.4f", p.Threshold), p.Lowered.String(), p.Found.String(), bar(p.Found.Share())})
	}
	Table(w, rows)
	fmt.Fprintf(w, "\nWhat P(newsletter) + P(promotion) said, and what was true (mean difference %.3f):\n", m.Gap)
	rows = [][]string{{"said", "mean", "true", "messages", ""}}
	for _, b := range m.Sureness {
		if b.Bulk.N > 0 {
			rows = append(rows, []string{fmt.Sprintf("%.1f to %.1f", b.From, b.To), fmt.Sprintf("%.2f", b.Mean), fmt.Sprintf("%.2f", b.Bulk.Share()), fmt.Sprint(b.Bulk.N), bar(b.Bulk.Share())})
		}
	}
	Table(w, rows)
}

func confusion(w io.Writer, m *train.Measure) {
	fmt.Fprintln(w)
	head := []string{"labelled, then judged"}
	for _, c := range classify.Categories {
		head = append(head, string(c))
	}
	rows := [][]string{append(head, "recall")}
	for _, label := range slices.Sorted(maps.Keys(m.Confusion)) {
		row := []string{label}
		for _, c := range classify.Categories {
			row = append(row, number(m.Confusion[label][c]))
		}
		rows = append(rows, append(row, percent(m.Recall[label])))
	}
	row := []string{"precision"}
	for _, c := range classify.Categories {
		row = append(row, percent(m.Precision[c]))
	}
	Table(w, append(rows, append(row, "")))
}

func groups(w io.Writer, name string, all map[string]train.Group) {
	fmt.Fprintln(w)
	rows := [][]string{{name, "needed lowered", "at most", "found", "", "area", "spam lowered"}}
	for _, key := range train.Names(all) {
		g := all[key]
		rows = append(rows, []string{key, of(g.Lowered), upper(g), of(g.Found), percent(g.Found), area(g), of(g.Spam)})
	}
	Table(w, rows)
}

// Wrong prints the messages that went wrong, each with what spoke for and
// against.
func Wrong(w io.Writer, list []train.Judged) {
	if len(list) == 0 {
		fmt.Fprintln(w, "\nNo needed mail was lowered, and no newsletter or promotion was missed.")
	}
	for _, j := range list {
		what := "missed"
		if j.Needed() {
			what = "LOWERED"
		}
		fmt.Fprintf(w, "\n%s  %s  labelled %s", what, plain.Clip(j.Path, 100), j.Category)
		if j.Sub != "" {
			fmt.Fprintf(w, " (%s)", plain.Clip(j.Sub, 40))
		}
		fmt.Fprintf(w, ", judged %s; P(newsletter) + P(promotion) = %.3f\n", j.Verdict.Category, j.Verdict.Lowering())
		for _, e := range j.Verdict.Evidence[:min(8, len(j.Verdict.Evidence))] {
			fmt.Fprintf(w, "  %+5.1f %-13s %s\n", e.Weight, e.For, plain.Clip(e.Text, 80))
		}
	}
}

func number(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}

func of(c train.Count) string {
	if c.N == 0 {
		return "–"
	}
	return c.String()
}

func percent(c train.Count) string {
	if c.N == 0 {
		return ""
	}
	return whole(c.Share())
}

func whole(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func upper(g train.Group) string {
	if g.Lowered.N == 0 {
		return ""
	}
	return whole(g.LoweredUpper)
}

func area(g train.Group) string {
	if g.Area == nil {
		return ""
	}
	return fmt.Sprintf("%.4f", *g.Area)
}

func bar(share float64) string { return strings.Repeat("█", int(share*40+0.5)) }
