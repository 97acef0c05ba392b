package smtpd

import (
	"context"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
	"usher/smtpd/nexthop"
)

// FuzzDialog sends bytes to the listener. Whatever they are, the server closes
// when they are over, nothing is delivered but what a final dot completed, and
// no bare CR or LF reaches the next hop.
func FuzzDialog(f *testing.F) {
	for _, s := range []string{
		"LHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<u@y>\r\nDATA\r\nFrom: a\r\n\r\nb\r\n.\r\nQUIT\r\n",
		"LHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<promo@y>\r\nRCPT TO:<promo@y>\r\nDATA\r\nb\n.\r\nx\r\n.\r\n",
		"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<\"a b\"@y>\r\nBDAT 3\r\nabcBDAT 2 LAST\r\nxyRSET\r\n",
		"XFORWARD ADDR=1\r\nLHLO x\r\nRSET\r\nNOOP\r\nVRFY u\r\nLHLO y\r\n\x00\r\n",
	} {
		f.Add([]byte(s))
	}
	k := newSink(f)
	r := newRig(f, k, func(c *Config) { c.MaxSize = 4096 })
	f.Fuzz(r.hearsAnything)
}

// FuzzDialogSMTP is FuzzDialog over SMTP, where besides all recipients of a
// message get it or none, and 250 is said once for each that passed.
func FuzzDialogSMTP(f *testing.F) {
	for _, s := range []string{
		"EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<u@y>\r\nRCPT TO:<promo@y>\r\nDATA\r\nFrom: a\r\n\r\nb\r\n.\r\nQUIT\r\n",
		"HELO x\r\nXFORWARD NAME=a+2Bb HELO=[UNAVAILABLE]\r\nMAIL FROM:<a@x>\r\nRCPT TO:<reject@y>\r\nDATA\r\nb\n.\r\nx\r\n.\r\n",
		"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<\"a b\"@y>\r\nRCPT TO:<bounce@y>\r\nBDAT 3\r\nabcBDAT 2 LAST\r\nxyRSET\r\n",
		"EHLO x\r\nDATA\r\nMAIL FROM:<a@x> SIZE=9 BODY=8BITMIME\r\nRCPT TO:<nouser@y>\r\nDATA\r\nRCPT TO:<odd@y>\r\nDATA\r\n.\r\n",
	} {
		f.Add([]byte(s))
	}
	k := smtpSink(f, func(k *sink) { k.offer = append(k.offer, "XFORWARD NAME ADDR HELO") })
	r := newRig(f, k, overSMTP, func(c *Config) { c.MaxSize = 4096 })
	f.Fuzz(r.hearsAnything)
}

// replyLines finds the last line of each reply.
var replyLines = regexp.MustCompile(`(?m)^\d{3} `)

// hearsAnything sends bytes to the listener and looks at what came of them.
func (r *rig) hearsAnything(t *testing.T, in []byte) {
	k := r.sink
	conn, err := net.Dial("tcp", r.srv.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() {
		conn.Write(in)
		conn.(*net.TCPConn).CloseWrite()
	}()
	said, err := io.ReadAll(conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatalf("the server never closed after %q; it said %q", in, said)
	}
	dots := strings.Count("\r\n"+string(in), "\r\n.\r\n") + strings.Count(strings.ToUpper(string(in)), "LAST")
	rcpts := strings.Count(strings.ToUpper(string(in)), "RCPT")
	// A greeting, a last word, one reply a line, and one a recipient at an end of data.
	if most := 2 + strings.Count(string(in), "\n") + dots*rcpts; len(replyLines.FindAll(said, -1)) > most {
		t.Errorf("R60 more than %d replies to %q: %q", most, in, said)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	copies := map[string]int{}
	for _, d := range k.deliveries {
		if copies[d.to]++; copies[d.to] > dots {
			t.Errorf("R50 %d deliveries to %s after %d ends of data", copies[d.to], d.to, dots)
		}
		if bare(d.raw) {
			t.Errorf("R40 a bare CR or LF reached the next hop: %q", d.raw)
		}
	}
	if passed := strings.Count(string(said), " queued as ABC123"); k.smtp && passed != k.messages {
		t.Errorf("R5 %d messages passed, upstream heard of %d: %q", k.messages, passed, said)
	}
	k.deliveries, k.heard, k.commands, k.conns, k.messages = nil, nil, nil, nil, 0
}

// BenchmarkMessage passes one message of 20 kB to an untouched and to a
// decided recipient.
func BenchmarkMessage(b *testing.B) {
	raw := letter + strings.Repeat(strings.Repeat("0123456789", 7)+"\r\n", 20<<10/72)
	for _, to := range []string{"u@y.test", "promo@y.test"} {
		b.Run(to, func(b *testing.B) {
			k := newSink(b)
			r := newRigWith(b, k, func(d *Deps) { d.Log = slog.New(slog.DiscardHandler) })
			c := r.dial()
			c.conn.SetDeadline(time.Time{})
			c.expect("220 ")
			c.send("LHLO c.test\r\n")
			c.expect("250")
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				c.transaction(to)
				c.send(raw + ".\r\n")
				c.expect("250 ")
			}
			if k.count() == 0 {
				b.Fatal("nothing was delivered")
			}
		})
	}
}

func TestSendTellsWhatEachRecipientGot(t *testing.T) {
	r := start(t)
	to := nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: r.srv.Addrs()[0].String()}
	results, err := nexthop.Send(context.Background(), to, "a@x.test", []string{"u@y.test", "nouser@y.test", "bounce@y.test"}, strings.NewReader("From: a@x.test\n\n.x\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []int{250, 550, 554}
	for i, res := range results {
		if res.Code != want[i] {
			t.Errorf("%+v, want %d", res, want[i])
		}
	}
	if got := r.sink.got("u@y.test"); len(got) != 1 || got[0] != "From: a@x.test\r\n\r\n.x\r\n" {
		t.Errorf("the next hop got %q", got)
	}
	r.sink.ln.Close()
	if _, err := nexthop.Send(context.Background(), to, "a@x.test", []string{"u@y.test"}, strings.NewReader(letter)); err == nil {
		t.Error("no error from a server that cannot pass mail on")
	}
	offers, err := nexthop.Greet(context.Background(), to, nexthop.Settings{Hostname: "other.test"})
	if err == nil {
		t.Errorf("a server that answers 421 offers %q", offers)
	}
}
