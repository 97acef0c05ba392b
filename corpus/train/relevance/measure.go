package relevance

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"

	"usher/classify"
)

// Bars are the grades from which a pair is good, and up to which it is bad; those
// between count for the ranking alone.
type Bars struct{ Good, Bad float64 }

// IsGood reports whether a text of the grade serves the intent.
func (b Bars) IsGood(grade float64) bool { return grade >= b.Good }

// IsBad reports whether a text of the grade does not.
func (b Bars) IsBad(grade float64) bool { return grade <= b.Bad }

// BarsOf gives the bars for a set by its grades. Whole grades: good is from two
// thirds of the way up, and bad the lowest (0 to 3: 2 and 0). Means of raters, who
// seldom all agree: good is from five sixths, and bad up to one third (1 to 3: 2.67
// and 1.67).
func BarsOf(s *Set) Bars {
	if len(s.Pairs) == 0 {
		return Bars{}
	}
	low, high, whole := math.Inf(1), math.Inf(-1), true
	for _, p := range s.Pairs {
		low, high = min(low, p.Grade), max(high, p.Grade)
		whole = whole && p.Grade == math.Trunc(p.Grade)
	}
	if whole {
		return Bars{math.Ceil(low + (high-low)*2/3), low}
	}
	hundredths := func(x float64) float64 { return math.Round(x*100) / 100 }
	return Bars{hundredths(low + (high-low)*5/6), hundredths(low + (high-low)/3)}
}

// Figure is a figure, null in JSON where there was nothing to take it of.
type Figure float64

// MarshalJSON writes four decimals.
func (f Figure) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) {
		return []byte("null"), nil
	}
	return json.Marshal(math.Round(float64(f)*1e4) / 1e4)
}

// cut is the place to which a ranking is read, and strict the share of bad pairs
// that may pass a bar.
const (
	cut    = 10
	strict = 0.01
)

// Figures are how well a method ranks.
type Figures struct {
	NDCG  Figure `json:"ndcg_at_10"`   // mean over the intents
	Area  Figure `json:"auc"`          // good pairs against bad
	Found Figure `json:"tpr_at_1_fpr"` // of the same

	CrossArea  Figure `json:"cross_auc"` // good pairs against other people's intents
	CrossFound Figure `json:"cross_tpr_at_1_fpr"`
}

// Better is in how many resamplings of the intents usher's figure lies above that
// of another method.
type Better struct {
	NDCG       int `json:"ndcg_at_10"`
	Area       int `json:"auc"`
	Found      int `json:"tpr_at_1_fpr"`
	CrossArea  int `json:"cross_auc"`
	CrossFound int `json:"cross_tpr_at_1_fpr"`
}

// Measure is how well the pairs of a set were judged.
type Measure struct {
	Set        string             `json:"set"`
	Pairs      int                `json:"pairs"`
	Intents    int                `json:"intents"`
	From       float64            `json:"good_from"`
	To         float64            `json:"bad_to"`
	Good       int                `json:"good"`
	Bad        int                `json:"bad"`
	CrossPairs int                `json:"cross_pairs"`
	Figures                       // usher's
	Beside     map[string]Figures `json:"beside"`
	Rounds     int                `json:"resamplings"`
	Better     map[string]Better  `json:"better_in"` // of the resamplings

	Answers []Answers `json:"answers"` // by grade, the best first
	Stands  Stands    `json:"good_above_95_percent_of_bad"`
}

// Answers counts what was answered to the pairs of a grade.
type Answers struct {
	Grade   float64 `json:"grade"`
	Yes     int     `json:"yes"`
	Unknown int     `json:"unknown"`
	No      int     `json:"no"`
}

// ranking is the pairs of a set in a method's order.
type ranking struct {
	pairs, cross sorted
	ndcg         []float64 // by query
}

