package corpus

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus/kinds"
	"usher/rules"
	"usher/rules/lessons"
)

var _ rules.Lessons = (*Store)(nil)

// teaches gives where the lessons of Maria have a promotion of the shop go.
func teaches(s *Store) string {
	l := s.Lessons("Maria+shops@example.org").Of(lessons.Facts{Brand: "shop.example", Proven: true, Category: classify.Promotion})
	if l == nil {
		return ""
	}
	return l.Route()
}

// correct keeps a correction, and fails the test if it cannot.
func correct(t *testing.T, s *Store, id string, c rules.Correction) lessons.Label {
	t.Helper()
	c.Way = "command"
	l, _, err := s.Correct(context.Background(), maria, id, c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestACorrectionTeachesUntilItIsUndone(t *testing.T) {
	o := where(t)
	o.Delimiter = "+"
	s := mustOpen(t, o)
	d := decision(maria, 0)
	record(t, s, d)
	if s.Lessons(maria) != nil {
		t.Error("nothing was corrected, and something is taught")
	}
	first := correct(t, s, d.ID, rules.Correction{To: "Inbox"})
	if first.Scope != lessons.Kind || first.Was != "promotions" || teaches(s) != "inbox" || s.Lessons(pekka) != nil {
		t.Errorf("%+v teaches %q", first, teaches(s))
	}
	if again := correct(t, s, d.ID, rules.Correction{To: "inbox"}); again.ID != first.ID {
		t.Errorf("the same is kept twice: %+v", again)
	}
	second := correct(t, s, d.ID, rules.Correction{To: "refuse"})
	if second.Instead != first.ID || teaches(s) != "refuse" {
		t.Errorf("%+v teaches %q", second, teaches(s))
	}
	closed(t, s)
	s = mustOpen(t, o)
	if teaches(s) != "refuse" {
		t.Errorf("after a restart it teaches %q", teaches(s))
	}
	for _, want := range []struct{ undone, then string }{{second.ID, "inbox"}, {first.ID, ""}} {
		if l, err := s.Undo(context.Background(), maria, ""); err != nil || l.ID != want.undone || teaches(s) != want.then {
			t.Errorf("undone %s, %v; it teaches %q", l.ID, err, teaches(s))
		}
	}
	if _, err := s.Undo(context.Background(), maria, ""); !errors.Is(err, ErrNoLabel) {
		t.Errorf("undone a third time: %v", err)
	}
	if list, err := s.Labels(maria); err != nil || len(list) != 2 || !list[0].Undone || !list[1].Undone {
		t.Errorf("kept are %+v, %v", list, err)
	}
}

func TestWhatCannotBeCorrected(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	personal, claimed, shop := decision(maria, 0), decision(maria, 1), decision(maria, 2)
	personal.Category, claimed.Sender.Aligned = classify.Personal, false
	record(t, s, personal, claimed, shop)
	for name, c := range map[string]struct {
		id string
		rules.Correction
		want error
	}{
		"a decision that there is not": {newID(shop.At), rules.Correction{To: "inbox"}, ErrNotFound},
		"no id":                        {"7", rules.Correction{To: "inbox"}, ErrNotFound},
		"to nowhere":                   {shop.ID, rules.Correction{To: "trash"}, rules.ErrTarget},
		"of no scope":                  {shop.ID, rules.Correction{To: "inbox", Scope: "planet"}, rules.ErrScope},
		"a topic that is not said":     {shop.ID, rules.Correction{To: "inbox", Scope: lessons.Topic}, rules.ErrTopic},
		"a brand with a topic":         {shop.ID, rules.Correction{To: "inbox", Scope: lessons.Brand, Topic: "shoes"}, rules.ErrTopic},
		"a personal mail":              {personal.ID, rules.Correction{To: "promotions"}, rules.ErrThin},
	} {
		if _, _, err := s.Correct(context.Background(), maria, c.id, c.Correction); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := s.Correct(context.Background(), pekka, shop.ID, rules.Correction{To: "inbox"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("another's mail: %v", err)
	}
	if list, err := s.Labels(maria); err != nil || len(list) != 0 {
		t.Errorf("something is kept: %+v, %v", list, err)
	}
	if l := correct(t, s, claimed.ID, rules.Correction{To: "inbox", Scope: lessons.Brand}); l.Scope != lessons.Message {
		t.Errorf("a name that nobody proved lets in its %s", l.Scope)
	}
	if l := correct(t, s, claimed.ID, rules.Correction{To: "refuse", Scope: lessons.Brand}); l.Scope != lessons.Brand {
		t.Errorf("what goes lower is held to its %s", l.Scope)
	}
}

func TestCorrectionsAreForgottenErasedAndExported(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	shop, other := decision(maria, 0), decision(maria, 1)
	other.Sender.Brand = "other.example"
	record(t, s, shop, other)
	correct(t, s, shop.ID, rules.Correction{To: "inbox"})
	correct(t, s, other.ID, rules.Correction{To: "inbox"})
	exported := 0
	err := s.Export(maria, func(k *kinds.Kind, line []byte) error {
		if k.Name == "corrections" && bytes.Contains(line, []byte(`"scope":"kind"`)) {
			exported++
		}
		return nil
	})
	if err != nil || exported != 2 {
		t.Errorf("%d are exported, %v", exported, err)
	}
	if _, err := s.Forget(context.Background(), maria, "shop.example"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Labels(maria); err != nil || len(list) != 1 || list[0].Brand != "other.example" || teaches(s) != "" {
		t.Errorf("after a brand is forgotten %+v is kept, %v, and %q taught", list, err, teaches(s))
	}
	if _, err := s.Erase(context.Background(), maria); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Labels(maria); err != nil || len(list) != 0 || s.Lessons(maria) != nil {
		t.Errorf("after all is erased %+v is kept, %v", list, err)
	}
}

func TestOfVeryManyCorrectionsTheOldestEnd(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	d := decision(maria, 0)
	record(t, s, d)
	for i := range lessons.MostStored {
		l := lessons.Label{ID: rules.NewID(time.Unix(int64(60*i), 0)), Decision: d.ID, To: "inbox", Scope: lessons.Kind, Brand: "old.example", Undone: i != 7}
		if err := s.Note(context.Background(), maria, prefixLabel, l.ID, l); err != nil {
			t.Fatal(err)
		}
	}
	made := correct(t, s, d.ID, rules.Correction{To: "inbox", Scope: lessons.Brand})
	all, err := s.Labels(maria)
	if err != nil || len(all) != lessons.MostStored/2+2 || all[0].Undone || all[len(all)-1].ID != made.ID {
		t.Errorf("%d are left, the first %+v, %v", len(all), all[0], err)
	}
	if kept := lessons.Kept(all); len(kept) != 1 || kept[0].ID != made.ID {
		t.Errorf("in force: %+v", kept)
	}
}
