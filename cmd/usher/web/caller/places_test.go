package caller

import (
	"context"
	"testing"
)

func TestOneCallerLeavesPlacesToOthers(t *testing.T) {
	ctx, over := t.Context(), done(t)
	p := NewPlaces(3, 2)
	first, second := p.Take(ctx, "mallory"), p.Take(ctx, "mallory")
	if first == nil || second == nil {
		t.Fatal("two places are not to be had")
	}
	if p.Take(over, "mallory") != nil {
		t.Error("one caller has every place")
	}
	maria := p.Take(ctx, "maria")
	if maria == nil {
		t.Fatal("nothing is left for another")
	}
	if p.Take(over, "pekka") != nil {
		t.Error("there are more places than there may be")
	}
	first()
	again := p.Take(ctx, "mallory")
	if again == nil {
		t.Fatal("a place that was given back is not to be had")
	}
	for _, leave := range []func(){second, maria, again} {
		leave()
	}
	if len(p.all) != 0 || len(p.of) != 0 {
		t.Errorf("%d places are taken, %d callers known", len(p.all), len(p.of))
	}
}

// done is a context that ended.
func done(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
