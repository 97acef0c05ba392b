// Package audit chains the entries of the audit ledger, each to the one before
// it, and finds the first that does not fit. It never stores them, and never
// takes an address, a subject or a statement.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Event is what was done.
type Event string

// The events that are known.
const (
	Start     Event = "start"
	Changed   Event = "changed" // the configuration or the site's file; the object is its SHA-256
	Rotated   Event = "keys rotated"
	On        Event = "mailbox on"
	Off       Event = "mailbox off"
	Refused   Event = "refused"     // somebody asked for what is another's
	Looked    Event = "looked into" // an admin asked for a mailbox that is theirs as all of a domain are, by the map of owners
	Backup    Event = "backup"
	Restore   Event = "restore"
	Export    Event = "export"
	Erase     Event = "erase"
	Forget    Event = "forget"
	Retention Event = "retention"
	Enrolment Event = "enrolment"
	Moved     Event = "moves reported"
	Published Event = "terms published" // the object is their SHA-256, or "none"
	Reported  Event = "report sent"     // to one destination; the object is the sender's domain, as of the next
	Withheld  Event = "report withheld" // nothing of it may be published
	Silenced  Event = "destination silenced"
)

var events = []Event{Start, Changed, Rotated, On, Off, Refused, Looked, Backup, Restore, Export, Erase, Forget, Retention, Enrolment, Moved, Published, Reported, Withheld, Silenced}

// Role is in what capacity somebody acted.
type Role string

// The roles.
const (
	Owner    Role = "owner"    // of the mailbox in question
	Admin    Role = "admin"    // of the site
	Other    Role = "other"    // neither
	Delegate Role = "delegate" // the mail server's own user, which reports moves
	Usher    Role = "usher"    // the daemon by itself
)

// NoUID stands for an actor without a system user, such as one who came by a
// link in a mail.
const NoUID = -1

// Actor is who acted.
type Actor struct {
	Role Role  `json:"role"`
	UID  int64 `json:"uid"` // of the system user, or NoUID
}

// Entry is one line of the ledger. Who appends it sets Actor, Event, Object and
// Result; the ledger sets the rest.
type Entry struct {
	Seq    uint64    `json:"seq"` // from 1 on, without a gap
	At     time.Time `json:"at"`  // UTC, to the second
	Prev   string    `json:"prev"`
	Actor  Actor     `json:"actor"`
	Event  Event     `json:"event"`
	Object string    `json:"object,omitempty"` // a mailbox tag, a domain, a hash or a word
	Result string    `json:"result,omitempty"` // a few words: "ok", "failed", "why"
}

var (
	plainObject = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._:/-]{0,99}$`)
	plainResult = regexp.MustCompile(`^[0-9A-Za-z ,;.:/+-]{0,120}$`)
)

// Check refuses an entry that could tell of a person: what is no tag, domain,
// hash or plain word.
func (e Entry) Check() error {
	switch {
	case !slices.Contains(events, e.Event):
		return fmt.Errorf("audit entry: the event %q is unknown", e.Event)
	case e.Actor.Role == "":
		return errors.New("audit entry: nobody acts")
	case e.Object != "" && !plainObject.MatchString(e.Object):
		return errors.New("audit entry: the object is no tag, domain, hash or word")
	case !plainResult.MatchString(e.Result):
		return errors.New("audit entry: the result is no few plain words")
	}
	return nil
}

// Link is what the next entry is chained to: the number and hash of the last
// one. The zero Link stands before the first.
type Link struct {
	Seq uint64
	Sum [sha256.Size]byte // SHA-256 of the entry as stored
}

// version is the first byte of every value of the ledger.
const version = 1

// Append gives the value to store for e after l, and the link that follows.
func (l Link) Append(e Entry) (value []byte, next Link, err error) {
	if err := e.Check(); err != nil {
		return nil, l, err
	}
	e.Seq, e.At, e.Prev = l.Seq+1, e.At.UTC().Truncate(time.Second), hex.EncodeToString(l.Sum[:])
	text, err := json.Marshal(e)
	if err != nil {
		return nil, l, fmt.Errorf("encode audit entry: %w", err)
	}
	next = Link{e.Seq, sha256.Sum256(text)}
	value = append([]byte{version}, next.Sum[:]...)
	return append(value, text...), next, nil
}

// errChanged is about the bytes of one entry alone.
var errChanged = errors.New("it is not what was written: its hash does not fit")

// Read gives the entry that a stored value holds, and its link.
func Read(value []byte) (e Entry, l Link, err error) {
	if len(value) < 1+sha256.Size || value[0] != version {
		return e, l, errChanged
	}
	text := value[1+sha256.Size:]
	l.Sum = sha256.Sum256(text)
	if [sha256.Size]byte(value[1:1+sha256.Size]) != l.Sum {
		return e, l, errChanged
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, l, errChanged
	}
	l.Seq = e.Seq
	return e, l, nil
}

// Pack gives the value to store for a link: the last entry, or the last of those
// that have left.
func (l Link) Pack() []byte {
	value := binary.BigEndian.AppendUint64([]byte{version}, l.Seq)
	return append(value, l.Sum[:]...)
}

// Unpack is the reverse of Pack.
func Unpack(value []byte) (l Link, err error) {
	if len(value) != 9+sha256.Size || value[0] != version {
		return l, errors.New("not a link of the audit ledger")
	}
	l.Seq = binary.BigEndian.Uint64(value[1:])
	l.Sum = [sha256.Size]byte(value[9:])
	return l, nil
}
