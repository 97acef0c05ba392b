package model

import (
	"math"
	"slices"
)

// Found is what was found in one message.
type Found struct {
	Signs []int    // places in Signs, each once, without the prior
	Words []uint32 // keys of words and header fields, each once
}

// Key gives the number under which a word is learned, from its hash and the
// place where it stands, such as 't' for the title.
func Key(place byte, hash uint32) uint32 { return (hash ^ uint32(place)) * 16777619 }

// mostCarriage bounds what the signs of carriage say together, such as a
// header to unsubscribe by, a footer and a pixel: a mail provider puts them all
// on a receipt as on an offer, so that ten of them tell little more than three.
const mostCarriage = 5

// Share is the part of their weight that the signs of carriage keep in this
// message, 0 to 1. It follows from the weights set by hand, so that it does not
// move while training moves the others.
func (f *Found) Share() float64 {
	var sums [Classes]float64
	for _, s := range f.Signs {
		if sign := &Signs()[s]; sign.Carriage {
			for i, w := range sign.Start {
				sums[i] += w
			}
		}
	}
	return mostCarriage / max(mostCarriage, sums[Newsletter], sums[Promotion])
}

// WordScale is what each of n words counts of its weight: less in a long mail,
// where many words say the same thing.
func WordScale(n int) float64 { return 2 / math.Sqrt(max(8, float64(n))) }

// Sums adds the weights of what was found, for each category.
func (w *Weights) Sums(f *Found) (sums [Classes]float64) {
	sums = w.Signs[0]
	share := f.Share()
	for _, s := range f.Signs {
		part := 1.0
		if Signs()[s].Carriage {
			part = share
		}
		for i, weight := range w.Signs[s] {
			sums[i] += part * weight
		}
	}
	bulk := w.WordSum(f)
	sums[Newsletter] += bulk
	sums[Promotion] += bulk
	return sums
}

// Learned reports whether anything was learned of a word.
func (w *Weights) Learned(key uint32) bool {
	_, ok := w.Words[key]
	return ok
}

// WordSum is what the words speak for newsletter and promotion, or against.
func (w *Weights) WordSum(f *Found) float64 {
	sum, known := 0.0, 0
	for _, h := range f.Words {
		if weight, ok := w.Words[h]; ok {
			sum += weight
			known++
		}
	}
	return sum * WordScale(known)
}

// P gives the probability of each category. They sum to 1.
func (w *Weights) P(f *Found) [Classes]float64 {
	return w.cautious(f, w.Calibrate(Softmax(w.Sums(f))))
}

// Calibrate moves P(newsletter) + P(promotion) to how often mail of that score
// was found to be one of them, and keeps the proportions within each half.
func (w *Weights) Calibrate(p [Classes]float64) [Classes]float64 {
	low := p[Newsletter] + p[Promotion]
	if low <= 0 || low >= 1 {
		return p
	}
	sure := Logistic(w.Slope*math.Log(low/(1-low)) + w.Offset)
	for i := range p {
		if i == Newsletter || i == Promotion {
			p[i] *= sure / low
		} else {
			p[i] *= (1 - sure) / (1 - low)
		}
	}
	return p
}

// Logistic maps any number to a probability.
func Logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Softmax turns sums of weights into probabilities that sum to 1.
func Softmax(sums [Classes]float64) (p [Classes]float64) {
	top := slices.Max(sums[:])
	total := 0.0
	for i, s := range sums {
		p[i] = math.Exp(s - top)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}
