// Package digest sums up for one person, as one message, what was set aside of their
// mail. It never reads a store, a clock or a network, and writes nothing of a sender's
// but in quotes.
package digest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/rules"
	"usher/rules/lessons"
)

// Bounds of a digest: what matters fits a screen, however much came.
const (
	maxWanted = 10 // mails listed one by one that serve a want
	maxListed = 5  // in another section
	maxBrands = 25 // brands folded, and of those refused
	maxLearnt = 8  // lessons told
	samples   = 2  // mails shown that nobody would have looked at
	soon      = 3  // days within which an offer is ending soon
)

// Titles of sections.
const (
	wanted  = "What you wanted"
	unsure  = "Not sure"
	ending  = "Ending soon"
	byBrand = "Offers and letters, by brand"
	refused = "Refused"
	ended   = "Ended before you saw it"
	suspect = "May be an impostor's"
	sampled = "Would you have missed these?"
)

// Span is what a digest is made of.
type Span struct {
	Mailbox     string
	Zone        *time.Location
	From, Until time.Time         // what arrived from one moment on, before the other
	Now         time.Time         // when it is sent, if that is later: what has ended by then is not open
	Decisions   []*rules.Decision // on all mail of that time, in any order
	Learnt      []lessons.Label   // corrections of that time
	Away        bool              // the digest waited until the person was back
	Fault       string            // what is wrong with the intents file; "" if nothing is
	Sampled     Sampled           // of earlier digests
}

// Edition is a digest before it is written.
type Edition struct {
	Mailbox  string
	Zone     *time.Location
	From     time.Time
	Until    time.Time
	Away     bool
	Fault    string
	Mails    int // that came
	SetAside int // of those
	Sampled  Sampled
	Sections []Section
	Learnt   []string
}

// Section is a part of a digest.
type Section struct {
	Title   string
	Entries []Entry
	Mails   int    // in it, with those left out
	More    string // what was left out
}

// Entry is one mail, or the mails of one brand. Its words are the sender's, and stand
// in quotes.
type Entry struct {
	N     int    // by which a reply names it; 0 where nothing may be said of it
	ID    string // of the decision that a reply is about: the newest
	Brand string
	Words string // the subject; "" of what may be phishing
	Facts string // price, percent, code, end
	Why   string // why it stands here
	Count int    // mails of the brand, from 2 on
}

// Compose makes a digest, nil where there is nothing new to tell.
func Compose(s Span) *Edition {
	e := &Edition{Mailbox: s.Mailbox, Zone: cmp.Or(s.Zone, time.UTC), From: s.From, Until: s.Until, Away: s.Away, Fault: s.Fault, Sampled: s.Sampled}
	c := composing{Edition: e, now: slices.MaxFunc([]time.Time{s.Until, s.Now}, time.Time.Compare)}
	for _, d := range s.Decisions {
		if d.At.Before(s.From) || !d.At.Before(s.Until) || d.Outcome == nil || d.Outcome.Code/100 != 2 {
			continue // only what was passed on is spoken of
		}
		e.Mails++
		if d.Outcome.Applied != rules.Inbox {
			e.SetAside++
			c.take(d)
		}
	}
	c.compose()
	for _, l := range lessons.Kept(s.Learnt) {
		if l.Scope != lessons.Message && len(e.Learnt) < maxLearnt {
			e.Learnt = append(e.Learnt, l.Lesson())
		}
	}
	if len(e.Sections) == 0 && e.Fault == "" {
		return nil
	}
	return e
}

// composing parts what was set aside into sections.
type composing struct {
	*Edition
	now                                                     time.Time
	wanted, unsure, ending, ended, others, refused, suspect []*rules.Decision
}

// take puts one mail where it belongs: the first that fits.
func (c *composing) take(d *rules.Decision) {
	end, has := lastEnd(d)
	switch {
	case strings.HasPrefix(d.Statement, "mute "):
	case isSuspect(d):
		c.suspect = append(c.suspect, d)
	case d.Outcome.Applied == rules.Refuse || d.Outcome.Applied == rules.Reject:
		c.refused = append(c.refused, d)
	case has && !end.After(c.now):
		c.ended = append(c.ended, d)
	case answered(d, classify.Yes) && d.Outcome.Applied == rules.Digest:
		c.wanted = append(c.wanted, d)
	case answered(d, classify.Unknown):
		c.unsure = append(c.unsure, d)
	case has && end.Before(c.now.AddDate(0, 0, soon)) && d.Outcome.Applied == rules.Digest:
		c.ending = append(c.ending, d)
	default:
		c.others = append(c.others, d)
	}
}

