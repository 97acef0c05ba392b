package smtpd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"usher/smtpd/events"
	"usher/smtpd/nexthop"
)

// Metrics gives what the server counts.
func (s *Server) Metrics() events.Gatherer { return s.log.Metrics() }

// Alive asks every accept loop for an answer before ctx ends, and says which
// gave none. A loop that is busy or draining is alive.
func (s *Server) Alive(ctx context.Context) error {
	var err error
	for _, l := range s.listeners {
		if l.isStopped() {
			continue
		}
		if e := l.Ask(ctx); e != nil && !l.isStopped() {
			err = errors.Join(err, fmt.Errorf("%s: %w", l.hop.In, e))
		}
	}
	return err
}

// Unready says, one sentence each, what keeps mail from being taken and passed
// on now; nothing if all is well.
func (s *Server) Unready() []string {
	var why []string
	for _, l := range s.listeners {
		if l.isStopped() {
			why = append(why, fmt.Sprintf("the listener of %s takes no more connections", l.hop.In))
		}
		switch l.log.State() {
		case events.Down:
			why = append(why, fmt.Sprintf("the next hop %s was last seen down: upstream keeps the mail", l.hop.Out))
		case events.Unseen:
			why = append(why, fmt.Sprintf("the next hop %s was not reached yet", l.hop.Out))
		}
	}
	return why
}

// GreetTime bounds how long Greet waits for one next hop.
const GreetTime = nexthop.DialTime + nexthop.GreetTime

// Greet greets every next hop that was not last seen up, so that what is known
// of it does not wait for mail. Nothing is sent but the greeting.
func (s *Server) Greet(ctx context.Context) {
	for _, l := range s.listeners {
		if l.log.State() == events.Up || l.isStopped() || ctx.Err() != nil {
			continue
		}
		next, err := nexthop.Dial(ctx, l.hop.Out, &s.reach, time.Now().Add(GreetTime))
		switch {
		case err == nil:
			next.Leave()
			l.log.Up()
		case ctx.Err() == nil: // else we broke off, and it may be well
			l.log.Down(err)
		}
	}
}

func (l *listener) isStopped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped
}
