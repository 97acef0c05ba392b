package web

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Digests makes digests; the daemon does.
type Digests interface {
	// Digest gives the digest that a mailbox would get now, sent if it is to be.
	Digest(ctx context.Context, mailbox string, send bool) (*Digest, error)
	// Schedule counts the digests that are due.
	Schedule(now time.Time) DigestSchedule
}

// DigestSchedule tells an admin how many digests are due, and when.
type DigestSchedule struct {
	Due   int               `json:"due"`   // already, and not yet sent
	Hours map[time.Time]int `json:"hours"` // from then on, by the hour in which they are
	None  int               `json:"none"`  // people to whom none comes
}

// Digest is what a mailbox would get now, or got.
type Digest struct {
	Recipient string    `json:"recipient"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	Zone      string    `json:"zone"`
	Next      time.Time `json:"next,omitzero"`     // when the next one is due; absent where none was stated
	Subject   string    `json:"subject,omitempty"` // absent, as what follows, where there is nothing to tell
	Text      string    `json:"text,omitempty"`
	HTML      string    `json:"html,omitempty"`
	Sent      bool      `json:"sent"`
}

func (s *Server) digestRoutes() map[string]Answer {
	of := func(send bool) Answer {
		return func(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
			box, err := s.Mailbox(r, who)
			if err != nil {
				return nil, err
			}
			d, err := s.Digests.Digest(r.Context(), box, send)
			if err != nil {
				return nil, err
			}
			d.Recipient = box
			return d, nil
		}
	}
	schedule := func(http.ResponseWriter, *http.Request, Whoami) (any, error) {
		return s.Digests.Schedule(time.Now()), nil
	}
	return map[string]Answer{"GET /v1/digest": of(false), "POST /v1/digest": of(true), "GET /v1/site/digests": ForAdmin(schedule)}
}

// DigestSchedule asks how many digests are due, and when. It is for an admin.
func (c *Client) DigestSchedule(ctx context.Context) (d DigestSchedule, err error) {
	err = c.Ask(ctx, Question{Path: "site/digests"}, &d)
	return d, err
}

// Digest asks for the digest that a mailbox would get now, and has it sent if it is
// to be.
func (c *Client) Digest(ctx context.Context, rcpt string, send bool) (d Digest, err error) {
	q := Question{Path: "digest", Query: url.Values{}}
	set(q.Query, "rcpt", rcpt)
	if send {
		q.Method = http.MethodPost
	}
	err = c.Ask(ctx, q, &d)
	return d, err
}
