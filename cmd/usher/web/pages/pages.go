// Package pages shows people in a browser what became of their mail, and lets them
// edit their intents: whoever opens a link that was mailed to the mailbox. It never
// shows more than the commands may, never keeps links and sessions on a disk, and
// never has a browser run a script or load anything from elsewhere.
package pages

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"usher/classify/mail"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/caller"
	"usher/cmd/usher/web/from"
)

// Bounds of a request and of all of them.
const (
	maxHeader  = 16 << 10 // bytes of a request's header
	maxConns   = 256      // connections at a time
	maxNetwork = 64       // of one network
	headerTime = 5 * time.Second
	readTime   = 20 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = 60 * time.Second
	stopTime   = 5 * time.Second // for requests under way when the daemon stops
)

// Server answers browsers. New makes one.
type Server struct {
	Deps
	url     *url.URL // where browsers find us: scheme and host
	from    string   // sender of the link mail
	manual  string
	host    string // of Message-IDs
	now     func() time.Time
	origin  *http.CrossOriginProtection
	links   links
	logins  sessions
	flood   flood
	letters chan request   // asked for, and not yet mailed
	forms   *caller.Places // one for each long form that is read
	exports *caller.Places // one for each archive that is written
}

// Deps is what a Server stands on.
type Deps struct {
	// As gives a client for a caller; web.Server.As does.
	As func(web.Whoami) *web.Client
	// Post passes a letter to a mailbox, if the mailbox is one of ours.
	Post func(ctx context.Context, mailbox string, letter []byte) error
	// Mark is the value of the Usher-Digest field, by which the wire knows a letter
	// for ours.
	Mark func(mailbox, messageID string) string
	// Key seals the links of digests: it is the one that digests are made with.
	Key []byte
	// Public are the patterns, and what answers them, that anybody may ask for, under
	// whatever name of this address: nothing in them is anyone's.
	Public map[string]http.HandlerFunc
	// Entered is told of each session that begins; nil: nobody is.
	Entered func(ctx context.Context, mailbox string)
	// Shown is what stands for a mailbox in the log; nil: itself.
	Shown     func(mailbox string) string
	Delimiter string // between local part and detail of an address: "+"
	Hostname  string // ours
	Log       *slog.Logger
}

// New gives a server for a listener at the address given. Serve must follow.
func New(s Settings, address net.Addr, deps Deps) (*Server, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	where := &url.URL{Scheme: "http", Host: address.String()}
	if _, port, err := net.SplitHostPort(where.Host); err == nil && strings.HasPrefix(s.Listen, "localhost:") {
		where.Host = "localhost:" + port
	}
	if s.URL != "" {
		u, err := url.Parse(s.URL)
		if err != nil {
			return nil, fmt.Errorf("web-url: %w", err)
		}
		where = &url.URL{Scheme: u.Scheme, Host: asSent(u)}
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	f := &Server{
		Deps: deps, url: where, from: s.From, manual: s.Manual, host: deps.Hostname, now: time.Now,
		origin: http.NewCrossOriginProtection(), letters: make(chan request, maxWaiting), forms: caller.NewPlaces(maxForms, maxOfPerson), exports: caller.NewPlaces(maxExports, 1),
	}
	if f.from == "" {
		f.from = "usher@" + deps.Hostname
	}
	if err := f.origin.AddTrustedOrigin(where.String()); err != nil {
		return nil, fmt.Errorf("web-url: %w", err)
	}
	return f, nil
}

// asSent is the host of a URL as browsers say it: in A-labels, without the port
// that goes without saying.
func asSent(u *url.URL) string {
	host, port := mail.Domain(u.Hostname()), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return host
	}
	return host + ":" + port
}

// URL is where browsers find the first page.
func (s *Server) URL() string { return s.url.String() + "/" }

// End ends every link and session of a mailbox: it was erased.
func (s *Server) End(mailbox string) {
	s.links.end(mailbox)
	s.logins.end(mailbox)
}

// Serve answers until ctx ends; requests under way then get stopTime. It closes
// the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: s.public(s.guard(s.routes())), MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	mailing, done := context.WithCancel(ctx)
	var posting sync.WaitGroup
	for range mailers {
		posting.Go(func() { s.mail(mailing) })
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if srv.Shutdown(wait) != nil {
			srv.Close()
		}
	})
	err := srv.Serve(netutil.LimitListener(from.Limit(l, maxNetwork), maxConns))
	if !stop() {
		<-stopped
		err = nil
	}
	done()
	posting.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve web pages: %w", err)
	}
	return nil
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.front)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /in", s.invite)
	mux.HandleFunc("POST /in", s.enter)
	mux.HandleFunc("GET /do", s.offer)
	mux.HandleFunc("POST /do", s.act)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("POST /logout", s.known(s.logout))
	mux.HandleFunc("GET /decisions/{id}", s.known(s.decision))
	mux.HandleFunc("GET /intents", s.known(s.intents))
	mux.HandleFunc("POST /intents", s.known(s.stateIntents))
	mux.HandleFunc("POST /override", s.known(s.override))
	mux.HandleFunc("POST /override/end", s.known(s.endOverride))
	mux.HandleFunc("GET /kept", s.known(s.kept))
	mux.HandleFunc("POST /kept/export", s.known(s.export))
	mux.HandleFunc("POST /kept/forget", s.known(s.forget))
	mux.HandleFunc("POST /kept/erase", s.known(s.erase))
	mux.HandleFunc("GET /manual", s.known(s.showManual))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.tell(w, http.StatusNotFound, told{Title: "There is no such page", Text: "The address leads nowhere here.", Next: "Go on from the first page."})
	})
	return mux
}
