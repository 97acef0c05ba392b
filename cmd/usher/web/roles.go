package web

import (
	"fmt"
	"net/http"
	"strings"

	"usher/cmd/usher/web/caller"
)

// Who asks, and what is theirs.
type (
	Whoami = caller.Whoami
	Owners = caller.Owners
)

// NoUID is the uid of a caller who is no system user.
const NoUID = caller.NoUID

// callerKey is where a request's context holds its caller: a uid, or the Whoami of
// one who is known otherwise.
type callerKey struct{}

// caller says who asks.
func (s *Server) caller(r *http.Request) (Whoami, error) {
	switch who := r.Context().Value(callerKey{}).(type) {
	case uint32:
		return caller.Rights{Owners: s.Owners, AdminGroup: s.AdminGroup, Delegate: s.Delegate}.Know(who), nil
	case Whoami: // asked within this process
		return who, nil
	}
	return Whoami{}, &Error{Status: http.StatusForbidden, Text: "the caller is not known"}
}

// ForAdmin guards what belongs to the site.
func ForAdmin(a Answer) Answer {
	return func(w http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
		if !who.Admin {
			return nil, refusal{told: &Error{http.StatusForbidden, fmt.Sprintf("%s is no admin of this usher", who.User),
				"ask as root, or as a member of the group that the setting admin-group names"}}
		}
		return a(w, r, who)
	}
}

// refusal is the answer to who asked for what is another's. The audit ledger has
// it.
type refusal struct {
	told *Error
	of   string // the mailbox asked for, "" where none was named
}

func (r refusal) Error() string { return r.told.Error() }
func (r refusal) Unwrap() error { return r.told }

// notYours is the same whether or not there is such a mailbox.
func notYours(who Whoami, rcpt string) error {
	e := &Error{Status: http.StatusForbidden, Text: rcpt + " is not a mailbox of yours",
		Next: fmt.Sprintf("the operator maps users to mailboxes: `usher serve --owner %s=MAILBOX`", who.User)}
	switch {
	case rcpt == "":
		e.Text = fmt.Sprintf("no mailbox belongs to the system user %s", who.User)
	case len(who.Mailboxes) > 0:
		e.Next = "yours: " + strings.Join(who.Mailboxes, ", ") + "; " + e.Next
	}
	if who.Admin {
		e.Next = "an admin sees counts, not one person's mail (`usher status`): have its owner print the case, with `usher why ID`; " + e.Next
	}
	return refusal{e, rcpt}
}
