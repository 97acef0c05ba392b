package train

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"usher/classify"
	"usher/classify/model"
)

// Judged is a labelled message with the verdict on it.
type Judged struct {
	*Example
	Verdict *classify.Verdict
}

// Measure is how well messages were judged. Messages marked ambiguous are left
// out of everything.
type Measure struct {
	Messages  int `json:"messages"`
	Ambiguous int `json:"ambiguous_left_out"`

	Confusion map[string]map[classify.Category]int `json:"confusion"` // labelled, then judged
	All       Group                                `json:"all"`
	Sources   map[string]Group                     `json:"sources"`
	Archives  map[string]Group                     `json:"archives"`
	Eras      map[string]Group                     `json:"eras"`
	Precision map[classify.Category]Count          `json:"precision"` // of those judged so, those whose label allows it; spam is left out
	Recall    map[string]Count                     `json:"recall"`    // of those labelled so, those judged as the label allows
	Curve     []Point                              `json:"curve"`
	Sureness  []Bin                                `json:"calibration"`
	Gap       float64                              `json:"calibration_error"` // mean of |sureness - frequency|
	Spam      Count                                `json:"spam_called_personal_above_0_9_with_bulk_signs"`
}

// Group is the measure of one source, archive or era, on classes merged to
// needed and bulk.
type Group struct {
	Lowered      Count    `json:"needed_lowered"` // called newsletter or promotion
	LoweredUpper float64  `json:"needed_lowered_upper_95"`
	Found        Count    `json:"bulk_found"`
	FoundLower   float64  `json:"bulk_found_lower_95"`
	Area         *float64 `json:"area_under_curve,omitempty"` // where there is both
	Spam         Count    `json:"spam_lowered"`

	scores []ranked
}

// Bin is the messages whose P(newsletter) + P(promotion) lies in one tenth.
type Bin struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	Mean float64 `json:"mean"` // of what was said
	Bulk Count   `json:"bulk"` // of what was true
}

// Judge gives the verdicts of a model on labelled messages.
func Judge(m *classify.Model, list []Example) []Judged {
	judged := make([]Judged, len(list))
	each(len(list), func(i int) { judged[i] = Judged{&list[i], m.Classify(object(list[i].Raw))} })
	return judged
}

// Take measures verdicts against labels.
func Take(list []Judged) *Measure {
	m := &Measure{Confusion: map[string]map[classify.Category]int{}, Precision: map[classify.Category]Count{}, Recall: map[string]Count{}}
	groups := map[string]*Group{}
	group := func(key string) *Group {
		if groups[key] == nil {
			groups[key] = &Group{}
		}
		return groups[key]
	}
	for i := range list {
		j := &list[i]
		if j.Ambiguous {
			m.Ambiguous++
			continue
		}
		m.Messages++
		if m.Confusion[j.Category] == nil {
			m.Confusion[j.Category] = map[classify.Category]int{}
		}
		m.Confusion[j.Category][j.Verdict.Category]++
		for _, key := range []string{"", "source " + j.Source, "archive " + j.Archive(), "era " + j.Era()} {
			group(key).take(j)
		}
		if j.Category == "spam" && bulkSigns(j.Verdict) {
			m.Spam.add(j.Verdict.Category == classify.Personal && j.Verdict.Confidence > 0.9)
		}
		m.match(j)
	}
	all := group("")
	m.Curve = curve(all.scores, max(10, all.Lowered.N/50))
	m.calibration(all.scores)
	m.All = all.done()
	m.Sources, m.Archives, m.Eras = named(groups, "source "), named(groups, "archive "), named(groups, "era ")
	return m
}

func named(groups map[string]*Group, prefix string) map[string]Group {
	list := map[string]Group{}
	for key, g := range groups {
		if len(key) > len(prefix) && key[:len(prefix)] == prefix {
			list[key[len(prefix):]] = g.done()
		}
	}
	return list
}

func (g *Group) take(j *Judged) {
	switch {
	case j.Needed():
		g.Lowered.add(j.Verdict.Low())
	case j.Bulk():
		g.Found.add(j.Verdict.Low())
	default:
		g.Spam.add(j.Verdict.Low())
		return
	}
	g.scores = append(g.scores, ranked{j.Verdict.Lowering(), j.Bulk()})
}

func (g *Group) done() Group {
	g.LoweredUpper, g.FoundLower = g.Lowered.Upper(), g.Found.Lower()
	if a := area(slices.Clone(g.scores)); !math.IsNaN(a) {
		g.Area = &a
	}
	return *g
}

// match counts one message for precision and recall.
func (m *Measure) match(j *Judged) {
	hit := set(j.Category)&set(string(j.Verdict.Category)) != 0
	r := m.Recall[j.Category]
	r.add(hit)
	m.Recall[j.Category] = r
	if j.Category != "spam" {
		p := m.Precision[j.Verdict.Category]
		p.add(hit)
		m.Precision[j.Verdict.Category] = p
	}
}

// calibration holds what was said against what was true, in tenths.
func (m *Measure) calibration(scores []ranked) {
	m.Sureness = make([]Bin, 10)
	sums := make([]float64, 10)
	for _, r := range scores {
		i := min(int(r.score*10), 9)
		m.Sureness[i].Bulk.add(r.bulk)
		sums[i] += r.score
	}
	for i := range m.Sureness {
		b := &m.Sureness[i]
		b.From, b.To = float64(i)/10, float64(i+1)/10
		if b.Bulk.N > 0 {
			b.Mean = sums[i] / float64(b.Bulk.N)
			m.Gap += math.Abs(b.Mean-b.Bulk.Share()) * float64(b.Bulk.N) / float64(len(scores))
		}
	}
}

// bulkSigns reports whether anything that was found tells of mail to many.
func bulkSigns(v *classify.Verdict) bool {
	return slices.ContainsFunc(v.Evidence, func(e classify.Evidence) bool {
		at := model.Place(e.Code)
		return at >= 0 && model.Signs()[at].Carriage
	})
}

// Wrong lists the messages that went wrong, the costliest first: needed mail
// lowered, then bulk mail missed.
func Wrong(list []Judged) (wrong []Judged) {
	for _, j := range list {
		if !j.Ambiguous && (j.Needed() && j.Verdict.Low() || j.Bulk() && !j.Verdict.Low()) {
			wrong = append(wrong, j)
		}
	}
	slices.SortStableFunc(wrong, func(a, b Judged) int {
		if a.Needed() != b.Needed() {
			return map[bool]int{true: -1, false: 1}[a.Needed()]
		}
		return cmp.Or(cmp.Compare(b.Verdict.Lowering(), a.Verdict.Lowering()), cmp.Compare(a.Path, b.Path))
	})
	return wrong
}

// Names lists the keys of groups in order.
func Names(groups map[string]Group) []string { return slices.Sorted(maps.Keys(groups)) }
