package kinds

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const day = 24 * time.Hour

// Errors of Shorten.
var (
	ErrKind    = errors.New("no such kind")
	ErrLonger  = errors.New("an admin may only shorten")
	ErrShorter = errors.New("that is too short")
	ErrStays   = errors.New("this cannot be shortened")
)

// Days says how long each kind is kept on one site. It is safe for concurrent use.
type Days struct {
	Decisions time.Duration // kept where their owner states nothing

	set sync.Map // of a prefix: the days that an admin set
}

// Retention says how long one kind is kept.
type Retention struct {
	Kind      string `json:"kind"`
	Holds     string `json:"holds"`
	Days      int    `json:"days"`              // where nobody says otherwise; 0: until it is deleted
	Limit     int    `json:"limit,omitempty"`   // the most that anybody may ask for; 0: none
	Least     int    `json:"least,omitempty"`   // what an admin may shorten the limit to; 0: it stays
	Why       string `json:"why,omitempty"`     // it stays
	OfPersons bool   `json:"of_persons"`        // it is about one person, and sealed
	Follows   bool   `json:"follows,omitempty"` // it ends with the decisions that it is about
	Owned     bool   `json:"owned,omitempty"`   // its owner may shorten or lengthen it, up to the limit
}

// Table lists how long each kind is kept.
func (d *Days) Table() (all []Retention) {
	for i := range All {
		k := &All[i]
		r := Retention{Kind: k.Name, Holds: k.Holds, Days: int(d.Kept(k) / day), Limit: int(d.Limit(k) / day), Least: k.Least, Why: k.Why, OfPersons: k.IsBox, Follows: k.Follows()}
		if r.Owned = k.Prefix == Decisions; r.Limit == Forever {
			r.Limit = 0
		}
		all = append(all, r)
	}
	return all
}

// Shorten finds the kind that an admin means, if it may be kept for so many days
// at most.
func Shorten(name string, days int) (*Kind, error) {
	for i := range All {
		switch k := &All[i]; {
		case !strings.EqualFold(k.Name, strings.TrimSpace(name)):
		case k.Least == 0:
			return nil, fmt.Errorf("%s: %w: %s", k.Name, ErrStays, k.Why)
		case days > k.Limit:
			return nil, fmt.Errorf("%s for %d days: %w, and %d days are the limit", k.Name, days, ErrLonger, k.Limit)
		case days < k.Least:
			return nil, fmt.Errorf("%s for %d days: %w, %d is the least", k.Name, days, ErrShorter, k.Least)
		default:
			return k, nil
		}
	}
	return nil, fmt.Errorf("%q: %w", name, ErrKind)
}

// Set bounds the days of a kind.
func (d *Days) Set(prefix string, days int) { d.set.Store(prefix, days) }

// Limit is how long a kind is kept at most.
func (d *Days) Limit(k *Kind) time.Duration {
	if k.Follows() {
		return min(time.Duration(k.Limit)*day, d.Limit(Of([]byte(Decisions))))
	}
	days := k.Limit
	if set, is := d.set.Load(k.Prefix); is {
		days = min(days, set.(int))
	}
	return time.Duration(days) * day
}

// IsShortened reports whether an admin shortened the limit of a kind.
func (d *Days) IsShortened(k *Kind) bool { return d.Limit(k) < time.Duration(k.Limit)*day }

// Kept is how long a kind is kept where its owner says nothing; 0: until it is
// deleted.
func (d *Days) Kept(k *Kind) time.Duration {
	if k.Prefix == Decisions || k.Follows() {
		return min(d.Decisions, d.Limit(k))
	}
	return min(time.Duration(k.Days)*day, d.Limit(k))
}

// KeptFor is how long decisions are kept whose owner wants them kept for some
// days; 0: the owner says nothing.
func (d *Days) KeptFor(own int) time.Duration {
	k := Of([]byte(Decisions))
	if own > 0 {
		return min(time.Duration(own)*day, d.Limit(k))
	}
	return d.Kept(k)
}
