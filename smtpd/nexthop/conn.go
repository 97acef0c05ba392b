// Package nexthop talks to the one server that mail is passed to. It never
// dials another, and never sends half a message.
package nexthop

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"usher/smtpd/guard"
	"usher/smtpd/replies"
)

// What stands for the zero fields of Settings.
const (
	DialTime        = 5 * time.Second  // reaching the next hop
	GreetTime       = 10 * time.Second // its greeting, and its answer to LHLO
	ReplyTime       = 60 * time.Second // its answer to MAIL, RCPT, RSET and DATA
	WriteTime       = 60 * time.Second // each write
	MaxIdle         = 30 * time.Second // a connection without a transaction
	MaxTransactions = 100              // of one connection
	MaxSize         = 256 << 20        // bytes of a message, where it states no size
)

// Room is how many bytes are kept free below the next hop's SIZE for what is
// put above a message.
const Room = 4096

// Settings say how a next hop is talked to.
type Settings struct {
	Hostname                                           string // our name, which must not be its
	DialTime, GreetTime, ReplyTime, WriteTime, MaxIdle time.Duration
	MaxTransactions                                    int
	MaxSize                                            int64
	RootCAs                                            *x509.CertPool // of next hops within TLS; nil: the system's
}

// Filled returns s with every zero field but the name replaced by its default.
func (s Settings) Filled() Settings {
	s.DialTime = cmp.Or(s.DialTime, DialTime)
	s.GreetTime = cmp.Or(s.GreetTime, GreetTime)
	s.ReplyTime = cmp.Or(s.ReplyTime, ReplyTime)
	s.WriteTime = cmp.Or(s.WriteTime, WriteTime)
	s.MaxIdle = cmp.Or(s.MaxIdle, MaxIdle)
	s.MaxTransactions = cmp.Or(s.MaxTransactions, MaxTransactions)
	s.MaxSize = cmp.Or(s.MaxSize, MaxSize)
	return s
}

// Conn is one connection to the next hop. It serves one upstream connection.
type Conn struct {
	client *smtp.Client
	conn   *guard.Hop
	set    *Settings
	lmtp   bool // a reply for each recipient; else one for all
	Offer  guard.Offer
	Took   func(stage string, took time.Duration) // told after mail, rcpt and data; may be nil
	Carry  []string                               // paths accepted in the open transaction; nil if none is open
	Begun  bool                                   // a transaction is open
	told   bool                                   // XFORWARD was said for the next transaction
	used   int                                    // transactions so far
	idle   *time.Timer                            // closes a connection that nobody uses
	uncut  func() bool                            // lets the connection live on when the server is cut off
}

var ErrLess = errors.New("the next hop offers less than before")

// Dial connects to the next hop and learns what it offers. The connection is
// closed when ctx ends, and nothing on it is waited for longer than until (zero:
// no such bound).
func Dial(ctx context.Context, to Endpoint, set *Settings, until time.Time) (*Conn, error) {
	d := net.Dialer{Timeout: set.DialTime, Deadline: until}
	conn, err := d.DialContext(ctx, to.Network, to.Address)
	if err != nil {
		return nil, fmt.Errorf("reach the next hop: %w", err)
	}
	if to.TLS() {
		plain := conn
		if conn, err = secure(ctx, plain, to, set); err != nil {
			plain.Close()
			return nil, err
		}
	}
	hc := guard.NewHop(conn, set.Hostname, set.WriteTime)
	hc.Until = until
	hc.SMTP = !to.LMTP()
	h := &Conn{client: clientFor(to, hc), conn: hc, set: set, lmtp: to.LMTP()}
	h.uncut = context.AfterFunc(ctx, func() { conn.Close() })
	h.client.CommandTimeout = set.GreetTime
	if err := h.heard(h.client.Hello(set.Hostname)); err != nil {
		h.uncut()
		conn.Close()
		return nil, fmt.Errorf("greet the next hop %s: %w", to, err)
	}
	h.client.CommandTimeout = set.ReplyTime
	h.learn()
	h.idle = time.AfterFunc(set.MaxIdle, func() { conn.Close() })
	return h, nil
}

