package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"usher/corpus/audit"
	"usher/corpus/keys"
)

// aboutNobody are the questions whose answers hold nothing of one person's. A new
// one that is not among them has to refuse whoever asks for another's.
var aboutNobody = []string{
	"GET /v1/status", "GET /v1/whoami", "GET /v1/retention", "/", // for anybody
	"GET /v1/audit", "GET /v1/audit/verify", "GET /v1/site/counts", "GET /v1/site/weeks", "GET /v1/site/senders", "GET /v1/site/digests",
	"POST /v1/keys/rotate", "POST /v1/retention", "GET /v1/backup", // for an admin
}

// TestEveryQuestionRefusesWhatIsAnothers asks all that can be asked for another's
// mailbox: as an admin, who may do one thing to it, and as another user.
func TestEveryQuestionRefusesWhatIsAnothers(t *testing.T) {
	var s *Server
	r := serveAs(t, func(made *Server) {
		s = made
		made.Rotate = func(context.Context) (keys.Rotated, error) { return keys.Rotated{}, nil }
	})
	d := r.record(t, pekka, 1)
	body, err := json.Marshal(Move{pekka, d.MessageID, "Promotions", "INBOX"})
	if err != nil {
		t.Fatal(err)
	}
	for pattern := range s.answers() {
		if slices.Contains(aboutNobody, pattern) {
			continue
		}
		for _, who := range []Whoami{{User: "root", Admin: true}, {User: "maria", UID: 1000, Mailboxes: []string{maria}}} {
			if who.Admin && pattern == "POST /v1/erase" {
				continue // an admin may erase, and is told nothing by it
			}
			method, path, _ := strings.Cut(pattern, " ")
			before := len(r.ledger(t))
			target := "http://usher" + path + "?rcpt=" + pekka + "&id=" + d.ID + "&brand=shop.example&for=1h&days=7"
			req, err := http.NewRequest(method, target, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := s.As(who).http.Do(req)
			if err != nil {
				t.Fatalf("%s: %v", pattern, err)
			}
			var e Error
			err = errors.Join(json.NewDecoder(resp.Body).Decode(&e), resp.Body.Close())
			if resp.StatusCode != http.StatusForbidden || err != nil || !strings.Contains(e.Text, pekka+" is not a mailbox of yours") {
				t.Errorf("%s, asked by %s: %d %s, %v", pattern, who.User, resp.StatusCode, e.Text, err)
			}
			entries := r.ledger(t)[before:]
			if len(entries) != 1 || entries[0].Event != audit.Refused || entries[0].Object != r.store.TagOf(pekka) || entries[0].Actor.UID != int64(who.UID) {
				t.Errorf("%s, asked by %s, left %+v", pattern, who.User, entries)
			}
		}
	}
}
