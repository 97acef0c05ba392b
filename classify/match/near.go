package match

import (
	"iter"
	"slices"

	"usher/classify/vectors"
)

// Near are the intents of a Finder with which a message can have to do.
type Near struct {
	places []int32 // sorted
	values []float32
}

// Has reports whether the message can have to do with the intent in that place.
// All are near where nothing is known.
func (n *Near) Has(place int) bool {
	if n == nil {
		return true
	}
	_, ok := slices.BinarySearch(n.places, int32(place))
	return ok
}

// Serving gives the places of the intents of which Serves may score 0.35 or more, and
// about what it scores, but for what rules a message out. Nobody may ask it of nil.
func (n *Near) Serving() iter.Seq2[int, float64] {
	const rounding = 0.01
	return func(yield func(int, float64) bool) {
		for i, place := range n.places {
			if v := float64(n.values[i]); v >= leastScore-rounding && !yield(int(place), v) {
				return
			}
		}
	}
}

// found is what a message has of the terms of a Finder, each in its place.
type found struct {
	has    []presence
	joined []bool    // it may be written as one word with its neighbour
	most   []float32 // how much it can count, at most
	like   []uint8   // how well the best word so far may stand for it, of 255
	kin    []bool    // of each intent: what means the same may be there
	one    []presence
}

func newFound(f *Finder) *found {
	return &found{
		has: make([]presence, len(f.terms)), joined: make([]bool, len(f.terms)), most: make([]float32, len(f.terms)),
		like: make([]uint8, len(f.terms)), kin: make([]bool, f.size),
	}
}

func (h *found) clear() {
	clear(h.has)
	clear(h.joined)
	clear(h.most)
	clear(h.like)
	clear(h.kin)
}

// Near finds the intents of a Finder with which the message can have to do; nil
// where only asking tells, as of an index from features. What it takes grows with
// the words of the message and with what is near, not with the intents.
func (x *Index) Near(f *Finder) *Near {
	if x == nil || x.kept {
		return nil
	}
	h := f.pool.Get().(*found)
	defer f.pool.Put(h)
	h.clear()
	x.gather(f, h)
	near := new(Near)
	for n := range f.intents {
		q := &f.intents[n]
		if !x.mayServe(f, q, h) && !h.kin[n] {
			continue
		}
		value := q.of.served(nil, func(k int, t *topic, _ *Score) float64 {
			return x.weigh(t, x.of(t, &f.weighed[int(q.begins)+k], h), nil)
		})
		near.places, near.values = append(near.places, int32(n)), append(near.values, float32(value))
	}
	return near
}

// of gives what the message has of the terms of a topic.
func (x *Index) of(t *topic, w *weighed, h *found) []presence {
	h.one = h.one[:0]
	for n, p := range w.terms {
		has := h.has[p.term]
		switch {
		case t.terms[n].capital:
			has = presence{written: x.find(t.terms[n])}
		case has.written == nil && h.joined[p.term]:
			if s, is := x.joined(t, n); is {
				has = presence{written: s, within: true}
			}
		}
		if !t.terms[n].known {
			has.like = nil // it is in another topic: this one is not English
		}
		h.one = append(h.one, has)
	}
	return h.one
}

// gather notes what the message has of each term of a Finder.
func (x *Index) gather(f *Finder, h *found) {
	stems := f.stems(x.language)
	for stem, s := range x.byStem {
		for _, t := range stems.terms[stem] {
			h.has[t].written, h.most[t] = s, max(h.most[t], float32(s.hit))
		}
		for _, n := range stems.kin[stem] {
			h.kin[n] = true
		}
	}
	for word := range x.long {
		for _, t := range f.joined[word] {
			h.joined[t], h.most[t] = true, 1
		}
	}
	forward, backward := x.sorted()
	within := func(terms []int32) {
		for _, t := range terms {
			h.has[t].within, h.most[t] = true, max(h.most[t], compoundHit)
		}
	}
	parts(f.long, forward, within)
	parts(f.reversed, backward, within)
	x.gatherAlike(f, h)
}

// gatherAlike notes the words of the message that mean much the same as terms.
func (x *Index) gatherAlike(f *Finder, h *found) {
	m := x.means()
	if len(m.words) == 0 {
		return
	}
	if f.size <= few {
		for n := range f.terms {
			if s, word, cosine := x.alike(f.terms[n]); s != nil {
				h.stands(int32(n), s, word, soft(cosine))
			}
		}
		return
	}
	for i, word := range m.words {
		for _, t := range f.standing.of(word) {
			n, well := t>>8, uint8(t)
			p, wanted := &h.has[n], f.terms[n].meaning
			if well > h.like[n] || well == h.like[n] && (p.like == nil || vectors.Cosine(wanted, word) > vectors.Cosine(wanted, p.word)) {
				h.like[n], p.like, p.word = well, m.spots[i], word
			}
		}
	}
	for n := range h.has {
		if p := &h.has[n]; p.like != nil {
			h.stands(int32(n), p.like, p.word, soft(vectors.Cosine(f.terms[n].meaning, p.word)))
		}
	}
}

// stands notes that a word may stand for a term.
func (h *found) stands(n int32, s *spots, word vectors.Word, near float64) {
	p := &h.has[n]
	p.like, p.word, p.near = s, word, near
	h.most[n] = max(h.most[n], float32(near*s.hit))
}

// mayServe reports whether one of an intent's topics can be served.
func (x *Index) mayServe(f *Finder, q *question, h *found) bool {
	for i := q.begins; i < q.ends; i++ {
		w, share := &f.weighed[i], float32(0)
		for _, p := range w.terms {
			share += p.share * h.most[p.term]
		}
		if x.canServe(w, float64(share)) {
			return true
		}
	}
	return false
}