// Take measures the pairs. rounds says how often the intents are drawn again, with
// replacement and seeded, each with all of its pairs (a paired bootstrap: every
// method is measured on the same draw).
func (j *Judged) Take(rounds int) *Measure {
	m := &Measure{Set: j.Name, Pairs: len(j.Pairs), Intents: len(j.queries), From: j.Bars.Good, To: j.Bars.Bad,
		CrossPairs: len(j.cross), Rounds: rounds, Beside: map[string]Figures{}, Better: map[string]Better{}}
	for _, p := range j.Pairs {
		if j.Bars.IsGood(p.Grade) {
			m.Good++
		} else if j.Bars.IsBad(p.Grade) {
			m.Bad++
		}
	}
	rankings := make([]ranking, len(j.methods))
	for i := range j.methods {
		rankings[i] = j.rank(&j.methods[i])
		f := rankings[i].figures(nil)
		if i == 0 {
			m.Figures = f
		} else {
			m.Beside[j.methods[i].name] = f
		}
	}
	drawn := j.resample(rankings, rounds)
	for i, d := range drawn {
		if i > 0 {
			m.Better[j.methods[i].name] = better(drawn[0], d)
		}
	}
	m.Answers, m.Stands = j.answers(), j.stands()
	return m
}

func (j *Judged) rank(by *method) ranking {
	r := ranking{ndcg: make([]float64, len(j.queries))}
	grades, scores := make([][]float64, len(j.queries)), make([][]float64, len(j.queries))
	low := math.Inf(1)
	for _, p := range j.Pairs {
		low = min(low, p.Grade)
	}
	for n, p := range j.Pairs {
		q, good := j.query[n], j.Bars.IsGood(p.Grade)
		grades[q], scores[q] = append(grades[q], p.Grade-low), append(scores[q], by.pairs[n])
		one := scored{q, by.pairs[n], good}
		if good {
			r.cross = append(r.cross, one)
		}
		if good || j.Bars.IsBad(p.Grade) {
			r.pairs = append(r.pairs, one)
		}
	}
	for n, c := range j.cross {
		r.cross = append(r.cross, scored{c.own, by.cross[n], false})
	}
	for q := range r.ndcg {
		r.ndcg[q] = ndcg(grades[q], scores[q], cut)
	}
	r.pairs, r.cross = sort(r.pairs), sort(r.cross)
	return r
}

// figures are those of a draw of the queries; nil is each once.
func (r *ranking) figures(drawn []float64) Figures {
	return Figures{Figure(mean(r.ndcg, drawn)), Figure(r.pairs.area(drawn)), Figure(r.pairs.found(strict, drawn)),
		Figure(r.cross.area(drawn)), Figure(r.cross.found(strict, drawn))}
}

// resample gives each ranking's figures of each draw.
func (j *Judged) resample(rankings []ranking, rounds int) [][]Figures {
	draws := make([][]float64, rounds)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range draws {
		draws[i] = make([]float64, len(j.queries))
		for range j.queries {
			draws[i][random.IntN(len(j.queries))]++
		}
	}
	list := make([][]Figures, len(rankings))
	for i := range list {
		list[i] = make([]Figures, rounds)
		each(rounds, func(n int) { list[i][n] = rankings[i].figures(draws[n]) })
	}
	return list
}

func better(ours, theirs []Figures) (b Better) {
	for n, o := range ours {
		t := theirs[n]
		for _, f := range []struct {
			wins         *int
			ours, theirs Figure
		}{{&b.NDCG, o.NDCG, t.NDCG}, {&b.Area, o.Area, t.Area}, {&b.Found, o.Found, t.Found},
			{&b.CrossArea, o.CrossArea, t.CrossArea}, {&b.CrossFound, o.CrossFound, t.CrossFound}} {
			if f.ours > f.theirs {
				*f.wins++
			}
		}
	}
	return b
}

// answers counts by grade.
func (j *Judged) answers() (list []Answers) {
	by := map[float64]int{}
	for n, p := range j.Pairs {
		at, ok := by[p.Grade]
		if !ok {
			at = len(list)
			by[p.Grade], list = at, append(list, Answers{Grade: p.Grade})
		}
		switch j.Found[n].Answer() {
		case classify.Yes:
			list[at].Yes++
		case classify.Unknown:
			list[at].Unknown++
		default:
			list[at].No++
		}
	}
	slices.SortFunc(list, func(a, b Answers) int { return cmp.Compare(b.Grade, a.Grade) })
	return list
}
