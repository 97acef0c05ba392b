package smtpd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/budget"
)

// Reasons for which usher fails open.
const (
	failJudge    = "judge"
	failPanic    = "panic"
	failTimeout  = "timeout"
	failRecord   = "record"
	failOverload = "overload"
)

// failure is why a message could not be judged, or its decisions not kept.
type failure struct {
	reason string
	err    error
}

// A judging is done, or was given up, whichever comes first.
const (
	judging int32 = iota
	judged
	givenUp
)

// judge has a message judged before ctx ends. A judge past it is left
// running and its result ignored. The object is what could be read in that
// time, for the record of a failure. head gives what is judged of the message, once
// it has its turn: many may wait, and what they hold is not counted. whole is all
// of it as it was received, by which its sender is proven.
func (s *Server) judge(ctx context.Context, env mail.Envelope, head func() []byte, whole io.Reader) ([]*rules.Decision, *mail.Object, *failure) {
	blank := &mail.Object{Envelope: env, Message: &mail.Message{}}
	if s.abandoned.Load() >= maxAbandoned {
		return nil, blank, &failure{failOverload, errors.New("too many judges are past their budget")}
	}
	mine := s.turns.Take(ctx)
	if mine == nil {
		return nil, blank, &failure{failOverload, errors.New("no turn to judge within the budget")}
	}
	defer mine.End()
	var (
		state  atomic.Int32
		read   atomic.Pointer[mail.Object]
		result = make(chan []*rules.Decision, 1)
		failed = make(chan *failure, 1)
	)
	read.Store(blank)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				s.log.Panicked("judge", string(debug.Stack()))
				failed <- &failure{failPanic, fmt.Errorf("panic: %v", p)}
			}
			if !state.CompareAndSwap(judging, judged) {
				s.abandoned.Add(-1)
			}
		}()
		ds, err := s.decide(ctx, env.To, func() *mail.Object {
			o := &mail.Object{Envelope: env, Message: mail.Parse(head())}
			mine.Pause()
			s.prove(ctx, o, whole)
			mine.Resume(ctx) // if it cannot, time is up, and nobody hears the judge
			return o
		}, &read)
		switch {
		case err == nil && ctx.Err() == nil:
			err = sound(ds, len(env.To))
		case ctx.Err() != nil:
			failed <- &failure{failTimeout, budget.ErrLate}
			return
		}
		if err != nil {
			failed <- &failure{failJudge, err}
			return
		}
		result <- ds
	}()
	select {
	case ds := <-result:
		return ds, read.Load(), nil
	case f := <-failed:
		return nil, read.Load(), f
	case <-ctx.Done():
		if state.CompareAndSwap(judging, givenUp) {
			s.abandoned.Add(1)
		}
		return nil, read.Load(), &failure{failTimeout, budget.ErrLate}
	}
}

// decide asks the judge about what read gives, and keeps that in o. A message of
// which nobody is judged is not read.
func (s *Server) decide(ctx context.Context, to []string, read func() *mail.Object, o *atomic.Pointer[mail.Object]) ([]*rules.Decision, error) {
	if !slices.ContainsFunc(to, s.judges) {
		return make([]*rules.Decision, len(to)), nil
	}
	o.Store(read())
	return s.deps.Judge.Decide(ctx, o.Load())
}

// prove finds out who sent a message. It wants no turn, or a few senders whose DNS
// is slow would keep all others from being judged. A sender whose DNS never
// answers is unproven after two thirds of the time left, and judged as such: out of
// time, the message would be untouched, and being slow would buy the inbox.
func (s *Server) prove(ctx context.Context, o *mail.Object, whole io.Reader) {
	o.Identity.How = mail.ByNone
	if until, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(until)*2/3)
		defer cancel()
	}
	if s.deps.Identify != nil {
		o.Identity = s.deps.Identify.Identify(ctx, whole, &o.Envelope, o.Message)
	}
}

// failedDecisions says for each recipient that judging failed; nil for those
// who are not judged, who leave no record, and for all if even that cannot be
// told in time.
func (s *Server) failedDecisions(ctx context.Context, o *mail.Object, reason string) []*rules.Decision {
	to := o.Envelope.To
	told := make(chan []*rules.Decision, 1)
	err := budget.Within(ctx, s.cfg.RecordBudget, func(context.Context) error {
		ds := make([]*rules.Decision, len(to))
		for i := range to {
			if s.judges(to[i]) {
				ds[i] = rules.Failed(o, i, reason)
			}
		}
		told <- ds
		return nil
	})
	if err != nil {
		return make([]*rules.Decision, len(to))
	}
	return <-told
}

// judges reports whether a recipient is judged at all, as far as the judge can
// tell.
func (s *Server) judges(recipient string) bool {
	roll, ok := s.deps.Judge.(interface{ Judges(recipient string) bool })
	return !ok || roll.Judges(recipient)
}

// sound reports decisions that must not reach the wire.
func sound(ds []*rules.Decision, n int) error {
	if len(ds) != n {
		return fmt.Errorf("judge gave %d decisions for %d recipients", len(ds), n)
	}
	for _, d := range ds {
		if d == nil {
			continue
		}
		switch d.Disposition {
		case rules.Inbox, rules.Promotions, rules.Digest, rules.Refuse, rules.Reject:
		default:
			return fmt.Errorf("judge gave an unknown disposition %q", d.Disposition)
		}
		if !slices.Contains(classify.Categories[:], d.Category) {
			return fmt.Errorf("judge gave an unknown category %q", d.Category)
		}
		if bytes.ContainsFunc([]byte(d.ID), func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("judge gave an id that is no word: %q", d.ID)
		}
	}
	return nil
}
