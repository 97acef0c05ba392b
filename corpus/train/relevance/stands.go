package relevance

import (
	"cmp"
	"slices"

	"usher/classify"
)

// enough is the share of an intent's bad pairs above which a good one must stand.
const enough = 0.95

// Stands counts the good pairs that score above 95 % of the bad pairs of their own
// intent: what few pairs can tell. An intent without a bad pair is left out.
type Stands struct {
	Above  int     `json:"k"`
	Of     int     `json:"n"`
	Missed []Wrong `json:"-"`
}

// Wrong is a pair that was judged otherwise than it was graded.
type Wrong struct {
	*Pair
	Text  Text
	Found classify.Relevance
	Above float64 // share of the intent's bad pairs that score less
}

func (j *Judged) stands() (s Stands) {
	bad := make([][]float64, len(j.queries))
	for n, p := range j.Pairs {
		if j.Bars.IsBad(p.Grade) {
			bad[j.query[n]] = append(bad[j.query[n]], j.Found[n].Score)
		}
	}
	for n := range j.Pairs {
		p, zeros := &j.Pairs[n], bad[j.query[n]]
		if !j.Bars.IsGood(p.Grade) || len(zeros) == 0 {
			continue
		}
		less := 0
		for _, z := range zeros {
			if z < j.Found[n].Score {
				less++
			}
		}
		s.Of++
		if share := float64(less) / float64(len(zeros)); share >= enough {
			s.Above++
		} else {
			s.Missed = append(s.Missed, Wrong{p, j.Texts[p.Text], j.Found[n], share})
		}
	}
	return s
}

// Misses lists the good pairs that were answered no, and the bad ones that were
// answered yes, the worst first.
func (j *Judged) Misses() (missed, taken []Wrong) {
	for n := range j.Pairs {
		p := &j.Pairs[n]
		w := Wrong{Pair: p, Text: j.Texts[p.Text], Found: j.Found[n]}
		switch a := j.Found[n].Answer(); {
		case j.Bars.IsGood(p.Grade) && a == classify.No:
			missed = append(missed, w)
		case j.Bars.IsBad(p.Grade) && a == classify.Yes:
			taken = append(taken, w)
		}
	}
	slices.SortStableFunc(missed, func(a, b Wrong) int { return cmp.Compare(a.Found.Score, b.Found.Score) })
	slices.SortStableFunc(taken, func(a, b Wrong) int { return cmp.Compare(b.Found.Score, a.Found.Score) })
	return missed, taken
}
