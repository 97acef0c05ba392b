// Package relation tells from weekly totals, and from what a person states, how it
// stands between a mailbox and each brand. It never reads a message, and changes nothing.
package relation

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus/weeks"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/senders"
)

// Recent is how many days, in UTC and with today, a rate is told of.
const Recent = 30

// Brand is how it stands with one brand. What is proven to come from it and what
// merely claims to are two.
type Brand struct {
	Recipient string         `json:"recipient"`
	Brand     string         `json:"brand"`
	Domains   []string       `json:"domains,omitempty"` // all that it wrote from, where a grant says that several are one brand
	Name      string         `json:"name,omitempty"`    // as it last called itself
	Proven    bool           `json:"proven"`
	Mails     int            `json:"mails"`    // in the last 30 days
	PerWeek   float64        `json:"per_week"` // of them, since it was first seen; a first week counts as whole
	Routes    map[string]int `json:"routes"`   // where they went
	Kinds     map[string]int `json:"kinds"`    // of what kind they were
	Served    int            `json:"served"`   // let through by a want or a grant
	All       int            `json:"all"`      // mails in the last 400 days
	First     string         `json:"first"`    // the day, in UTC, of the first of these
	Last      string         `json:"last"`
	Granted   bool           `json:"granted"`           // a grant for it is in force, and it is proven
	States    []Line         `json:"states,omitempty"`  // statements that name it
	Needs     []string       `json:"needs,omitempty"`   // what it would need to reach the inbox
	Knows     []string       `json:"knows,omitempty"`   // codes of what it appears to know
	Claims    []string       `json:"claims,omitempty"`  // what it says of the terms that it keeps
	Details   []string       `json:"details,omitempty"` // what stood behind the + of the addresses it used

	first, last time.Time
}

// Files are the statements that hold for a mailbox. Either may be nil.
type Files struct{ Own, Site *intents.File }

func (f Files) each(see func(f *intents.File, name string)) {
	if f.Own != nil {
		see(f.Own, "intents")
	}
	if f.Site != nil {
		see(f.Site, "site")
	}
}

// brandOf is the brand that a proven sender is by a grant: the first domain of the
// grant, or the sender itself.
func (f Files) brandOf(key string) string {
	brand := key
	f.each(func(f *intents.File, _ string) {
		for _, g := range f.Grants {
			if brand == key && senders.Comes(identity(key, "", true), g.Brand.Domains) {
				brand = g.Brand.Domains[0]
			}
		}
	})
	return brand
}

// identity is a sender as far as its totals tell.
func identity(brand, name string, proven bool) mail.Identity {
	id := mail.Identity{Name: name, Domain: brand, OrgDomain: brand, How: mail.ByNone}
	if _, host, is := strings.Cut(brand, "@"); is {
		id.Address, id.Domain, id.OrgDomain = brand, host, host
	}
	if proven {
		id.How, id.SenderKey = mail.ByDKIM, brand
	}
	return id
}

// Is reports whether the brand is meant by a domain, or by the name that it gives
// itself.
func (b *Brand) Is(name string) bool {
	return strings.EqualFold(b.Brand, name) || strings.EqualFold(b.Name, name) ||
		slices.ContainsFunc(b.Domains, func(d string) bool { return strings.EqualFold(d, name) })
}

// Line is a statement that names a brand.
type Line struct {
	Source    string `json:"source"` // "intents:14" or "site:3"
	Statement string `json:"statement"`
	Ended     bool   `json:"ended,omitempty"`
}

