package words

import (
	_ "embed"
	"math"
	"strings"
	"sync"
)

//go:generate go run ranks_gen.go $EMBEDDINGS

//go:embed ranks.txt
var ranksFile string

// Unranked is the weight of a word outside ranks.txt: the first that is left
// out would weigh .79, and a word never seen 1.
const Unranked = 0.95

var ranks = sync.OnceValue(func() map[string]float64 {
	weights := make(map[string]float64, 20_000)
	rank := 0
	for line := range strings.Lines(ranksFile) {
		if word := strings.TrimSuffix(line, "\n"); word != "" {
			weights[word] = min(1, math.Log(1+float64(rank+1)/50)/math.Log(2001))
		}
		rank++
	}
	return weights
})

// Weight tells how much a folded word says, 0 to 1: little if it is common in
// English. It is min(1, ln(1 + (rank+1)/50) / ln 2001), ranks counted from 0 in
// GloVe's list of words by frequency.
func Weight(word string) float64 {
	if w, ok := ranks()[word]; ok {
		return w
	}
	return Unranked
}
