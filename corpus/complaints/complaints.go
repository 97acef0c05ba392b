// Package complaints tells senders of a message that its recipient calls unwanted, where
// the sender asks for that and the recipient says so: it keeps of each message to whom,
// waits a while, and tells it once. It never takes anything else for a complaint.
package complaints

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/rules"
	"usher/smtpd/complain"
	"usher/smtpd/order"
)

// State is how far a complaint is.
type State string

// The states of a complaint, in order.
const (
	Proposed  State = "proposed"  // nothing is kept of it
	Waiting   State = "waiting"   // until it is due
	Sending   State = "sending"   // this very moment; after a crash nobody knows what came of it
	Sent      State = "sent"      // the relay took it, for one of the addresses at least
	Failed    State = "failed"    // see Fault
	Cancelled State = "cancelled" // by the person, before it was due
)

// Reasons that a person may give.
var Reasons = []string{"not-requested", "unsubscribe-ignored", "too-often", "deceptive", "other"}

// Complaint is one person's word about one message. The field names are those of --json.
type Complaint struct {
	ID        string            `json:"id,omitempty"` // ULID; absent of what is only proposed
	Recipient string            `json:"recipient"`
	Brand     string            `json:"brand"`
	Stream    string            `json:"stream"`
	Decision  string            `json:"decision"`
	From      string            `json:"from"` // domain of the sender
	To        []complain.Target `json:"to"`
	Reason    string            `json:"reason"`
	State     State             `json:"state"`
	Fault     string            `json:"fault,omitempty"` // why it failed, or was not sent yet
	At        time.Time         `json:"at,omitzero"`     // when the person said so
	Due       time.Time         `json:"due,omitzero"`
	Done      time.Time         `json:"done,omitzero"`
	Tries     int               `json:"tries,omitempty"`
	Told      []string          `json:"told,omitempty"` // addresses that are not told again: they were, or may have been
}

// Counts reports whether a complaint was made: it waits, was sent, or may have been.
func (c *Complaint) Counts() bool {
	return c.State == Waiting || c.State == Sending || c.State == Sent || len(c.Told) > 0
}

// Slip is what a complaint about one message would say, as it was signed on arrival.
type Slip struct {
	complain.Slip
	Brand    string    `json:"brand"`
	Stream   string    `json:"stream"`
	Decision string    `json:"decision"`
	At       time.Time `json:"at"`              // the day
	Fault    string    `json:"fault,omitempty"` // why nobody is told; "" if somebody is
}

// SlipOf reads the slip of a message that is decided about; nil where it names no
// address for complaints. key hides who its reverse-path is for.
func SlipOf(o *mail.Object, d *rules.Decision, key []byte) *Slip {
	if d.Category == classify.Personal { // which leaves no sender
		return nil
	}
	found, err := complain.Read(o, key)
	if errors.Is(err, complain.ErrNone) {
		return nil
	}
	s := &Slip{Slip: found, Brand: o.Identity.Brand(), Stream: o.Identity.StreamKey, Decision: d.ID, At: d.At.UTC().Truncate(day)}
	if s.Stream == "" {
		s.Stream = s.Brand
	}
	if err != nil {
		s.Fault = err.Error()
	}
	return s
}

// Bounds.
const (
	day       = 24 * time.Hour
	sameList  = 30 * day // in which one person complains of one list once
	mostDaily = 100      // complaints to one address
	kept      = 14 * day // that slips are
)

// Errors of a complaint.
var (
	ErrExpired  = errors.New("to whom complaints about that message go is forgotten: it is kept for 14 days")
	ErrSoon     = errors.New("you complained of mail of that list within 30 days already, and that is enough for its sender to know")
	ErrReason   = errors.New("that is no reason")
	ErrNotThere = errors.New("no such complaint is waiting")
	ErrNoRelay  = errors.New("this site sends no complaints yet: the setting relay is not set, or `usher dkim` made no keys that sign them")
	ErrSilent   = errors.New("every address that the sender names wants to hear no more complaints of this site, or took no letter of it within 30 days")
)

// Desk takes complaints, and sends them. Its fields are set before Begin.
type Desk struct {
	Store *corpus.Store
	// Send signs and sends a letter to an address; sent is that it may have gone although
	// there is an error. nil: none are sent.
	Send func(ctx context.Context, to string, letter []byte) (sent bool, err error)
	// Answer does the same for who wrote to us; nil: nobody is answered.
	Answer func(ctx context.Context, to string, letter []byte) error
	// Alone reports whether an address is left alone for a while; nil: none is.
	Alone func(address string) bool
	Host  string // of this site: complaints come from there
	// Delimiter stands between an address's local part and its detail.
	Delimiter string
	Agent     string // what writes them, and its version
	Minimal   bool   // the message is named by its CFBL-Feedback-ID alone, where it has one
	Now       func() time.Time
	Wait      func() time.Duration // until a complaint is sent
	Log       *slog.Logger

	mu     sync.Mutex // while a complaint is made or changes its state
	silent sync.Map   // addresses that want to hear no more
	box    *order.Box
}

