package smtpd

import (
	"context"
	"errors"

	"usher/classify/mail"
	"usher/smtpd/budget"
	"usher/smtpd/guard"
)

// MaxObserved is how much of a message an Observer is shown, in bytes.
const MaxObserved = 64 << 10

// observe shows the observer what has passed to control addresses, and what is for it
// otherwise. Upstream has its answers by then, and waits for nothing but its next
// command.
func (m *message) observe(ctx context.Context) {
	srv := m.s.srv
	env := mail.Envelope{From: m.t.from, Arrived: m.arrived, Client: m.t.client}
	if srv.deps.Observer == nil {
		return
	}
	fields := m.spool.Head(mail.MaxHeader)
	for i, a := range m.asides {
		is := a == toControl || a == notAside && srv.deps.Answers != nil && !m.passedBefore(i) && srv.deps.Answers(m.t.rcpts[i].path, fields)
		if is && m.fates[i].reply.Code/100 == 2 {
			env.To = append(env.To, m.t.rcpts[i].path)
		}
	}
	if len(env.To) == 0 {
		return
	}
	head := m.spool.Head(MaxObserved)
	whole := guard.Received(m.spool.Reader(), m.bare)
	err := srv.observes.Within(context.WithoutCancel(ctx), srv.cfg.JudgeBudget, func(ctx context.Context) error {
		o := &mail.Object{Envelope: env, Message: mail.Parse(head)}
		srv.prove(ctx, o, whole)
		srv.deps.Observer.Observe(ctx, o, head)
		return nil
	})
	if errors.Is(err, budget.ErrLate) {
		err = errors.New("the observer has not returned in time")
	}
	if err != nil {
		srv.log.ObserveFailed(m.t.client.Queue, err)
	}
}

// passedBefore reports whether the very same message reached a recipient once already:
// whoever sends it again is not to have done again what it asks.
func (m *message) passedBefore(i int) bool {
	return m.known[i] && m.decisions[i].Outcome != nil && m.decisions[i].Outcome.Code/100 == 2
}
