package caller

import (
	"cmp"
	"sync"
	"time"

	"usher/corpus/audit"
)

// maxOften bounds what one system user can have written to the ledger, in entries
// an hour: by asking for what is others', or by moving mail, an entry a mailbox.
var maxOften = map[audit.Event]int{audit.Refused: 60}

// usualOften bounds the other events, which are an entry a mailbox at most.
const usualOften = 1000

// Often knows the audit entries of this hour that may come many times. The zero value
// is ready.
type Often struct {
	mu   sync.Mutex
	hour int64
	seen map[audit.Entry]bool
	of   map[uttered]int // entries
}

// uttered is who has how many entries of what.
type uttered struct {
	uid   int64
	event audit.Event
}

// Enter notes an entry, and gives false if it is to be left out: there was one like it
// in this hour, or too many.
func (o *Often) Enter(e audit.Entry, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if hour := now.Unix() / 3600; hour != o.hour {
		o.hour, o.seen, o.of = hour, map[audit.Entry]bool{}, map[uttered]int{}
	}
	of := uttered{e.Actor.UID, e.Event}
	if o.seen[e] || o.of[of] >= cmp.Or(maxOften[e.Event], usualOften) {
		return false
	}
	o.seen[e] = true
	o.of[of]++
	return true
}
