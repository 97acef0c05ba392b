package turn

import (
	"context"
	"testing"
)

func TestATurnIsGivenBackOnceAndNeverAfterItsEnd(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	turns := make(Turns, 1)
	first := turns.Take(ctx)
	if first == nil || len(turns) != 1 {
		t.Fatalf("%d turns are taken, want 1", len(turns))
	}
	first.Pause()
	first.Pause()
	second := turns.Take(ctx)
	if second == nil {
		t.Fatal("a turn that was given up is not to be had")
	}
	first.End()
	if len(turns) != 1 {
		t.Error("the end of a paused turn gave up another's")
	}
	second.End()
	if first.Resume(ctx) || len(turns) != 0 {
		t.Errorf("a turn went on after its end; %d are taken", len(turns))
	}
	third := turns.Take(ctx)
	stop()
	if turns.Take(ctx) != nil {
		t.Error("a turn was had that was not free")
	}
	third.End()
	if len(turns) != 0 {
		t.Errorf("%d turns are still taken", len(turns))
	}
}
