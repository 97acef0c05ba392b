package match

import "usher/classify/vectors"

// Bounds of the halves of a word that may be two written as one.
const (
	leastHalf  = 3      // letters
	leastWhole = 7      // letters
	commonHalf = 30_000 // rank
)

// halves parts a word that nobody knows into two that are known, the second of which
// names a thing: "shoplight". Of several ways it takes that of the commonest words.
// It gives "" if there is none; a name, which is capitalised, is left as it is.
func halves(word string) (first, second string) {
	if len(word) < leastWhole {
		return "", ""
	}
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return "", ""
		}
	}
	if _, known := vectors.Find(word); known {
		return "", ""
	}
	best := 2 * commonHalf
	for n := leastHalf; n <= len(word)-leastHalf; n++ {
		a, ok := vectors.Find(word[:n])
		if !ok || a.Rank() >= commonHalf {
			continue
		}
		b, ok := vectors.Find(word[n:])
		if ok && b.Rank() < commonHalf && b.Thing() && a.Rank()+b.Rank() < best {
			best, first, second = a.Rank()+b.Rank(), word[:n], word[n:]
		}
	}
	return first, second
}

// joined finds the nth term where it is written as one word with its neighbour:
// "smart watch", "smartwatch". The places are nil where it is one, but they are not
// known.
func (x *Index) joined(t *topic, n int) (places *spots, is bool) {
	for i := max(0, n-1); i <= n && i+1 < len(t.terms) && !is; i++ {
		whole := t.terms[i].folded + t.terms[i+1].folded
		if is = x.long[whole] || x.kept && len(whole) >= minPart && x.parts[Key(whole)]; !is {
			continue
		}
		x.stemming.Lock()
		stem := x.stemmer.Stem(whole)
		x.stemming.Unlock()
		if places = x.byStem[stem]; places == nil && x.kept {
			places = x.hashed[Key(stem)]
		}
	}
	return places, is
}
