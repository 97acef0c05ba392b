package train

import (
	"maps"
	"math"
	"slices"
	"sync"

	"usher/classify"
	"usher/classify/model"
)

// Train learns a model from what may be trained on and is not ambiguous. It is
// calibrated, and its thresholds are set, by judgements of each archive by
// weights learned without it. The same messages in the same order give the same
// model.
func Train(seen []Observed, o Options) *model.Weights {
	seen = trainable(seen)
	scored := make([][]scored, len(archives(seen)))
	var work sync.WaitGroup
	for i, out := range archives(seen) {
		work.Go(func() { scored[i] = score(Fit(without(seen, out), o), only(seen, out)) })
	}
	work.Wait()
	w := Fit(seen, o)
	all := slices.Concat(scored...)
	calibrate(w, all)
	setThresholds(w, all)
	return w.Rounded()
}

// LeaveOut judges the messages of each archive by a model trained without any
// of it: neither its weights nor its thresholds have seen one.
func LeaveOut(list []Example, o Options) []Judged {
	seen := Observe(list)
	var all []Judged
	for _, out := range archives(seen) {
		m := classify.With(Train(without(seen, out), o))
		var part []Example
		for _, s := range only(seen, out) {
			e := *s.Example
			e.Raw = Mask(e.Raw)
			part = append(part, e)
		}
		all = append(all, Judge(m, part)...)
	}
	return all
}

// scored is a message with the log odds that weights give it of being
// newsletter or promotion, before calibration.
type scored struct {
	Observed
	odds float64
	kind int // the likelier of model.Newsletter and model.Promotion
}

// score judges by weights that are not yet calibrated.
func score(w *model.Weights, seen []Observed) (list []scored) {
	for _, s := range seen {
		if !s.Needed() && !s.Bulk() {
			continue
		}
		p := model.Softmax(w.Sums(s.Found))
		kind := model.Newsletter
		if p[model.Promotion] > p[kind] {
			kind = model.Promotion
		}
		list = append(list, scored{s, logit(p[model.Newsletter] + p[model.Promotion]), kind})
	}
	return list
}

func trainable(seen []Observed) (list []Observed) {
	for _, s := range seen {
		if s.Trainable && !s.Ambiguous {
			list = append(list, s)
		}
	}
	return list
}

func only(seen []Observed, archive string) (list []Observed) {
	for _, s := range seen {
		if s.Archive() == archive {
			list = append(list, s)
		}
	}
	return list
}

func without(seen []Observed, archive string) (list []Observed) {
	for _, s := range seen {
		if s.Archive() != archive {
			list = append(list, s)
		}
	}
	return list
}

func archives(seen []Observed) []string {
	names := map[string]bool{}
	for _, s := range seen {
		names[s.Archive()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func logit(p float64) float64 {
	p = min(max(p, 1e-9), 1-1e-9)
	return math.Log(p / (1 - p))
}
