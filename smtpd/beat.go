package smtpd

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// beat tells whether an accept loop goes round. Whoever asks wakes the loop by a
// deadline in the past, and the loop answers from where it next takes a
// connection: no connection is made for it, and none is lost.
type beat struct {
	mu      sync.Mutex
	waiting []chan struct{}
}

// waker is a listener whose Accept can be woken, as those of TCP and unix sockets.
type waker interface{ SetDeadline(time.Time) error }

// ask waits until the loop has answered or ctx ends.
func (b *beat) ask(ctx context.Context, ln net.Listener) error {
	w, ok := ln.(waker)
	if !ok {
		return nil // nothing can be asked of it
	}
	answered := make(chan struct{})
	b.mu.Lock()
	b.waiting = append(b.waiting, answered)
	err := w.SetDeadline(time.Unix(1, 0))
	b.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return errors.New("does not answer")
	}
}

// answer tells all who ask that the loop goes round, and reports whether err is
// no more than their asking.
func (b *beat) answer(ln net.Listener, err error) bool {
	woken := errors.Is(err, os.ErrDeadlineExceeded)
	if err != nil && !woken {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if w, ok := ln.(waker); ok && (woken || len(b.waiting) > 0) {
		w.SetDeadline(time.Time{})
	}
	for _, answered := range b.waiting {
		close(answered)
	}
	b.waiting = nil
	return woken
}
