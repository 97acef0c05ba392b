package classify

import (
	"math"
	"slices"
)

// Bars of Relevance.Score.
const (
	yesBar     = 0.6
	unknownBar = 0.35
)

// Answer tells what a score means: Yes at or above a bar, Unknown in a band
// beneath it, No else.
func (r Relevance) Answer() Answer {
	switch {
	case r.Score >= yesBar:
		return Yes
	case r.Score >= unknownBar:
		return Unknown
	}
	return No
}

// How much a found word counts, by where it stands.
const (
	titleHit    = 1.0
	linkHit     = 0.9
	repeatedHit = 0.85 // three times or more in the body
	bodyHit     = 0.7
	compoundHit = 0.6
	scattered   = 0.7 // factor where the words of a topic stand far apart
	near        = 12  // words within which they stand together
	excludeBar  = 0.75
)

// Serves tells how well the message serves the intent, 0 to 1: the share of its
// words that the message has, weighed by how much each says and by where it
// stands. A message that is about an excluded topic scores 0.
func (v *Verdict) Serves(i *Intent) Relevance {
	if i == nil || v.terms == nil {
		return Relevance{}
	}
	m := matcher{index: v.terms.read(), language: v.terms.language}
	for _, t := range i.not {
		if m.excluded(t) {
			return Relevance{}
		}
	}
	var best Relevance
	for _, t := range i.topics {
		if r := m.serves(t); r.Score > best.Score {
			best = r
		}
	}
	for _, t := range i.about {
		r := m.serves(t)
		switch {
		case len(t.terms) > 1 && r.Score > best.Score:
			best = r
		case r.Score > 0:
			// One further word alone says little; beside the others it helps.
			best.Score = max(best.Score+(1-best.Score)*0.4*r.Score*math.Min(1, best.Score/0.3), 0.5*r.Score)
			best.Terms = append(best.Terms, r.Terms...)
		}
	}
	best.Score = min(1, best.Score)
	best.Terms = unique(best.Terms)
	return best
}

func unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// matcher looks up topics in one message.
type matcher struct {
	index    *index
	language string
}

// find gives the places of a term, or nil.
func (m matcher) find(t term) *spots {
	s := m.index.byStem[t.stems.of(m.language)]
	if s != nil && t.capital && !s.capital {
		return nil
	}
	return s
}

// serves is the weighted share of a topic's terms that the message has.
func (m matcher) serves(t topic) Relevance {
	var r Relevance
	total, got, titled := 0.0, 0.0, false
	var found []*spots
	for n, term := range t.terms {
		total += term.weight
		s := m.find(term)
		switch {
		case s != nil:
			found = append(found, s)
			titled = titled || s.title
			got += term.weight * s.strength()
		case !term.capital && (m.index.compound(term.folded) || m.joined(t, n)):
			got += term.weight * compoundHit
		default:
			continue
		}
		r.Terms = append(r.Terms, term.folded)
	}
	if total > 0 {
		r.Score = got / total
	}
	if len(found) > 1 && !titled && !together(found) {
		r.Score *= scattered
	}
	for _, k := range t.kin {
		if s := m.weighPhrase(k); s.count > 0 {
			r.Score = max(r.Score, min(1, bodyHit+0.1*float64(s.count)))
			r.Terms = append(r.Terms, k.text())
		}
	}
	return r
}

// joined reports whether a term is written as one word with its neighbour:
// "smart watch", "smartwatch".
func (m matcher) joined(t topic, n int) bool {
	whole := func(a, b string) bool { _, ok := slices.BinarySearch(m.index.forward, a+b); return ok }
	return n > 0 && whole(t.terms[n-1].folded, t.terms[n].folded) ||
		n+1 < len(t.terms) && whole(t.terms[n].folded, t.terms[n+1].folded)
}

func (s *spots) strength() float64 {
	if s.title {
		return titleHit
	}
	if s.places[0].zone == inLink {
		return linkHit
	}
	if s.n >= 3 {
		return repeatedHit
	}
	return bodyHit
}

// together reports whether a place of each stands near one of the first.
func together(found []*spots) bool {
	for _, p := range found[0].places {
		all := true
		for _, other := range found[1:] {
			all = all && slices.ContainsFunc(other.places, func(q spot) bool {
				return q.at-p.at <= near && p.at-q.at <= near
			})
		}
		if all {
			return true
		}
	}
	return false
}

// excluded reports whether the message is about a topic that rules it out: it
// stands in the title, or twice in the body.
func (m matcher) excluded(t topic) bool {
	if m.serves(t).Score < excludeBar {
		return m.sells(t).Score >= yesBar
	}
	for _, term := range t.terms {
		s := m.find(term)
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
func (v *Verdict) Sells(i *Intent) Relevance {
	var best Relevance
	if i == nil || v.terms == nil {
		return best
	}
	m := matcher{index: v.terms.read(), language: v.terms.language}
	for _, t := range i.not {
		if m.excluded(t) {
			return best
		}
	}
	for _, topics := range [][]topic{i.topics, i.about} {
		for _, t := range topics {
			if r := m.sells(t); r.Score > best.Score {
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

func (w *weight) add(z zone) {
	w.count++
	switch z {
	case inTitle:
		w.title++
	case inLink:
		w.link++
	case inHeading:
		w.heading++
	default:
		w.body++
	}
}

func (m matcher) sells(t topic) Relevance {
	sum, kinds := weight{}, 0
	var r Relevance
	count := func(t topic) {
		w := m.weighPhrase(t)
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
	often := float64(sum.body+sum.heading) / (3 + float64(m.index.size)/150)
	r.Score = 0.65*math.Min(1, float64(sum.title)) + 0.2*math.Min(2, float64(sum.heading)) +
		0.15*math.Min(2, float64(sum.link)) + 0.5*math.Min(1, often) + 0.05*math.Min(3, float64(kinds-1))
	r.Score = min(1, r.Score)
	r.Terms = unique(r.Terms)
	return r
}

// weighPhrase counts where the words of a topic stand together, undenied.
func (m matcher) weighPhrase(t topic) (w weight) {
	if len(t.terms) == 0 || t.language != "" && t.language != m.language && len(t.text()) < 6 {
		return w
	}
	var all []*spots
	for _, term := range t.terms {
		s := m.find(term)
		if s == nil {
			return w
		}
		all = append(all, s)
	}
	for _, p := range all[0].places {
		follows := !p.denied
		for n, other := range all[1:] {
			follows = follows && slices.ContainsFunc(other.places, func(q spot) bool {
				if t.phrase {
					return q.at == p.at+n+1 && !q.denied
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

// stemsIn holds the stem of a word in each language that has a stemmer.
type stemsIn map[string]string

func (s stemsIn) of(language string) string {
	if stem, ok := s[language]; ok {
		return stem
	}
	return s["en"]
}