// answered reports whether a want answered so.
func answered(d *rules.Decision, a classify.Answer) bool {
	return slices.ContainsFunc(d.Relevance, func(r rules.Relevance) bool { return r.Answer == a })
}

// isSuspect reports mail that says to be from another than it is.
func isSuspect(d *rules.Decision) bool {
	return slices.ContainsFunc(d.Evidence, func(e classify.Evidence) bool { return e.Code == rules.LooksLike })
}

// lastEnd gives when the last of a mail's offers ends.
func lastEnd(d *rules.Decision) (last time.Time, has bool) {
	for _, o := range d.Offers {
		if o.Ends == "" {
			return last, false // this one goes on
		}
		at, err := time.Parse(time.RFC3339, o.Ends)
		if err != nil {
			return last, false
		}
		if at.After(last) {
			last = at
		}
		has = true
	}
	return last, has
}

// compose writes the sections in their order, and numbers what may be answered.
func (c *composing) compose() {
	c.list(wanted, c.wanted)
	c.list(unsure, c.unsure)
	c.list(ending, c.ending)
	c.fold(byBrand, c.others)
	c.fold(refused, c.refused)
	picked := c.sample()
	if !c.Away {
		c.fold(ended, c.ended)
	}
	c.fold(suspect, c.suspect)
	c.list(sampled, picked)
	if len(picked) > 0 {
		c.Sections[len(c.Sections)-1].More = strings.TrimSpace("Picked at random: say which belonged in your inbox, so that you know how far to trust the rest. " + c.Sampled.told())
	}
	n := 0
	for i := range c.Sections {
		for k := range c.Sections[i].Entries {
			if e := &c.Sections[i].Entries[k]; e.ID != "" {
				n++
				e.N = n
			}
		}
	}
}

// sample picks mails that would only be counted, the same ones for the same digest.
func (c *composing) sample() (picked []*rules.Decision) {
	named := map[string]bool{}
	for _, s := range c.Sections {
		for _, e := range s.Entries {
			named[e.ID] = true
		}
	}
	pool := slices.DeleteFunc(slices.Concat(c.others, c.refused), func(d *rules.Decision) bool { return named[d.ID] })
	luck := func(d *rules.Decision) uint64 {
		h := fnv.New64a()
		fmt.Fprint(h, c.Mailbox, c.Until.Unix(), d.ID)
		return h.Sum64()
	}
	slices.SortFunc(pool, func(a, b *rules.Decision) int { return cmp.Compare(luck(a), luck(b)) })
	return pool[:min(len(pool), samples)]
}

// list lists mails one by one, the newest first.
func (c *composing) list(title string, ds []*rules.Decision) {
	if len(ds) == 0 {
		return
	}
	newest(ds)
	s := Section{Title: title, Mails: len(ds)}
	most := maxListed
	if title == wanted {
		most = maxWanted
	}
	for _, d := range ds[:min(len(ds), most)] {
		s.Entries = append(s.Entries, c.entry(d))
	}
	if more := len(ds) - most; more > 0 {
		s.More = fmt.Sprintf("and %d more", more)
	}
	c.Sections = append(c.Sections, s)
}

// fold lists brands with how much came of each, the most first, by their newest mail.
func (c *composing) fold(title string, ds []*rules.Decision) {
	if len(ds) == 0 {
		return
	}
	newest(ds)
	of := map[string][]*rules.Decision{}
	var brands []string
	for _, d := range ds {
		b := nameOf(d)
		if of[b] == nil {
			brands = append(brands, b)
		}
		of[b] = append(of[b], d)
	}
	slices.SortStableFunc(brands, func(a, b string) int { return cmp.Compare(len(of[b]), len(of[a])) })
	s, left := Section{Title: title, Mails: len(ds)}, 0
	for i, b := range brands {
		if i >= maxBrands {
			left += len(of[b])
			continue
		}
		e := c.entry(of[b][0])
		e.Count = len(of[b])
		if e.Count == 1 {
			e.Count = 0
		}
		s.Entries = append(s.Entries, e)
	}
	if left > 0 {
		s.More = fmt.Sprintf("and %d mails of %d more senders", left, len(brands)-maxBrands)
	}
	c.Sections = append(c.Sections, s)
}

