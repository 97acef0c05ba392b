package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"usher/smtpd/events"
	"usher/smtpd/nexthop"
)

// plain is go-smtp as its README uses it, with nothing of ours around it.
type plain struct {
	addr string
	srv  *smtp.Server
	fail error // what its session says of every message

	mu   sync.Mutex
	mail []delivery // one a recipient
}

func newBare(t *testing.T, fail error, change ...func(*smtp.Server)) *plain {
	t.Helper()
	b := &plain{fail: fail}
	b.srv = smtp.NewServer(b)
	b.srv.LMTP = true
	b.srv.ErrorLog = events.New(slog.New(slog.DiscardHandler), nil)
	for _, c := range change {
		c(b.srv)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.addr = ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- b.srv.Serve(ln) }()
	t.Cleanup(func() {
		b.srv.Close()
		ln.Close()
		<-done
	})
	return b
}

func (b *plain) NewSession(*smtp.Conn) (smtp.Session, error) { return &plainSession{b: b}, nil }

func (b *plain) dial(t *testing.T) *client { return dialTo(t, new(net.Dialer), "tcp", b.addr) }

func (b *plain) got() []delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivery(nil), b.mail...)
}

type plainSession struct {
	b    *plain
	from string
	to   []string
}

func (s *plainSession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *plainSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}
func (s *plainSession) Reset()        { s.from, s.to = "", nil }
func (s *plainSession) Logout() error { return nil }

func (s *plainSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	for _, to := range s.to {
		s.b.mail = append(s.b.mail, delivery{s.from, to, string(raw)})
	}
	return s.b.fail
}

// mend is what to do when go-smtp no longer does what a row says.
const mend = "bare go-smtp does not do this any longer: see whether what covers it can go"

// What bare go-smtp's server gets wrong. Each conversation is held with bare
// go-smtp, where it must show the defect, and with usher, where it must not.
func TestGoSMTPServerDefects(t *testing.T) {
	for _, c := range []struct {
		name string
		bare func(*smtp.Server)
		ours func(*Config)
		sink func(*sink)
		fail error
		// shows reports whether the defect shows; got is what was delivered.
		shows func(c *client, got func() []delivery) bool
	}{
		{
			name: "D1 a stall in DATA returns to commands",
			bare: func(s *smtp.Server) { s.ReadTimeout = 100 * time.Millisecond },
			ours: func(c *Config) { c.DataRead = 100 * time.Millisecond },
			shows: func(c *client, got func() []delivery) bool {
				c.begin("u@y.test")
				c.send("From: a@x.test\r\n\r\nhalf a mess")
				c.reply()
				io.WriteString(c.conn, smuggled+".\r\n") // into a socket that may be gone
				io.Copy(io.Discard, c.r)                 // until it closes, idle or at once
				return len(got()) > 0
			},
		},
		{
			name: "D2 CR CRLF.CRLF is not seen as the end of data",
			shows: func(c *client, got func() []delivery) bool {
				c.begin("u@y.test")
				c.send("x\r\r\n.\r\nNOOP\r\n\r\n.\r\nQUIT\r\n")
				io.Copy(io.Discard, c.r)
				return len(got()) == 1 && strings.Contains(got()[0].raw, "NOOP")
			},
		},
		{
			name: "D2 a line of a dot, CR and more loses the CR without a trace",
			shows: func(c *client, got func() []delivery) bool {
				c.begin("u@y.test")
				c.send("x\r\n.\ry\r\n.\r\n")
				c.expect("250 ")
				return got()[0].raw == "x\r\ny\r\n"
			},
		},
		{
			name: "D3 a wrapped error becomes a 554 that tells what is inside",
			fail: fmt.Errorf("open /secret/place: %w", &smtp.SMTPError{Code: 452, Message: "later"}),
			ours: func(c *Config) { c.StateDir, c.MaxMemory = "/secret/place", 1 },
			shows: func(c *client, _ func() []delivery) bool {
				c.begin("u@y.test")
				c.send(letter + ".\r\n")
				reply := c.reply()
				return strings.HasPrefix(reply, "554 ") && strings.Contains(reply, "/secret/place")
			},
		},
		{
			name: "D4 the time for one read bounds the whole of DATA",
			bare: func(s *smtp.Server) { s.ReadTimeout = 300 * time.Millisecond },
			ours: func(c *Config) { c.DataRead = 300 * time.Millisecond },
			shows: func(c *client, _ func() []delivery) bool {
				c.begin("u@y.test")
				for range 60 { // a steady sender
					io.WriteString(c.conn, "a line\r\n")
					<-time.After(10 * time.Millisecond)
				}
				io.WriteString(c.conn, ".\r\n")
				return !strings.HasPrefix(c.reply(), "250 ")
			},
		},
		{
			name: "D4 the bound of a command line is one of the body too",
			shows: func(c *client, _ func() []delivery) bool {
				c.begin("u@y.test")
				c.send(letter + strings.Repeat("x", 5000) + "\r\n.\r\n")
				return !strings.HasPrefix(c.reply(), "250 ")
			},
		},
		{
			name: "D5 XFORWARD cannot be had, and four of them cut the line",
			shows: func(c *client, _ func() []delivery) bool {
				c.expect("220 ")
				c.send("LHLO c.test\r\n")
				c.expect("250")
				for range 4 {
					c.send("XFORWARD ADDR=192.0.2.1\r\n")
					c.reply()
				}
				io.WriteString(c.conn, "NOOP\r\n")
				return !strings.HasPrefix(c.reply(), "250 ")
			},
		},
		{
			name: "D6 what is offered does not depend on the next hop",
			sink: func(k *sink) { k.offer = nil },
			shows: func(c *client, _ func() []delivery) bool {
				c.expect("220 ")
				c.send("LHLO c.test\r\n")
				return strings.Contains(c.reply(), "8BITMIME")
			},
		},
		{
			name: "D7 RET, NOTIFY and SMTPUTF8 are 504, however known",
			shows: func(c *client, _ func() []delivery) bool {
				c.expect("220 ")
				c.send("LHLO c.test\r\nMAIL FROM:<a@x.test> RET=HDRS\r\n")
				c.expect("250")
				return strings.HasPrefix(c.reply(), "504 ")
			},
		},
		{
			name: "D8 a quoted local part loses its quotes",
			shows: func(c *client, got func() []delivery) bool {
				c.begin(`"a b> X=<c"@y.test`)
				c.send(letter + ".\r\n")
				c.expect("250 ")
				return got()[0].to != `"a b> X=<c"@y.test`
			},
		},
		{
			name: "D8 postmaster without a domain is refused",
			shows: func(c *client, _ func() []delivery) bool {
				c.expect("220 ")
				c.send("LHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<postmaster>\r\n")
				c.expect("250")
				c.expect("250 ")
				return strings.HasPrefix(c.reply(), "501 ")
			},
		},
		{
			name: "D10 a second MAIL is accepted",
			shows: func(c *client, _ func() []delivery) bool {
				c.expect("220 ")
				c.send("LHLO c.test\r\nMAIL FROM:<a@x.test>\r\nMAIL FROM:<b@x.test>\r\n")
				c.expect("250")
				c.expect("250 ")
				return strings.HasPrefix(c.reply(), "250 ")
			},
		},
		{
			name: "D13 STARTTLS is offered, and swaps the connection without a lock",
			bare: func(s *smtp.Server) { s.TLSConfig = &tls.Config{} },
			shows: func(c *client, _ func() []delivery) bool {
				c.expect("220 ")
				c.send("LHLO c.test\r\nSTARTTLS\r\n")
				return strings.Contains(c.expect("250"), "STARTTLS") && strings.HasPrefix(c.reply(), "220 ")
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Run("bare go-smtp", func(t *testing.T) {
				b := newBare(t, c.fail, func(s *smtp.Server) {
					if c.bare != nil {
						c.bare(s)
					}
				})
				if !c.shows(b.dial(t), b.got) {
					t.Error(mend)
				}
			})
			t.Run("usher", func(t *testing.T) {
				k := newSink(t, func(k *sink) {
					if c.sink != nil {
						c.sink(k)
					}
				})
				r := newRig(t, k, func(cfg *Config) {
					if c.ours != nil {
						c.ours(cfg)
					}
				})
				if c.shows(r.dial(), k.all) {
					t.Error("usher does it too")
				}
			})
		})
	}
}

