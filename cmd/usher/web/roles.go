package web

import (
	"fmt"
	"net/http"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// Group gives the id of the system group whose members are admins beside root;
// "" if name is "".
func Group(name string) (gid string, err error) {
	if name == "" {
		return "", nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		g, err = user.LookupGroupId(name)
	}
	if err != nil {
		return "", fmt.Errorf("admin-group: this machine knows no group %q", name)
	}
	return g.Gid, nil
}

// admin reports whether a caller administers the site: root, or a member of the
// admin group by the system's own list. u is nil where the uid has no name.
func (s *Server) admin(uid uint32, u *user.User) bool {
	if uid == 0 {
		return true
	}
	if u == nil || s.AdminGroup == "" {
		return false
	}
	of, err := u.GroupIds()
	return err == nil && slices.Contains(of, s.AdminGroup)
}

// forAdmin guards what belongs to the site.
func forAdmin(a answer) answer {
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

// uidOf is a uid as the map of owners may name it.
func uidOf(uid uint32) string { return strconv.FormatUint(uint64(uid), 10) }