// Brands adds up the totals of a mailbox by brand, and holds each against what is
// stated; those with the most recent mails come first.
func Brands(recipient string, totals []*weeks.Total, stated Files, now time.Time) []*Brand {
	today := day(now)
	since := today.AddDate(0, 0, 1-Recent)
	by, brands := map[string]*Brand{}, map[string]string{}
	for _, t := range totals {
		if t.Key == "" {
			continue
		}
		brand, claimed := strings.CutPrefix(t.Key, "claimed ")
		key, domain := t.Key, brand
		if !claimed {
			if brands[domain] == "" {
				brands[domain] = stated.brandOf(domain)
			}
			brand = brands[domain]
			key = brand
		}
		b := by[key]
		if b == nil {
			b = &Brand{Recipient: recipient, Brand: brand, Proven: !claimed, Routes: map[string]int{}, Kinds: map[string]int{}}
			by[key] = b
		}
		if !slices.Contains(b.Domains, domain) {
			b.Domains = append(b.Domains, domain)
		}
		b.add(t, since)
	}
	all := make([]*Brand, 0, len(by))
	for _, b := range by {
		b.First, b.Last = b.first.Format(time.DateOnly), b.last.Format(time.DateOnly)
		b.PerWeek = perWeek(b.Mails, b.first, today, Recent)
		if len(b.Domains) == 1 && b.Domains[0] == b.Brand {
			b.Domains = nil
		}
		b.hold(stated, now)
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *Brand) int {
		return cmp.Or(cmp.Compare(b.Mails, a.Mails), cmp.Compare(b.All, a.All), cmp.Compare(a.Brand, b.Brand), cmp.Compare(b.Name, a.Name))
	})
	return all
}

func day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// perWeek is a rate over some days, or over those since something was first seen,
// at least a week.
func perWeek(n int, first, today time.Time, days int) float64 {
	since := int(today.Sub(first).Hours()/24) + 1
	return float64(n*7) / float64(max(7, min(days, since)))
}

func (b *Brand) add(t *weeks.Total, since time.Time) {
	for kind, days := range t.Mails {
		category, disposition, _ := strings.Cut(kind, "/")
		for i, n := range days {
			at := t.Week.AddDate(0, 0, i)
			if n == 0 {
				continue
			}
			b.All += int(n)
			if b.first.IsZero() || at.Before(b.first) {
				b.first = at
			}
			if at.After(b.last) {
				b.last = at
			}
			if !at.Before(since) {
				b.Mails += int(n)
				b.Routes[disposition] += int(n)
				b.Kinds[category] += int(n)
			}
		}
	}
	for i, n := range t.Served {
		if !t.Week.AddDate(0, 0, i).Before(since) {
			b.Served += int(n)
		}
	}
	b.Name = cmp.Or(t.Name, b.Name) // totals come in the order of weeks
	for _, k := range t.Knows {
		if !slices.Contains(b.Knows, k) {
			b.Knows = append(b.Knows, k)
		}
	}
	for _, c := range t.Claims {
		if !slices.Contains(b.Claims, c) {
			b.Claims = append(b.Claims, c)
		}
	}
	for _, d := range t.Details {
		if !slices.Contains(b.Details, d) {
			b.Details = append(b.Details, d)
		}
	}
}

// hold tells what the files state of the brand.
func (b *Brand) hold(stated Files, now time.Time) {
	id := identity(b.Brand, b.Name, b.Proven)
	var ended *intents.Grant
	stands := false // a grant, whether or not the brand is proven
	stated.each(func(f *intents.File, name string) {
		today := intents.DateOf(now)
		if f.Zone != nil {
			today = intents.DateOf(now.In(f.Zone))
		}
		for _, s := range f.All {
			if !names(s, id) {
				continue
			}
			h := s.Source()
			line := Line{Source: name + ":" + strconv.Itoa(h.Line), Statement: h.Text, Ended: h.Ended(today)}
			b.States = append(b.States, line)
			if g, is := s.(*intents.Grant); is {
				if stands = stands || !line.Ended; line.Ended {
					ended = g
				}
			}
		}
	})
	b.Granted = stands && b.Proven
	b.Needs = b.needs(stands, ended)
}

// names reports whether a statement is about one brand, and this is it.
func names(s intents.Statement, id mail.Identity) bool {
	switch s := s.(type) {
	case *intents.Grant:
		return senders.Named(id, s.Brand)
	case *intents.Want:
		return len(s.From) > 0 && senders.Named(id, intents.Brand{Domains: s.From})
	case *intents.Refuse:
		return slices.ContainsFunc(s.Brands, func(b intents.Brand) bool { return senders.Named(id, b) })
	case *intents.Mute:
		return s.Brand != nil && senders.Named(id, *s.Brand)
	case *intents.Cap:
		return s.Brand != nil && senders.Named(id, *s.Brand)
	case *intents.Protect:
		return slices.ContainsFunc(s.From, func(p string) bool { return senders.Sends(p, id.Address, id.Domain) })
	}
	return false
}