// clientFor speaks to a server what it listens for.
func clientFor(to Endpoint, conn net.Conn) *smtp.Client {
	if to.LMTP() {
		return smtp.NewClientLMTP(conn)
	}
	return smtp.NewClient(conn)
}

// took tells how long a stage took that the next hop has answered.
func (h *Conn) took(stage string, begun time.Time) {
	if h.Took != nil {
		h.Took(stage, time.Since(begun))
	}
}

// WaitUntil bounds all that is said and waited for; zero lifts the bound.
func (h *Conn) WaitUntil(t time.Time) { h.conn.Until = t }

func (h *Conn) learn() {
	h.Offer.Size = h.set.MaxSize
	if n, ok := h.client.MaxMessageSize(); ok && n > 0 {
		h.Offer.Size = max(int64(n)-Room, 1)
	}
	h.Offer.EightBit, _ = h.client.Extension("8BITMIME")
	h.Offer.UTF8, _ = h.client.Extension("SMTPUTF8")
	h.Offer.DSN, _ = h.client.Extension("DSN")
}

// heard gives the error of a command: a reply that refuses it, or a lost
// connection. A reply that makes no sense for a command says that the next hop
// is out of step: what it says from then on is no answer to us. Half a reply is
// none, though the client takes it for one.
func (h *Conn) heard(err error) error {
	if broken := h.conn.Err(); err == nil && broken != nil {
		return fmt.Errorf("hear the next hop: %w", broken)
	}
	if reply, ok := replies.As(err); ok && (reply.Code < 400 || reply.Code > 599) {
		h.conn.Close()
		return fmt.Errorf("the next hop answers a command with %d", reply.Code)
	}
	return err
}

// Usable reports whether a transaction may still begin on h.
func (h *Conn) Usable() bool {
	return h.conn.Err() == nil && h.used < h.set.MaxTransactions && (h.Begun || h.idle.Stop())
}

// Mail begins a transaction. forward is what is known of its client, by
// attribute of XFORWARD.
func (h *Conn) Mail(from string, opts *smtp.MailOptions, forward map[string]string) error {
	if err := h.Reset(); err != nil {
		return err
	}
	h.idle.Stop()
	h.used++
	if err := h.forward(forward); err != nil {
		return err
	}
	o := *opts
	if o.Size > 0 {
		o.Size += Room
	}
	defer h.took("mail", time.Now())
	if err := h.heard(h.client.Mail(from, &o)); err != nil {
		h.idle.Reset(h.set.MaxIdle)
		return err
	}
	h.Begun, h.told = true, false
	return nil
}

// maxForward bounds a value of XFORWARD and maxCommand a line with several, in
// bytes: more is refused by some.
const (
	maxForward = 255
	maxCommand = 512
)

// forward tells the next hop what it lists of what is known of the client. A
// next hop that will not hear it does without.
func (h *Conn) forward(known map[string]string) error {
	_, listed := h.client.Extension("XFORWARD")
	command := "XFORWARD"
	tell := func() error {
		if command == "XFORWARD" {
			return nil
		}
		reply, err := h.conn.Ask(command, h.set.ReplyTime)
		if err == nil && replies.Read(reply).Code == 421 {
			err = errors.New("the next hop closes")
		}
		command, h.told = "XFORWARD", true
		return err
	}
	for _, name := range strings.Fields(strings.ToUpper(listed)) {
		value := guard.Xtext(known[name])
		if value == "" || len(value) > maxForward {
			continue
		}
		if word := " " + name + "=" + value; len(command)+len(word)+len("\r\n") > maxCommand {
			if err := tell(); err != nil {
				return fmt.Errorf("forward: %w", err)
			}
		}
		command += " " + name + "=" + value
	}
	if err := tell(); err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	return nil
}

func (h *Conn) Rcpt(path string, opts *smtp.RcptOptions) error {
	defer h.took("rcpt", time.Now())
	if err := h.heard(h.client.Rcpt(path, opts)); err != nil {
		return err
	}
	h.Carry = append(h.Carry, path)
	return nil
}

