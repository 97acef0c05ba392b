package refs

import (
	"context"
	"errors"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus"
	"usher/rules"
)

const maria, juho = "maria@example.org", "juho@example.org"

// told keeps decisions as they are when a sender was told, and the references.
func told(t *testing.T, s *corpus.Store, to, brand, ref string) *rules.Decision {
	t.Helper()
	d := &rules.Decision{
		ID: rules.NewID(time.Now()), At: time.Now(), Recipient: to, Sender: rules.Sender{Brand: brand},
		Category: classify.Promotion, Disposition: rules.Reject, Because: "intents:1",
		Outcome: &rules.Outcome{Applied: rules.Reject, Code: 550, Ref: ref},
	}
	if err := s.Record(context.Background(), []*rules.Decision{d}); err != nil {
		t.Fatal(err)
	}
	if err := Keep(context.Background(), s, []*rules.Decision{d}); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAReferenceLeadsItsRecipientToTheMailAndAnAdminToTheHour(t *testing.T) {
	s, err := corpus.Open(corpus.Options{InMemory: true, Delimiter: "+"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d := told(t, s, maria, "shop.example", "7K2Q9DXB")
	told(t, s, maria, "other.example", "11111111")
	shared := told(t, s, juho, "shop.example", "7K2Q9DXB") // one reply that spoke for two
	told(t, s, juho, "inbox.example", "")

	if got, err := Decision(s, maria, "7K2Q9DXB"); err != nil || got.ID != d.ID {
		t.Errorf("maria finds %v, %v", got, err)
	}
	if got, err := Decision(s, juho, "7K2Q9DXB"); err != nil || got.ID != shared.ID {
		t.Errorf("juho finds %v, %v", got, err)
	}
	for _, ref := range []string{"11111111", ""} {
		if got, err := Decision(s, juho, ref); !errors.Is(err, corpus.ErrNotFound) {
			t.Errorf("juho finds %v under %q, %v", got, ref, err)
		}
	}
	if q, err := Find(s, "11111111"); err != nil || q == nil || q.Ref != "11111111" || time.Since(q.At) > 2*time.Minute {
		t.Errorf("found %v, %v", q, err)
	}
	if q, err := Find(s, "22222222"); err != nil || q != nil {
		t.Errorf("found %v, %v", q, err)
	}

	if _, err := s.Forget(context.Background(), maria, "other.example"); err != nil {
		t.Fatal(err)
	}
	if q, err := Find(s, "11111111"); err != nil || q != nil {
		t.Errorf("a reference outlived the brand that was forgotten: %v, %v", q, err)
	}
	if _, err := s.Erase(context.Background(), juho); err != nil {
		t.Fatal(err)
	}
	if _, err := Decision(s, juho, "7K2Q9DXB"); !errors.Is(err, corpus.ErrNotFound) {
		t.Errorf("a reference outlived its mailbox: %v", err)
	}
	if _, err := Decision(s, maria, "7K2Q9DXB"); err != nil {
		t.Errorf("maria's went with juho's: %v", err)
	}
}