// all gives every delivery so far.
func (k *sink) all() []delivery {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]delivery(nil), k.deliveries...)
}

func TestGoSMTPServerLeavesConnectionsBehind(t *testing.T) {
	t.Run("D12 bare go-smtp keeps an idle connection through Shutdown and Close", func(t *testing.T) {
		b := newBare(t, nil)
		c := b.dial(t)
		c.expect("220 ")
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := b.srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown gives %v: %s", err, mend)
		}
		if err := b.srv.Close(); !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("Close gives %v: %s", err, mend)
		}
		c.send("NOOP\r\n")
		if reply := c.reply(); !strings.HasPrefix(reply, "250 ") {
			t.Errorf("it says %q: %s", reply, mend)
		}
	})
	t.Run("D12 usher ends it, and says so", func(t *testing.T) {
		r := start(t)
		c := r.dial()
		c.expect("220 ")
		r.stop()
		c.expect("421 4.3.2")
		if !c.closed() {
			t.Error("the connection is still open")
		}
	})
	t.Run("D12 bare go-smtp takes any number of connections", func(t *testing.T) {
		b := newBare(t, nil)
		for range 100 {
			b.dial(t).expect("220 ")
		}
	})
}

// twice is a session that answers for each recipient by itself.
type twice struct{ plainSession }

func (*twice) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	io.Copy(io.Discard, r)
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "first\nsecond"}
}

type twiceBackend struct{}

func (twiceBackend) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &twice{plainSession{b: new(plain)}}, nil
}

func TestGoSMTPNamesTheRecipientInEveryText(t *testing.T) {
	b := newBare(t, nil, func(s *smtp.Server) { s.Backend = twiceBackend{} })
	want := "550-<u@y.test> first\r\n550 5.1.1 second\r\n"
	c := b.dial(t)
	c.begin("u@y.test")
	c.send(letter + ".\r\n")
	if got := c.reply(); got != want {
		t.Errorf("D9 bare go-smtp says %q, not %q: %s", got, want, mend)
	}
	r := newRig(t, &sink{}, func(cfg *Config) {
		cfg.Hops = []Hop{{In: nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: "127.0.0.1:0"}, Out: nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: b.addr}}}
	})
	if got := r.pass(letter, "u@y.test"); got[0] != want {
		t.Errorf("D9 usher before such a next hop says %q, want %q: accepted, and named once", got, want)
	}
}

func TestGoSMTPBeforeItsMendingRanTheRestOfALargeBody(t *testing.T) {
	b := newBare(t, nil, func(s *smtp.Server) { s.Backend, s.MaxMessageBytes = twiceBackend{}, 100 })
	c := b.dial(t)
	c.begin("u@y.test")
	c.send(strings.Repeat("0123456789\r\n", 100) + smuggled + ".\r\nNOOP\r\n")
	c.expect("550")
	if got := c.reply(); !strings.HasPrefix(got, "250 2.0.0") {
		t.Errorf("D18 after a body over its size go-smtp says %q: it took the rest for commands, as before v0.25.1", got)
	}
}
