package smtpd

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"usher/classify/mail"
	"usher/smtpd/events"
	"usher/smtpd/guard"
	"usher/smtpd/nexthop"
	"usher/smtpd/replies"
	"usher/smtpd/spool"
)

// session is one upstream connection after LHLO or EHLO. MAIL and RCPT are put
// to the next hop while upstream waits, so who knows the users also answers for
// them.
type session struct {
	srv   *Server
	hop   Hop
	log   *events.Hop
	guard *guard.Conn
	next  *nexthop.Conn // nil while not connected
	until time.Time     // when upstream stops waiting for our answers; zero while it does not wait for any

	mu    sync.Mutex // BDAT runs Data beside Reset
	tx    *transaction
	after func() // what is left to do when upstream has its answer
}

// transaction is what MAIL and RCPT said (RFC 5321, section 3.3).
type transaction struct {
	from    string
	opts    *smtp.MailOptions
	client  mail.Client       // as XFORWARD told
	forward map[string]string // all that it told
	rcpts   []recipient       // accepted ones, each once
	lines   []string          // names of the accepted RCPT lines, in order
}

// recipient is one forward-path: as it came, and as go-smtp names it.
type recipient struct {
	path, name string
	opts       *smtp.RcptOptions
}

// NewSession implements smtp.Backend.
func (l *listener) NewSession(c *smtp.Conn) (smtp.Session, error) {
	g, ok := c.Conn().(*guard.Conn)
	if !ok {
		return nil, replies.Ours
	}
	s := l.session(g)
	if err := s.connect(nil); err != nil {
		l.log.Replied(events.AtConnect, replies.Unreachable.Code, events.ByUsher)
		return nil, replies.To(err)
	}
	g.Offered = s.next.Offer
	l.log.Replied(events.AtConnect, 250, events.ByUsher)
	return told{s}, nil
}

func (l *listener) session(g *guard.Conn) *session {
	return &session{srv: l.srv, hop: l.hop, log: l.log, guard: g}
}

// connect dials the next hop. One that offers less than was promised upstream
// cannot be used.
func (s *session) connect(promised *guard.Offer) error {
	begun := time.Now()
	h, err := nexthop.Dial(s.srv.ctx, s.hop.Out, &s.srv.reach, s.until)
	if err != nil {
		if errors.Is(err, guard.ErrLoop) {
			s.log.Loop()
		}
		if s.srv.ctx.Err() == nil { // else we broke off ourselves
			s.log.Down(err)
		}
		return replies.Unreachable
	}
	if promised != nil && h.Offer.Less(*promised) {
		h.Leave()
		return replies.Unreachable
	}
	s.log.Up()
	s.log.NextHopTook(events.AtConnect, time.Since(begun))
	s.next, h.Took = h, s.log.NextHopTook
	return nil
}

// connected makes sure that there is a connection on which a transaction may
// begin.
func (s *session) connected() error {
	if s.next != nil && s.next.Usable() {
		return nil
	}
	if s.next != nil {
		s.next.Leave()
		s.next = nil
	}
	return s.connect(&s.guard.Offered)
}

// drop closes a connection that failed, so that the next use dials afresh.
func (s *session) drop() {
	if s.next != nil {
		s.next.Close()
		s.next = nil
	}
}

// rest ends the open transaction at the next hop, if there is one.
func (s *session) rest() {
	if s.next == nil || !s.next.Begun {
		return
	}
	if err := s.next.Reset(); err != nil {
		s.drop()
		return
	}
	s.next.Rest()
}

// dismiss ends the open transaction without its message. A next hop that speaks
// SMTP is left as well, so that nothing can be taken for part of a mail.
func (s *session) dismiss() {
	if s.hop.takesSMTP() && s.next != nil {
		s.next.Dismiss()
		s.next = nil
		return
	}
	s.rest()
}

// waitUntil bounds all that is said to the next hop; zero lifts the bound.
func (s *session) waitUntil(t time.Time) {
	s.until = t
	if s.next != nil {
		s.next.WaitUntil(t)
	}
}

func (s *session) current() *transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tx
}

