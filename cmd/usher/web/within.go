package web

import (
	"context"

	"usher/cmd/usher/web/within"
)

// As gives a client that asks within this process, for a caller who is known by
// other means than a system user: by a link that was mailed to the mailbox. What
// such a caller may ask is told by the same code as for all others.
func (s *Server) As(who Whoami) *Client {
	c := &Client{path: "this process"}
	c.http.Transport = within.Transport{Routes: s.routes(), With: func(ctx context.Context) context.Context {
		return context.WithValue(ctx, callerKey{}, who)
	}}
	return c
}
