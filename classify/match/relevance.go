package match

import (
	"math"
	"slices"
	"strings"

	"usher/classify/words"
)

// How much a found word counts, by where it stands.
const (
	titleHit    = 1.0
	linkHit     = 0.9
	repeatedHit = 0.85 // three times or more in the body
	bodyHit     = 0.7
	compoundHit = 0.6
	scattered   = 0.7 // factor where the words of a topic stand far apart
	near        = 12  // words within which they stand together
	tight       = 3   // words within which they surely do
	loose       = 0.7 // doubt where they stand less near
	excludeBar  = 0.75
	soldBar     = 0.6  // score of Sells from which a message is about a topic
	leastScore  = 0.35 // of Serves, under which nobody asks
)

// Serves tells how well the message serves the intent, 0 to 1: the share of its
// words that the message has, weighed by how much each says and by where it
// stands. A message that is about an excluded topic scores less than 0.35.
func (x *Index) Serves(i *Intent) Score {
	m := i.meant()
	if m == nil || x == nil {
		return Score{}
	}
	told := Score{Value: m.served(nil, x.asked)}
	if told.Value < leastScore { // nobody reads its words, or asks what rules it out
		return told
	}
	for n := range m.not {
		if x.excluded(&m.not[n]) {
			return Score{}
		}
	}
	m.served(&told, x.asked)
	told.Terms = unique(told.Terms)
	return told
}

// asked is the share of the nth topic of an intent.
func (x *Index) asked(_ int, t *topic, told *Score) float64 { return x.share(t, told) }

// served tells how well an intent is served but for what rules it out, by the share
// of its topics, those that help numbered after the others, and by which words, if
// told is.
func (m *meaning) served(told *Score, share func(n int, t *topic, told *Score) float64) (best float64) {
	ask := func(n int, t *topic) (value float64, of *Score) {
		if told != nil {
			of = new(Score)
		}
		return share(n, t, of), of
	}
	for n := range m.topics {
		if value, of := ask(n, &m.topics[n]); value > best {
			best = value
			told.become(of)
		}
	}
	for n := range m.about {
		value, of := ask(len(m.topics)+n, &m.about[n])
		switch {
		case len(m.about[n].terms) > 1 && value > best:
			best = value
			told.become(of)
		case value > 0:
			// One further word alone says little; beside the others it helps.
			best = max(best+(1-best)*0.4*value*math.Min(1, best/0.3), 0.5*value)
			told.join(of)
		}
	}
	return min(1, best)
}

func unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// find gives the places of a term, or nil.
func (x *Index) find(t term) *spots {
	stem := x.stem(t)
	s := x.byStem[stem]
	if s == nil && x.kept {
		s = x.hashed[Key(stem)]
	}
	if s != nil && t.capital && !s.capital {
		return nil
	}
	return s
}

// share is the weighted share of a topic's terms that the message has, as they
// are written or in words that mean much the same, and what the other words say.
// The words are named if told is.
func (x *Index) share(t *topic, told *Score) float64 {
	var room [usual]presence
	has := room[:0]
	for n := range t.terms {
		has = append(has, x.look(t, n))
	}
	return x.weigh(t, has, told)
}

// usual terms of a topic need no memory of their own.
const usual = 6

// weigh is share, of terms that have been looked up.
func (x *Index) weigh(t *topic, has []presence, told *Score) float64 {
	total, got, written, titled := 0.0, 0.0, 0.0, false
	var room [usual]*spots
	found := room[:0]
	for n := range t.terms {
		term, p := &t.terms[n], &has[n]
		total += term.weight
		switch {
		case p.written != nil:
			found = append(found, p.written)
			titled = titled || p.written.title
			got += term.weight * p.written.strength(n == t.head)
			written += term.weight
			told.add(term.folded)
		case p.within:
			got += term.weight * compoundHit
			written += term.weight
			told.add(term.folded)
		case p.like != nil:
			got += term.weight * p.like.strength(n == t.head) * p.near
			told.addAlike(term.folded, p.word)
		}
	}
	value, doubt := 0.0, 1.0
	if total > 0 {
		value = got / total
	}
	allTitled := !slices.ContainsFunc(found, func(s *spots) bool { return !s.title })
	apart := len(found) > 1 && !allTitled && !together(found, near)
	if apart && !titled {
		value *= scattered
	}
	if total > 0 && !apart {
		doubt -= written / total
		if !allTitled && !together(found, tight) {
			doubt = max(doubt, loose)
		}
	}
	value = x.inContext(t, value, doubt, found)
	for _, k := range t.kin {
		if s := x.weighPhrase(k); s.count > 0 {
			value = max(value, min(1, bodyHit+0.1*float64(s.count)))
			told.add(k.text())
		}
	}
	return value
}

// strength tells how much a found word counts. One that names the thing must
// stand for it somewhere: in "laptop bag" the laptop only tells what bag it is.
func (s *spots) strength(head bool) float64 {
	if head {
		return s.asHead
	}
	return s.hit
}

