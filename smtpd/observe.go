package smtpd

import (
	"context"
	"errors"
	"time"

	"usher/classify/mail"
	"usher/smtpd/guard"
)

// MaxObserved is how much of a message an Observer is shown, in bytes.
const MaxObserved = 64 << 10

// lane bounds how many works of one kind run at once, those counted that were
// given up and have not returned.
type lane chan struct{}

// within is within, after a turn in the lane. The wait for it is part of budget.
func (l lane) within(ctx context.Context, budget time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	select {
	case l <- struct{}{}:
	case <-ctx.Done():
		return errLate
	}
	return within(ctx, budget, func(ctx context.Context) error {
		defer func() { <-l }()
		return f(ctx)
	})
}

// observe shows the observer what has passed to control addresses. Upstream has
// its answers by then, and waits for nothing but its next command.
func (m *message) observe(ctx context.Context) {
	srv := m.s.srv
	env := mail.Envelope{From: m.t.from, Arrived: m.arrived, Client: m.t.client}
	for i, a := range m.asides {
		if a == toControl && m.fates[i].reply.Code/100 == 2 {
			env.To = append(env.To, m.t.rcpts[i].path)
		}
	}
	if srv.deps.Observer == nil || len(env.To) == 0 {
		return
	}
	head := m.spool.Head(MaxObserved)
	whole := guard.Received(m.spool.Reader(), m.bare)
	err := srv.observes.within(context.WithoutCancel(ctx), srv.cfg.JudgeBudget, func(ctx context.Context) error {
		o := &mail.Object{Envelope: env, Message: mail.Parse(head)}
		srv.prove(ctx, o, whole)
		srv.deps.Observer.Observe(ctx, o, head)
		return nil
	})
	if errors.Is(err, errLate) {
		err = errors.New("the observer has not returned in time")
	}
	if err != nil {
		srv.log.ObserveFailed(m.t.client.Queue, err)
	}
}
