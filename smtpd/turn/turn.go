// Package turn lets only so many work at once, and lets one who waits for somebody
// else give the turn up meanwhile. It never lets a turn outlast its End.
package turn

import (
	"context"
	"sync"
)

// Turns are as many as its capacity.
type Turns chan struct{}

// Turn is the right to work. One goroutine works by it, another may end it.
type Turn struct {
	turns Turns

	mu   sync.Mutex
	held bool
	over bool
}

// Take waits for a turn; it gives nil if ctx ends before.
func (t Turns) Take(ctx context.Context) *Turn {
	turn := &Turn{turns: t}
	if !turn.Resume(ctx) {
		return nil
	}
	return turn
}

// Pause gives the turn up until Resume.
func (t *Turn) Pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.give()
}

// Resume waits for a turn again. It reports false if ctx ends before, or the turn
// was ended.
func (t *Turn) Resume(ctx context.Context) bool {
	select {
	case t.turns <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = true
	if t.over {
		t.give()
	}
	return t.held
}

// End gives the turn up for good.
func (t *Turn) End() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	t.give()
}

func (t *Turn) give() {
	if t.held {
		t.held = false
		<-t.turns
	}
}
