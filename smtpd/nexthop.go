package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"usher/smtpd/guard"
)

// nextHop is one connection to the next hop. It serves one upstream connection.
type nextHop struct {
	client *smtp.Client
	conn   *guard.Hop
	cfg    *Config
	offer  guard.Offer
	carry  []string    // paths accepted in the open transaction; nil if none is open
	begun  bool        // a transaction is open
	used   int         // transactions so far
	idle   *time.Timer // closes a connection that nobody uses
	uncut  func() bool // lets the connection live on when the server is cut off
}

var errLess = errors.New("the next hop offers less than before")

// dial connects to the next hop and learns what it offers. The connection is
// closed when ctx ends, and nothing on it is waited for longer than until (zero:
// no such bound).
func dial(ctx context.Context, to Endpoint, cfg *Config, until time.Time) (*nextHop, error) {
	d := net.Dialer{Timeout: cfg.DialTime, Deadline: until}
	conn, err := d.DialContext(ctx, to.Network, to.Address)
	if err != nil {
		return nil, fmt.Errorf("reach the next hop: %w", err)
	}
	hc := guard.NewHop(conn, cfg.Hostname, cfg.WriteTime)
	hc.Until = until
	h := &nextHop{client: smtp.NewClientLMTP(hc), conn: hc, cfg: cfg}
	h.uncut = context.AfterFunc(ctx, func() { conn.Close() })
	h.client.CommandTimeout = cfg.GreetTime
	if err := h.client.Hello(cfg.Hostname); err != nil {
		h.uncut()
		conn.Close()
		return nil, fmt.Errorf("greet the next hop %s: %w", to, err)
	}
	h.client.CommandTimeout = cfg.HopTime
	h.learn()
	h.idle = time.AfterFunc(hopIdle, func() { conn.Close() })
	return h, nil
}

func (h *nextHop) learn() {
	h.offer.Size = h.cfg.MaxSize
	if n, ok := h.client.MaxMessageSize(); ok && n > 0 {
		h.offer.Size = max(int64(n)-sizeRoom, 1)
	}
	h.offer.EightBit, _ = h.client.Extension("8BITMIME")
	h.offer.UTF8, _ = h.client.Extension("SMTPUTF8")
	h.offer.DSN, _ = h.client.Extension("DSN")
}

// refused gives the error of a command: a reply that refuses it, or a lost
// connection. A reply that makes no sense for a command says that the next hop
// is out of step: what it says from then on is no answer to us.
func (h *nextHop) refused(err error) error {
	if reply, ok := asReply(err); ok && (reply.Code < 400 || reply.Code > 599) {
		h.conn.Close()
		return fmt.Errorf("the next hop answers a command with %d", reply.Code)
	}
	return err
}

// usable reports whether a transaction may still begin on h.
func (h *nextHop) usable() bool {
	return h.conn.Err() == nil && h.used < hopTransactions && (h.begun || h.idle.Stop())
}

// mail begins a transaction.
func (h *nextHop) mail(from string, opts *smtp.MailOptions) error {
	if err := h.reset(); err != nil {
		return err
	}
	h.idle.Stop()
	h.used++
	o := *opts
	if o.Size > 0 {
		o.Size += sizeRoom
	}
	if err := h.client.Mail(from, &o); err != nil {
		h.idle.Reset(hopIdle)
		return h.refused(err)
	}
	h.begun = true
	return nil
}

func (h *nextHop) rcpt(path string, opts *smtp.RcptOptions) error {
	if err := h.client.Rcpt(path, opts); err != nil {
		return h.refused(err)
	}
	h.carry = append(h.carry, path)
	return nil
}

// reset ends the open transaction, if there is one. go-smtp greets anew after
// RSET, and forgets what was offered: less than before is an error.
func (h *nextHop) reset() error {
	if !h.begun {
		return nil
	}
	h.begun, h.carry = false, nil
	if err := h.client.Reset(); err != nil {
		return fmt.Errorf("reset: %v", err) // never an answer to anyone
	}
	if err := h.client.Hello(h.cfg.Hostname); err != nil {
		return fmt.Errorf("greet again: %v", err)
	}
	before := h.offer
	if h.learn(); h.offer.Less(before) {
		return errLess
	}
	return nil
}

// rest lets the connection wait for its next use.
func (h *nextHop) rest() {
	h.begun, h.carry = false, nil
	h.idle.Reset(hopIdle)
}

// close drops the connection as it stands. Anything said first could end an
// unfinished DATA, and half a message would be delivered.
func (h *nextHop) close() {
	h.uncut()
	h.idle.Stop()
	h.conn.Close()
}

// leave says goodbye, unless a transaction is open, and closes.
func (h *nextHop) leave() {
	if !h.begun && h.idle.Stop() {
		h.client.CommandTimeout = time.Second
		h.client.Quit()
	}
	h.close()
}

// data sends a message in the open transaction. answered hears each reply at
// its end as it comes, in the order of carry. dotted says that the final dot
// may have left: from then on nothing is tried again. An error before it is
// either a reply to DATA or of ours, or a lost connection. After dotBy no dot is
// sent: its answer could come too late to be passed on, and the mail would be
// delivered again.
func (h *nextHop) data(write func(io.Writer) error, dotBy time.Time, answered func(n int, r *smtp.SMTPError)) (dotted bool, err error) {
	cmd, err := h.client.Data()
	if err != nil {
		return false, h.refused(err)
	}
	h.conn.BeginData()
	if err := write(cmd); err != nil {
		h.close()
		return false, fmt.Errorf("send a message: %w", err)
	}
	if time.Now().After(dotBy) {
		h.close()
		return false, replySpent
	}
	want, n, sense := len(h.carry), 0, true
	if err := h.conn.EndData(want); err != nil {
		h.close()
		return false, fmt.Errorf("send a message: %w", err)
	}
	// The client gives all replies at once, when the last is in; upstream is
	// to have each as soon as it is known. From the first that makes no sense on,
	// nobody knows which answer is whose.
	h.conn.OnReply = func(text string) {
		r := readReply(text)
		if class := r.Code / 100; class != 2 && class != 4 && class != 5 {
			sense = false
		}
		if sense {
			answered(n, r)
			n++
		}
	}
	h.client.SubmissionTimeout = time.Until(h.conn.Until)
	_, err = cmd.CloseWithLMTPResponse()
	h.conn.OnReply = nil
	if n < want {
		h.close()
		return true, fmt.Errorf("wait for the next hop's answers: %w", err)
	}
	h.rest()
	return true, nil
}

// Greet connects to a next hop and says what it offers, or why no mail could
// be passed to it. Nothing is sent but a greeting.
func Greet(ctx context.Context, next Endpoint, hostname string) (offers []string, err error) {
	cfg := Config{Hostname: hostname}.filled()
	h, err := dial(ctx, next, &cfg, time.Time{})
	if err != nil {
		return nil, err
	}
	defer h.leave()
	for _, word := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE", "XFORWARD", "CHUNKING"} {
		if ok, value := h.client.Extension(word); ok {
			offers = append(offers, strings.TrimSpace(word+" "+value))
		}
	}
	return offers, nil
}
