package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"usher/cmd/usher/web/public"
	"usher/rules"
	"usher/rules/claim"
	"usher/rules/intents"
	"usher/rules/terms"
)

func TestOnlyPublishedTermsAreAcknowledged(t *testing.T) {
	dir := t.TempDir()
	d := town(t, dir, "lmtp:127.0.0.1:1")
	defer stopped(t, d)
	site, errs := intents.Parse("site", []byte("promotions digest"), time.Now())
	if errs != nil {
		t.Fatal(errs)
	}
	doc, err := terms.Of(site, terms.Asked{Domain: "example.org", Until: intents.DateOf(time.Now()).Plus(30)}, intents.DateOf(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "mail-terms.json")
	if err := os.WriteFile(file, doc.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	d.terms, err = public.Open(public.Settings{File: file}, filepath.Join(dir, "terms"), func() *intents.File { return site }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ours, others := terms.Sum(doc.Bytes()), terms.Sum([]byte("others"))
	for _, c := range []struct {
		name  string
		claim *claim.Claim
		code  int
		want  bool
	}{
		{"our terms", &claim.Claim{Sum: ours}, 250, true},
		{"somebody else's", &claim.Claim{Sum: others}, 250, false},
		{"no hash", &claim.Claim{}, 250, false},
		{"and more was seen", &claim.Claim{Sum: ours, Against: "what was seen would need SD-BASE-AT"}, 250, false},
		{"a message that did not arrive", &claim.Claim{Sum: ours}, 451, false},
		{"nothing", nil, 250, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			mailbox := "m" + rules.NewID(time.Now()) + "@example.org"
			one := &rules.Decision{ID: rules.NewID(time.Now()), Recipient: mailbox, Sender: rules.Sender{Brand: "shop.example"}, Outcome: &rules.Outcome{Code: c.code}}
			if c.claim != nil {
				one.Terms = &claim.Terms{Claim: c.claim}
			}
			if err := d.acknowledged(context.Background(), []*rules.Decision{one, {Recipient: mailbox}}); err != nil {
				t.Fatal(err)
			}
			all, err := d.permissions.Events(mailbox)
			if err != nil || len(all) != map[bool]int{true: 1, false: 0}[c.want] {
				t.Errorf("noted %+v, %v", all, err)
			}
		})
	}
}
