package match

import "usher/classify/vectors"

// presence is how a message has a term: as it is written, within a longer word, or
// by a word that means much the same.
type presence struct {
	written *spots
	within  bool

	like *spots
	word vectors.Word // what stands there
	near float64      // how much it counts, 0 to 1
}

// look looks the nth term of a topic up.
func (x *Index) look(t *topic, n int) (p presence) {
	m := &t.terms[n]
	if p.written = x.find(*m); p.written != nil || m.capital {
		return p
	}
	if p.written, p.within = x.joined(t, n); p.within {
		return p
	}
	p.within = x.compound(m.folded)
	if s, word, cosine := x.alike(*m); s != nil {
		p.like, p.word, p.near = s, word, soft(cosine)
	}
	return p
}
