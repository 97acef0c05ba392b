// Package budget runs a work for as long as it may take, and goes on without it then.
// It never stops the work: that ends by its context.
package budget

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// ErrLate is that a work did not end in its time.
var ErrLate = errors.New("time is up")

// Within runs f for at most budget, and returns then even if f does not.
func Within(ctx context.Context, budget time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		done <- f(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ErrLate
	}
}

// Lane bounds how many works of one kind run at once, those counted that were
// given up and have not returned.
type Lane chan struct{}

// Within is Within, after a turn in the lane. The wait for it is part of budget.
func (l Lane) Within(ctx context.Context, budget time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	select {
	case l <- struct{}{}:
	case <-ctx.Done():
		return ErrLate
	}
	return Within(ctx, budget, func(ctx context.Context) error {
		defer func() { <-l }()
		return f(ctx)
	})
}
