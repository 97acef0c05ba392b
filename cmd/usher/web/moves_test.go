package web

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/rules"
	"usher/rules/lessons"
	"usher/rules/moves"
)

// delegated starts a server to which this process is the delegate.
func delegated(t *testing.T, settings ...string) running {
	return serveAs(t, func(s *Server) { s.Delegate = strconv.Itoa(os.Getuid()) }, settings...)
}

func TestTheDelegateReportsMovesAndAsksNothingElse(t *testing.T) {
	// Even where the map gives it mailboxes.
	r := delegated(t, me(maria))
	ctx := context.Background()
	d := r.record(t, maria, 3)
	if err := r.Moved(ctx, Move{"Maria+x@EXAMPLE.org", d.MessageID, "Promotions", "INBOX"}); err != nil {
		t.Fatalf("a move: %v", err)
	}
	moves, err := r.store.Moves(maria)
	if err != nil || len(moves) != 1 || moves[0].Decision != d.ID || moves[0].From != "Promotions" || moves[0].To != "INBOX" {
		t.Errorf("kept: %+v, %v", moves, err)
	}
	for range 3 { // one entry an hour and mailbox
		if err := r.Moved(ctx, Move{maria, d.MessageID, "INBOX", "Trash"}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := r.store.Ledger(time.Time{})
	if err != nil || len(entries) != 1 || entries[0].Event != audit.Moved || entries[0].Object != r.store.TagOf(maria) {
		t.Errorf("the ledger: %+v, %v", entries, err)
	}
	for name, ask := range map[string]func() error{
		"who it is":       func() error { _, err := r.Whoami(ctx); return err },
		"how usher is":    func() error { _, err := r.Status(ctx); return err },
		"decisions":       func() error { _, err := r.Decisions(ctx, maria, time.Time{}, time.Time{}, 0); return err },
		"why":             func() error { _, err := r.Why(ctx, d.ID, ""); return err },
		"intents":         func() error { _, err := r.Intents(ctx, maria); return err },
		"to store them":   func() error { _, err := r.PutIntents(ctx, Stated{Mailbox: maria}); return err },
		"to try a mail":   func() error { _, err := r.Test(ctx, maria, []byte("x")); return err },
		"what is nowhere": func() error { return r.Ask(ctx, Question{Path: "nonsense"}, &struct{}{}) },
	} {
		var e *Error
		if err := ask(); !errors.As(err, &e) || e.Status != http.StatusForbidden || !strings.Contains(e.Text, "moves") {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func TestAMoveWithoutADecisionTellsNothing(t *testing.T) {
	r := delegated(t)
	ctx := context.Background()
	mine := r.record(t, maria, 3)
	letter := r.recordAs(t, maria, classify.Personal)
	var first error
	for _, c := range []struct {
		name string
		move Move
	}{
		{"no such mailbox", Move{"nobody@example.org", mine.MessageID, "INBOX", "Trash"}},
		{"no such message", Move{maria, "<9@nowhere.example>", "INBOX", "Trash"}},
		{"another mailbox's message", Move{pekka, mine.MessageID, "INBOX", "Trash"}},
		{"a personal letter", Move{maria, letter.MessageID, "INBOX", "Trash"}},
		{"what is no address", Move{"../../etc", mine.MessageID, "INBOX", "Trash"}},
	} {
		err := r.Moved(ctx, c.move)
		if first == nil {
			first = err
		}
		if !errors.Is(err, corpus.ErrNotFound) || !reflect.DeepEqual(err, first) {
			t.Errorf("%s: %v, unlike %v", c.name, err, first)
		}
	}
	if moves, err := r.store.Moves(maria); err != nil || len(moves) != 0 {
		t.Errorf("kept: %+v, %v", moves, err)
	}
}

func TestAMoveOfAnothersMailIsRefused(t *testing.T) {
	r := serve(t, me(maria))
	ctx := context.Background()
	mine, theirs := r.record(t, maria, 3), r.record(t, pekka, 3)
	if err := r.Moved(ctx, Move{maria, mine.MessageID, "INBOX", "Promotions"}); err != nil {
		t.Errorf("one's own: %v", err)
	}
	var e *Error
	if err := r.Moved(ctx, Move{pekka, theirs.MessageID, "INBOX", "Trash"}); !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Errorf("another's: %#v", err)
	}
}

func TestAReportIsWholeAndShort(t *testing.T) {
	r := delegated(t)
	for _, wrong := range []Move{{}, {Mailbox: maria}, {maria, "<1@x.example>", "INBOX", strings.Repeat("x", maxMove)}} {
		var e *Error
		if err := r.Moved(context.Background(), wrong); !errors.As(err, &e) || e.Status/100 != 4 || e.Status == http.StatusNotFound {
			t.Errorf("%.60v: %v", wrong, err)
		}
	}
}

func TestFoldersOfOnesOwnAreNotNamed(t *testing.T) {
	for name, want := range map[string]string{
		"INBOX": "INBOX", "inbox": "INBOX", "Promotions": "Promotions", "INBOX.Promotions": "Promotions", "INBOX/Refused": "Refused",
		"Deleted Items": "Trash", "Spam": "Junk", "Archive": "Archive", "Divorce": "other", "INBOX.Divorce": "other", "INBOXES": "other", "": "other",
	} {
		if got := moves.Folder(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestWhoIsKnownOtherwiseIsHeldToTheSame(t *testing.T) {
	var api *Server
	r := serveAs(t, func(s *Server) { api = s }, me(pekka))
	ctx := context.Background()
	mine, theirs := r.record(t, maria, 3), r.record(t, pekka, 3)
	c := api.As(Whoami{User: maria, UID: NoUID, Mailboxes: []string{maria}})
	if ds, err := c.Why(ctx, mine.ID, ""); err != nil || len(ds) != 1 {
		t.Errorf("one's own: %d, %v", len(ds), err)
	}
	if _, err := c.Why(ctx, theirs.ID, ""); !errors.Is(err, corpus.ErrNotFound) {
		t.Errorf("another's: %v", err)
	}
	var e *Error
	if _, err := c.Intents(ctx, pekka); !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Errorf("another's, by name: %#v", err)
	}
	st, err := c.PutIntents(ctx, Stated{Mailbox: maria, Text: "mute topic tea\n"})
	if err != nil || !st.Exists {
		t.Errorf("a file of one's own: %+v, %v", st, err)
	}
}

// inForce gives what the corrections of Maria say, the oldest first.
func (r running) inForce(t *testing.T) (said []string) {
	t.Helper()
	all, err := r.store.Labels(maria)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lessons.Kept(all) {
		said = append(said, l.Way+" "+l.To+" "+string(l.Scope))
	}
	slices.Reverse(said)
	return said
}

func TestAMoveTeaches(t *testing.T) {
	for _, c := range []struct {
		name    string
		folders []string // through which the message goes, by hand
		want    []string
	}{
		{"into the refused", []string{"Promotions", "Refused"}, []string{"move refuse kind"}},
		{"into the inbox, of a sender that nobody proved", []string{"Promotions", "INBOX"}, []string{"move inbox message"}},
		{"and back: it was not meant", []string{"Promotions", "INBOX", "Promotions"}, nil},
		{"and on, and home again", []string{"Promotions", "INBOX", "Refused", "Promotions"}, nil},
		{"and on", []string{"Promotions", "INBOX", "Refused"}, []string{"move refuse kind"}},
		{"into the trash", []string{"Promotions", "Trash"}, nil},
		{"into the archive", []string{"Promotions", "Archive"}, nil},
		{"out of the trash", []string{"Trash", "INBOX"}, nil},
		{"stop", []string{"Promotions", "Usher/Stop"}, []string{"move refuse brand"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := serve(t, me(maria))
			d := r.record(t, maria, 3)
			for i := range c.folders[1:] {
				if err := r.Moved(context.Background(), Move{maria, d.MessageID, c.folders[i], c.folders[i+1]}); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.inForce(t); !slices.Equal(got, c.want) {
				t.Errorf("it says %v, not %v", got, c.want)
			}
		})
	}
}

func TestWhatNoHandMovedTeachesNothing(t *testing.T) {
	r := serve(t, me(maria))
	ctx := context.Background()
	just := r.record(t, maria, 3)
	s := &Server{Corrections: r.store, Arrivals: &moves.Arrivals{}}
	s.Arrivals.Note(just.ID, time.Now())
	if err := s.learnMove(ctx, just, moved{maria, "Promotions", "Refused", time.Now().Add(4 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	if got := r.inForce(t); got != nil {
		t.Errorf("what a filter moved says %v", got)
	}
	for i := range moves.Most + 3 {
		if err := r.Moved(ctx, Move{maria, r.record(t, maria, 3).MessageID, "Promotions", "Refused"}); err != nil {
			t.Fatal(err)
		}
		if got, hand := len(r.inForce(t)), i < moves.Most; hand && got != i+1 || !hand && got != 0 {
			t.Errorf("after %d moves at once %d teach", i+1, got)
		}
	}
}

func TestAMoveTakesBackNoOtherCorrection(t *testing.T) {
	r := serve(t, me(maria))
	ctx := context.Background()
	d := r.record(t, maria, 3)
	if _, err := r.Correct(ctx, maria, d.ID, rules.Correction{To: "refuse"}, true); err != nil {
		t.Fatal(err)
	}
	for _, m := range []Move{{maria, d.MessageID, "Promotions", "Refused"}, {maria, d.MessageID, "Refused", "Promotions"}} {
		if err := r.Moved(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.inForce(t); !slices.Equal(got, []string{"command refuse kind"}) {
		t.Errorf("there is %v", got)
	}
}
