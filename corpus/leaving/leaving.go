package leaving

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/corpus"
	"usher/smtpd/leave"
)

// State is how far a request is.
type State string

// The states of a request, in order.
const (
	Proposed  State = "proposed"  // nothing is kept of it
	Waiting   State = "waiting"   // until it is due, or until a message says how
	Asking    State = "asking"    // this very moment; after a crash nobody knows what came of it
	Asked     State = "asked"     // the sender's server said that it took it
	Failed    State = "failed"    // see Reason
	Cancelled State = "cancelled" // by the person, before it was due
)

// The ways of a request.
const (
	byPost = "post" // the one POST of RFC 8058
	byMail = "mail" // a letter (RFC 2369)
)

// Request is that a person wants to leave a list, and what came of it. The field names
// are those of --json.
type Request struct {
	ID        string    `json:"id,omitempty"` // ULID; absent of what is only proposed
	Recipient string    `json:"recipient"`
	Brand     string    `json:"brand"`
	Stream    string    `json:"stream,omitempty"`   // which of the brand's lists; absent where no message told yet
	Decision  string    `json:"decision,omitempty"` // on the message by whose slip it is left
	Way       string    `json:"way,omitempty"`      // "post" or "mail"
	Where     string    `json:"where,omitempty"`    // the host or the address that is asked
	Link      string    `json:"link,omitempty"`     // what the person may follow where usher may not ask
	State     State     `json:"state"`
	Reason    string    `json:"reason,omitempty"` // why it failed, or for what it waits
	At        time.Time `json:"at,omitzero"`      // when the person said so
	Due       time.Time `json:"due,omitzero"`     // when the sender is asked
	Done      time.Time `json:"done,omitzero"`    // when it was
	Tries     int       `json:"tries,omitempty"`
	Since     time.Time `json:"not_honoured_since,omitzero"` // bulk mail of that list came, 48 hours or more after it was asked
	Sent      bool      `json:"sent,omitempty"`              // something of it may have arrived: it is never asked again
	Hash      string    `json:"hash,omitempty"`              // keyed, of what is asked
}

// Errors of a request.
var (
	ErrNoMail   = errors.New("no mail that is known came from there")
	ErrExpired  = errors.New("how that list may be left is forgotten: it is kept for 14 days")
	ErrKeptNone = errors.New("of that message it is not kept how to leave: it is a letter, mail of a discussion list, or does not say")
	ErrNew      = errors.New("the sender was not seen before: who answers a stranger's first mail tells that somebody reads it")
	ErrNoRelay  = errors.New("that list is left by a letter, and this site sends none: the setting relay is not set")
	ErrNotThere = errors.New("no such request is waiting")
	ErrByHand   = errors.New("that list is left by a page that wants you to look at it")
)

// Desk takes requests and carries them out.
type Desk struct {
	Store *corpus.Store
	// Post asks a server by one POST.
	Post func(ctx context.Context, uri string) leave.Outcome
	// Letter sends a letter from a person's address; nil: none are sent.
	Letter func(ctx context.Context, from, to string, letter []byte) leave.Outcome
	// Host is named in the Message-ID of a letter.
	Host string
	Now  func() time.Time
	Wait func() time.Duration // until a request is due
	Log  *slog.Logger

	watched time.Time // by Run alone

	mu sync.Mutex // while a request is made or changes its state
}

// Propose tells what would go where for a list: that of a decision, by its id, or those
// of a brand, by its domain or the name that it gives itself. What is under way or was
// asked already is given as it is.
func (d *Desk) Propose(mailbox, what string) ([]Request, error) {
	slips, err := corpus.Notes[Slip](d.Store, mailbox, corpus.PrefixSlip)
	if err != nil {
		return nil, err
	}
	made, err := d.Requests(mailbox)
	if err != nil {
		return nil, err
	}
	chosen, err := d.choose(mailbox, slips, what)
	if err != nil {
		return nil, err
	}
	var list []Request
	for _, s := range chosen {
		i := slices.IndexFunc(made, func(r Request) bool { return r.isOf(s) && r.holds() })
		if i >= 0 {
			list = append(list, made[i])
			continue
		}
		r := Request{Recipient: mailbox, Brand: s.Brand, Stream: s.Stream, Decision: s.Decision, State: Proposed}
		if r.Way, r.Where = s.way(); s.Decision == "" {
			r.Reason = waits
		} else if err := d.may(mailbox, &r, s); err != nil {
			r.State, r.Reason, r.Link = Failed, err.Error(), s.Link
		}
		list = append(list, r)
	}
	return list, nil
}

// waits is for what a request without a slip waits.
const waits = "the next message that says how"

// isOf reports whether a request is about the list of a slip.
func (r *Request) isOf(s Slip) bool {
	return r.Brand == s.Brand && (r.Stream == s.Stream || r.Stream == "")
}

// holds reports whether a request keeps another of the same list from being made.
func (r *Request) holds() bool { return r.State != Failed && r.State != Cancelled }

