package corpus

import (
	"context"
	"errors"
	"testing"
	"time"

	"usher/corpus/letin"
	"usher/rules"
)

// let makes an override, and fails the test if it cannot.
func let(t *testing.T, s *Store, brand string, lasts time.Duration) rules.Override {
	t.Helper()
	o, err := s.Override(context.Background(), maria, brand, lasts)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// force counts the overrides of a mailbox in force at the store's own time.
func force(s *Store, mailbox string) int { return len(s.InForce(mailbox, s.now())) }

func TestAnOverrideEndsByItself(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	now := time.Now()
	s.now = func() time.Time { return now }
	let(t, s, "shop.example", 2*time.Hour)
	if force(s, "Maria+x@example.org") != 1 || force(s, pekka) != 0 {
		t.Error("it should hold for its mailbox, and for no other")
	}
	now = now.Add(2*time.Hour - time.Second)
	if force(s, maria) != 1 {
		t.Error("it should hold until its end")
	}
	now = now.Add(time.Second)
	if force(s, maria) != 0 || s.letIn.Some() {
		t.Error("it should have ended by itself, and cost no look any more")
	}
	if list, err := s.Overrides(maria); err != nil || len(list) != 1 || list[0].Ended || list[0].Brand != "shop.example" {
		t.Errorf("it should still be listed: %+v, %v", list, err)
	}
}

func TestAnOverrideEndsByItsOwner(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	one, two, three := let(t, s, "", time.Hour), let(t, s, "a.example", time.Hour), let(t, s, "b.example", time.Hour)
	ended, err := s.EndOverride(context.Background(), maria, two.ID)
	if err != nil || len(ended) != 1 || ended[0].ID != two.ID || !ended[0].Ended {
		t.Errorf("ended %+v, %v", ended, err)
	}
	if in := s.InForce(maria, s.now()); len(in) != 2 || in[0].ID != one.ID || in[1].ID != three.ID {
		t.Errorf("in force: %+v", in)
	}
	if ended, err = s.EndOverride(context.Background(), maria, ""); err != nil || len(ended) != 2 {
		t.Errorf("ended %+v, %v", ended, err)
	}
	for _, box := range []string{maria, pekka} {
		if _, err := s.EndOverride(context.Background(), box, ""); !errors.Is(err, ErrNoOverride) {
			t.Errorf("%s: got %v", box, err)
		}
	}
}

func TestAnOverrideIsBounded(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	for _, lasts := range []time.Duration{0, -time.Hour, rules.MaxOverride + 1} {
		if _, err := s.Override(context.Background(), maria, "", lasts); !errors.Is(err, ErrOverrideTime) {
			t.Errorf("%v: got %v", lasts, err)
		}
	}
	for range MaxInForce {
		let(t, s, "", rules.MaxOverride)
	}
	if _, err := s.Override(context.Background(), maria, "", time.Hour); !errors.Is(err, ErrOverrides) {
		t.Errorf("one more: got %v", err)
	}
}

func TestOfVeryManyOverridesTheOldestThatEndedEnd(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	now := time.Now()
	s.now = func() time.Time { return now }
	long := let(t, s, "long.example", rules.MaxOverride)
	for range letin.MostStored {
		now = now.Add(2 * time.Second)
		let(t, s, "", time.Second)
	}
	all, err := s.Overrides(maria)
	if err != nil || len(all) != letin.MostStored/2+2 || all[len(all)-1].ID != long.ID || !all[0].From.Equal(now.UTC().Truncate(time.Second)) {
		t.Errorf("%d are left, from %+v to %+v, %v", len(all), all[0], all[len(all)-1], err)
	}
	if in := s.InForce(maria, now); len(in) != 2 {
		t.Errorf("in force: %+v", in)
	}
}

func TestAnOverrideSurvivesARestart(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	let(t, s, "shop.example", time.Hour)
	gone := let(t, s, "", time.Hour)
	if _, err := s.EndOverride(context.Background(), maria, gone.ID); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = mustOpen(t, o)
	if in := s.InForce(maria, s.now()); len(in) != 1 || in[0].Brand != "shop.example" {
		t.Errorf("after the restart: %+v", in)
	}
	if force(s, pekka) != 0 {
		t.Error("it holds for another mailbox")
	}
}

func BenchmarkNoOverrideInForce(b *testing.B) {
	s := mustOpen(b, Options{InMemory: true})
	at := time.Now()
	for b.Loop() {
		s.InForce(maria, at)
	}
}

func BenchmarkAnOverrideOfAnother(b *testing.B) {
	s := mustOpen(b, Options{InMemory: true})
	if _, err := s.Override(context.Background(), pekka, "", time.Hour); err != nil {
		b.Fatal(err)
	}
	at := time.Now()
	for b.Loop() {
		s.InForce(maria, at)
	}
}
