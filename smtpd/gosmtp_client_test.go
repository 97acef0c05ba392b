package smtpd

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// bareClient is go-smtp's client as it comes, connected to addr.
func bareClient(t *testing.T, addr string) *smtp.Client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return smtp.NewClientLMTP(conn)
}

// opened is a bare client in DATA to some recipients.
func opened(t *testing.T, addr string, to ...string) (*smtp.Client, *smtp.DataCommand) {
	t.Helper()
	c := bareClient(t, addr)
	err := c.Mail("a@x.test", nil)
	for _, rcpt := range to {
		if err == nil {
			err = c.Rcpt(rcpt, nil)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

// What bare go-smtp's client gets wrong, and what usher does in its place.
func TestGoSMTPClientDefects(t *testing.T) {
	t.Run("D8 quotes are not put where an address wants them", func(t *testing.T) {
		k := newSink(t)
		c := bareClient(t, k.ln.Addr().String())
		if err := c.Mail("a@x.test", nil); err != nil {
			t.Fatal(err)
		}
		c.Rcpt(`a@evil> X=<b@y.test`, nil)
		if !k.obeyed("RCPT TO:<a@evil> X=<b@y.test>") {
			t.Error(mend)
		}
		r := start(t)
		r.pass(letter, `"a@evil> X=<b"@y.test`)
		if !r.sink.obeyed(`RCPT TO:<"a@evil> X=<b"@y.test>`) {
			t.Errorf("usher said %q", r.sink.transcript())
		}
	})
	t.Run("D11 equal recipients collapse into one answer", func(t *testing.T) {
		_, d := opened(t, newSink(t).ln.Addr().String(), "u@y.test", "u@y.test")
		if got, err := d.CloseWithLMTPResponse(); err != nil || len(got) != 1 {
			t.Errorf("%d answers, %v: %s", len(got), err, mend)
		}
		r := start(t)
		if got := r.pass(letter, "u@y.test", "u@y.test"); !strings.HasPrefix(got[0], "250 ") || !strings.HasPrefix(got[1], "250 ") || r.sink.count() != 1 {
			t.Errorf("usher says %q for %d deliveries, want two answers for one", got, r.sink.count())
		}
	})
	t.Run("D14 bare line ends are changed on the way out", func(t *testing.T) {
		k := newSink(t)
		_, d := opened(t, k.ln.Addr().String(), "u@y.test")
		d.Write([]byte("a\nb\r\r\nc\r\n"))
		if _, err := d.CloseWithLMTPResponse(); err != nil || k.got("u@y.test")[0] != "a\r\nb\r\r\r\nc\r\n" {
			t.Errorf("the next hop got %q, %v: %s", k.got("u@y.test"), err, mend)
		}
		r := start(t)
		r.pass("a\nb\r\r\nc\r\n", "u@y.test")
		if got := r.sink.got("u@y.test"); len(got) != 1 || got[0] != "a\r\nb \r\nc\r\n" {
			t.Errorf("through usher it got %q", got)
		}
	})
	t.Run("D15 QUIT in the middle of DATA ends it, and half a mail is delivered", func(t *testing.T) {
		k := newSink(t)
		c, d := opened(t, k.ln.Addr().String(), "half@y.test")
		d.Write([]byte("From: a@x.test\r\n\r\nhalf"))
		c.CommandTimeout = 5 * time.Second
		c.Quit()
		if len(k.got("half@y.test")) != 1 {
			t.Error(mend)
		}
		brokenOff(t)
	})
	t.Run("D16 a next hop that refuses LHLO is spoken to in SMTP", func(t *testing.T) {
		k := newSink(t, func(k *sink) { k.lhlo = "500 5.5.1 what" })
		bareClient(t, k.ln.Addr().String()).Hello("c.test")
		if !k.obeyed("HELO c.test") {
			t.Error(mend)
		}
		r := newRig(t, newSink(t, func(k *sink) { k.lhlo = "500 5.5.1 what" }))
		c := r.dial()
		c.expect("220 ")
		c.send("LHLO c.test\r\n")
		c.expect("421 4.3.2")
		if r.sink.obeyed("HELO") {
			t.Error("usher tried HELO")
		}
	})
	t.Run("D17 a reply may be of any length", func(t *testing.T) {
		long := func(line string, _ int) string {
			if strings.HasPrefix(line, "RCPT") {
				return strings.Repeat("250-and so on\r\n", 100_000) + "250 end\r\n"
			}
			return ""
		}
		c := bareClient(t, (&script{say: long}).serve(t))
		if err := c.Mail("a@x.test", nil); err != nil {
			t.Fatal(err)
		}
		if err := c.Rcpt("u@y.test", nil); err != nil {
			t.Errorf("%v: %s", err, mend)
		}
		o := (&script{say: long}).rig(t).dial()
		o.expect("220 ")
		o.send("LHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\n")
		o.expect("250")
		o.expect("250 ")
		o.expect("451 4.4.2")
	})
}

// brokenOff has usher break off while it writes a message to its next hop.
func brokenOff(t *testing.T) {
	t.Helper()
	r := start(t)
	s := r.srv.listeners[0].session(nil)
	if err := s.connect(nil); err != nil {
		t.Fatal(err)
	}
	if err := s.next.Mail("b@x.test", &mailOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.next.Rcpt("half@y.test", nil); err != nil {
		t.Fatal(err)
	}
	if dotted, err := s.next.Data(brokenWriter, time.Now().Add(time.Second), nil); err == nil || dotted {
		t.Fatalf("data gave dotted %v, error %v", dotted, err)
	}
	s.next.Leave()
	r.sink.ln.Close()
	r.sink.wait.Wait()
	if got := r.sink.all(); len(got) != 0 || strings.Contains(r.sink.transcript(), "half\r\n.\r\n") {
		t.Errorf("usher let half a mail be delivered: %q", got)
	}
}
