package web

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"usher/classify"
	"usher/rules"
)

func TestAnOverrideIsMadeListedAndEnded(t *testing.T) {
	r := serve(t, me(maria))
	ctx := context.Background()
	made, err := r.Override(ctx, "", "", 2*time.Hour)
	if err != nil || !made.InForce || made.Recipient != maria || made.Until.Sub(made.From) != 2*time.Hour {
		t.Fatalf("made %+v, %v", made, err)
	}
	brand, err := r.Override(ctx, maria, "Shop.Example", time.Hour)
	if err != nil || brand.Brand != "shop.example" {
		t.Fatalf("made %+v, %v", brand, err)
	}
	for _, would := range []rules.Disposition{rules.Promotions, rules.Promotions, rules.Refuse} {
		at := time.Now().UTC()
		d := &rules.Decision{ID: rules.NewID(at), At: at, Recipient: maria, Category: classify.Promotion, Disposition: rules.Inbox,
			Because: "override:" + made.ID, WouldBe: would}
		if err := r.store.Record(ctx, []*rules.Decision{d}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := r.Overrides(ctx, "")
	if err != nil || len(list) != 2 || list[0].ID != brand.ID || list[0].LetIn != 0 {
		t.Fatalf("list: %+v, %v", list, err)
	}
	if got := list[1]; got.LetIn != 3 || got.WouldBe[rules.Promotions] != 2 || got.WouldBe[rules.Refuse] != 1 {
		t.Errorf("what it let in: %+v", got)
	}
	if ended, err := r.EndOverride(ctx, "", made.ID); err != nil || len(ended) != 1 || ended[0].LetIn != 3 || ended[0].InForce {
		t.Errorf("ended %+v, %v", ended, err)
	}
	if in := r.store.InForce(maria, time.Now()); len(in) != 1 || in[0].ID != brand.ID {
		t.Errorf("in force: %+v", in)
	}
}

func TestAnOverrideIsRefusedWithWhatToDo(t *testing.T) {
	r := serve(t, me(maria))
	ctx := context.Background()
	for _, c := range []struct {
		name, rcpt, brand string
		lasts             time.Duration
		status            int
	}{
		{"another's mailbox", pekka, "", time.Hour, http.StatusForbidden},
		{"longer than a week", maria, "", rules.MaxOverride + time.Second, http.StatusBadRequest},
		{"no time at all", maria, "", 0, http.StatusBadRequest},
		{"a brand that is only a name", maria, "Nordic Run", time.Hour, http.StatusBadRequest},
		{"a brand that would be more than one statement", maria, "a.example\nrefuse crypto", time.Hour, http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := r.Override(ctx, c.rcpt, c.brand, c.lasts)
			var e *Error
			if !errors.As(err, &e) || e.Status != c.status || e.Hint() == "" {
				t.Errorf("got %#v", err)
			}
		})
	}
	if _, err := r.EndOverride(ctx, "", ""); err == nil {
		t.Error("ending nothing is no success")
	}
	if list, err := r.Overrides(ctx, ""); err != nil || len(list) != 0 {
		t.Errorf("list: %+v, %v", list, err)
	}
}
