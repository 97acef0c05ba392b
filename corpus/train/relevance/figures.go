package relevance

import (
	"cmp"
	"math"
	"slices"
)

// scored is a pair as a method ranked it. Its query says with which others it
// is drawn again.
type scored struct {
	query int
	score float64
	good  bool
}

// sorted is pairs by score, the best first: area and found then take one pass,
// whatever the weights.
type sorted []scored

func sort(list []scored) sorted {
	slices.SortStableFunc(list, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	return list
}

// tied calls do with the weight of good and bad of each score, the best first.
// A query's pairs weigh as often as it was drawn; nil draws each once.
func (s sorted) tied(drawn []float64, do func(good, bad float64)) {
	for i := 0; i < len(s); {
		good, bad := 0.0, 0.0
		for score := s[i].score; i < len(s) && s[i].score == score; i++ {
			w := 1.0
			if drawn != nil {
				w = drawn[s[i].query]
			}
			if s[i].good {
				good += w
			} else {
				bad += w
			}
		}
		do(good, bad)
	}
}

func (s sorted) sums(drawn []float64) (good, bad float64) {
	s.tied(drawn, func(g, b float64) { good, bad = good+g, bad+b })
	return good, bad
}

// area is the area under the ROC curve: the chance that a good pair scores above
// a bad one, ties counting half (Hanley and McNeil 1982). NaN without both.
func (s sorted) area(drawn []float64) float64 {
	above, below, bad := 0.0, 0.0, 0.0
	s.tied(drawn, func(g, b float64) {
		above += g // good so far, these too
		below += b * (above - g/2)
		bad += b
	})
	return below / (above * bad)
}

// found is the true positive rate at a false positive rate: the share of the good
// pairs at or above the lowest bar that at most that share of the bad ones reach.
// Pairs of one score pass a bar together. NaN without both.
func (s sorted) found(rate float64, drawn []float64) float64 {
	good, bad := s.sums(drawn)
	passed, wrong, best := 0.0, 0.0, 0.0
	s.tied(drawn, func(g, b float64) {
		passed += g
		wrong += b
		if wrong <= rate*bad {
			best = passed
		}
	})
	return best / good * (bad / bad) // NaN where there is no bad
}

// ndcg is the normalised discounted cumulative gain of the first cut places of
// one query's ranking: gain 2^grade - 1, discount 1/log2(1 + place) (Burges et al.
// 2005). Pairs of one score share their places' mean gain, so that no order of the
// file helps (McSherry and Najork 2008). NaN where nothing has a gain.
func ndcg(grades, scores []float64, cut int) float64 {
	order := make([]int, len(grades))
	for i := range order {
		order[i] = i
	}
	gain := func(i int) float64 { return math.Exp2(grades[i]) - 1 }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	got := 0.0
	for from := 0; from < min(cut, len(order)); {
		to, sum := from, 0.0
		for ; to < len(order) && scores[order[to]] == scores[order[from]]; to++ {
			sum += gain(order[to])
		}
		for place := from; place < min(to, cut); place++ {
			got += sum / float64(to-from) / math.Log2(float64(place)+2)
		}
		from = to
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(grades[b], grades[a]) })
	ideal := 0.0
	for place, i := range order[:min(cut, len(order))] {
		ideal += gain(i) / math.Log2(float64(place)+2)
	}
	return got / ideal
}

// mean is the weighted mean of what is a number.
func mean(list, drawn []float64) float64 {
	sum, n := 0.0, 0.0
	for i, x := range list {
		if math.IsNaN(x) {
			continue
		}
		w := 1.0
		if drawn != nil {
			w = drawn[i]
		}
		sum += w * x
		n += w
	}
	return sum / n
}
