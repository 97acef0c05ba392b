package daemon

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"usher/cmd/usher/web"
)

// aboutNobody is what may be asked from above the API that is about no mailbox.
var aboutNobody = []string{"GET /v1/site/reports", "POST /v1/site/reports/send"}

func TestEveryFurtherQuestionRefusesWhatIsAnothers(t *testing.T) {
	d := town(t, t.TempDir(), "lmtp:127.0.0.1:1")
	defer stopped(t, d)
	if len(d.api.More) == 0 {
		t.Fatal("there is no further question")
	}
	for pattern := range d.api.More {
		if slices.Contains(aboutNobody, pattern) {
			continue
		}
		method, path, _ := strings.Cut(pattern, " /v1/")
		for _, who := range []web.Whoami{{User: "root", Admin: true}, {User: "maria", UID: 1000, Mailboxes: []string{"maria@example.org"}}} {
			q := web.Question{Method: method, Path: path, Query: url.Values{"rcpt": {"pekka@example.org"}, "what": {"shop.example"}, "id": {"x"}}}
			err := d.api.As(who).Ask(context.Background(), q, &struct{}{})
			var e *web.Error
			if !errors.As(err, &e) || e.Status != http.StatusForbidden || !strings.Contains(e.Text, "pekka@example.org is not a mailbox of yours") {
				t.Errorf("%s, asked by %s: %v", pattern, who.User, err)
			}
		}
	}
}