// Later is a random time to wait, from 5 to 60 minutes: its moment is not to tell when
// somebody reads their mail.
func Later() time.Duration {
	const least, most = 5 * time.Minute, time.Hour
	return least + rand.N(most-least)
}

// Propose tells what would go where for a message, by the id of its decision. What was
// made of it already is given as it is.
func (d *Desk) Propose(mailbox, id, reason string) (Complaint, error) {
	if reason == "" {
		reason = Reasons[0]
	}
	if !slices.Contains(Reasons, reason) {
		return Complaint{}, ErrReason
	}
	s, err := d.slip(mailbox, id)
	if err != nil {
		return Complaint{}, err
	}
	made, err := d.Complaints(mailbox)
	if err != nil {
		return Complaint{}, err
	}
	if i := slices.IndexFunc(made, func(c Complaint) bool { return c.Decision == s.Decision && c.Counts() }); i >= 0 {
		return made[i], nil
	}
	c := Complaint{Recipient: mailbox, Brand: s.Brand, Stream: s.Stream, Decision: s.Decision, From: s.From, To: d.audible(s.To), Reason: reason, State: Proposed}
	soon := func(o Complaint) bool { return o.Stream == s.Stream && o.Counts() && d.Now().Sub(o.At) < sameList }
	switch {
	case s.Fault != "":
		return c, errors.New(s.Fault)
	case slices.ContainsFunc(made, soon):
		return c, ErrSoon
	case d.Send == nil:
		return c, ErrNoRelay
	case len(c.To) == 0:
		return c, ErrSilent
	}
	return c, nil
}

// audible are the addresses that are told of complaints.
func (d *Desk) audible(all []complain.Target) (some []complain.Target) {
	for _, t := range all {
		if d.hears(t.Address) {
			some = append(some, t)
		}
	}
	return some
}

// slip finds the slip of a decision.
func (d *Desk) slip(mailbox, id string) (Slip, error) {
	slips, err := corpus.Notes[Slip](d.Store, mailbox, corpus.PrefixComplainSlip)
	if err != nil {
		return Slip{}, err
	}
	if i := slices.IndexFunc(slips, func(s Slip) bool { return strings.EqualFold(s.Decision, id) }); i >= 0 {
		return slips[i], nil
	}
	found, err := d.Store.Decision(mailbox, id)
	switch {
	case err != nil:
		return Slip{}, err
	case d.Now().Sub(found.At) < kept:
		return Slip{}, complain.ErrNone
	}
	return Slip{}, ErrExpired
}

// Make takes a complaint that Propose gives. It returns when that is durable; it is sent
// later.
func (d *Desk) Make(ctx context.Context, mailbox, id, reason string) (Complaint, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, err := d.Propose(mailbox, id, reason)
	if err != nil || c.State != Proposed {
		return c, err
	}
	now := d.Now().UTC().Truncate(time.Second)
	c.ID, c.State, c.At, c.Due = rules.NewID(now), Waiting, now, now.Add(d.Wait())
	return c, d.note(ctx, &c)
}

// Cancel takes back what waits: one complaint, by its id or that of its decision, or
// with "" all of them.
func (d *Desk) Cancel(ctx context.Context, mailbox, id string) (back []Complaint, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := d.Complaints(mailbox)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.State != Waiting || len(c.Told) > 0 || id != "" && !strings.EqualFold(id, c.ID) && !strings.EqualFold(id, c.Decision) {
			continue
		}
		c.State, c.Due = Cancelled, time.Time{}
		if err := d.note(ctx, &c); err != nil {
			return back, err
		}
		back = append(back, c)
	}
	if len(back) == 0 {
		return nil, ErrNotThere
	}
	return back, nil
}

// Complaints lists those of a mailbox, the newest first.
func (d *Desk) Complaints(mailbox string) ([]Complaint, error) {
	all, err := corpus.Notes[Complaint](d.Store, mailbox, corpus.PrefixComplaint)
	slices.Reverse(all)
	return all, err
}

func (d *Desk) note(ctx context.Context, c *Complaint) error {
	if err := d.Store.Note(ctx, c.Recipient, corpus.PrefixComplaint, ulid.MustParse(c.ID).String(), c); err != nil {
		return fmt.Errorf("keep a complaint: %w", err)
	}
	return nil
}
