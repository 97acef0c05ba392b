// Package receipts answers a person, over the command socket, with the record of whom they
// let market to them. It never shows anybody another's.
package receipts

import (
	"context"
	"net/http"
	"net/url"

	"usher/cmd/usher/web"
	"usher/corpus/audit"
	"usher/corpus/permission"
)

// Routes are the endpoints on a ledger, which follow brings up to date for a mailbox.
func Routes(s *web.Server, l *permission.Ledger, follow func(ctx context.Context, mailbox string) error) map[string]web.Answer {
	return map[string]web.Answer{
		"POST /v1/receipts": func(_ http.ResponseWriter, r *http.Request, who web.Whoami) (any, error) {
			box, err := s.Mailbox(r, who)
			if err != nil {
				return nil, err
			}
			if err := s.Audit(r.Context(), who, audit.Export, box, "receipts"); err != nil {
				return nil, err
			}
			if err := follow(r.Context(), box); err != nil {
				return nil, err
			}
			all, err := l.Events(box)
			if err != nil {
				return nil, err
			}
			if err := permission.Verify(all); err != nil {
				return nil, &web.Error{Status: http.StatusInternalServerError, Text: "the record does not hold together: " + err.Error(), Next: "the operator may have restored a damaged store; `usher export` has the events as they are"}
			}
			return l.Receipts(box, all), nil
		},
	}
}

// Ask asks for the record of a mailbox; rcpt may be "" for who has one.
func Ask(ctx context.Context, c *web.Client, rcpt string) (r permission.Receipts, err error) {
	query := url.Values{}
	if rcpt != "" {
		query.Set("rcpt", rcpt)
	}
	err = c.Ask(ctx, web.Question{Method: http.MethodPost, Path: "receipts", Query: query}, &r)
	return r, err
}
