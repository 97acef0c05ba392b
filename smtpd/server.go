package smtpd

import (
	"context"
	"crypto/tls"

	"errors"
	"log/slog"
	"net"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"usher/classify/mail"
	"usher/smtpd/budget"
	"usher/smtpd/events"
	"usher/smtpd/guard"
	"usher/smtpd/nexthop"
	"usher/smtpd/replies"
	"usher/smtpd/sockets"
	"usher/smtpd/spool"
	"usher/smtpd/turn"
)

// Server serves every hop of its configuration.
type Server struct {
	cfg  Config
	deps Deps
	log  *events.Log
	room spool.Room

	guard guard.Settings   // of every connection
	reach nexthop.Settings // of every next hop
	tls   *tls.Config      // of listeners with TLS

	turns     turn.Turns   // held while judging
	abandoned atomic.Int32 // judges past their budget, still running
	recalls   budget.Lane  // looking decisions up
	observes  budget.Lane  // showing mail to the observer

	retry, digest []byte          // keys of the site
	control       map[string]bool // control addresses, as mailboxes

	ctx       context.Context // ends when connections are cut off
	cut       context.CancelFunc
	listeners []*listener
}

// New checks the configuration and opens every listener, so that what cannot
// be served is told before the start. Serve must follow, or Close.
func New(cfg Config, deps Deps) (*Server, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if deps.Judge == nil || deps.Recorder == nil {
		return nil, errors.New("serve mail: a judge and a recorder are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	cfg = cfg.filled()
	if deps.SiteKey == nil {
		deps.SiteKey = ownKeys()
	}
	s := &Server{
		cfg: cfg, deps: deps,
		log:   events.New(deps.Log, pseudonym(cfg, deps.SiteKey)),
		room:  spool.Room{Dir: cfg.StateDir, MaxMemory: cfg.MaxMemory, MaxDisk: cfg.MaxSpool},
		turns: make(turn.Turns, 2*runtime.NumCPU()),

		recalls: make(budget.Lane, 4*runtime.NumCPU()), observes: make(budget.Lane, maxObserving),
		retry: deps.SiteKey(keyRetry), digest: deps.SiteKey(KeyDigest), control: make(map[string]bool),
	}
	s.log.Started(deps.Version, events.Measures{
		Memory: s.room.Memory, Spool: s.room.Disk, Abandoned: func() int64 { return int64(s.abandoned.Load()) },
	})
	for _, a := range cfg.Control {
		s.control[mail.Mailbox(a, cfg.Delimiter)] = true
	}
	s.guard = s.guarding()
	var err error
	if s.reach, err = cfg.Reach(); err != nil {
		return nil, err
	}
	if s.tls, err = cfg.serverTLS(); err != nil {
		return nil, err
	}
	s.ctx, s.cut = context.WithCancel(context.Background())
	handed, err := sockets.Match(deps.Sockets, cfg.entries())
	if err != nil {
		return nil, err
	}
	for i, h := range cfg.Hops {
		l, err := s.listen(h, handed[i])
		if err != nil {
			s.Close()
			return nil, err
		}
		s.listeners = append(s.listeners, l)
	}
	return s, nil
}

// guarding says how every connection is guarded.
func (s *Server) guarding() guard.Settings {
	return guard.Settings{
		Hostname: s.cfg.Hostname, MaxLine: s.cfg.MaxLine, MaxWrong: maxWrong,
		Idle: s.cfg.Idle, DataRead: s.cfg.DataRead, DataAll: s.cfg.DataAll, WriteTime: s.cfg.WriteTime,
		Grace: slowGrace, Rate: slowRate,
		Replies: guardReplies(),
		OnPanic: func(stack string) { s.log.Panicked("wire", stack) },
		OnError: s.log.WireError,
	}
}

// guardReplies are the replies that the guard gives by itself.
func guardReplies() guard.Replies {
	return guard.Replies{
		Draining: replies.Text(replies.Draining), Line: replies.Text(replies.Line), Slow: replies.Text(replies.Slow), Wrong: replies.Text(replies.Wrong), Panic: replies.Text(replies.Panic),
		GivenUp: replies.Text(replies.GivenUp),
		Unknown: replies.Text(replies.Unknown), NotOffered: replies.Text(replies.NotOffered), Order: replies.Text(replies.Order),
		Sender: replies.Text(replies.Sender), Recipient: replies.Text(replies.Recipient), Malformed: replies.Text(replies.Malformed),
		Noted: replies.Text(replies.Xforward),
	}
}

// Addrs gives the address of each listener, in the order of Config.Hops.
func (s *Server) Addrs() []net.Addr {
	addrs := make([]net.Addr, len(s.listeners))
	for i, l := range s.listeners {
		addrs[i] = l.Addr()
	}
	return addrs
}

// Serve serves until ctx ends, then drains: it stops accepting, ends idle
// connections, lets messages under way be finished for up to Config.Drain, and
// returns when every connection is closed. It returns nil then, or the error
// that stopped a listener before.
func (s *Server) Serve(ctx context.Context) error {
	failed := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		l.log.Listening()
		go func() {
			err := l.smtp.Serve(l)
			if errors.Is(err, net.ErrClosed) {
				err = nil
			}
			failed <- err
		}()
	}
	var err error
	left := len(s.listeners)
	select {
	case <-ctx.Done():
	case err = <-failed:
		left--
	}
	begun := time.Now()
	s.drain()
	for range left {
		<-failed
	}
	s.log.Stopped(time.Since(begun))
	return err
}

// drain ends every connection, those within a message last.
func (s *Server) drain() {
	open := 0
	for _, l := range s.listeners {
		open += l.stop()
	}
	s.log.Draining(open)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, l := range s.listeners {
			l.idle.Wait()
		}
	}()
	limit := time.NewTimer(s.cfg.Drain)
	defer limit.Stop()
	select {
	case <-done:
		s.cut()
	case <-limit.C:
		s.Close()
		<-done
	}
}

// Close cuts every connection off and closes the listeners.
func (s *Server) Close() error {
	s.cut()
	for _, l := range s.listeners {
		l.stop()
		l.cut()
	}
	return nil
}

// listen opens the listener of one hop.
// ln is the socket that was handed over for it, nil if it is ours to open.
func (s *Server) listen(h Hop, ln *sockets.Listener) (*listener, error) {
	if ln == nil {
		var err error
		if ln, err = sockets.Open(h.In, sockets.Owner{Mode: s.cfg.SocketMode, Group: s.cfg.SocketGroup}); err != nil {
			return nil, err
		}
	}
	l := &listener{Listener: ln, srv: s, hop: h, log: s.log.At(h), conns: make(map[*guard.Conn]bool), peers: make(map[string]int)}
	l.smtp = smtp.NewServer(l)
	l.smtp.LMTP = h.In.LMTP()
	l.smtp.Domain = s.cfg.Hostname
	l.smtp.EnableSMTPUTF8 = true
	l.smtp.EnableDSN = true
	l.smtp.MaxLineLength = 0 // the guard's business, as are all deadlines
	l.smtp.ErrorLog = s.log
	return l, nil
}
