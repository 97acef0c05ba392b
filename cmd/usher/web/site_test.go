package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"usher/corpus"
	"usher/corpus/audit"
	"usher/corpus/keys"
)

// TestTheSiteIsForAdmins: who is none gets nothing of it, and is in the ledger.
func TestTheSiteIsForAdmins(t *testing.T) {
	ctx := context.Background()
	for name, ask := range map[string]func(c *Client) error{
		"GET site counts":   func(c *Client) error { _, err := c.Counts(ctx, 7); return err },
		"GET site weeks":    func(c *Client) error { _, err := c.Weeks(ctx, pekka, 4); return err },
		"GET site senders":  func(c *Client) error { _, err := c.Senders(ctx, time.Time{}); return err },
		"GET audit":         func(c *Client) error { _, err := c.Audit(ctx, time.Time{}, ""); return err },
		"GET audit/verify":  func(c *Client) error { _, err := c.VerifyAudit(ctx); return err },
		"POST keys/rotate":  func(c *Client) error { _, err := c.RotateKeys(ctx); return err },
		"no such thing, so": func(c *Client) error { return c.Ask(ctx, Question{Path: "site"}, nil) },
	} {
		var s *Server
		r := serveAs(t, func(made *Server) {
			s, made.Site = made, made.Store.(*corpus.Store)
			made.Rotate = func(context.Context) (keys.Rotated, error) { return keys.Rotated{Keys: 3}, nil }
		})
		var e *Error
		err := ask(s.As(Whoami{User: "maria", UID: 1000, Mailboxes: []string{maria, pekka}}))
		if known := !strings.HasPrefix(name, "no such"); known != (errors.As(err, &e) && e.Status == http.StatusForbidden) {
			t.Errorf("%s, asked by an owner: %v", name, err)
		} else if entries := r.ledger(t); known != (len(entries) == 1 && entries[0].Event == audit.Refused && entries[0].Object == "") {
			t.Errorf("%s: in the ledger is %+v", name, entries)
		}
		if err := ask(s.As(Whoami{User: "root", Admin: true})); err != nil && !strings.HasPrefix(name, "no such") {
			t.Errorf("%s, asked by an admin: %v", name, err)
		}
	}
}

func TestAnAdminIsToldCounts(t *testing.T) {
	ctx := context.Background()
	var s *Server
	r := serveAs(t, func(made *Server) { s, made.Site = made, made.Store.(*corpus.Store) })
	r.record(t, pekka, 1)
	r.record(t, maria, 1)
	admin := s.As(Whoami{User: "root", Admin: true})
	days, err := admin.Counts(ctx, 2)
	if err != nil || len(days) != 2 || days[0].Counts["category/promotion"]+days[1].Counts["category/promotion"] != 2 {
		t.Errorf("counts: %+v, %v", days, err)
	}
	if weeks, err := admin.Weeks(ctx, r.store.TagOf(pekka), 2); err != nil || len(weeks) != 2 || weeks[0].Messages+weeks[1].Messages != 1 {
		t.Errorf("weeks: %+v, %v", weeks, err)
	}
	if list, err := admin.Senders(ctx, time.Time{}); err != nil || len(list) != 0 {
		t.Errorf("senders that two mailboxes had: %+v, %v", list, err)
	}
	st, err := admin.Status(ctx)
	if err != nil || st.Site == nil || st.Site.Mailboxes != 2 || len(st.Site.Retention) == 0 || st.Site.Today["recipients/judged"] != 2 {
		t.Errorf("status: %+v, %v", st.Site, err)
	}
	if st, err := s.As(Whoami{User: "maria", UID: 1000}).Status(ctx); err != nil || st.Site != nil {
		t.Errorf("who is no admin is told %+v, %v", st.Site, err)
	}
	var e *Error
	if _, err := admin.Counts(ctx, maxDays+1); !errors.As(err, &e) || e.Status != http.StatusBadRequest {
		t.Errorf("too many days: %v", err)
	}
	if _, err := admin.Weeks(ctx, "", 1); !errors.As(err, &e) || e.Status != http.StatusBadRequest {
		t.Errorf("no mailbox: %v", err)
	}
}

func TestARotationIsInTheLedgerBeforeItBegins(t *testing.T) {
	ctx := context.Background()
	var s *Server
	var r running
	r = serveAs(t, func(made *Server) {
		s = made
		made.Rotate = func(ctx context.Context) (keys.Rotated, error) {
			if entries := r.ledger(t); len(entries) != 1 || entries[0].Event != audit.Rotated || entries[0].Actor.Role != audit.Admin {
				t.Errorf("the ledger has %+v", entries)
			}
			return keys.Rotated{}, keys.Advise(errors.New("no room"), "Make room.")
		}
	})
	var e *Error
	if _, err := s.As(Whoami{User: "root", Admin: true}).RotateKeys(ctx); !errors.As(err, &e) || e.Text != "no room" || e.Hint() != "Make room." {
		t.Errorf("got %#v", err)
	}
	s.Rotate = func(context.Context) (keys.Rotated, error) { return keys.Rotated{}, context.DeadlineExceeded }
	if did, err := s.As(Whoami{User: "root", Admin: true}).RotateKeys(ctx); err != nil || !did.GoesOn {
		t.Errorf("one that takes long: %+v, %v", did, err)
	}
	s.Ledger = lost{s.Ledger}
	s.Rotate = func(context.Context) (keys.Rotated, error) { t.Error("it was done"); return keys.Rotated{}, nil }
	if _, err := s.As(Whoami{User: "root", Admin: true}).RotateKeys(ctx); !errors.As(err, &e) || e.Status != http.StatusServiceUnavailable {
		t.Errorf("without a ledger: %v", err)
	}
}
