package train

import (
	"math"
	"testing"

	"usher/classify"
)

func TestUpperBoundsAreThoseOfClopperAndPearson(t *testing.T) {
	for _, c := range []struct {
		count Count
		upper float64 // 1 - 0.05^(1/n) for none; else from published tables
	}{
		{Count{0, 487}, 1 - math.Pow(0.05, 1.0/487)},
		{Count{0, 1}, 0.95},
		{Count{1, 10}, 0.3942},
		{Count{5, 10}, 0.7776},
		{Count{3, 3}, 1},
		{Count{0, 0}, 1},
	} {
		if got := c.count.Upper(); math.Abs(got-c.upper) > 1e-4 {
			t.Errorf("%s: at most %.4f, want %.4f", c.count, got, c.upper)
		}
	}
	if got := (Count{10, 10}).Lower(); math.Abs(got-math.Pow(0.05, 0.1)) > 1e-4 {
		t.Errorf("10 of 10: at least %.4f", got)
	}
}

func TestTheAreaUnderTheCurve(t *testing.T) {
	for _, c := range []struct {
		name string
		list []ranked
		want float64
	}{
		{"told apart", []ranked{{0.1, false}, {0.9, true}}, 1},
		{"the wrong way round", []ranked{{0.9, false}, {0.1, true}}, 0},
		{"all the same", []ranked{{0.5, false}, {0.5, true}, {0.5, true}}, 0.5},
		{"three of four pairs", []ranked{{0.1, false}, {0.4, true}, {0.6, false}, {0.8, true}}, 0.75},
		{"without needed mail", []ranked{{0.5, true}}, math.NaN()},
	} {
		if got := area(c.list); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTheCurveCountsWhatEachThresholdLowers(t *testing.T) {
	points := curve([]ranked{{0.9, true}, {0.8, true}, {0.7, false}, {0.6, true}, {0.5, false}, {0.4, true}}, 10)
	want := []Point{
		{0.8, Count{0, 2}, Count{2, 4}},
		{0.6, Count{1, 2}, Count{3, 4}},
		{0.4, Count{2, 2}, Count{4, 4}},
	}
	if len(points) != len(want) {
		t.Fatalf("%v", points)
	}
	for i := range want {
		if points[i] != want[i] {
			t.Errorf("point %d is %v, want %v", i, points[i], want[i])
		}
	}
}

func TestAMeasureCountsWhatItSays(t *testing.T) {
	judge := func(label string, c classify.Category, bulk float64) Judged {
		v := &classify.Verdict{Category: c, Confidence: 0.95, P: [6]float64{1 - bulk, 0, 0, 0, 0, bulk}}
		return Judged{&Example{Path: label, Category: label, Source: "sa-x", Year: 2002}, v}
	}
	doubted := judge("personal", classify.Promotion, 0.9)
	doubted.Ambiguous = true
	spam := judge("spam", classify.Personal, 0.1)
	spam.Verdict.Evidence = []classify.Evidence{{Code: "one_click"}}
	list := []Judged{
		judge("personal", classify.Personal, 0.1), judge("service", classify.Promotion, 0.9), judge("marketing", classify.Newsletter, 0.9),
		judge("marketing", classify.Personal, 0.3), judge("promotion", classify.Newsletter, 0.95), spam, doubted,
	}
	m := Take(list)
	if m.Messages != 6 || m.Ambiguous != 1 {
		t.Errorf("%d judged, %d ambiguous", m.Messages, m.Ambiguous)
	}
	if m.All.Lowered != (Count{1, 2}) || m.All.Found != (Count{2, 3}) || m.Archives["spamassassin"].Lowered != (Count{1, 2}) || m.Eras["to 2004"].Found != (Count{2, 3}) {
		t.Errorf("lowered %s, found %s; archives %v", m.All.Lowered, m.All.Found, m.Archives)
	}
	if m.Recall["marketing"] != (Count{1, 2}) || m.Recall["promotion"] != (Count{0, 1}) || m.Precision[classify.Newsletter] != (Count{1, 2}) {
		t.Errorf("recall %v, precision %v", m.Recall, m.Precision)
	}
	if m.Spam != (Count{1, 1}) {
		t.Errorf("spam believed: %s", m.Spam)
	}
	if m.Sureness[9].Bulk != (Count{2, 3}) {
		t.Errorf("the surest tenth holds %s", m.Sureness[9].Bulk)
	}
	wrong := Wrong(list)
	if len(wrong) != 2 || !wrong[0].Needed() || !wrong[1].Bulk() {
		t.Errorf("wrong: %v", wrong)
	}
}