func newest(ds []*rules.Decision) {
	slices.SortStableFunc(ds, func(a, b *rules.Decision) int { return cmp.Compare(b.ID, a.ID) })
}

// nameOf is how a sender is called: by the name that it shows where it is proven.
func nameOf(d *rules.Decision) string {
	if d.Sender.Name != "" && d.Sender.Aligned {
		return oneLine(d.Sender.Name, 40)
	}
	return cmp.Or(d.Sender.Brand, "a sender that could not be proven")
}

// entry is one mail. Nothing of an impostor's is repeated, and no answer taken that
// would let it in.
func (c *composing) entry(d *rules.Decision) Entry {
	if isSuspect(d) {
		return Entry{Brand: cmp.Or(d.Sender.Brand, "unknown"), Why: "it " + suspicion(d)}
	}
	e := Entry{ID: d.ID, Brand: nameOf(d), Words: oneLine(d.Subject, 100)}
	if !strings.HasSuffix(d.Text, rules.NoOther) { // where nothing was stated of it, nothing explains
		e.Why = oneLine(strings.Replace(d.Text, "your want", wantOf(d), 1), 120)
	}
	if end, has := lastEnd(d); !has || end.After(c.now) {
		e.Facts = facts(d, c.now)
	}
	return e
}

// suspicion words why a mail may be an impostor's.
func suspicion(d *rules.Decision) string {
	for _, e := range d.Evidence {
		if e.Code == rules.LooksLike {
			return oneLine(e.Text, 100)
		}
	}
	return ""
}

// facts are what the summary says of an offer: behind the subject, as far as it has
// not ended.
func facts(d *rules.Decision, until time.Time) string {
	i := strings.LastIndex(d.Summary, " — ")
	if i < 0 {
		return ""
	}
	var kept []string
	for _, f := range strings.Split(d.Summary[i+len(" — "):], " · ") {
		if day, is := strings.CutPrefix(f, "ends "); is && hasEnded(d, day, until) {
			return ""
		}
		if isFact(f) {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, " · ")
}

// isFact tells a fact of the summary from a subject that has a dash in it.
func isFact(f string) bool {
	digit := strings.ContainsFunc(f, func(r rune) bool { return r >= '0' && r <= '9' })
	switch {
	case strings.HasPrefix(f, "code "):
		return len(strings.Fields(f)) == 2
	case strings.HasPrefix(f, "ends "):
		return digit && len(strings.Fields(f)) == 3
	case strings.HasSuffix(f, "% off"):
		return digit
	}
	f = strings.TrimPrefix(f, "from ")
	return digit && f != "" && f[0] < 0x80 && strings.ContainsAny(f, "0123456789") && strings.ContainsFunc(f, func(r rune) bool { return r >= 'A' && r <= 'Z' }) && len(strings.Fields(f)) <= 5
}

// hasEnded reports whether the offer whose end a summary tells is over.
func hasEnded(d *rules.Decision, day string, until time.Time) bool {
	for _, o := range d.Offers {
		if at, err := time.Parse(time.RFC3339, o.Ends); err == nil && at.Format("2 Jan") == day {
			return !at.After(until)
		}
	}
	return false
}

// Numbered gives the decision that each number stands for, from 1 on.
func (e *Edition) Numbered() (ids []string) {
	for _, s := range e.Sections {
		for _, x := range s.Entries {
			if x.N > 0 {
				ids = append(ids, x.ID)
			}
		}
	}
	return ids
}

// Samples gives the decisions that were shown to be checked.
func (e *Edition) Samples() (ids []string) {
	for _, s := range e.Sections {
		if s.Title == sampled {
			for _, x := range s.Entries {
				ids = append(ids, x.ID)
			}
		}
	}
	return ids
}

// Share tells how much was set aside, and how sure it is that it was right.
func (e *Edition) Share() string {
	text := fmt.Sprintf("%s came; %d set aside", count(e.Mails, "mail"), e.SetAside)
	if e.Mails > 0 {
		text += fmt.Sprintf(" (%.0f %%)", 100*float64(e.SetAside)/float64(e.Mails))
	}
	text += "."
	if len(e.Samples()) == 0 { // else it stands below them
		text += " " + e.Sampled.told()
	}
	return strings.TrimSpace(text)
}
