// Package quoted answers, over the command socket, for what a reference stands that a
// sender quotes from a reply. It never tells an admin whose mail it was.
package quoted

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/refs"
	"usher/rules"
)

// Answer is what a reference stands for: to its recipient the decision, to an admin
// when the reply was given.
type Answer struct {
	*refs.Quoted
	Decisions []*rules.Decision `json:"decisions,omitempty"`
}

// Routes are the endpoints on references.
func Routes(s *web.Server, store *corpus.Store) map[string]web.Answer {
	return map[string]web.Answer{
		"GET /v1/ref": func(_ http.ResponseWriter, r *http.Request, who web.Whoami) (any, error) {
			return answer(s, store, r, who)
		},
	}
}

func answer(s *web.Server, store *corpus.Store, r *http.Request, who web.Whoami) (any, error) {
	ref := r.FormValue("ref")
	boxes, err := s.Mailboxes(r, who)
	if err != nil && (!who.Admin || r.FormValue("rcpt") != "") {
		return nil, err
	}
	a := Answer{}
	for _, box := range boxes {
		d, err := refs.Decision(store, box, ref)
		if errors.Is(err, corpus.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		a.Decisions = append(a.Decisions, d)
	}
	if len(a.Decisions) == 0 && who.Admin {
		if a.Quoted, err = refs.Find(store, ref); err != nil {
			return nil, err
		}
	}
	if len(a.Decisions) == 0 && a.Quoted == nil {
		return nil, &web.Error{Status: http.StatusNotFound, Text: "no reply with the reference " + ref + " is known",
			Next: "references are kept for 14 days; its recipient finds the mail, an admin the time of the reply"}
	}
	return a, nil
}

// Ask asks what a reference stands for.
func Ask(ctx context.Context, c *web.Client, ref, rcpt string) (a Answer, err error) {
	query := url.Values{"ref": {ref}}
	if rcpt != "" {
		query.Set("rcpt", rcpt)
	}
	err = c.Ask(ctx, web.Question{Path: "ref", Query: query}, &a)
	return a, err
}
