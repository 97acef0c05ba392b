package match

import (
	"unicode/utf8"

	"usher/classify/vectors"
)

// Bounds of a word that may be another one, misspelt.
const (
	leastMisspelt = 5 // letters
	mostMisspelt  = 16
	commonEnough  = 25_000 // rank of what may be meant
)

// misspelt finds the commonest word of the table that a term is, but for one
// letter that is missing, too many, another one, or before its neighbour: what is
// typed by hand. A name, which is capitalised, is left as it is.
func misspelt(t term) (meant vectors.Word, ok bool) {
	w := t.folded
	if w != t.written || len(w) < leastMisspelt || len(w) > mostMisspelt || utf8.RuneCountInString(w) < len(w) {
		return 0, false
	}
	try := func(s []byte) {
		if found, known := vectors.Find(string(s)); known && found.Rank() < commonEnough && (!ok || found.Rank() < meant.Rank()) {
			meant, ok = found, true
		}
	}
	b := make([]byte, 0, mostMisspelt+1)
	for i := 0; i <= len(w); i++ {
		if i < len(w) {
			try(append(append(b, w[:i]...), w[i+1:]...))
		}
		if i+1 < len(w) {
			try(append(append(append(b, w[:i]...), w[i+1], w[i]), w[i+2:]...))
		}
		for c := byte('a'); c <= 'z'; c++ {
			try(append(append(append(b, w[:i]...), c), w[i:]...))
			if i < len(w) {
				try(append(append(append(b, w[:i]...), c), w[i+1:]...))
			}
		}
	}
	return meant, ok
}
