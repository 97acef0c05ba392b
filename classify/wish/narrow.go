package wish

import (
	"slices"
	"strings"
)

// narrow joins what only tells how a thing shall be with the thing before it:
// "wine, red", "a dishwasher that is quiet and cheap", "shoes size 44 or 45". By
// itself "red" would be served by paint.
func narrow(list []part, language string) (out []part) {
	english := language == "en" || language == ""
	for i, p := range list {
		last := len(out) - 1
		if last < 0 || p.not || out[last].not || len(p.words) == 0 || p.before == returns {
			out = append(out, p)
			continue
		}
		base := things(out[last].words)
		how := tellsHow(p.words)
		switch before := &out[last]; {
		case p.before == joins && len(p.words) == 1 && degrees[p.words[0].folded]: // "55 inch or larger"
		case p.before == parts && p.words[0].does == heeds && len(p.words) > 1, how == "number" && p.before == parts,
			how == "quality" && p.before == parts && english && last == 0 && base > 0 && endsList(list, i):
			before.words = slices.Concat(before.words, p.words)
		case how != "" && p.before == joins && base > 0 && base < len(before.words) && (english || how == "number"):
			p.words = slices.Concat(before.words[:base], p.words)
			out = append(out, p)
		default:
			out = append(out, p)
		}
	}
	return out
}

// degrees are what may follow "or" behind a measure.
var degrees = set(`larger more less bigger smaller better newer older higher lower longer shorter faster cheaper above below up later earlier`)

// things gives how many words come before the qualities or numbers that end ts.
func things(ts []token) int {
	n := len(ts)
	for n > 0 && (isQuality(ts[n-1]) || ts[n-1].Tag == "CD") {
		n--
	}
	if !slices.ContainsFunc(ts[:n], func(t token) bool { return strings.HasPrefix(t.Tag, "NN") }) {
		return 0
	}
	return n
}

// tellsHow reports that words are qualities or numbers alone: "quiet", "size 56".
func tellsHow(ts []token) string {
	numbers := 0
	for i, t := range ts {
		switch {
		case t.Tag == "CD", t.folded == "size" && i+1 < len(ts) && ts[i+1].Tag == "CD":
			numbers++
		case !isQuality(t):
			return ""
		}
	}
	if numbers == len(ts) {
		return "number"
	}
	return "quality"
}

// isQuality reports an adjective that is no name.
func isQuality(t token) bool {
	return t.does == names && strings.HasPrefix(t.Tag, "JJ") && !isUpper(t)
}

// endsList reports that behind part i nothing else is wanted but what tells how:
// in "cooking, vegan, travel" three things are.
func endsList(list []part, i int) bool {
	for _, p := range list[i+1:] {
		if !p.not && tellsHow(p.words) == "" {
			return false
		}
	}
	return true
}
