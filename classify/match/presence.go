package match

import (
	"sync"

	"usher/classify/vectors"
)

// presence is how a message has a term: as it is written, within a longer word, or
// by a word that means much the same.
type presence struct {
	written *spots
	within  bool
	joined  bool // with its neighbour in the topic

	like *spots
	word vectors.Word // what stands there
	near float64      // how much it counts, 0 to 1
}

// presences are those of terms asked for lately: many intents share their words.
type presences struct {
	sync.Mutex
	places [128]struct {
		written string
		capital bool
		presence
	}
}

// presence looks a term up.
func (x *Index) presence(t *term) presence {
	lately := x.lately.Load()
	if lately == nil {
		return x.look(t)
	}
	p := &lately.places[t.key%uint32(len(lately.places))]
	lately.Lock()
	defer lately.Unlock()
	if p.written != t.written || p.capital != t.capital {
		p.written, p.capital, p.presence = t.written, t.capital, x.look(t)
	}
	return p.presence
}

func (x *Index) look(t *term) (p presence) {
	if p.written = x.find(*t); p.written != nil || t.capital {
		return p
	}
	p.within = x.compound(t.folded)
	if s, word, cosine := x.alike(*t); s != nil {
		p.like, p.word, p.near = s, word, soft(cosine)
	}
	return p
}
