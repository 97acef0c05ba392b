// Package offers holds the offers that were found in mail against those that a
// reader found. It never looks for any itself.
package offers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify/offer"
)

// Told is an offer as a reader found it, its money as offer.Money prints it. What
// is not said is empty.
type Told struct {
	Price    string `json:"price,omitempty"`
	Was      string `json:"was,omitempty"`
	Off      string `json:"off,omitempty"`
	UpTo     bool   `json:"up_to,omitempty"`
	From     bool   `json:"from,omitempty"`
	Discount int    `json:"discount,omitempty"` // percent
	If       string `json:"if,omitempty"`
	Code     string `json:"code,omitempty"`
	Ends     string `json:"ends,omitempty"` // 2026-11-30
	Item     string `json:"item,omitempty"`
}

// Slots are what an offer may say, in the order of reports.
var Slots = []string{"price", "was", "off", "discount", "if", "from", "up_to", "code", "ends", "item"}

// Say gives what is in a slot, "" if nothing is.
func (t Told) Say(slot string) string {
	switch slot {
	case "price":
		return t.Price
	case "was":
		return t.Was
	case "off":
		return t.Off
	case "discount":
		if t.Discount != 0 {
			return fmt.Sprint(t.Discount)
		}
	case "if":
		return t.If
	case "from":
		if t.From {
			return "from"
		}
	case "up_to":
		if t.UpTo {
			return "up to"
		}
	case "code":
		return t.Code
	case "ends":
		return t.Ends
	case "item":
		return t.Item
	}
	return ""
}

// String gives all that is said, in a line.
func (t Told) String() string {
	var list []string
	for _, slot := range Slots {
		if s := t.Say(slot); s != "" {
			list = append(list, slot+" "+s)
		}
	}
	return strings.Join(list, ", ")
}

// Find writes an offer that was found as a reader would. zone is that of the
// message's date.
func Find(o offer.Offer, zone *time.Location) Told {
	money := func(m *offer.Money) string {
		if m == nil {
			return ""
		}
		return m.String()
	}
	t := Told{
		Price: money(o.Price), Was: money(o.Was), Off: money(o.Off), UpTo: o.UpTo, From: o.FromLow,
		Discount: o.Discount, If: o.If, Code: o.Code, Item: o.Item,
	}
	if !o.Ends.IsZero() {
		t.Ends = o.Ends.In(zone).Add(-time.Second).Format(time.DateOnly) // midnight ends the day before
	}
	return t
}

// same reports whether two say the same in a slot. A name is the same if one holds
// the other, whatever its capitals.
func same(slot, a, b string) bool {
	if slot != "item" {
		return a == b
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	return strings.Contains(a, b) || strings.Contains(b, a)
}

// Count is how often a slot was said, was found, and was found right.
type Count struct {
	Told, Found, Right int
}

func (c *Count) add(o Count) {
	c.Told, c.Found, c.Right = c.Told+o.Told, c.Found+o.Found, c.Right+o.Right
}

// Precision is how much of what was found is right, 1 if nothing was.
func (c Count) Precision() float64 { return share(c.Right, c.Found) }

// Recall is how much of what was said was found, 1 if nothing was.
func (c Count) Recall() float64 { return share(c.Right, c.Told) }

// F1 is the harmonic mean of the two.
func (c Count) F1() float64 { return share(2*c.Right, c.Told+c.Found) }

func share(part, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(part) / float64(of)
}

// Result is what came out for one message.
type Result struct {
	Case  Case
	Found []Told
	Slots map[string]Count
}

// All adds up the slots.
func (r Result) All() (all Count) {
	for _, c := range r.Slots {
		all.add(c)
	}
	return all
}

// Compare holds what was found in a message against what is in it. Offers are
// paired so that those with most in common come first.
func Compare(c Case, found []Told) Result {
	r := Result{Case: c, Found: found, Slots: map[string]Count{}}
	type pair struct{ told, found, alike int }
	var pairs []pair
	for i, t := range c.Offers {
		for j, f := range found {
			n := 0
			for _, slot := range Slots {
				if said := t.Say(slot); said != "" && f.Say(slot) != "" && same(slot, said, f.Say(slot)) {
					n++
				}
			}
			pairs = append(pairs, pair{i, j, n})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.alike, a.alike) })
	with := map[int]int{}
	taken := map[int]bool{}
	for _, p := range pairs {
		if _, ok := with[p.told]; !ok && !taken[p.found] && p.alike > 0 {
			with[p.told], taken[p.found] = p.found, true
		}
	}
	for _, slot := range Slots {
		count := Count{}
		for i, t := range c.Offers {
			said := t.Say(slot)
			if said == "" {
				continue
			}
			count.Told++
			if j, ok := with[i]; ok && found[j].Say(slot) != "" && same(slot, said, found[j].Say(slot)) {
				count.Right++
			}
		}
		for _, f := range found {
			if f.Say(slot) != "" {
				count.Found++
			}
		}
		r.Slots[slot] = count
	}
	return r
}

// Sum adds up results.
func Sum(list []Result) map[string]Count {
	sum := map[string]Count{}
	for _, r := range list {
		for slot, c := range r.Slots {
			s := sum[slot]
			s.add(c)
			sum[slot] = s
		}
	}
	return sum
}

// Total adds up slots.
func Total(slots map[string]Count) (all Count) {
	for _, c := range slots {
		all.add(c)
	}
	return all
}

// Figure is a count with what follows from it, as --json prints it.
type Figure struct {
	Told      int     `json:"told"`
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

func (c Count) figure() Figure {
	return Figure{c.Told, c.Found, c.Right, c.Precision(), c.Recall(), c.F1()}
}

// Report is what was measured.
type Report struct {
	Messages int               `json:"messages"`
	All      Figure            `json:"all"`
	Slots    map[string]Figure `json:"slots"`
	Language map[string]Figure `json:"languages"` // of messages that say one
}

// Take measures results.
func Take(list []Result) Report {
	sum := Sum(list)
	r := Report{Messages: len(list), All: Total(sum).figure(), Slots: map[string]Figure{}, Language: map[string]Figure{}}
	for slot, c := range sum {
		r.Slots[slot] = c.figure()
	}
	by := map[string]Count{}
	for _, one := range list {
		if one.Case.Language != "" {
			c := by[one.Case.Language]
			c.add(one.All())
			by[one.Case.Language] = c
		}
	}
	for language, c := range by {
		r.Language[language] = c.figure()
	}
	return r
}
