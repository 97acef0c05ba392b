package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus/audit"
)

// Ledger is what the API keeps the audit ledger in; *corpus.Store is one.
type Ledger interface {
	Audit(ctx context.Context, e audit.Entry) error
	Ledger(since time.Time) ([]audit.Entry, error)
	VerifyAudit(ctx context.Context) (n int, broken *audit.Break, err error)
	TagOf(mailbox string) string
}

func (s *Server) ledgerRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/audit":        ForAdmin(s.getAudit),
		"GET /v1/audit/verify": ForAdmin(s.getVerified),
	}
}

// Entries are a part of the audit ledger, oldest first.
type Entries struct {
	Entries []audit.Entry `json:"entries"`
}

func (s *Server) getAudit(_ http.ResponseWriter, r *http.Request, _ Whoami) (any, error) {
	since, err := moment(r, "since")
	if err != nil {
		return nil, err
	}
	found, err := s.Ledger.Ledger(since)
	if box := r.FormValue("mailbox"); box != "" {
		tag := s.Ledger.TagOf(box)
		found = slices.DeleteFunc(found, func(e audit.Entry) bool { return e.Object != tag })
	}
	return Entries{found}, err
}

// Verified is what a walk along the audit ledger found.
type Verified struct {
	Entries int          `json:"entries"`          // that fit, up to the first that does not
	Broken  *audit.Break `json:"broken,omitempty"` // nil: all fit
}

func (s *Server) getVerified(_ http.ResponseWriter, r *http.Request, _ Whoami) (any, error) {
	n, broken, err := s.Ledger.VerifyAudit(r.Context())
	return Verified{n, broken}, err
}

// audit writes what a caller does to the ledger, before it is done; what must
// leave a trace is not done where that fails. Mailbox is "" for what is about
// none.
func (s *Server) audit(ctx context.Context, who Whoami, event audit.Event, mailbox, result string) error {
	err := s.Ledger.Audit(ctx, s.entry(who, event, mailbox, result))
	if err != nil {
		return &Error{http.StatusServiceUnavailable, "not done: " + err.Error(), "what is done to the site leaves an entry in the audit ledger first: `usher status` tells what is wrong with the store"}
	}
	return nil
}

// Audit is audit for packages above.
func (s *Server) Audit(ctx context.Context, who Whoami, event audit.Event, mailbox, result string) error {
	return s.audit(ctx, who, event, mailbox, result)
}

func (s *Server) entry(who Whoami, event audit.Event, mailbox, result string) audit.Entry {
	e := audit.Entry{Actor: audit.Actor{Role: audit.Other, UID: int64(who.UID)}, Event: event, Result: result}
	if who.UID == NoUID {
		e.Actor.UID = audit.NoUID
	}
	if mailbox != "" {
		mailbox = mail.Mailbox(mailbox, s.Delimiter)
		e.Object = s.Ledger.TagOf(mailbox)
	}
	switch {
	case who.Owns(mailbox):
		e.Actor.Role = audit.Owner
	case who.Delegate:
		e.Actor.Role = audit.Delegate
	case who.Admin:
		e.Actor.Role = audit.Admin
	}
	return e
}

// auditOften is audit for what may come many times: an entry like another one of
// the same hour is left out, and so is more than maxOften of one user and event.
// It is about what was done already, or was not done at all.
func (s *Server) auditOften(ctx context.Context, who Whoami, event audit.Event, mailbox, result string) {
	e := s.entry(who, event, mailbox, result)
	if !s.often.Enter(e, time.Now()) {
		return
	}
	if err := s.Ledger.Audit(context.WithoutCancel(ctx), e); err != nil {
		s.log().Warn("audit entry lost", "event", event, "error", err)
	}
}

// refused writes to the ledger that somebody asked for what is another's.
func (s *Server) refused(r *http.Request, who Whoami, of string) {
	s.auditOften(r.Context(), who, audit.Refused, of, whatOf(r))
}

// whatOf is what was asked, in words of ours, where the path is the caller's: "GET
// why".
func whatOf(r *http.Request) string { return strings.Replace(r.Pattern, "/v1/", "", 1) }

// Entered writes to the ledger that somebody came to a mailbox by a link that was
// mailed to it.
func (s *Server) Entered(ctx context.Context, mailbox string) {
	s.auditOften(ctx, Whoami{UID: NoUID, Mailboxes: []string{mailbox}}, audit.Enrolment, mailbox, "by link")
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

// Audit reads the audit ledger since a time, oldest first: all of it, or what is
// about one mailbox.
func (c *Client) Audit(ctx context.Context, since time.Time, mailbox string) ([]audit.Entry, error) {
	query := url.Values{}
	set(query, "mailbox", mailbox)
	if !since.IsZero() {
		query.Set("since", since.Format(time.RFC3339))
	}
	var list Entries
	err := c.Ask(ctx, Question{Path: "audit", Query: query}, &list)
	return list.Entries, err
}

// VerifyAudit walks along the audit ledger.
func (c *Client) VerifyAudit(ctx context.Context) (v Verified, err error) {
	err = c.Ask(ctx, Question{Path: "audit/verify"}, &v)
	return v, err
}
