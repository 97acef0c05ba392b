// Package permission keeps, for one person, which brands may market to them, since when
// and until when: a list that is only appended to. It never decides anything, and takes
// what a sender says as no more than that.
package permission

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/corpus"
)

// Schema is the form of an event; field names are a contract.
const Schema = "usher-permission-1"

// kept is for how long the events of a brand are kept once its permission has ended.
const kept = 3 * 365 * 24 * time.Hour

// What an event can be.
const (
	Granted           = "granted"
	Withdrawn         = "withdrawn" // the grant no longer stands in the file
	Ended             = "ended"     // its last day has passed
	Muted             = "muted"
	UnsubscribeAsked  = "unsubscribe_asked"
	UnsubscribeResult = "unsubscribe_result"
	Complained        = "complained"
	TermsAcknowledged = "terms_acknowledged"
)

// Who says so.
const (
	byPerson = "person"
	observed = "observed"     // by usher
	claimed  = "sender-claim" // by the sender, and nobody checked it
)

// Event is one entry of the list.
type Event struct {
	Schema    string    `json:"schema"`
	ID        string    `json:"id"`   // ULID
	Prev      string    `json:"prev"` // SHA-256 of the event before it of the same brand, in hex; "" of the first
	At        time.Time `json:"at"`   // when it was noticed
	Event     string    `json:"event"`
	By        string    `json:"by"`
	Brand     string    `json:"brand"`
	SenderKey string    `json:"sender_key,omitempty"` // the domain by which the sender is known
	Stream    *string   `json:"stream"`
	Scope     []string  `json:"scope,omitempty"`     // topics; absent: all
	Until     string    `json:"until,omitempty"`     // the last day
	Ground    string    `json:"ground,omitempty"`    // the person's words after because, or what came of it
	Statement string    `json:"statement,omitempty"` // "intents:9" and the file's hash, or what else it goes back to
}

// hash is what the next event of the brand holds of this one.
func (e Event) hash() string {
	text, _ := json.Marshal(e) // strings and a time
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// ending is an event that is kept until a moment.
type ending struct {
	Event
	ends time.Time
}

// Ends is what the store goes by.
func (e ending) Ends() time.Time { return e.ends }

// Ledger keeps the lists of all mailboxes. It is safe for concurrent use.
type Ledger struct {
	Store *corpus.Store
	Now   func() time.Time

	mu sync.Mutex // while a list grows
}

// Events lists the events of a mailbox, the oldest first.
func (l *Ledger) Events(mailbox string) ([]Event, error) {
	return corpus.Notes[Event](l.Store, mailbox, corpus.PrefixPermission)
}

// append adds an event to a list, and to known, which holds it. A grant is kept until its
// brand ends, and three years from then like all else.
func (l *Ledger) append(ctx context.Context, mailbox string, known *[]Event, e Event) error {
	e.Schema, e.ID, e.At = Schema, ulid.Make().String(), l.Now().UTC().Truncate(time.Second)
	if i := lastOf(*known, e.Brand); i >= 0 {
		e.Prev = (*known)[i].hash()
	}
	*known = append(*known, e)
	if e.Event == Granted {
		return l.Store.Note(ctx, mailbox, corpus.PrefixPermission, e.ID, e)
	}
	ends := l.Now().Add(kept)
	for _, one := range *known {
		over := one.Brand == e.Brand && (e.Event == Withdrawn || e.Event == Ended)
		if one.ID != e.ID && !over {
			continue
		}
		if err := l.Store.Note(ctx, mailbox, corpus.PrefixPermission, one.ID, ending{one, ends}); err != nil {
			return err
		}
	}
	return nil
}

// lastOf finds the last event of a brand that is one of some, or any.
func lastOf(all []Event, brand string, some ...string) int {
	for i, e := range slices.Backward(all) {
		if e.Brand == brand && (len(some) == 0 || slices.Contains(some, e.Event)) {
			return i
		}
	}
	return -1
}

// ErrBroken is that events do not follow each other: one was changed, or taken out.
var ErrBroken = errors.New("the list was changed")

// Verify reports whether the events of each brand follow each other; those before the
// first that is still kept have ended.
func Verify(all []Event) error {
	for i, e := range all {
		if before := lastOf(all[:i], e.Brand); before >= 0 && all[before].hash() != e.Prev {
			return fmt.Errorf("event %s of %s: %w", e.ID, e.At.Format(time.DateOnly), ErrBroken)
		}
	}
	return nil
}
