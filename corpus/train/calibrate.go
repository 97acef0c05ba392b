package train

import (
	"cmp"
	"math"
	"slices"

	"usher/classify/model"
)

// cost is what lowering one needed message costs, in missed promotions.
const cost = 100

// calibrate sets Slope and Offset so that a probability means how often it is
// true: logistic regression on the log odds. Where only needed mail was judged,
// or only bulk mail, nothing tells how often, and they stay as they are.
func calibrate(w *model.Weights, list []scored) {
	bulk := func(s scored) bool { return s.Bulk() }
	needed := func(s scored) bool { return !s.Bulk() }
	if !slices.ContainsFunc(list, bulk) || !slices.ContainsFunc(list, needed) {
		return
	}
	weights := evenly(list)
	x := []float64{1, 0} // slope and offset
	minimise(x, 100, func(x, slope []float64) float64 {
		loss := 0.005 * (x[0] - 1) * (x[0] - 1) // held, where a perfect order would make the slope endless
		slope[0], slope[1] = 0.01*(x[0]-1), 0
		for i, s := range list {
			if s.Found.Withheld() {
				continue
			}
			odds := x[0]*s.odds + x[1]
			miss := model.Logistic(odds)
			loss += weights[i] * -math.Log(max(1e-300, 1-miss))
			if s.Bulk() {
				loss -= weights[i] * odds
				miss--
			}
			slope[0] += weights[i] * miss * s.odds
			slope[1] += weights[i] * miss
		}
		return loss
	})
	w.Slope, w.Offset = max(0.1, x[0]), x[1]
}

// evenly weighs each archive and class by the root of its size.
func evenly(list []scored) []float64 {
	key := func(s *scored) string {
		return s.Archive() + map[bool]string{true: " bulk", false: " needed"}[s.Bulk()]
	}
	sizes := map[string]float64{}
	for i := range list {
		sizes[key(&list[i])]++
	}
	weights := make([]float64, len(list))
	for i := range list {
		weights[i] = 1 / math.Sqrt(sizes[key(&list[i])])
	}
	return weights
}

// setThresholds sets for each of the two categories the probability from which
// messages are lowered: where needed mail lowered, at its cost, and bulk mail
// missed cost least together.
func setThresholds(w *model.Weights, list []scored) {
	w.Low = model.Thresholds{
		Newsletter: cheapest(w, list, model.Newsletter),
		Promotion:  cheapest(w, list, model.Promotion),
	}
}

// leastThreshold is the lowest threshold that is ever set, for fear of archives
// unlike those that were learned from: below it a model trained without an
// archive lowered two needed messages there, and it found hardly more.
const leastThreshold = 0.95

// cheapest finds the threshold of one kind, halfway between the least sure
// message that is lowered and the surest that is not.
func cheapest(w *model.Weights, list []scored, kind int) float64 {
	var sure []ranked
	for _, s := range list {
		if s.kind == kind && !s.Found.Withheld() {
			sure = append(sure, ranked{model.Logistic(w.Slope*s.odds + w.Offset), s.Bulk()})
		}
	}
	slices.SortStableFunc(sure, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	doubted := true             // one label may be wrong, and should not set the threshold alone
	spent, least, at := 0, 0, 0 // against lowering nothing
	for i, r := range sure {
		if r.score < leastThreshold {
			break
		}
		if spent--; !r.bulk {
			if !doubted {
				spent += cost + 1
			}
			doubted = false
		}
		if spent <= least && (i+1 == len(sure) || sure[i+1].score < r.score) {
			least, at = spent, i+1
		}
	}
	high, low := 1.0, leastThreshold
	if at > 0 {
		high = sure[at-1].score
	}
	if at < len(sure) {
		low = max(low, sure[at].score)
	}
	return (high + low) / 2
}
