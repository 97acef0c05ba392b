package audit

import (
	"encoding/hex"
	"fmt"
	"time"
)

// Break is the first entry at which the ledger is not what was written.
type Break struct {
	Seq uint64 `json:"entry"`
	Why string `json:"why"`
}

func (b *Break) Error() string { return fmt.Sprintf("entry %d %s", b.Seq, b.Why) }

// Walk goes along a chain, from the link before its first entry.
type Walk struct {
	Last  Link
	begun bool
}

// Next takes the value that is stored under the number seq, and says what is
// wrong there, nil if nothing is.
func (w *Walk) Next(seq uint64, value []byte) *Break {
	want := w.Last.Seq + 1
	if seq != want {
		return &Break{want, fmt.Sprintf("is missing: the next one is entry %d", seq)}
	}
	e, link, err := Read(value)
	if err != nil {
		return &Break{seq, "was changed: its hash does not fit"}
	}
	if e.Seq != seq {
		return &Break{seq, fmt.Sprintf("was moved: what stands there was written as entry %d", e.Seq)}
	}
	if e.Prev != hex.EncodeToString(w.Last.Sum[:]) {
		if !w.begun {
			return &Break{seq, "does not follow what was there before it"}
		}
		return &Break{w.Last.Seq, fmt.Sprintf("was rewritten: entry %d was chained to another", seq)}
	}
	w.Last, w.begun = link, true
	return nil
}

// End says whether the chain reaches head, the last that was noted. It may reach
// beyond it: a crash may come between an entry and the note.
func (w *Walk) End(head Link) *Break {
	if head.Seq > w.Last.Seq {
		return &Break{w.Last.Seq + 1, fmt.Sprintf("is missing: entries up to %d were written", head.Seq)}
	}
	if head.Seq == w.Last.Seq && head.Sum != w.Last.Sum {
		return &Break{head.Seq, "was rewritten: its hash is another than the one noted"}
	}
	return nil
}

// Kept is how long an entry stays at least.
const Kept = 400 * 24 * time.Hour

// Ended reports whether an entry of that time may leave: entries leave by whole
// months (UTC), once the month has been over for Kept.
func Ended(at, now time.Time) bool {
	at = at.UTC()
	over := time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return now.Sub(over) >= Kept
}
