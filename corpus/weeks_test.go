package corpus

import (
	"context"
	"sync"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus/weeks"
	"usher/rules"
	"usher/rules/claim"
)

// summed adds up the totals of a mailbox by sender.
func summed(t *testing.T, s *Store, mailbox string) map[string]int {
	t.Helper()
	all, err := s.Totals(mailbox, zero)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int{}
	for _, total := range all {
		for _, days := range total.Mails {
			sums[total.Key] += days.Sum()
		}
	}
	return sums
}

func TestTotalsAreRightUnderLoadAndAfterARestart(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 50 {
				d := decision(maria, i*24*60)
				if i%5 == 0 {
					d.Sender.How = "none"
				}
				if err := s.Record(context.Background(), []*rules.Decision{d, decision(pekka, 0)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, when := range []string{"at once", "after a restart"} {
		if got := summed(t, s, maria); got["shop.example"] != 320 || got["claimed shop.example"] != 80 || len(got) != 2 {
			t.Errorf("%s: hers are %v", when, got)
		}
		if got := summed(t, s, pekka); got["shop.example"] != 400 || len(got) != 1 {
			t.Errorf("%s: his are %v", when, got)
		}
		closed(t, s)
		s = mustOpen(t, o)
	}
	since, err := s.Totals(maria, time.Now().AddDate(0, 0, -10))
	if err != nil || len(since) == 0 || len(since) > 6 || since[0].Week.Before(time.Now().AddDate(0, 0, -17)) {
		t.Errorf("of ten days there are %d totals, %v", len(since), err)
	}
}

func TestWhatATotalTellsAndWhatItNeverDoes(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	shop := decision(maria, 0)
	shop.Detail, shop.Knows = "shops", []classify.Knows{{Code: "open_pixel"}}
	shop.Terms = &claim.Terms{Claim: &claim.Claim{Agreement: "SD-BASE", Purpose: "promotion"}}
	shop.Counts = []rules.Count{{Of: "shop.example"}, {Of: "want lamps"}}
	again := decision(maria, 0)
	again.At, again.Detail = shop.At, "lists"
	again.Counts = []rules.Count{{Of: "shop.example"}, {Of: "want lamps", Over: true}}
	friend := decision(maria, 0)
	friend.Category, friend.Sender = classify.Personal, rules.Sender{Brand: "people.example", Name: "Anna", How: "dkim"}
	list := decision(maria, 0)
	list.Category, list.Sender = classify.List, rules.Sender{Brand: "talk.example", How: "dkim"}
	failed := decision(maria, 0)
	failed.Because = "error"
	record(t, s, shop, again, friend, list, failed)
	all, err := s.Totals(maria, zero)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*weeks.Total{}
	for _, total := range all {
		by[total.Key] = total
	}
	got := by["shop.example"]
	if len(by) != 2 || got == nil || got.Mails["promotion/promotions"].Sum() != 2 || got.Served.Sum() != 1 || got.Name != "The Shop" {
		t.Fatalf("got %+v", by)
	}
	if len(got.Claims) != 1 || got.Claims[0] != "SD-BASE, purpose promotion" {
		t.Errorf("claims %v", got.Claims)
	}
	if len(got.Details) != 2 || len(got.Knows) != 1 || got.Knows[0] != "open_pixel" {
		t.Errorf("details %v, knows %v", got.Details, got.Knows)
	}
	if nobody := by[""]; nobody == nil || len(nobody.Mails) != 2 || nobody.Name != "" {
		t.Errorf("of personal mail and lists it tells %+v", nobody)
	}
}