// Mail implements smtp.Session. The path is the guard's reading, which keeps
// quotes as they came.
func (s *session) Mail(_ string, opts *smtp.MailOptions) error {
	o := s.guard.Granted()
	path := s.guard.Path()
	switch {
	case s.current() != nil:
		return replies.Order
	case opts.Auth != nil, opts.UTF8 && !o.UTF8, opts.Body == smtp.Body8BitMIME && !o.EightBit,
		(opts.Return != "" || opts.EnvelopeID != "") && !o.DSN:
		return replies.Parameter
	case !opts.UTF8 && !ascii(path):
		return replies.Sender
	case opts.Size > o.Size:
		return replies.Size
	}
	t := &transaction{from: path, opts: opts, client: s.guard.Client, forward: s.guard.Forward}
	if err := s.open(t, nil); err != nil {
		return replies.To(err)
	}
	s.mu.Lock()
	s.tx = t
	s.mu.Unlock()
	s.guard.Begin()
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(name string, opts *smtp.RcptOptions) error {
	t := s.current()
	path := s.guard.Path()
	switch {
	case t == nil:
		return replies.Order
	case (len(opts.Notify) > 0 || opts.OriginalRecipient != "") && !s.guard.Granted().DSN:
		return replies.Parameter
	case !t.opts.UTF8 && !ascii(path):
		return replies.Recipient
	case len(t.lines) >= s.srv.cfg.MaxRcpt, len(t.lines) > 0 && s.srv.cfg.SingleRecipient && s.hop.takesSMTP():
		return replies.Rcpts
	}
	for _, r := range t.rcpts {
		if r.path == path { // given twice: passed on once, answered twice
			t.lines = append(t.lines, name)
			return nil
		}
		if r.name == name && !s.hop.takesSMTP() {
			return replies.Rcpts // go-smtp has one answer for both: postmaster, and postmaster at our own name
		}
	}
	r := recipient{path: path, name: name, opts: opts}
	if err := s.addRcpt(t, r); err != nil {
		return replies.To(err)
	}
	t.rcpts = append(t.rcpts, r)
	t.lines = append(t.lines, name)
	s.guard.Accept()
	return nil
}

// budget is how long upstream waits for our answers to a message.
func (s *session) budget() time.Duration {
	if s.hop.takesSMTP() {
		return min(s.srv.cfg.AnswerBudget, maxSMTPAnswer)
	}
	return s.srv.cfg.AnswerBudget
}

// addRcpt puts one more recipient to the next hop, once more on a fresh
// connection if the first is lost.
func (s *session) addRcpt(t *transaction, r recipient) error {
	if s.next != nil && s.next.Begun {
		err := s.next.Rcpt(r.path, r.opts)
		if reply, ok := replies.As(err); ok {
			return replies.Refusal(reply)
		}
		if err == nil {
			return nil
		}
		s.drop() // whether it is down, a fresh connection tells
	}
	refused := make(map[string]*smtp.SMTPError)
	if err := s.open(t, refused); err != nil {
		return err
	}
	if len(refused) > 0 {
		s.drop() // a recipient that was accepted is not now: the data stage finds out
	}
	if s.next == nil {
		return replies.Lost
	}
	err := s.next.Rcpt(r.path, r.opts)
	if reply, ok := replies.As(err); ok {
		return replies.Refusal(reply)
	}
	if err != nil {
		s.drop()
		return replies.Lost
	}
	return nil
}

// open begins a transaction at the next hop for t and the recipients it has so
// far, trying once more on a fresh connection if one is lost. Recipients that
// are refused are noted in refused.
func (s *session) open(t *transaction, refused map[string]*smtp.SMTPError) error {
	var err error
	for range 2 {
		if err = s.connected(); err != nil {
			return err
		}
		if err = s.say(t, t.rcpts, refused); err == nil {
			return nil
		}
		if reply, ok := replies.As(err); ok {
			return replies.Refusal(reply)
		}
		s.drop()
	}
	s.log.Down(err)
	return replies.Lost
}

// say puts MAIL and every RCPT of a transaction to the next hop.
func (s *session) say(t *transaction, rcpts []recipient, refused map[string]*smtp.SMTPError) error {
	if err := s.next.Mail(t.from, t.opts, t.forward); err != nil {
		return err
	}
	for _, r := range rcpts {
		err := s.next.Rcpt(r.path, r.opts)
		if reply, ok := replies.As(err); ok {
			refused[r.path] = replies.Refusal(reply)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Reset implements smtp.Session. go-smtp calls it, too, when a message has been
// answered.
func (s *session) Reset() {
	s.mu.Lock()
	after := s.after
	s.tx, s.after = nil, nil
	s.mu.Unlock()
	s.guard.Forget()
	if after != nil {
		after()
	}
}

// Logout implements smtp.Session.
func (s *session) Logout() error {
	s.Reset()
	if s.next != nil {
		s.next.Leave()
		s.next = nil
	}
	return nil
}

// Data implements smtp.Session: a message that gets one reply.
func (s *session) Data(r io.Reader) error {
	m, err := s.take(r, nil)
	if err != nil {
		return replies.To(err)
	}
	return m.only()
}

// LMTPData implements smtp.LMTPSession: a message that gets a reply for each
// recipient.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	_, err := s.take(r, status)
	return replies.To(err)
}

// take reads a message and sees it through to its answers.
func (s *session) take(r io.Reader, status smtp.StatusCollector) (*message, error) {
	t := s.current()
	if t == nil {
		return nil, replies.Ours
	}
	m := &message{s: s, t: t, status: status}
	m.spool = spool.New(&s.srv.room, t.opts.Size)
	answered := false
	defer func() {
		if !answered {
			m.spool.Close()
		}
	}()
	if err := m.receive(r); err != nil {
		return nil, err
	}
	m.arrived = time.Now()
	until := m.arrived.Add(s.budget())
	ctx, cancel := context.WithDeadline(context.WithoutCancel(s.srv.ctx), until)
	defer cancel()
	s.waitUntil(until)
	defer s.waitUntil(time.Time{})
	m.deliver(ctx)
	answered = true
	s.mu.Lock()
	s.after = m.finish
	s.mu.Unlock()
	return m, nil
}

// ascii reports whether s has no 8-bit byte.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
