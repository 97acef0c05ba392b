// Package weeks adds up what came to a mailbox from each sender, week by week. It
// never reads or writes a disk, and adds up nothing about who writes personally.
package weeks

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"usher/classify"
	"usher/corpus/keys"
	"usher/rules"
)

// Bounds of what one total lists.
const (
	maxDetails = 20
	maxKnows   = 40
	maxClaims  = 5
	maxText    = 100 // characters of a name or a detail
)

// Days counts by the day of the week, Monday first, in UTC.
type Days [7]uint32

// Sum is the sum of all days.
func (d Days) Sum() (n int) {
	for _, of := range d {
		n += int(of)
	}
	return n
}

// Total is what came from one sender in one week.
type Total struct {
	Week    time.Time       `json:"week"`              // its Monday, 00:00 UTC
	Key     string          `json:"key"`               // rules.Sender.Key; "" for what names nobody, and what is personal
	Name    string          `json:"name,omitempty"`    // as the sender last called itself
	Mails   map[string]Days `json:"mails"`             // by "category/disposition"
	Served  Days            `json:"served"`            // of them, those that a want or a grant let through
	Details []string        `json:"details,omitempty"` // what stood behind the + of the addresses used
	Knows   []string        `json:"knows,omitempty"`   // codes of what the sender appears to know
	Claims  []string        `json:"claims,omitempty"`  // what it says of the terms that it keeps
}

// Of begins the week of a decision with it.
func Of(d *rules.Decision) *Total {
	at := d.At.UTC()
	day := (int(at.Weekday()) + 6) % 7
	t := &Total{
		Week:  time.Date(at.Year(), at.Month(), at.Day()-day, 0, 0, 0, 0, time.UTC),
		Mails: map[string]Days{},
	}
	var one Days
	one[day] = 1
	t.Mails[string(d.Category)+"/"+string(d.Disposition)] = one
	if d.Category == classify.Personal || d.Category == classify.List {
		return t
	}
	if t.Key = d.Sender.Key(); t.Key == "" {
		return t
	}
	t.Name = cut(d.Sender.Name)
	if rules.Served(d.Counts) {
		t.Served = one
	}
	if d.Detail != "" {
		t.Details = []string{cut(d.Detail)}
	}
	if d.Terms != nil && d.Terms.Claim != nil {
		t.Claims = []string{cut(d.Terms.Claim.String())}
	}
	for _, k := range d.Knows {
		t.Knows = merged(t.Knows, []string{k.Code}, maxKnows)
	}
	return t
}

func cut(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText])
	}
	return s
}

func merged(into, from []string, limit int) []string {
	for _, s := range from {
		if len(into) < limit && !slices.Contains(into, s) {
			into = append(into, s)
		}
	}
	return into
}

// Add adds another total of the same sender and week.
func (t *Total) Add(other *Total) {
	for kind, days := range other.Mails {
		sum := t.Mails[kind]
		for i := range sum {
			sum[i] += days[i]
		}
		t.Mails[kind] = sum
	}
	for i := range t.Served {
		t.Served[i] += other.Served[i]
	}
	if other.Name != "" {
		t.Name = other.Name
	}
	t.Details = merged(t.Details, other.Details, maxDetails)
	t.Knows = merged(t.Knows, other.Knows, maxKnows)
	t.Claims = merged(t.Claims, other.Claims, maxClaims)
}

// IsFrom reports whether a total is of a brand, proven or claimed, or of a sender
// that calls itself so.
func (t *Total) IsFrom(brand string) bool {
	key := rules.Sender{Brand: strings.ToLower(brand)}.Key()
	return t.Key != "" && (t.Key == key || "claimed "+t.Key == key || strings.EqualFold(t.Name, brand))
}

// Place names one total: whose, when, and of whom as a tag.
type Place struct {
	Box    keys.Tag
	Week   int64 // of its Monday, in seconds since 1970
	Sender keys.Tag
}

// Prefix begins the key of every total.
const Prefix = "w/"

// Begin begins the keys of all totals of a mailbox.
func Begin(box keys.Tag) []byte { return append([]byte(Prefix), box[:]...) }

// Key is where a total stands; those of one mailbox stand in the order of weeks.
func (at Place) Key() []byte {
	return append(binary.BigEndian.AppendUint64(Begin(at.Box), uint64(at.Week)), at.Sender[:]...)
}

// Seal gives what is stored of a total at a place.
func (t *Total) Seal(key *keys.Box, place []byte) ([]byte, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	return key.Seal(place, plain), nil
}

// Open is the reverse of Seal.
func Open(key *keys.Box, place, value []byte) (*Total, error) {
	plain, err := key.Open(place, value)
	if err != nil {
		return nil, err
	}
	week := binary.BigEndian.Uint64(place[len(Prefix)+len(keys.Tag{}):])
	t := new(Total)
	if err := json.Unmarshal(plain, t); err != nil {
		return nil, fmt.Errorf("read a weekly total: %w", err)
	}
	t.Week = time.Unix(int64(week), 0).UTC()
	if t.Mails == nil {
		t.Mails = map[string]Days{}
	}
	return t, nil
}

// Waiting are totals that are not yet written. The zero Waiting is empty. It is
// safe for concurrent use.
type Waiting struct {
	mu     sync.Mutex
	totals map[Place]*Total
}

// Add adds to what waits for a sender and week.
func (w *Waiting) Add(at Place, t *Total) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if was := w.totals[at]; was != nil {
		was.Add(t)
		return
	}
	if w.totals == nil {
		w.totals = map[Place]*Total{}
	}
	w.totals[at] = t
}

// Take gives at most n of the totals that wait, and waits no more for them.
func (w *Waiting) Take(n int) map[Place]*Total {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := map[Place]*Total{}
	for at, t := range w.totals {
		if len(taken) == n {
			break
		}
		taken[at] = t
		delete(w.totals, at)
	}
	return taken
}

// Some reports whether a total waits.
func (w *Waiting) Some() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.totals) > 0
}

// Forget lets go of what waits for a mailbox.
func (w *Waiting) Forget(box keys.Tag) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at := range w.totals {
		if at.Box == box {
			delete(w.totals, at)
		}
	}
}