// needs says what a brand that markets would need for the inbox.
func (b *Brand) needs(stands bool, ended *intents.Grant) (needs []string) {
	marketing := b.Kinds[string(classify.Promotion)] + b.Kinds[string(classify.Newsletter)]
	switch {
	case marketing == 0 || b.Granted:
		return nil
	case !b.Proven:
		needs = append(needs, "would need to prove itself by DKIM: until then no grant and no want applies")
	}
	switch {
	case stands:
		return needs
	case ended != nil:
		return append(needs, "would need a new grant: yours ended on "+ended.Until.String())
	case b.Served > 0:
		return append(needs, "would need a grant for what no want of yours serves")
	}
	return append(needs, "would need a grant, or a want that it serves")
}

// Stats are five numbers about the mail of a mailbox in some days. One that cannot
// be told is nil.
type Stats struct {
	Recipient  string   `json:"recipient"`
	From       string   `json:"from"` // days in UTC
	To         string   `json:"to"`
	Mails      int      `json:"mails"`
	SetAside   int      `json:"set_aside"`
	Marketing  int      `json:"marketing"`
	RoutedAway *float64 `json:"routed_away"` // set aside / mails
	Wrong      *float64 `json:"wrong"`       // corrected / set aside
	Late       *float64 `json:"late"`        // of offers with an end, those that ended before a digest could tell of them
	Pressure   *float64 `json:"pressure"`    // promotions and newsletters a week
	Useful     *float64 `json:"useful"`      // of them, the share that a want or a grant let through

	Corrected    int      `json:"corrected"`
	Unseen       int      `json:"unseen"`            // set aside, in no digest by themselves, and not corrected
	Samples      int      `json:"samples"`           // shown in digests to be checked, as far as those are kept
	SamplesWrong int      `json:"samples_wrong"`     // of them, corrected to the inbox
	AtMost       *float64 `json:"at_most,omitempty"` // of what is set aside may be wrong by that, with 95 % certainty
	Days         []Day    `json:"days"`
}

// StatsOf adds up the totals of a mailbox over the last days, with today.
func StatsOf(recipient string, totals []*weeks.Total, days int, now time.Time) Stats {
	today := day(now)
	since := today.AddDate(0, 0, 1-days)
	s := Stats{Recipient: recipient, From: since.Format(time.DateOnly), To: today.Format(time.DateOnly)}
	served, first := 0, today
	for at := since; !at.After(today); at = at.AddDate(0, 0, 1) {
		s.Days = append(s.Days, Day{Date: at.Format(time.DateOnly)})
	}
	for _, t := range totals {
		for kind, of := range t.Mails {
			category, disposition, _ := strings.Cut(kind, "/")
			for i, n := range of {
				at := t.Week.AddDate(0, 0, i)
				if n > 0 && at.Before(first) {
					first = at
				}
				if at.Before(since) {
					continue
				}
				on := &s.Days[min(len(s.Days)-1, int(at.Sub(since).Hours()/24))]
				on.Mails, s.Mails = on.Mails+int(n), s.Mails+int(n)
				if disposition != string(rules.Inbox) {
					on.SetAside, s.SetAside = on.SetAside+int(n), s.SetAside+int(n)
				}
				if category == string(classify.Promotion) || category == string(classify.Newsletter) {
					s.Marketing += int(n)
				}
			}
		}
		for i, n := range t.Served {
			if !t.Week.AddDate(0, 0, i).Before(since) {
				served += int(n)
			}
		}
	}
	if s.Mails == 0 {
		return s
	}
	s.RoutedAway = share(s.SetAside, s.Mails)
	pressure := perWeek(s.Marketing, first, today, days)
	s.Pressure = &pressure
	s.Useful = share(served, s.Marketing)
	return s
}

// share is nil of nothing.
func share(part, of int) *float64 {
	if of == 0 {
		return nil
	}
	f := float64(part) / float64(of)
	return &f
}
