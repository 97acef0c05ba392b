// Package lists answers, over the command socket, who wants to leave a mailing
// list, and asks that for commands. It never asks a sender anything itself.
package lists

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/leaving"
)

// List is a list of requests.
type List struct {
	Requests []leaving.Request `json:"requests"`
}

// desk answers for a desk.
type desk struct {
	*web.Server
	*leaving.Desk // nil: this site leaves no lists
}

// Routes are the endpoints on a desk; nil where the site has lists left for nobody.
func Routes(s *web.Server, d *leaving.Desk) map[string]web.Answer {
	at := desk{s, d}
	return map[string]web.Answer{
		"GET /v1/unsubscribe":          at.each(at.list),
		"POST /v1/unsubscribe":         at.each(at.ask),
		"POST /v1/unsubscribe/propose": at.each(at.propose),
		"POST /v1/unsubscribe/cancel":  at.each(at.cancel),
	}
}

// off says that there is no desk.
var off = &web.Error{Status: http.StatusConflict, Text: "this usher leaves no lists for its people",
	Next: "follow the link in the mail, or `usher intents add 'mute shop.example'`; the operator may set unsubscribe = true"}

// each asks for the caller's mailboxes, or the one that is named, one after the other,
// and puts together what is there. What is nowhere there is the error of the last.
func (d desk) each(of func(r *http.Request, box string) ([]leaving.Request, error)) web.Answer {
	return func(_ http.ResponseWriter, r *http.Request, who web.Whoami) (any, error) {
		boxes, err := d.Mailboxes(r, who)
		if err != nil {
			return nil, err
		}
		if d.Desk == nil {
			return nil, off
		}
		list := List{Requests: []leaving.Request{}}
		for _, box := range boxes {
			found, failed := of(r, box)
			if failed != nil && !isAbsent(failed) {
				return nil, told(failed)
			}
			list.Requests, err = append(list.Requests, found...), failed
		}
		if len(list.Requests) == 0 && err != nil {
			return nil, told(err)
		}
		return list, nil
	}
}

func (d desk) list(_ *http.Request, box string) ([]leaving.Request, error) { return d.Requests(box) }

func (d desk) ask(r *http.Request, box string) ([]leaving.Request, error) {
	return d.Ask(r.Context(), box, r.FormValue("what"))
}

func (d desk) propose(r *http.Request, box string) ([]leaving.Request, error) {
	return d.Propose(box, r.FormValue("what"))
}

func (d desk) cancel(r *http.Request, box string) ([]leaving.Request, error) {
	return d.Cancel(r.Context(), box, r.FormValue("id"))
}

// isAbsent reports an error of one mailbox that another may not have.
func isAbsent(err error) bool {
	return errors.Is(err, leaving.ErrNoMail) || errors.Is(err, leaving.ErrNotThere) || errors.Is(err, corpus.ErrNotFound)
}

// nexts are what to do about an error.
var nexts = map[error]string{
	leaving.ErrNoMail:   "`usher brands` lists who wrote to you; name the domain, or the id of a decision",
	leaving.ErrNotThere: "`usher unsubscribe list` shows yours; what was asked cannot be taken back",
	leaving.ErrExpired:  "wait for the next message of that list, or name its brand: then usher waits for it",
	leaving.ErrKeptNone: "a discussion list is left by hand; `usher why ID` tells what the message was taken for",
	corpus.ErrNotFound:  "`usher decisions` lists ids",
}

func told(err error) error {
	for known, next := range nexts {
		if errors.Is(err, known) {
			return &web.Error{Status: http.StatusNotFound, Text: err.Error(), Next: next}
		}
	}
	return err
}

// Ask asks to leave a list, by the id of a decision or by its brand; or, unless that is
// sure, only what would go where.
func Ask(ctx context.Context, c *web.Client, rcpt, what string, sure bool) ([]leaving.Request, error) {
	path := "unsubscribe"
	if !sure {
		path += "/propose"
	}
	return asked(ctx, c, web.Question{Method: http.MethodPost, Path: path, Query: query(rcpt, "what", what)})
}

// Requests lists what was asked.
func Requests(ctx context.Context, c *web.Client, rcpt string) ([]leaving.Request, error) {
	return asked(ctx, c, web.Question{Path: "unsubscribe", Query: query(rcpt, "", "")})
}

// Cancel takes back one request, by its id or its brand, or with id "" all that wait.
func Cancel(ctx context.Context, c *web.Client, rcpt, id string) ([]leaving.Request, error) {
	return asked(ctx, c, web.Question{Method: http.MethodPost, Path: "unsubscribe/cancel", Query: query(rcpt, "id", id)})
}

func query(rcpt, name, value string) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"rcpt": rcpt, name: value} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func asked(ctx context.Context, c *web.Client, q web.Question) ([]leaving.Request, error) {
	var list List
	err := c.Ask(ctx, q, &list)
	return list.Requests, err
}
