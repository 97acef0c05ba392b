package main

import (
	"log"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"

	"usher/classify/vectors"
)

// How the vectors are fitted. With 2 epochs more or less, or ten times the pull,
// what is measured changes in the third digit.
const (
	epochs = 6
	rate   = 0.5  // of the first epoch; it falls to 0
	pull   = 0.05 // of a word towards the teacher's own encoding of it, shared by the texts it is in
	seed   = 1
)

type vector = [vectors.Dimensions]float64

// fit gives each word a vector, so that the mean of the words of a definition,
// weighed by how rare they are, points where the teacher puts the definition. It
// minimises 1 − cosine by stochastic gradient descent, from the teacher's
// encodings of the single words.
func fit(s sources, t taught) []vectors.Entry {
	// Single words, names and definitions lie around means of their own.
	centre(t.newer, mean(t.definitions))
	for _, m := range []*mat.Dense{t.words, t.definitions, t.names} {
		centre(m, mean(m))
	}
	axes := principal(t.words, t.definitions, t.names)
	start := reduce(t.words, axes)
	targets := append(reduce(t.definitions, axes), reduce(t.names, axes)...)
	place := make(map[string]int, len(s.words))
	for i, w := range s.words {
		place[w] = i
	}
	texts, uses := parts(s, place)
	words := append([]vector(nil), start...)
	random := rand.New(rand.NewPCG(seed, seed))
	order := random.Perm(len(texts))
	for epoch := range epochs {
		step := rate * (1 - float64(epoch)/epochs)
		all, n := 0.0, 0
		for _, i := range order {
			if len(texts[i]) == 0 {
				continue
			}
			sum := vector{}
			for _, p := range texts[i] {
				add(&sum, words[p.word], p.share)
			}
			length := math.Sqrt(dot(sum, sum)) + 1e-9
			cosine := dot(sum, targets[i]) / length
			all, n = all+cosine, n+1
			for _, p := range texts[i] {
				w, own := &words[p.word], &start[p.word]
				back := pull / float64(1+uses[p.word])
				for d := range w {
					w[d] += step * (p.share*(targets[i][d]-cosine*sum[d]/length)/length - back*(w[d]-own[d]))
				}
			}
		}
		log.Printf("epoch %d of %d: the mean cosine was %.3f", epoch+1, epochs, all/float64(n))
	}
	lean(words, uses, t.glove)
	return entries(s, words, reduce(t.newer, axes))
}

// Of a word that is in few texts the teacher knows little: it leans on where GloVe
// has it, as much as on so many texts.
const leaning = 5

// lean moves words towards where their vectors of GloVe come to lie under the
// linear map that does best for the words that are in many texts (least squares).
func lean(words []vector, uses []int, glove *mat.Dense) {
	const many = 20 // texts
	var known []int
	for i, n := range uses {
		if n >= many {
			known = append(known, i)
		}
	}
	from, to := mat.NewDense(len(known), gloveDimensions, nil), mat.NewDense(len(known), vectors.Dimensions, nil)
	for row, i := range known {
		from.SetRow(row, glove.RawRowView(i))
		length := math.Sqrt(dot(words[i], words[i]))
		for d, x := range words[i] {
			to.Set(row, d, x/length)
		}
	}
	var along, mapped mat.Dense
	if err := along.Solve(from, to); err != nil {
		log.Fatalf("map GloVe's vectors: %v", err)
	}
	mapped.Mul(glove, &along)
	for i := range words {
		length := math.Sqrt(dot(words[i], words[i]))
		var there vector
		copy(there[:], mapped.RawRowView(i))
		far := math.Sqrt(dot(there, there))
		if far == 0 {
			continue
		}
		share := leaning / (leaning + float64(uses[i]))
		for d := range words[i] {
			words[i][d] = (1-share)*words[i][d] + share*length*there[d]/far
		}
	}
}

// entries joins the words of the list with those newer than it, which are as long
// as the others are on average.
func entries(s sources, words, newer []vector) (list []vectors.Entry) {
	replaced := map[string]bool{}
	for _, n := range s.newer {
		replaced[n.word] = true
	}
	length := 0.0
	for i, w := range s.words {
		length += math.Sqrt(dot(words[i], words[i])) / float64(len(words))
		if !replaced[w] {
			list = append(list, vectors.Entry{Word: w, Rank: s.rank[w], Thing: s.isThing(w), Vector: short(words[i], 1)})
		}
	}
	for i, n := range s.newer {
		rank, ok := s.rank[n.word]
		if !ok {
			rank = len(s.rank)
		}
		list = append(list, vectors.Entry{Word: n.word, Rank: rank, Thing: s.isThing(n.word), Vector: short(newer[i], length)})
	}
	return list
}

func short(v vector, length float64) (s [vectors.Dimensions]float32) {
	for d, x := range v {
		s[d] = float32(x * length)
	}
	return s
}

// part is a word of a text, and how much of the text's mean it is.
type part struct {
	word  int
	share float64
}

// parts gives the known words of each text, and how often each word is used.
func parts(s sources, place map[string]int) (texts [][]part, uses []int) {
	uses = make([]int, len(s.words))
	for _, list := range [][]string{s.definitions, s.names} {
		for _, text := range list {
			var of []part
			total := 0.0
			for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
				if i, ok := place[w]; ok {
					share := vectors.Share(s.rank[w])
					of, total = append(of, part{i, share}), total+share
					uses[i]++
				}
			}
			for i := range of {
				of[i].share /= total
			}
			texts = append(texts, of)
		}
	}
	return texts, uses
}

// principal finds the axes along which rows differ most, those that differ more
// first (principal component analysis). The rows are centred.
func principal(of ...*mat.Dense) *mat.Dense {
	covariance := mat.NewSymDense(taughtDimensions, nil)
	for _, m := range of {
		covariance.SymRankK(covariance, 1, m.T())
	}
	var e mat.EigenSym
	e.Factorize(covariance, true)
	var all mat.Dense
	e.VectorsTo(&all) // eigenvalues rise
	axes := mat.NewDense(taughtDimensions, vectors.Dimensions, nil)
	for d := range vectors.Dimensions {
		axes.SetCol(d, mat.Col(nil, taughtDimensions-1-d, &all))
	}
	return axes
}

// mean is the mean row.
func mean(m *mat.Dense) []float64 {
	n, width := m.Dims()
	sum := make([]float64, width)
	for i := range n {
		for j, x := range m.RawRowView(i) {
			sum[j] += x / float64(n)
		}
	}
	return sum
}

// centre takes a row from each row.
func centre(m *mat.Dense, row []float64) {
	n, _ := m.Dims()
	for i := range n {
		for j := range row {
			m.RawRowView(i)[j] -= row[j]
		}
	}
}

// reduce gives the rows along the axes, each of length 1.
func reduce(m, axes *mat.Dense) []vector {
	n, _ := m.Dims()
	var along mat.Dense
	along.Mul(m, axes)
	list := make([]vector, n)
	for i := range list {
		copy(list[i][:], along.RawRowView(i))
		length := math.Sqrt(dot(list[i], list[i])) + 1e-9
		for d := range list[i] {
			list[i][d] /= length
		}
	}
	return list
}

func add(to *vector, v vector, times float64) {
	for d, x := range v {
		to[d] += times * x
	}
}

func dot(a, b vector) (sum float64) {
	for d, x := range a {
		sum += x * b[d]
	}
	return sum
}
