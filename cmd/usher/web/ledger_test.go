package web

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/corpus/audit"
)

// ledger gives what the ledger has, and fails if it is not whole.
func (r running) ledger(t *testing.T) []audit.Entry {
	t.Helper()
	entries, err := r.store.Ledger(time.Time{})
	n, broken, err2 := r.store.VerifyAudit(context.Background())
	if err = errors.Join(err, err2); err != nil || broken != nil || n != len(entries) {
		t.Fatalf("%d of %d entries fit, %v, %v", n, len(entries), broken, err)
	}
	return entries
}

// asks gives a client for somebody.
func asks(t *testing.T, who Whoami, settings ...string) (*Client, running) {
	t.Helper()
	var s *Server
	r := serveAs(t, func(made *Server) { s = made }, settings...)
	return s.As(who), r
}

func TestWhoAsksForAnothersIsInTheLedger(t *testing.T) {
	ctx := context.Background()
	week := time.Now().Add(-7 * 24 * time.Hour)
	for _, c := range []struct {
		name   string
		who    Whoami
		ask    func(c *Client) error
		role   audit.Role
		named  bool // the entry names pekka's mailbox, by its tag
		result string
	}{
		{"a user, for a decision", Whoami{User: "maria", UID: 1000, Mailboxes: []string{maria}},
			func(c *Client) error { _, err := c.Why(ctx, "<1@shop.example>", pekka); return err }, audit.Other, true, "GET why"},
		{"a user, for the list", Whoami{User: "maria", UID: 1000, Mailboxes: []string{maria}},
			func(c *Client) error {
				_, err := c.Decisions(ctx, "Pekka+x@example.org", week, time.Time{}, 0)
				return err
			}, audit.Other, true, "GET decisions"},
		{"a user, to change what is stated", Whoami{User: "maria", UID: 1000, Mailboxes: []string{maria}},
			func(c *Client) error { _, err := c.PutIntents(ctx, Stated{Mailbox: pekka}); return err }, audit.Other, true, "PUT intents"},
		{"an admin, for a decision", Whoami{User: "root", Admin: true},
			func(c *Client) error { _, err := c.Why(ctx, "<1@shop.example>", pekka); return err }, audit.Admin, true, "GET why"},
		{"an admin, for the intents", Whoami{User: "root", Admin: true},
			func(c *Client) error { _, err := c.Intents(ctx, pekka); return err }, audit.Admin, true, "GET intents"},
		{"an admin, to try a message", Whoami{User: "root", Admin: true},
			func(c *Client) error { _, err := c.Test(ctx, pekka, []byte("x")); return err }, audit.Admin, true, "POST test"},
		{"an admin who names nobody", Whoami{User: "root", Admin: true},
			func(c *Client) error { _, err := c.Decisions(ctx, "", week, time.Time{}, 0); return err }, audit.Admin, false, "GET decisions"},
		{"the delegate", Whoami{User: "vmail", UID: 999, Delegate: true},
			func(c *Client) error { _, err := c.Why(ctx, "<1@shop.example>", pekka); return err }, audit.Delegate, false, "GET why"},
		{"a user, for the ledger", Whoami{User: "maria", UID: 1000, Mailboxes: []string{maria}},
			func(c *Client) error { _, err := c.Audit(ctx, week, ""); return err }, audit.Other, false, "GET audit"},
		{"who came by a link", Whoami{User: "link", UID: NoUID, Mailboxes: []string{maria}},
			func(c *Client) error { _, err := c.Decisions(ctx, pekka, week, time.Time{}, 0); return err }, audit.Other, true, "GET decisions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, r := asks(t, c.who)
			var e *Error
			if err := c.ask(client); !errors.As(err, &e) || e.Status != http.StatusForbidden || e.Hint() == "" {
				t.Fatalf("got %#v", err)
			}
			entries := r.ledger(t)
			if len(entries) != 1 {
				t.Fatalf("entries: %+v", entries)
			}
			uid := int64(c.who.UID)
			if c.who.UID == NoUID {
				uid = audit.NoUID
			}
			want := audit.Entry{Actor: audit.Actor{Role: c.role, UID: uid}, Event: audit.Refused, Result: c.result}
			if c.named {
				want.Object = r.store.TagOf(pekka)
			}
			got := entries[0]
			got.Seq, got.At, got.Prev = 0, time.Time{}, ""
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestWhatIsOnesOwnByNameLeavesNoEntry(t *testing.T) {
	client, r := asks(t, Whoami{User: "root", Admin: true, Mailboxes: []string{maria, "*@example.net"}})
	d := r.record(t, maria, 1)
	for _, box := range []string{maria, "anybody@example.net"} {
		if _, err := client.Decisions(context.Background(), box, time.Time{}, time.Time{}, 0); err != nil {
			t.Errorf("%s: %v", box, err)
		}
	}
	if _, err := client.Why(context.Background(), d.ID, maria); err != nil {
		t.Error(err)
	}
	// What is an admin's only as all of a domain is leaves one.
	if entries := r.ledger(t); len(entries) != 1 || entries[0].Event != audit.Looked || entries[0].Object != r.store.TagOf("anybody@example.net") || entries[0].Result != "GET decisions" {
		t.Errorf("%+v", entries)
	}
}

func TestRefusedRequestsDoNotWriteTheCallersWords(t *testing.T) {
	client, r := asks(t, Whoami{User: "vmail", UID: 999, Delegate: true})
	for _, path := range []string{"maria@example.org secret", "why", "../etc"} {
		if err := client.Ask(context.Background(), Question{Path: path}, &struct{}{}); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	for _, e := range r.ledger(t) {
		if strings.Contains(e.Result, "maria") || strings.Contains(e.Result, "secret") {
			t.Errorf("%+v", e)
		}
	}
}

func TestTheAdminReadsAndVerifiesTheLedger(t *testing.T) {
	ctx := context.Background()
	client, r := asks(t, Whoami{User: "root", Admin: true})
	for range 3 {
		if err := r.store.Audit(ctx, audit.Entry{Actor: audit.Actor{Role: audit.Usher, UID: int64(os.Getuid())}, Event: audit.Start}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := client.Audit(ctx, time.Now().Add(-time.Hour), "")
	if err != nil || len(entries) != 3 || !slices.Equal(entries, r.ledger(t)) {
		t.Errorf("got %+v, %v", entries, err)
	}
	if none, err := client.Audit(ctx, time.Now().Add(time.Hour), ""); err != nil || len(none) != 0 {
		t.Errorf("of the time to come: %+v, %v", none, err)
	}
	if v, err := client.VerifyAudit(ctx); err != nil || v.Entries != 3 || v.Broken != nil {
		t.Errorf("got %+v, %v", v, err)
	}
}

// lost is a ledger that cannot be written.
type kept = Ledger

type lost struct{ kept }

func (lost) Audit(context.Context, audit.Entry) error { return errors.New("the disk is full") }

func TestWhatMustLeaveATraceIsNotDoneWithoutOne(t *testing.T) {
	var s *Server
	r := serveAs(t, func(made *Server) { s, made.Ledger = made, lost{made.Ledger} })
	err := s.audit(context.Background(), Whoami{Admin: true}, audit.Rotated, "", "begun")
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusServiceUnavailable || !strings.Contains(e.Text, "not done") {
		t.Errorf("got %#v", err)
	}
	if _, err := s.As(Whoami{User: "maria", UID: 1000}).Decisions(context.Background(), pekka, time.Time{}, time.Time{}, 0); !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Errorf("a refusal that cannot be written is a refusal all the same: %#v", err)
	}
	if entries := r.ledger(t); len(entries) != 0 {
		t.Errorf("%+v", entries)
	}
}
