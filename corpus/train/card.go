package train

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"usher/classify/model"
)

// Card tells of a model in Markdown: what it learned from and how well it
// judges archives that it has not seen.
func Card(w *model.Weights, seen []Observed, m *Measure, day string) string {
	var b strings.Builder
	learned := trainable(seen)
	fmt.Fprintf(&b, "# The card of this model\n\nTrained %s by `usher train` from %d messages; their hash is `%s`.\n", day, len(learned), DataHash(learned))
	fmt.Fprintf(&b, "It is linear: the weights of %d named signs and of %d words (hashed) are added for each of six\n", len(model.Signs()), len(w.Words))
	fmt.Fprintf(&b, "categories. Training began at weights set by hand and moved them as the labels asked. It is calibrated\n")
	fmt.Fprintf(&b, "by judgements of each archive by weights learned without it. A message is filed below the inbox from\n")
	fmt.Fprintf(&b, "P(newsletter) + P(promotion) = %.4g, if it is rather a newsletter, or %.4g, if a promotion.\n\n", w.Low.Newsletter, w.Low.Promotion)
	b.WriteString("## What it learned from\n\n| source | category | messages |\n|---|---|---|\n")
	counts := map[string]int{}
	for _, s := range learned {
		counts[s.Source+" | "+s.Category]++
	}
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "| %s | %d |\n", key, counts[key])
	}
	b.WriteString("\nNo text is in the model: a word is a hash of 32 bits, and only words of several archives are learned.\n")
	b.WriteString("\n## How well it judges\n\nEach archive was judged by a model trained without it, weights and thresholds alike. *Needed* is all\n")
	b.WriteString("but newsletters and promotions; *at most* is the upper bound at 95 %. Messages that readers were not\nsure of are left out.\n\n")
	if len(m.Archives) == 1 {
		b.WriteString("There was one archive only: without it the weights set by hand are left, and they judged it.\n\n")
	}
	b.WriteString("| archive | needed mail lowered | at most | newsletters and promotions found | area under the curve |\n|---|---|---|---|---|\n")
	for _, name := range Names(m.Archives) {
		cardRow(&b, name, m.Archives[name])
	}
	cardRow(&b, "all", m.All)
	b.WriteString("\n| source | needed mail lowered | at most | newsletters and promotions found | area under the curve |\n|---|---|---|---|---|\n")
	for _, name := range Names(m.Sources) {
		cardRow(&b, name, m.Sources[name])
	}
	fmt.Fprintf(&b, "\nThe mean difference between what P said and what was true is %.3f.\n", m.Gap)
	return b.String()
}

func cardRow(w io.Writer, name string, g Group) {
	lowered, upper, found, area := "–", "–", "–", "–"
	if g.Lowered.N > 0 {
		lowered, upper = g.Lowered.String(), fmt.Sprintf("%.1f %%", 100*g.LoweredUpper)
	}
	if g.Found.N > 0 {
		found = fmt.Sprintf("%s (%.1f %%)", g.Found, 100*g.Found.Share())
	}
	if g.Area != nil {
		area = fmt.Sprintf("%.4f", *g.Area)
	}
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", name, lowered, upper, found, area)
}

// DataHash is the SHA-256 of the hashes and labels of messages, in any order.
func DataHash(list []Observed) string {
	var lines []string
	for _, s := range list {
		lines = append(lines, hash(s.Raw)+" "+s.Category+"\n")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}
