// Package complain answers, over the command socket, who complains of a message to its
// sender, and asks that for commands. It never tells a sender anything itself.
package complain

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/complaints"
	slip "usher/smtpd/complain"
)

// List is a list of complaints.
type List struct {
	Complaints []complaints.Complaint `json:"complaints"`
}

// desk answers for a desk.
type desk struct {
	*web.Server
	*complaints.Desk // nil: this site sends no complaints
}

// Routes are the endpoints on a desk; nil where the site sends no complaints.
func Routes(s *web.Server, d *complaints.Desk) map[string]web.Answer {
	at := desk{s, d}
	one := func(of func(r *http.Request, box, id, reason string) (complaints.Complaint, error)) web.Answer {
		return at.each(func(r *http.Request, box string) ([]complaints.Complaint, error) {
			c, err := of(r, box, r.FormValue("id"), r.FormValue("reason"))
			return []complaints.Complaint{c}, err
		})
	}
	return map[string]web.Answer{
		"GET /v1/complaints": at.each(func(_ *http.Request, box string) ([]complaints.Complaint, error) { return d.Complaints(box) }),
		"POST /v1/complaints": one(func(r *http.Request, box, id, reason string) (complaints.Complaint, error) {
			return d.Make(r.Context(), box, id, reason)
		}),
		"POST /v1/complaints/propose": one(func(_ *http.Request, box, id, reason string) (complaints.Complaint, error) {
			return d.Propose(box, id, reason)
		}),
		"POST /v1/complaints/cancel": at.each(func(r *http.Request, box string) ([]complaints.Complaint, error) {
			return d.Cancel(r.Context(), box, r.FormValue("id"))
		}),
	}
}

// off says that there is no desk.
var off = &web.Error{Status: http.StatusConflict, Text: "this usher sends no complaints to senders",
	Next: "`usher unsubscribe ID` or `usher intents add 'mute shop.example'` ends such mail; the operator may set complaints = true"}

// each asks for the caller's mailboxes, or the one that is named, one after the other,
// and puts together what is there.
func (d desk) each(of func(r *http.Request, box string) ([]complaints.Complaint, error)) web.Answer {
	return func(_ http.ResponseWriter, r *http.Request, who web.Whoami) (any, error) {
		boxes, err := d.Mailboxes(r, who)
		if err != nil {
			return nil, err
		}
		if d.Desk == nil {
			return nil, off
		}
		list := List{Complaints: []complaints.Complaint{}}
		var last error
		for _, box := range boxes {
			found, err := of(r, box)
			switch {
			case errors.Is(err, corpus.ErrNotFound), errors.Is(err, complaints.ErrNotThere):
				last = err
			case err != nil:
				return nil, told(err)
			default:
				list.Complaints = append(list.Complaints, found...)
			}
		}
		if len(list.Complaints) == 0 && last != nil {
			return nil, told(last)
		}
		return list, nil
	}
}

const otherwise = "nobody is told; `usher unsubscribe ID` or `usher intents add 'mute shop.example'` ends such mail"

// nexts are what to do about an error.
var nexts = map[error]string{
	slip.ErrNone:           otherwise,
	slip.ErrSigned:         otherwise,
	slip.ErrNoID:           otherwise,
	complaints.ErrSilent:   otherwise,
	complaints.ErrSoon:     otherwise,
	complaints.ErrExpired:  otherwise,
	complaints.ErrNoRelay:  "the operator sets relay, and runs `usher dkim`",
	complaints.ErrReason:   "the reasons are not-requested, unsubscribe-ignored, too-often, deceptive and other",
	complaints.ErrNotThere: "`usher complain list` shows yours; what was sent cannot be taken back",
	corpus.ErrNotFound:     "`usher decisions` lists ids",
}

func told(err error) error {
	for known, next := range nexts {
		if err.Error() == known.Error() { // a slip keeps it as words
			return &web.Error{Status: http.StatusConflict, Text: err.Error(), Next: next}
		}
	}
	return err
}

// Message is one that a person complains of: its mailbox, "" for their only one, the id
// of its decision, and why, "" for the usual reason.
type Message struct{ Rcpt, ID, Reason string }

// Complain complains of a message; or, unless that is sure, tells only what would go
// where.
func Complain(ctx context.Context, c *web.Client, of Message, sure bool) (complaints.Complaint, error) {
	path := "complaints"
	if !sure {
		path += "/propose"
	}
	list, err := asked(ctx, c, web.Question{Method: http.MethodPost, Path: path, Query: query("rcpt", of.Rcpt, "id", of.ID, "reason", of.Reason)})
	if err != nil {
		return complaints.Complaint{}, err
	}
	return list[0], nil
}

// All lists what was made.
func All(ctx context.Context, c *web.Client, rcpt string) ([]complaints.Complaint, error) {
	return asked(ctx, c, web.Question{Path: "complaints", Query: query("rcpt", rcpt)})
}

// Cancel takes back one complaint, by its id or that of its decision, or with id "" all
// that wait.
func Cancel(ctx context.Context, c *web.Client, rcpt, id string) ([]complaints.Complaint, error) {
	return asked(ctx, c, web.Question{Method: http.MethodPost, Path: "complaints/cancel", Query: query("rcpt", rcpt, "id", id)})
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for ; len(pairs) > 1; pairs = pairs[2:] {
		if pairs[1] != "" {
			q.Set(pairs[0], pairs[1])
		}
	}
	return q
}

func asked(ctx context.Context, c *web.Client, q web.Question) ([]complaints.Complaint, error) {
	var list List
	err := c.Ask(ctx, q, &list)
	return list.Complaints, err
}
