package relevance

import (
	"math"
	"testing"
)

// ranked makes pairs of scores, all of one query.
func ranked(good, bad []float64) (list []scored) {
	for _, g := range good {
		list = append(list, scored{0, g, true})
	}
	for _, b := range bad {
		list = append(list, scored{0, b, false})
	}
	return list
}

func same(a, b float64) bool { return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b) }

func TestAreaAndFoundAreThoseOfTheTextbook(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name      string
		good, bad []float64
		rate      float64
		area      float64
		found     float64
	}{
		{"all good above all bad", []float64{.9, .8}, []float64{.2, .1}, .01, 1, 1},
		{"all good beneath all bad", []float64{.1}, []float64{.9, .8}, .01, 0, 0},
		{"one of four pairs turned round", []float64{.9, .3}, []float64{.5, .1}, .01, .75, .5},
		{"a tie counts half, and passes no bar that its bad pair may not pass", []float64{.5}, []float64{.5, .1}, .01, .75, 0},
		{"a bar that half of the bad may pass", []float64{.9, .3}, []float64{.5, .1}, .5, .75, 1},
		{"nothing that is bad", []float64{.5}, nil, .01, nan, nan},
		{"nothing that is good", nil, []float64{.5}, .01, nan, nan},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sort(ranked(c.good, c.bad))
			if got := s.area(nil); !same(got, c.area) {
				t.Errorf("area %v, want %v", got, c.area)
			}
			if got := s.found(c.rate, nil); !same(got, c.found) {
				t.Errorf("found %v, want %v", got, c.found)
			}
		})
	}
}

func TestAQueryThatIsDrawnTwiceCountsTwice(t *testing.T) {
	s := sort([]scored{{0, .9, true}, {0, .5, false}, {1, .4, true}, {1, .1, false}})
	if got := s.area(nil); !same(got, .75) {
		t.Errorf("each once: %v, want 0.75", got)
	}
	if got := s.area([]float64{2, 0}); !same(got, 1) {
		t.Errorf("the first alone: %v, want 1", got)
	}
	// Good at .9 and twice at .4, bad at .5 and twice at .1: of nine, seven are in order.
	if got := s.area([]float64{1, 2}); !same(got, 7.0/9) {
		t.Errorf("the second twice: %v, want 7/9", got)
	}
}

func TestTheGainOfARankingIsDiscounted(t *testing.T) {
	log := math.Log2
	for _, c := range []struct {
		name           string
		grades, scores []float64
		cut            int
		want           float64
	}{
		{"the best order", []float64{3, 2, 0}, []float64{.9, .5, .1}, 10, 1},
		{"the best last of two", []float64{0, 1}, []float64{.9, .1}, 10, 1 / log(3)},
		{"grades 3 and 2 turned round", []float64{3, 2}, []float64{.1, .9}, 10, (3 + 7/log(3)) / (7 + 3/log(3))},
		{"a tie is the mean of both orders", []float64{0, 1}, []float64{.5, .5}, 10, (1 + 1/log(3)) / 2},
		{"what stands beneath the cut gains nothing", []float64{0, 1}, []float64{.9, .1}, 1, 0},
		{"a tie across the cut", []float64{1, 0, 0, 0}, []float64{.5, .5, .5, .5}, 1, .25},
		{"nothing that has a gain", []float64{0, 0}, []float64{.5, .4}, 10, math.NaN()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ndcg(c.grades, c.scores, c.cut); !same(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestBM25WeighsARareWordMore(t *testing.T) {
	b := newBM25([]Text{{Title: "red shoes"}, {Title: "red lamp"}})
	// Both texts have two words, as the mean has: f 2.2 / (f + 1.2) is 1 for f = 1.
	red, shoe := math.Log(1+0.5/2.5), math.Log(2)
	for _, c := range []struct {
		name  string
		query []string
		text  int
		want  float64
	}{
		{"both words", []string{"red", "shoe"}, 0, red + shoe},
		{"one word", []string{"red", "shoe"}, 1, red},
		{"none", []string{"table"}, 0, 0},
	} {
		if got := b.score(c.query, c.text); !same(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := newOverlap([]Text{{Body: "Red shoes"}}).score([]string{"red", "shoe"}, 0); !same(got, .5) {
		t.Errorf("share of words %v, want 0.5: shoes is not written as shoe", got)
	}
}

func TestBarsFollowTheGrades(t *testing.T) {
	for _, c := range []struct {
		name   string
		grades []float64
		want   Bars
	}{
		{"0 to 3", []float64{0, 1, 2, 3}, Bars{2, 0}},
		{"0 to 2", []float64{0, 1, 2}, Bars{2, 0}},
		{"0 and 1", []float64{0, 1}, Bars{1, 0}},
		{"1 to 5", []float64{1, 5}, Bars{4, 1}},
		{"means of raters from 1 to 3", []float64{1, 2.33, 3}, Bars{2.67, 1.67}},
	} {
		s := &Set{}
		for _, g := range c.grades {
			s.Pairs = append(s.Pairs, Pair{Grade: g})
		}
		if got := BarsOf(s); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
