// Package tally counts by day what concerns nobody, until it is written. It never
// counts by mailbox or sender.
package tally

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Prefix begins the key of every count.
const Prefix = "n/"

// Count names one number of one day, such as 20261124, "category", "promotion".
type Count struct{ Day, Kind, Name string }

// Of names a number of the day of a moment.
func Of(at time.Time, kind, name string) Count { return Count{DayOf(at), kind, name} }

// Key is where a count stands.
func (c Count) Key() []byte { return []byte(Prefix + c.Day + "/" + c.Kind + "/" + c.Name) }

// DayOf is the day under which a moment is counted.
func DayOf(at time.Time) string { return at.UTC().Format("20060102") }

var errCount = errors.New("not a count: version 1 and eight bytes are expected")

// version is the first byte of a stored count.
const version = 1

// Pack is what is stored of a count.
func Pack(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{version}, n) }

// Unpack reads what Pack gave.
func Unpack(value []byte) (uint64, error) {
	if len(value) != 9 || value[0] != version {
		return 0, fmt.Errorf("value of %d bytes: %w", len(value), errCount)
	}
	return binary.BigEndian.Uint64(value[1:]), nil
}

// Tally holds what is not yet written. The zero Tally is empty. It is safe for
// concurrent use.
type Tally struct {
	mu     sync.Mutex
	counts map[Count]uint64
}

// Add adds to one count.
func (t *Tally) Add(c Count, n uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[Count]uint64{}
	}
	t.counts[c] += n
}

// Take empties the tally.
func (t *Tally) Take() map[Count]uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := t.counts
	t.counts = nil
	return counts
}

// AddTo adds what is not yet written of one day to counts by "kind/name".
func (t *Tally) AddTo(counts map[string]uint64, day string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c, n := range t.counts {
		if c.Day == day {
			counts[strings.TrimPrefix(string(c.Key()), Prefix+day+"/")] += n
		}
	}
}
