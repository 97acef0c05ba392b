package match

import (
	"math"

	"usher/classify/vectors"
)

// How much the other words of a message count, against those by which a topic was
// found. Where all of a topic is written and stands together, they count nothing:
// the title of a thing for sale is full of names that speak of nothing near.
const (
	aboutShare   = 0.1 // of how near the message as a whole is
	fewOthers    = 3   // words by which as much can be told as not
	foreign      = 0.15
	fitting      = 0.6 // cosines under which they speak of another thing, and from which of the same
	contextShare = 1.0 // taken from what is not written at all, where they speak of another thing
	kindred      = 0.65
	same         = 0.95 // cosines of the whole message from which it speaks of it in words of its own, and from which surely
	kindredShare = 0.4  // given then to what is not written at all
	leastFound   = 0.1  // share of a topic that must be found for that
)

// inContext gives the share of a topic that was found, with what the other words
// say: "running for office" speaks of no running shoes, "sneakers for your next
// marathon" does. Doubt is the part of the topic that is not there as it is
// written, or all of it where its words stand apart.
func (x *Index) inContext(t *topic, share, doubt float64, found []*spots) float64 {
	if t.sum == nil || share == 0 || x.means().sum == nil {
		return share
	}
	about := x.about(t)
	value := (1-aboutShare)*share + aboutShare*max(0, about)
	if doubt == 0 {
		return value
	}
	cosine, sure := x.context(t, found, about)
	doubt *= sure
	value *= 1 - contextShare*doubt*(1-between(foreign, fitting, cosine))
	if share < leastFound {
		return value
	}
	return value + kindredShare*doubt*(1-value)*between(kindred, same, about)
}

// between tells how far x has come from one bound to another, 0 to 1.
func between(from, to, x float64) float64 { return min(1, max(0, (x-from)/(to-from))) }

// context tells how near the words of a message are to a topic, without those by
// which it was found; about is what about tells of the whole. The fewer those are, the
// less sure it is, 0 to 1.
func (x *Index) context(t *topic, found []*spots, about float64) (cosine, sure float64) {
	m := x.means()
	left := len(m.words)
	product, square := about*m.length, m.length*m.length // with the topic, and with themselves
	for i, s := range found {
		n := s.meant - 1
		if n < 0 {
			continue
		}
		left--
		product -= m.weights[n] * t.sum.DotWord(m.words[n])
		its := m.weights[n] * m.words[n].Length()
		square += its*its - 2*m.weights[n]*m.products[n]
		for _, o := range found[:i] {
			if k := o.meant - 1; k >= 0 {
				square += 2 * its * m.weights[k] * m.words[k].Length() * vectors.Cosine(m.words[n], m.words[k])
			}
		}
	}
	const rounding = 1e-6
	if square > rounding*m.length*m.length {
		cosine = product / math.Sqrt(square)
	}
	return cosine, float64(left) / (float64(left) + fewOthers)
}
