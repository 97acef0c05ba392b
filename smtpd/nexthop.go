package smtpd

import (
	"bytes"
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
	conn   *hopConn
	offer  guard.Offer
	carry  []string    // paths accepted in the open transaction; nil if none is open
	begun  bool        // a transaction is open
	used   int         // transactions so far
	idle   *time.Timer // closes a connection that nobody uses
}

var (
	errLoop    = errors.New("the next hop greets with our own name: mail would go in circles")
	errNotLMTP = errors.New("the next hop does not speak LMTP")
	errReply   = errors.New("a reply of the next hop is too long")
)

// dial connects to the next hop and learns what it offers.
func dial(ctx context.Context, to Endpoint, cfg *Config) (*nextHop, error) {
	d := net.Dialer{Timeout: cfg.DialTime}
	conn, err := d.DialContext(ctx, to.Network, to.Address)
	if err != nil {
		return nil, fmt.Errorf("reach the next hop: %w", err)
	}
	hc := &hopConn{Conn: conn, writeTime: cfg.WriteTime}
	h := &nextHop{client: smtp.NewClientLMTP(hc), conn: hc}
	h.client.CommandTimeout = cfg.GreetTime
	if err := h.client.Hello(cfg.Hostname); err != nil {
		conn.Close()
		return nil, fmt.Errorf("greet the next hop %s: %w", to, err)
	}
	if name, _, _ := strings.Cut(strings.TrimPrefix(string(hc.greeting), "220 "), " "); strings.EqualFold(strings.TrimSpace(name), cfg.Hostname) {
		conn.Close()
		return nil, errLoop
	}
	h.client.CommandTimeout = cfg.HopTime
	h.learn(cfg)
	h.idle = time.AfterFunc(hopIdle, func() { conn.Close() })
	return h, nil
}

func (h *nextHop) learn(cfg *Config) {
	h.offer.Size = cfg.MaxSize
	if n, ok := h.client.MaxMessageSize(); ok && n > 0 {
		h.offer.Size = max(int64(n)-sizeRoom, 1)
	}
	h.offer.EightBit, _ = h.client.Extension("8BITMIME")
	h.offer.UTF8, _ = h.client.Extension("SMTPUTF8")
	h.offer.DSN, _ = h.client.Extension("DSN")
}

// usable reports whether a transaction may still begin on h.
func (h *nextHop) usable() bool {
	return h.used < hopTransactions && (h.begun || h.idle.Stop())
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
		return err
	}
	h.begun = true
	return nil
}

func (h *nextHop) rcpt(path string, opts *smtp.RcptOptions) error {
	if err := h.client.Rcpt(path, opts); err != nil {
		return err
	}
	h.carry = append(h.carry, path)
	return nil
}

// reset ends the open transaction, if there is one.
func (h *nextHop) reset() error {
	if !h.begun {
		return nil
	}
	h.begun, h.carry = false, nil
	return h.client.Reset()
}

// rest lets the connection wait for its next use.
func (h *nextHop) rest() {
	h.begun, h.carry = false, nil
	h.idle.Reset(hopIdle)
}

// close drops the connection as it stands. Anything said first could end an
// unfinished DATA, and half a message would be delivered.
func (h *nextHop) close() {
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
// either a reply to DATA or a lost connection.
func (h *nextHop) data(write func(io.Writer) error, until time.Time, answered func(n int, r *smtp.SMTPError)) (dotted bool, err error) {
	cmd, err := h.client.Data()
	if err != nil {
		return false, err
	}
	if err := write(cmd); err != nil {
		h.close()
		return false, fmt.Errorf("send a message: %w", err)
	}
	want, n := len(h.carry), 0
	// The client gives all replies at once, when the last is in; upstream is
	// to have each as soon as it is known.
	h.conn.onReply = func(text string) {
		if n < want {
			answered(n, readReply(text))
		}
		n++
	}
	h.client.SubmissionTimeout = time.Until(until)
	_, err = cmd.CloseWithLMTPResponse()
	h.conn.onReply = nil
	if n < want {
		h.close()
		return true, fmt.Errorf("wait for the next hop's answers: %w", err)
	}
	h.rest()
	return true, nil
}

// hopConn is the connection under go-smtp's client. It bounds each reply and
// each write, remembers the greeting, and never lets the client turn to HELO.
type hopConn struct {
	net.Conn
	writeTime time.Duration
	greeting  []byte // the first line
	onReply   func(text string)
	text      []byte // of the reply under way, while onReply is set

	greeted bool
	line    int  // bytes of the line under way
	more    bool // its fourth byte is a hyphen
	reply   int  // bytes of the reply under way
}

// Read implements net.Conn.
func (c *hopConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for _, b := range p[:n] {
		if !c.greeted {
			c.greeting = append(c.greeting, b)
		}
		if c.onReply != nil {
			c.text = append(c.text, b)
		}
		c.line++
		c.reply++
		if c.line == 4 {
			c.more = b == '-'
		}
		if c.reply > maxReply {
			c.Conn.Close()
			return 0, errReply
		}
		if b == '\n' {
			c.greeted = true
			if !c.more {
				c.reply = 0
				if c.onReply != nil {
					c.onReply(string(c.text))
				}
				c.text = c.text[:0]
			}
			c.line, c.more = 0, false
		}
	}
	return n, err
}

// Write implements net.Conn.
func (c *hopConn) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("HELO ")) {
		return 0, errNotLMTP
	}
	c.Conn.SetWriteDeadline(time.Now().Add(c.writeTime))
	return c.Conn.Write(p)
}

// Greet connects to a next hop and says what it offers, or why no mail could
// be passed to it. Nothing is sent but a greeting.
func Greet(ctx context.Context, next Endpoint, hostname string) (offers []string, err error) {
	cfg := Config{Hostname: hostname}.filled()
	h, err := dial(ctx, next, &cfg)
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