// weigh reads how much a word counts from where it stands.
func (s *spots) weigh() {
	for i := range s.places {
		p, hit := &s.places[i], bodyHit
		switch {
		case p.zone == InTitle:
			hit = titleHit
		case p.zone == InLink:
			hit = linkHit
		case s.n >= 3:
			hit = repeatedHit
		}
		s.hit = max(s.hit, hit)
		if p.leads {
			hit *= leadHit
		}
		s.asHead = max(s.asHead, hit)
	}
}

// together reports whether a place of each stands near one of the first.
func together(found []*spots, within int) bool {
	for i := range found[0].places {
		if slices.IndexFunc(found[1:], func(s *spots) bool { return !s.by(found[0].places[i].at, within) }) < 0 {
			return true
		}
	}
	return false
}

// by reports whether one of the places stands near another.
func (s *spots) by(at, within int) bool {
	for i := range s.places {
		if d := s.places[i].at - at; d <= within && -d <= within {
			return true
		}
	}
	return false
}

// excluded reports whether the message is about a topic that rules it out: it
// stands in the title, or twice in the body.
func (x *Index) excluded(t *topic) bool {
	if x.share(t, nil) < excludeBar {
		return x.sold(*t).Value >= soldBar
	}
	for _, term := range t.terms {
		s := x.find(term)
		if s == nil || !s.title && s.n < 2 || s.places[0].denied {
			return false
		}
	}
	return true
}

// Sells tells whether the message sells, or is mainly about, the topic, 0 to 1.
// It is stricter than Serves: the topic must stand in the subject, in the names
// of things offered, in headings and links, or again and again in the body.
// What is denied ("no gambling") or stands in the footer does not count.
func (x *Index) Sells(i *Intent) Score {
	var best Score
	m := i.meant()
	if m == nil || x == nil {
		return best
	}
	for n := range m.not {
		if x.excluded(&m.not[n]) {
			return best
		}
	}
	for _, topics := range [][]topic{m.topics, m.about} {
		for _, t := range topics {
			if r := x.sold(t); r.Value > best.Value {
				best = r
			}
		}
	}
	return best
}

// weight is how often a topic stands where.
type weight struct {
	title, link, heading, body, count int
}

func (w *weight) add(z Zone) {
	w.count++
	switch z {
	case InTitle:
		w.title++
	case InLink:
		w.link++
	case InHeading:
		w.heading++
	default:
		w.body++
	}
}

func (x *Index) sold(t topic) Score {
	sum, kinds := weight{}, 0
	var r Score
	count := func(t topic) {
		w := x.weighPhrase(t)
		if w.count == 0 {
			return
		}
		sum.title += w.title
		sum.link += w.link
		sum.heading += w.heading
		sum.body += w.body
		kinds++
		r.Terms = append(r.Terms, t.text())
	}
	count(t)
	for _, k := range t.kin {
		count(k)
	}
	if kinds == 0 {
		return r
	}
	// Counts of the body are held against its length: three mentions in a long
	// newsletter are three mentions.
	often := float64(sum.body+sum.heading) / (3 + float64(x.size)/150)
	r.Value = 0.65*math.Min(1, float64(sum.title)) + 0.2*math.Min(2, float64(sum.heading)) +
		0.15*math.Min(2, float64(sum.link)) + 0.5*math.Min(1, often) + 0.05*math.Min(3, float64(kinds-1))
	r.Value = min(1, r.Value)
	r.Terms = unique(r.Terms)
	return r
}

// weighPhrase counts where the words of a topic stand together, undenied.
func (x *Index) weighPhrase(t topic) (w weight) {
	if len(t.terms) == 0 || t.language != "" && t.language != x.language && len(t.text()) < 6 {
		return w
	}
	all := make([]*spots, len(t.terms)) // nil for a common word that was not kept: it is taken to stand there
	first := -1
	for n, term := range t.terms {
		s := x.find(term)
		if s == nil && !x.lacks(term) {
			continue
		}
		if s == nil {
			return w
		}
		all[n] = s
		if first < 0 {
			first = n
		}
	}
	if first < 0 {
		return w
	}
	for _, p := range all[first].places {
		follows := !p.denied && x.isForm(t, first, p)
		for n, other := range all {
			if n == first {
				continue
			}
			if other == nil {
				follows = follows && !(t.phrase && x.taken[p.at+n-first])
				continue
			}
			follows = follows && slices.ContainsFunc(other.places, func(q spot) bool {
				if t.phrase {
					return q.at == p.at+n-first && !q.denied && x.isForm(t, n, q)
				}
				return q.at-p.at <= len(all)+2 && p.at-q.at <= len(all)+2 && !q.denied
			})
		}
		if follows {
			w.add(p.zone)
		}
	}
	return w
}

// lacks reports whether the message surely does not have a word that was not
// found: the commonest are not kept.
func (x *Index) lacks(t term) bool {
	return !x.kept || !words.IsStop(t.folded, x.language) && !words.IsStop(x.stem(t), x.language)
}

// isForm reports whether a word of the message is the topic's nth word, at most
// with an ending: a stem alone would take "dates" for "dating".
func (x *Index) isForm(t topic, n int, s spot) bool {
	const ending = 3 // letters
	word := t.terms[n].folded
	if s.word == "" {
		return !t.phrase || s.written(word, x.stem(t.terms[n]), ending)
	}
	return !t.phrase || strings.HasPrefix(s.word, word) && len(s.word) <= len(word)+ending
}
