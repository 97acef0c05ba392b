package train

import (
	"maps"
	"math"
	"slices"

	"usher/classify/model"
)

// Options say how to learn. The zero value is not useful; see Defaults.
type Options struct {
	SignPull float64 // how strongly a sign's weights are held at those set by hand
	WordPull float64 // how strongly a word's weight is held at nothing

	// A word is learned if it stands in so many messages of so many archives:
	// what only one archive has tells of the archive, not of the kind of mail.
	WordMails, WordArchives int

	Rounds int // of the optimiser
}

// Defaults were chosen by leaving out one archive at a time.
var Defaults = Options{SignPull: 30, WordPull: 30, WordMails: 5, WordArchives: 3, Rounds: 150}

// material is what one message is to the optimiser.
type material struct {
	signs   []int
	shares  []float64 // of each sign
	words   []int     // places of learned words
	scale   float64   // of each word
	allowed categories
	weight  float64
}

// Fit learns weights from observed messages. The result is the same for the
// same observations in the same order.
func Fit(seen []Observed, o Options) *model.Weights {
	words := chosenWords(seen, o)
	list := materials(seen, words)
	start := model.Start()
	width := model.Classes*len(start.Signs) + len(words)
	x := make([]float64, width)
	for i, w := range start.Signs {
		copy(x[i*model.Classes:], w[:])
	}
	from := slices.Clone(x)
	pull := make([]float64, width)
	for i := range pull {
		pull[i] = o.SignPull
		if i >= model.Classes*len(start.Signs) {
			pull[i] = o.WordPull
		}
	}
	minimise(x, o.Rounds, func(x, slope []float64) float64 {
		loss := 0.0
		for i := range x {
			d := x[i] - from[i]
			loss += pull[i] * d * d / 2
			slope[i] = pull[i] * d
		}
		for i := range list {
			loss += list[i].loss(x, slope, len(start.Signs))
		}
		return loss
	})
	for i := range start.Signs {
		copy(start.Signs[i][:], x[i*model.Classes:])
	}
	for h, at := range words {
		start.Words[h] = x[model.Classes*len(start.Signs)+at]
	}
	return start
}

// loss is how surprising the label is under weights x, and adds to the slope.
func (m *material) loss(x, slope []float64, signs int) float64 {
	var sums [model.Classes]float64
	copy(sums[:], x)
	for i, s := range m.signs {
		for c := range sums {
			sums[c] += m.shares[i] * x[s*model.Classes+c]
		}
	}
	bulk := 0.0
	for _, w := range m.words {
		bulk += x[model.Classes*signs+w]
	}
	sums[model.Newsletter] += m.scale * bulk
	sums[model.Promotion] += m.scale * bulk
	p := model.Softmax(sums)
	in := 1e-12
	for c, pc := range p {
		if m.allowed&(1<<c) != 0 {
			in += pc
		}
	}
	var d [model.Classes]float64
	for c, pc := range p {
		d[c] = m.weight * pc
		if m.allowed&(1<<c) != 0 {
			d[c] -= m.weight * pc / in
		}
		slope[c] += d[c]
	}
	for i, s := range m.signs {
		for c := range d {
			slope[s*model.Classes+c] += m.shares[i] * d[c]
		}
	}
	for _, w := range m.words {
		slope[model.Classes*signs+w] += m.scale * (d[model.Newsletter] + d[model.Promotion])
	}
	return -m.weight * math.Log(in)
}

// chosenWords numbers the words that are learned.
func chosenWords(seen []Observed, o Options) map[uint32]int {
	mails := map[uint32]int{}
	archives := map[uint32]map[string]bool{}
	for _, s := range seen {
		for _, h := range s.Found.Words {
			mails[h]++
			if archives[h] == nil {
				archives[h] = map[string]bool{}
			}
			archives[h][s.Archive()] = true
		}
	}
	chosen := map[uint32]int{}
	for _, h := range slices.Sorted(maps.Keys(mails)) {
		if mails[h] >= o.WordMails && len(archives[h]) >= o.WordArchives {
			chosen[h] = len(chosen)
		}
	}
	return chosen
}

// materials weighs each archive and class by the root of its size: a large
// archive says more than a small one, but drowns it not.
func materials(seen []Observed, words map[uint32]int) []material {
	sizes := map[string]float64{}
	for _, s := range seen {
		sizes[s.Archive()+s.Category]++
	}
	total := 0.0
	for _, n := range sizes {
		total += math.Sqrt(n)
	}
	list := make([]material, 0, len(seen))
	for _, s := range seen {
		m := material{signs: s.Found.Signs, allowed: set(s.Category)}
		m.weight = float64(len(seen)) / total / math.Sqrt(sizes[s.Archive()+s.Category])
		share := s.Found.Share()
		for _, at := range m.signs {
			part := 1.0
			if model.Signs()[at].Carriage {
				part = share
			}
			m.shares = append(m.shares, part)
		}
		for _, h := range s.Found.Words {
			if at, ok := words[h]; ok {
				m.words = append(m.words, at)
			}
		}
		m.scale = model.WordScale(len(m.words))
		list = append(list, m)
	}
	return list
}
