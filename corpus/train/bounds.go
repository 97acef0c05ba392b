package train

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Count is k of n.
type Count struct {
	K int `json:"k"`
	N int `json:"n"`
}

func (c Count) String() string { return fmt.Sprintf("%d of %d", c.K, c.N) }

func (c *Count) add(hit bool) {
	c.N++
	if hit {
		c.K++
	}
}

// Share is k/n, 0 where n is.
func (c Count) Share() float64 {
	if c.N == 0 {
		return 0
	}
	return float64(c.K) / float64(c.N)
}

// Upper is the exact upper bound of the true share at 95 % (Clopper and
// Pearson, one-sided): a larger share would show so few in one case of twenty.
func (c Count) Upper() float64 {
	if c.K >= c.N {
		return 1
	}
	low, high := c.Share(), 1.0
	for range 60 {
		if mid := (low + high) / 2; c.atMost(mid) > 0.05 {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// Lower is the exact lower bound at 95 %.
func (c Count) Lower() float64 { return 1 - Count{c.N - c.K, c.N}.Upper() }

// atMost is the probability of k or fewer of n at a true share p.
func (c Count) atMost(p float64) (sum float64) {
	if p <= 0 {
		return 1
	}
	for k := range c.K + 1 {
		sum += math.Exp(choose(c.N, k) + float64(k)*math.Log(p) + float64(c.N-k)*math.Log1p(-p))
	}
	return sum
}

// choose is the logarithm of n over k.
func choose(n, k int) float64 {
	lg := func(x int) float64 { l, _ := math.Lgamma(float64(x) + 1); return l }
	return lg(n) - lg(k) - lg(n-k)
}

// ranked is a score with what is true of its message.
type ranked struct {
	score float64
	bulk  bool
}

// area is the probability that a bulk message scores above a needed one, ties
// counted half: the area under the curve. It is NaN without either.
func area(list []ranked) float64 {
	slices.SortFunc(list, func(a, b ranked) int { return cmp.Compare(a.score, b.score) })
	needed, sum, bulks := 0.0, 0.0, 0.0
	for i := 0; i < len(list); {
		n, b := 0.0, 0.0
		j := i
		for ; j < len(list) && list[j].score == list[i].score; j++ {
			if list[j].bulk {
				b++
			} else {
				n++
			}
		}
		sum += b * (needed + n/2)
		needed, bulks, i = needed+n, bulks+b, j
	}
	return sum / needed / bulks
}

// Point is one threshold of the curve: what it lowers and what it finds.
type Point struct {
	Threshold float64 `json:"threshold"`
	Lowered   Count   `json:"needed_lowered"`
	Found     Count   `json:"bulk_found"`
}

// curve gives a point for each number of needed messages lowered, from none to
// most: the least threshold that lowers no more.
func curve(list []ranked, most int) (points []Point) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	p := Point{Threshold: 1}
	for _, r := range list {
		if r.bulk {
			p.Found.N++
		} else {
			p.Lowered.N++
		}
	}
	for i, r := range list {
		if !r.bulk {
			if tie := i > 0 && list[i-1].score == r.score; !tie || p.Found.K > 0 {
				points = append(points, p)
			}
			if p.Lowered.K++; p.Lowered.K > most {
				return points
			}
			continue
		}
		p.Found.K++
		p.Threshold = r.score
	}
	return append(points, p)
}
