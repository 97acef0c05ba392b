package match

import (
	"iter"
	"maps"
	"math"
	"slices"
	"sync"

	"usher/classify/vectors"
	"usher/classify/words"
)

// How words are held against each other by what they mean.
const (
	headWeight = 1.6 // of the word that names the thing, against one that tells more of it
	leadHit    = 0.6 // of a word that only tells more of another thing: "laptop" in "laptop bag"
)

// understand looks up what the terms of a topic mean.
func (t *topic) understand() {
	t.head = -1
	if t.phrase {
		return
	}
	for i := range t.terms {
		m := &t.terms[i]
		if m.meaning, m.known = vectors.Find(m.folded); !m.known {
			m.meaning, m.known = misspelt(*m)
		}
		if m.known = m.known && !m.capital; !m.known {
			continue
		}
		if t.sum == nil {
			t.sum = new(vectors.Sum)
		}
		t.sum.Add(m.meaning, vectors.Share(m.meaning.Rank()))
	}
	if t.sum != nil {
		*t.sum = t.sum.Unit()
	}
	last := len(t.terms) - 1
	if t.named > 0 {
		last = t.named - 1
	}
	if last < 0 || last >= len(t.terms) || !t.terms[last].known {
		return
	}
	if len(t.terms) > 1 {
		t.terms[last].weight *= headWeight
	}
	if t.terms[last].meaning.Thing() {
		t.head = last
	}
}

// seldom is the rank from which a word names something, or tells more of what does:
// the verbs and all else that may follow a thing are more common.
const seldom = 5000

// things remembers which words of a message name things.
type things struct{ met map[string]bool }

// notHeads name things too, but behind a word they praise or count what it names:
// "laptop deals", "shoe range", "the boots shop".
var notHeads = set(`line lines range ranges style styles bundle bundles set sets collection collections shop shops store stores outlet
	outlets kid kids men women man woman guide guides home club card cards work works gift gifts pack packs pair pairs piece pieces
	product products look looks model models brand brands edition editions black white red blue green grey gray silver brown pink
	purple yellow orange gold beige transparent clear size sizes small medium large kit pc pcs mm cm in ft inch oz lb gal plus per chrome bronze nickel top best new special page pages market markets number mark
	stock stocks run lot lots bargain bargains steal steals show shows drop drops restock`)

func (t *things) has(folded string) bool {
	if thing, ok := t.met[folded]; ok {
		return thing
	}
	w, ok := vectors.Find(folded)
	thing := (!ok && !isDigit(folded[0]) || ok && (w.Thing() || w.Rank() > seldom)) && !notHeads[folded] && !faint[folded] && !words.IsStop(folded, "en")
	if t.met == nil {
		t.met = map[string]bool{}
	}
	t.met[folded] = thing
	return thing
}

// meant is what the words of a message mean.
type meant struct {
	once   sync.Once
	words  []vectors.Word // sorted
	spots  []*spots       // of each
	sum    *vectors.Sum   // of all, those of titles twice; nil if none is known
	length float64        // of the sum

	weights, products []float64 // of each word in the sum: how often it is there, and its product with all of it
}

// means reads what the words of a message mean, if it is English or too short to
// tell.
func (x *Index) means() *meant {
	x.mean.once.Do(func() {
		if x.WordsOnly() {
			return
		}
		m, of := &x.mean, map[vectors.Word]*spots{}
		for s := range x.all() {
			if w, ok := s.meaning(); ok && !words.IsStop(w.String(), "en") {
				of[w] = s
			}
		}
		m.words = slices.Sorted(maps.Keys(of))
		for _, w := range m.words {
			if m.sum == nil {
				m.sum = new(vectors.Sum)
			}
			m.spots = append(m.spots, of[w])
			of[w].meant = len(m.spots)
			times := 1.0
			if of[w].title {
				times = 2
			}
			m.weights = append(m.weights, times*vectors.Share(w.Rank()))
			m.sum.Add(w, m.weights[len(m.weights)-1])
		}
		if m.sum == nil {
			return
		}
		m.length = max(math.SmallestNonzeroFloat32, math.Sqrt(m.sum.Dot(m.sum)))
		for _, w := range m.words {
			m.products = append(m.products, m.sum.DotWord(w))
		}
	})
	return &x.mean
}

// WordsOnly reports a message in a language of which it is not known what its words
// mean.
func (x *Index) WordsOnly() bool { return x.language != "en" && x.language != "" }

// all gives the places of each stem, in no order.
func (x *Index) all() iter.Seq[*spots] {
	if x.kept {
		return maps.Values(x.hashed)
	}
	return maps.Values(x.byStem)
}

// meaning is that of the first place.
func (s *spots) meaning() (vectors.Word, bool) {
	if len(s.places) == 0 {
		return 0, false
	}
	if p := s.places[0]; p.word == "" {
		return vectors.FindKey(p.hash)
	}
	return vectors.Find(s.places[0].word)
}

// alike finds the word of the message that is nearest to a term in what it means.
func (x *Index) alike(t term) (s *spots, found vectors.Word, cosine float64) {
	m := x.means()
	if !t.known {
		return nil, 0, 0
	}
	at, cosine := vectors.Nearest(t.meaning, m.words)
	if at < 0 {
		return nil, 0, 0
	}
	return m.spots[at], m.words[at], cosine
}

// about tells how near the message as a whole is to a topic, -1 to 1.
func (x *Index) about(t *topic) float64 {
	m := x.means()
	if t.sum == nil || m.sum == nil {
		return 0
	}
	return m.sum.Dot(t.sum) / m.length
}

// soft tells how much a word counts that is so near in what it means, 0 to 1.
// Squared, since what is of the same kind (a chair, a lamp) is no nearer than .7,
// and what means the same (a sofa, a couch) is.
func soft(cosine float64) float64 {
	near := (cosine - vectors.NearEnough) / (1 - vectors.NearEnough)
	return near * near
}
