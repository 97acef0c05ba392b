package relation

import (
	"testing"
	"time"

	"usher/classify"
	"usher/corpus"
	"usher/rules"
	"usher/rules/lessons"
)

func TestHowSureStatsAre(t *testing.T) {
	label := func(id, decision, was, to string) lessons.Label {
		return lessons.Label{ID: id, At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Decision: decision, Was: was, To: to, Scope: lessons.Kind, Brand: "shop.example", Category: classify.Promotion}
	}
	undone := label("5", "E", "promotions", "inbox")
	undone.Undone = true
	s := Stats{From: "2026-11-01", Mails: 60, SetAside: 40}
	s.Look([]lessons.Label{
		label("1", "A", "promotions", "inbox"), label("2", "B", "digest", "receipt"), label("3", "C", "inbox", "refuse"),
		label("4", "D", "promotions", "transactional"), undone,
	}, []corpus.Sent{
		{Until: time.Date(2026, 10, 2, 7, 30, 0, 0, time.UTC), Numbered: []string{"X", "Y"}, Samples: []string{"Y"}},
		{Until: time.Date(2026, 11, 19, 7, 30, 0, 0, time.UTC), Numbered: []string{"A", "P", "Q"}, Samples: []string{"A", "Q"}},
	})
	// "receipt" is a word that is read before a label is made: it has no route here.
	if s.Corrected != 2 || *s.Wrong != 0.05 || s.Unseen != 40-6 || s.Samples != 3 || s.SamplesWrong != 1 || *s.AtMost < .7 || *s.AtMost > .8 {
		t.Errorf("%+v, wrong %v, at most %v", s, *s.Wrong, *s.AtMost)
	}
	var none Stats
	if none.Look(nil, nil); none.Wrong != nil || none.AtMost != nil {
		t.Errorf("of nothing it is told that %+v", none)
	}
}

func TestWhatEndedBeforeADigestCameWasLate(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	l := Lateness{Sent: []corpus.Sent{{Until: noon.Add(-24 * time.Hour)}, {Until: noon.Add(19 * time.Hour)}}}
	offer := func(to rules.Disposition, ends ...string) *rules.Decision {
		d := &rules.Decision{At: noon, Outcome: &rules.Outcome{Applied: to, Code: 250}}
		for _, e := range ends {
			d.Offers = append(d.Offers, rules.Offer{Ends: e})
		}
		return d
	}
	if l.Share() != nil {
		t.Error("of no offer a share is late")
	}
	l.Add(offer(rules.Promotions, "2026-11-20T23:59:59Z", "2026-11-24T23:59:59Z", ""))
	l.Add(offer(rules.Inbox, "2026-11-20T23:59:59Z"))
	l.Add(&rules.Decision{At: noon.Add(48 * time.Hour), Outcome: &rules.Outcome{Applied: rules.Digest}, Offers: []rules.Offer{{Ends: "2026-11-23T00:00:00Z"}}})
	if got := l.Share(); got == nil || *got != .5 {
		t.Errorf("late is %v", got)
	}
}
