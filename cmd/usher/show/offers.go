package show

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"usher/classify/plain"
	"usher/corpus/train/offers"
)

// Offers prints how well offers were found.
func Offers(w io.Writer, r offers.Report) {
	fmt.Fprintf(w, "%s\n\n", Count(r.Messages, "message"))
	rows := [][]string{{"slot", "there", "found", "right", "precision", "recall", "F1"}}
	row := func(name string, f offers.Figure) {
		rows = append(rows, []string{name, number(f.Told), number(f.Found), number(f.Right),
			fmt.Sprintf("%.3f", f.Precision), fmt.Sprintf("%.3f", f.Recall), fmt.Sprintf("%.3f", f.F1)})
	}
	for _, slot := range offers.Slots {
		row(slot, r.Slots[slot])
	}
	row("all", r.All)
	Table(w, rows)
	if len(r.Language) < 2 {
		return
	}
	rows = [][]string{{"language", "there", "found", "right", "precision", "recall", "F1"}}
	for _, language := range slices.Sorted(maps.Keys(r.Language)) {
		row(language, r.Language[language])
	}
	fmt.Fprintln(w)
	Table(w, rows)
}

// WrongOffers lists the messages of which something was missed or invented.
func WrongOffers(w io.Writer, list []offers.Result) {
	for _, r := range list {
		if all := r.All(); all.Right == all.Told && all.Right == all.Found {
			continue
		}
		fmt.Fprintf(w, "\n%s  %s\n", plain.Text(r.Case.Path), plain.Text(r.Case.Name))
		for _, o := range r.Case.Offers {
			fmt.Fprintf(w, "  there  %s\n", plain.Text(o.String()))
		}
		for _, o := range r.Found {
			fmt.Fprintf(w, "  found  %s\n", plain.Text(o.String()))
		}
	}
}
