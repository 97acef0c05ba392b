// Package vectors tells how near two English words are in what they mean. It
// never parses text, and knows nothing of a word that is not in its table.
package vectors

import (
	"cmp"
	_ "embed"
	"math"
	"math/bits"
	"slices"
	"sort"
	"sync"
)

// Dimensions of a vector.
const Dimensions = 64

// Word is a word of the table: its place there, the commonest first.
type Word int32

//go:embed table.bin
var file []byte

// shipped is the table that ships with the program. What is wrong with it is
// found by its test, and before that by whoever makes it.
var shipped = sync.OnceValue(func() *table {
	t, err := read(file)
	if err != nil {
		panic(err)
	}
	return t
})

// Len is the number of words known.
func Len() int { return shipped().size }

// Find gives the word that is written like this, folded.
func Find(folded string) (Word, bool) {
	w, ok := FindKey(key(folded))
	return w, ok && shipped().word(w) == folded
}

// FindKey gives the word whose hash this is: FNV-1a of its bytes, 32 bits. A word
// that is not in the table has the hash of one that is with a chance of 1 in
// 80,000.
func FindKey(hash uint32) (Word, bool) {
	t := shipped()
	n := sort.Search(t.size, func(i int) bool { return number(t.keys, i) >= hash })
	if n == t.size || number(t.keys, n) != hash {
		return 0, false
	}
	return Word(uint16(t.places[2*n]) | uint16(t.places[2*n+1])<<8), true
}

// String gives the word.
func (w Word) String() string { return shipped().word(w) }

// Rank is the word's place by how common it is in English, from 0: its line in
// GloVe's list. Words newer than the list have the rank of its end.
func (w Word) Rank() int { return int(number(shipped().ranks, int(w)) &^ thing) }

// Thing reports a noun that can name something to hold or to eat, as WordNet has
// it: an artifact, a food, a plant, an animal, a substance.
func (w Word) Thing() bool { return number(shipped().ranks, int(w))&thing != 0 }

// Length is the length of the learned vector: what the word adds to a text.
func (w Word) Length() float64 { return float64(fraction(shipped().lengths, int(w))) }

// Cosine tells how near two words are: 1 for the same, near 0 for words that have
// nothing to do with each other, below it for some.
func Cosine(a, b Word) float64 {
	t := shipped()
	return float64(dot(t.row(a), t.row(b))) / (t.norm(a) * t.norm(b))
}

// Sum is a weighted sum of words.
type Sum [Dimensions]float32

// Add adds a word's learned vector, weight times.
func (s *Sum) Add(w Word, weight float64) {
	t := shipped()
	row := t.row(w)
	scale := float32(weight * w.Length() / t.norm(w))
	for i := range s {
		s[i] += scale * float32(int8(row[i]))
	}
}

// Unit gives the sum in length 1, unless it is nothing.
func (s *Sum) Unit() (u Sum) {
	if length := math.Sqrt(s.Dot(s)); length > 0 {
		for i := range s {
			u[i] = s[i] / float32(length)
		}
	}
	return u
}

// Dot is the product of two sums.
func (s *Sum) Dot(o *Sum) float64 {
	var a, b, c, d float32
	for i := 0; i < Dimensions; i += 4 {
		a += s[i] * o[i]
		b += s[i+1] * o[i+1]
		c += s[i+2] * o[i+2]
		d += s[i+3] * o[i+3]
	}
	return float64(a+b) + float64(c+d)
}

// Cosine tells how near two sums are; 0 if one of them is nothing.
func (s *Sum) Cosine(o *Sum) float64 {
	var both, mine, its float64
	for i := range s {
		a, b := float64(s[i]), float64(o[i])
		both, mine, its = both+a*b, mine+a*a, its+b*b
	}
	if mine == 0 || its == 0 {
		return 0
	}
	return both / math.Sqrt(mine*its)
}

// DotWord is the product of a sum and a word's learned vector.
func (s *Sum) DotWord(w Word) float64 {
	t := shipped()
	row := t.row(w)
	var a, b float32
	for i := 0; i < Dimensions; i += 2 {
		a += s[i] * float32(int8(row[i]))
		b += s[i+1] * float32(int8(row[i+1]))
	}
	return float64(a+b) * w.Length() / t.norm(w)
}

// CosineWord tells how near a sum is to a word; 0 if the sum is nothing.
func (s *Sum) CosineWord(w Word) float64 {
	t := shipped()
	row := t.row(w)
	var both, mine float64
	for i := range s {
		a := float64(s[i])
		both, mine = both+a*float64(int8(row[i])), mine+a*a
	}
	if mine == 0 {
		return 0
	}
	return both / (math.Sqrt(mine) * t.norm(w))
}

// Neighbour is a word near another.
type Neighbour struct {
	Word   Word
	Cosine float32
}

const (
	// NearEnough is the cosine from which words are taken to mean something alike.
	NearEnough = 0.45

	// apart is in how many signs of their numbers words may differ to be compared at
	// all. Of all words nine in ten differ in more; of those with a cosine of .6 or
	// more three in a hundred do, of those with NearEnough sixteen.
	apart = 26
)

// Near gives words that are near enough to w, w itself among them, the nearest
// first, at most so many. It takes some 0.4 ms.
func Near(w Word, most int) (near []Neighbour) {
	t := shipped()
	for i := range t.signs {
		if c := t.nearly(w, Word(i)); c >= NearEnough {
			near = append(near, Neighbour{Word(i), float32(c)})
		}
	}
	slices.SortFunc(near, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Word, b.Word))
	})
	return slices.Clone(near[:min(len(near), most)])
}

// Nearest gives the place in a list of the word that is nearest to w, and its
// cosine; -1 if none is near enough. It takes some 5 ns a word.
func Nearest(w Word, among []Word) (at int, cosine float64) {
	t := shipped()
	at, cosine = -1, NearEnough
	for i, o := range among {
		if c := t.nearly(w, o); c > cosine {
			at, cosine = i, c
		}
	}
	return at, cosine
}

// nearly is the cosine of two words, or 0 where too few signs are the same.
func (t *table) nearly(a, b Word) float64 {
	if bits.OnesCount64(t.signs[a]^t.signs[b]) > apart {
		return 0
	}
	return float64(dot(t.row(a), t.row(b))) / (t.norm(a) * t.norm(b))
}

// Share tells how much of the mean of a text a word of that rank makes, against
// one that is never met: a/(a+p), for the p that Zipf's law gives the rank
// (a = 0.0001, p = 0.08/(rank+1); Arora, Liang, Ma, 2017).
func Share(rank int) float64 { return 1e-4 / (1e-4 + 0.08/float64(rank+1)) }

// Weight tells how much a word of that rank says, 0 to 1: little if it is common.
// It is min(1, ln(1 + (rank+1)/50) / ln 2001).
func Weight(rank int) float64 { return min(1, math.Log(1+float64(rank+1)/50)/math.Log(2001)) }

// Unranked is what a word says that is not in the table: a name, a misspelling,
// another language.
const Unranked = 0.95

// Says tells how much a folded word says, 0 to 1, known or not.
func Says(folded string) float64 {
	if w, ok := Find(folded); ok {
		return Weight(w.Rank())
	}
	return Unranked
}
