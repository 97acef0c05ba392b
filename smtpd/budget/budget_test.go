package budget

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAWorkIsGivenUpWhenItsTimeIsUp(t *testing.T) {
	ctx := context.Background()
	never := make(chan struct{})
	defer close(never)
	stuck := func(context.Context) error { <-never; return nil }
	fault := errors.New("fault")
	if err := Within(ctx, time.Minute, func(context.Context) error { return fault }); !errors.Is(err, fault) {
		t.Errorf("its own error: %v", err)
	}
	if err := Within(ctx, time.Minute, func(context.Context) error { panic("broken") }); err == nil || !strings.Contains(err.Error(), "panic: broken") {
		t.Errorf("a panic: %v", err)
	}
	if err := Within(ctx, time.Millisecond, stuck); !errors.Is(err, ErrLate) {
		t.Errorf("one that is stuck: %v", err)
	}
	lane := make(Lane, 1)
	if err := lane.Within(ctx, time.Millisecond, stuck); !errors.Is(err, ErrLate) {
		t.Errorf("one that is stuck, in a lane: %v", err)
	}
	if err := lane.Within(ctx, time.Millisecond, func(context.Context) error { return nil }); !errors.Is(err, ErrLate) {
		t.Errorf("behind one that is stuck: %v", err)
	}
}
