package senders

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"

	"usher/corpus/audit"
)

// TestTheLedgerTellsOfReports: what was sent is named by its hash, what was withheld and
// whoever wants no more by the domain.
func TestTheLedgerTellsOfReports(t *testing.T) {
	s := open(t, asking())
	s.knows()
	s.lived(80, 60*day)
	for i := range 80 {
		s.got(box(i), s.now)
	}
	s.Sign = func(letter []byte) ([]byte, error) { return letter, nil }
	s.Mail = func(context.Context, string, []byte) error { return nil }
	s.nextDay()
	s.sealOver(context.Background())
	for range 2 {
		if _, err := s.Send(context.Background(), "shop.example"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Stop(context.Background(), "shop.example"); err != nil {
		t.Fatal(err)
	}
	all, err := s.Store.Ledger(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var results []string
	for _, e := range all {
		if e.Event == audit.Reported && e.Object == "shop.example" {
			results = append(results, e.Result)
		}
	}
	if len(results) != 2 || results[0] != results[1] || !regexp.MustCompile(`^[0-9-]{10}\.[0-9A-Za-z]{8} [0-9a-f]{64}$`).MatchString(results[0]) {
		t.Errorf("sent twice, the ledger says %q", results)
	}
	if !slices.ContainsFunc(all, func(e audit.Entry) bool {
		return e.Event == audit.Silenced && e.Object == "shop.example" && e.Actor.Role == audit.Usher
	}) {
		t.Errorf("that reports were stopped is not in %+v", all)
	}
}

func TestTheLedgerTellsOfWhatIsWithheld(t *testing.T) {
	s := open(t, asking())
	s.knows()
	s.lived(3, 60*day)
	for i := range 3 {
		s.got(box(i), s.now)
	}
	for range 8 {
		s.nextDay()
		s.sealOver(context.Background())
	}
	all, err := s.Store.Ledger(time.Time{})
	if err != nil || len(all) != 1 || all[0].Event != audit.Withheld || all[0].Object != "shop.example" {
		t.Errorf("%+v, %v", all, err)
	}
}