// Reset ends the open transaction, if there is one. go-smtp greets anew after
// RSET, and forgets what was offered: less than before is an error.
func (h *Conn) Reset() error {
	if !h.Begun && !h.told {
		return nil
	}
	h.Begun, h.told, h.Carry = false, false, nil
	if err := h.heard(h.client.Reset()); err != nil {
		return fmt.Errorf("reset: %v", err) // never an answer to anyone
	}
	if err := h.heard(h.client.Hello(h.set.Hostname)); err != nil {
		return fmt.Errorf("greet again: %v", err)
	}
	before := h.Offer
	if h.learn(); h.Offer.Less(before) {
		return ErrLess
	}
	return nil
}

// Rest lets the connection wait for its next use.
func (h *Conn) Rest() {
	h.Begun, h.Carry = false, nil
	h.idle.Reset(h.set.MaxIdle)
}

// Close drops the connection as it stands. Anything said first could end an
// unfinished DATA, and half a message would be delivered.
func (h *Conn) Close() {
	h.uncut()
	h.idle.Stop()
	h.conn.Close()
}

// Leave says goodbye, unless a transaction is open, and closes.
func (h *Conn) Leave() {
	if !h.Begun && h.idle.Stop() {
		h.client.CommandTimeout = time.Second
		h.client.Quit()
	}
	h.Close()
}

// Dismiss ends the open transaction without its message, says goodbye, and
// closes.
func (h *Conn) Dismiss() {
	for _, command := range []string{"RSET", "QUIT"} {
		if _, err := h.conn.Ask(command, time.Second); err != nil {
			break
		}
	}
	h.Close()
}

// Data sends a message in the open transaction. answered hears each reply at
// its end as it comes, in the order of Carry; in SMTP the one reply is that of
// all. dotted says that the final dot may have left: from then on nothing
// is tried again. An error before it is either a reply to DATA or of ours, or a
// lost connection. After dotBy no dot is sent: its answer could come too late to
// be passed on, and the mail would be delivered again.
func (h *Conn) Data(write func(io.Writer) error, dotBy time.Time, answered func(n int, r *smtp.SMTPError)) (dotted bool, err error) {
	defer h.took("data", time.Now())
	cmd, err := h.client.Data()
	if err := h.heard(err); err != nil {
		return false, err
	}
	if err := write(h.conn.BeginData()); err != nil {
		h.Close()
		return false, fmt.Errorf("send a message: %w", err)
	}
	if time.Now().After(dotBy) {
		h.Close()
		return false, replies.Spent
	}
	want, n, sense := len(h.Carry), 0, true
	due, each := want, 1
	if !h.lmtp {
		due, each = 1, want
	}
	if err := h.conn.EndData(due); err != nil {
		h.Close()
		return false, fmt.Errorf("send a message: %w", err)
	}
	// The client gives all replies at once, when the last is in; upstream is
	// to have each as soon as it is known. From the first that makes no sense on,
	// nobody knows which answer is whose.
	h.conn.OnReply = func(text string) {
		r := replies.Read(text)
		if class := r.Code / 100; class != 2 && class != 4 && class != 5 {
			sense = false
		}
		for range each {
			if sense {
				answered(n, r)
				n++
			}
		}
	}
	h.client.SubmissionTimeout = time.Until(h.conn.Until)
	err = cmd.Close()
	h.conn.OnReply = nil
	if n < want {
		h.Close()
		return true, fmt.Errorf("wait for the next hop's answers: %w", err)
	}
	h.Rest()
	return true, nil
}

// Greet connects to a next hop and says what it offers, or why no mail could
// be passed to it. Nothing is sent but a greeting.
func Greet(ctx context.Context, next Endpoint, set Settings) (offers []string, err error) {
	set = set.Filled()
	h, err := Dial(ctx, next, &set, time.Time{})
	if err != nil {
		return nil, err
	}
	defer h.Leave()
	for _, word := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE", "XFORWARD", "CHUNKING"} {
		if ok, value := h.client.Extension(word); ok {
			offers = append(offers, strings.TrimSpace(word+" "+value))
		}
	}
	return offers, nil
}