// choose finds the slips that are meant: of each list of a brand the newest that serves,
// else the newest. A brand that wrote, and of which no slip is left, gets an empty one.
func (d *Desk) choose(mailbox string, slips []Slip, what string) ([]Slip, error) {
	if _, err := ulid.ParseStrict(strings.ToUpper(what)); err == nil {
		if i := slices.IndexFunc(slips, func(s Slip) bool { return strings.EqualFold(s.Decision, what) }); i >= 0 {
			return slips[i : i+1], nil
		}
		found, err := d.Store.Decision(mailbox, what)
		if err == nil && d.Now().Sub(found.At) < 14*24*time.Hour {
			return nil, ErrKeptNone
		}
		return nil, cmp.Or(err, ErrExpired)
	}
	of := map[string]Slip{}
	for _, s := range slips { // the oldest first
		was, known := of[s.Stream]
		switch {
		case !strings.EqualFold(s.Brand, what) && !strings.EqualFold(s.Name, what), !isBulk(s.Category):
		case !known || s.Fault == "" || was.Fault != "":
			of[s.Stream] = s
		}
	}
	var chosen []Slip
	for _, s := range of {
		if s.Stream != "" || len(of) == 1 { // what nobody proved is not the brand's, where something is
			chosen = append(chosen, s)
		}
	}
	slices.SortFunc(chosen, func(a, b Slip) int { return cmp.Compare(b.Decision, a.Decision) })
	if len(chosen) > 0 {
		return chosen, nil
	}
	brand := strings.ToLower(what)
	if n, err := d.mails(mailbox, brand); err != nil || n == 0 {
		return nil, cmp.Or(err, ErrNoMail)
	}
	return []Slip{{Slip: leave.Slip{Brand: brand}}}, nil
}

// mails counts what came from a proven brand in 400 days.
func (d *Desk) mails(mailbox, brand string) (n int, err error) {
	totals, err := d.Store.Totals(mailbox, time.Time{})
	for _, t := range totals {
		if t.Key == brand {
			for _, days := range t.Mails {
				n += days.Sum()
			}
		}
	}
	return n, err
}

// may says why a list is not left by a slip, nil if it is.
func (d *Desk) may(mailbox string, r *Request, s Slip) error {
	if s.Fault != "" {
		return errors.New(s.Fault)
	}
	if n, err := d.mails(mailbox, s.Brand); err != nil || n < 2 {
		return cmp.Or(err, ErrNew)
	}
	switch {
	case r.Way == "":
		return ErrByHand
	case r.Way == byMail && d.Letter == nil:
		return ErrNoRelay
	}
	return nil
}

// Ask takes a request for each list that Propose gives and that may be left. It returns
// when they are durable; they are due later.
func (d *Desk) Ask(ctx context.Context, mailbox, what string) ([]Request, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list, err := d.Propose(mailbox, what)
	for i := range list {
		r := &list[i]
		if err != nil || r.State != Proposed {
			continue
		}
		now := d.Now().UTC().Truncate(time.Second)
		r.ID, r.State, r.At, r.Due = ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Waiting, now, now.Add(d.Wait())
		err = d.note(ctx, *r)
	}
	return list, err
}

// Cancel takes back what waits: one request by its id, or with id "" all of them.
func (d *Desk) Cancel(ctx context.Context, mailbox, id string) (back []Request, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := d.Requests(mailbox)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.State != Waiting || id != "" && !strings.EqualFold(id, r.ID) && !strings.EqualFold(id, r.Brand) {
			continue
		}
		r.State, r.Due, r.Reason = Cancelled, time.Time{}, ""
		if err := d.note(ctx, r); err != nil {
			return back, err
		}
		back = append(back, r)
	}
	if len(back) == 0 {
		return nil, ErrNotThere
	}
	return back, nil
}

// Requests lists those of a mailbox, the newest first.
func (d *Desk) Requests(mailbox string) ([]Request, error) {
	all, err := corpus.Notes[Request](d.Store, mailbox, corpus.PrefixUnsubscribe)
	slices.Reverse(all)
	return all, err
}

func (d *Desk) note(ctx context.Context, r Request) error {
	if err := d.Store.Note(ctx, r.Recipient, corpus.PrefixUnsubscribe, r.ID, r); err != nil {
		return fmt.Errorf("keep that a list is to be left: %w", err)
	}
	return nil
}

// Later is a random time to wait, from ShortestWait to LongestWait.
func Later() time.Duration { return ShortestWait + rand.N(LongestWait-ShortestWait) }

// hashOf stands for what is asked by a slip.
func (d *Desk) hashOf(s Slip) string {
	h := hmac.New(sha256.New, d.Store.SiteKey("unsubscribe uri"))
	h.Write([]byte(s.Post + "\x00" + s.Mail.To + "\x00" + s.Mail.Subject + "\x00" + s.Mail.Body + "\x00" + s.Address))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
