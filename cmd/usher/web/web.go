// Package web answers commands over the daemon's unix socket, as JSON over HTTP,
// and asks it for them. It never decides, and never shows anyone what belongs to
// another's mailbox: the kernel says who calls, the operator's map says what is
// theirs.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"usher/cmd/usher/web/caller"
	"usher/corpus"
	"usher/corpus/keys"
	"usher/rules"
	"usher/rules/moves"
)

// Bounds of a request.
const (
	MaxMessage = 32 << 20 // bytes of a message to test
	maxHeader  = 64 << 10 // bytes of a request's header
	maxTests   = 2        // messages to test at a time, and one of one caller; the next ones wait
	answerTime = 60 * time.Second
	headerTime = 5 * time.Second
	testTime   = 5 * time.Second // to send a message to test, or a file to replay
	stopTime   = 5 * time.Second // for requests under way when the daemon stops
)

// Store is what the API reads; *corpus.Store is one.
type Store interface {
	Decision(mailbox, id string) (*rules.Decision, error)
	ByMessageID(mailbox, messageID string) ([]*rules.Decision, error)
	Decisions(mailbox string, since, until time.Time, limit int) ([]*rules.Decision, error)
}

// Server answers commands. Its fields are set before Serve and not changed.
type Server struct {
	Store       Store
	Overrides   Overrides
	Corrections Corrections
	Intents     Files
	Digests     Digests
	Moves       Moves
	Arrivals    *moves.Arrivals // what was delivered a moment ago
	Ledger      Ledger
	Kept        Kept
	Site        *corpus.Store // what an admin is told counts of
	Owners      Owners
	Delegate    string // the one system user, by name or uid, who may report moves, and nothing else; "": nobody
	AdminGroup  string // id of the system group whose members are admins beside root; "": root alone
	Delimiter   string // between local part and detail of an address: "+"
	// Explain gives the decision that a message would get; nil if the mailbox is
	// not judged.
	Explain func(ctx context.Context, mailbox string, raw []byte) (*rules.Decision, error)
	// Ended is told that a mailbox was erased: nobody goes on who came in by a link
	// to it. It may be nil.
	Ended func(mailbox string)
	// Status says how the daemon is, without a word about anyone's mail.
	Status func() Status
	// Rotate has the keys wrapped under a new master key, and waits until ctx ends.
	Rotate func(ctx context.Context) (keys.Rotated, error)
	// Stated is told that a mailbox's file was changed. It may be nil.
	Stated func(ctx context.Context, mailbox string) error
	// More are further endpoints, of packages above this one.
	More map[string]Answer
	Log  *slog.Logger

	moving   moves.Flood
	hands    moves.Hands
	often    caller.Often
	counting sync.Mutex     // while senders are counted
	edit     sync.Mutex     // between reading a file's hash and writing the file
	places   sync.Once      // makes tests
	tests    *caller.Places // one for each message that is held in memory for a test
}

// Status is how the daemon is.
type Status struct {
	Version string      `json:"version"`
	Started time.Time   `json:"started"`
	Hops    []Hop       `json:"hops"`
	Store   string      `json:"store"`             // "ok", or what is wrong
	Unready []string    `json:"unready,omitempty"` // what keeps mail from being taken, decided or passed on
	Site    *SiteStatus `json:"site,omitempty"`    // for an admin
}

// Hop is one listener and its next hop.
type Hop struct {
	In  string `json:"in"`
	Out string `json:"out"`
}

// Stated is a person's intents file.
type Stated struct {
	Mailbox string   `json:"mailbox"`
	Path    string   `json:"path"`
	Exists  bool     `json:"exists"`
	Text    string   `json:"text"`
	Hash    string   `json:"hash,omitempty"`         // first 16 hex digits of the SHA-256 of the text; "" if there is no file
	Fault   string   `json:"fault,omitempty"`        // why the last good version is in force instead of this text
	Zone    string   `json:"zone,omitempty"`         // the zone in force, as its own file or the site's states it
	Unread  []string `json:"unread_lists,omitempty"` // lists that the file names and that could not be read
}

// Listen opens the socket. A socket left over from a crash is removed, if nobody
// answers on it. Every user may connect: what one may see is told by uid, not by
// who can open a file.
func Listen(path string) (net.Listener, error) {
	if st, err := os.Lstat(path); err == nil && st.Mode()&os.ModeSocket != 0 {
		c, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			c.Close()
			return nil, fmt.Errorf("listen on %s: another usher answers there", path)
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			os.Remove(path)
		}
	}
	if st, err := os.Lstat(path); err == nil && st.Mode()&os.ModeSocket == 0 {
		return nil, &Error{Text: path + " is there and is no socket", Next: "move it away, or set --socket"}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the command socket: %w", err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		l.Close()
		return nil, fmt.Errorf("open the command socket: %w", err)
	}
	return l, nil
}

// Serve answers until ctx ends; requests under way then get stopTime. It closes
// the listener, which must be of a unix socket.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.routes(),
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       answerTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       answerTime,
		ErrorLog:          slog.NewLogLogger(s.log().Handler(), slog.LevelWarn),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if uid, ok := caller.UID(c); ok {
				ctx = context.WithValue(ctx, callerKey{}, uid)
			}
			return ctx
		},
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
	err := srv.Serve(caller.Listener(l))
	if !stop() {
		<-stopped
		return nil
	}
	return fmt.Errorf("serve commands: %w", err)
}

// read takes a body of at most limit bytes.
func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Text: fmt.Sprintf("it is longer than %d bytes", limit)}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, &Error{Status: http.StatusRequestTimeout, Text: "it did not come whole in time", Next: "send it again"}
	}
	return body, err
}

// testing waits for a place to test a message, as Places.Take does.
func (s *Server) testing(ctx context.Context, who Whoami) func() {
	s.places.Do(func() { s.tests = caller.NewPlaces(maxTests, 1) })
	return s.tests.Take(ctx, who.User)
}

// readSoon is read where others wait for the caller's place meanwhile.
func readSoon(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(testTime)) // within the process there is none
	return read(w, r, limit)
}
