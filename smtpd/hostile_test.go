package smtpd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/smtpd/nexthop"
)

// stingy is a next hop whose connections break after so many bytes of its
// words: the first after left, all others never.
type stingy struct {
	smtp bool

	mu    sync.Mutex
	left  int
	split bool           // each byte is a packet
	told  map[string]int // recipients, by how often they were told 2xx for a whole message
}

func (s *stingy) say(c net.Conn, text string, first bool) bool {
	s.mu.Lock()
	whole := true
	if first && s.left < len(text) {
		text, whole = text[:s.left], false
	}
	if first {
		s.left -= len(text)
	}
	s.mu.Unlock()
	if s.split {
		for i := range text {
			c.Write([]byte{text[i]})
		}
	} else {
		c.Write([]byte(text))
	}
	return whole
}

func (s *stingy) talk(c net.Conn, first bool) {
	defer c.Close()
	r := bufio.NewReader(c)
	if !s.say(c, "220 hop.test ready\r\n", first) {
		return
	}
	var to []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		answer := "250 2.0.0 ok\r\n"
		switch verb, arg, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
		case "LHLO", "EHLO":
			answer = "250-hop.test\r\n250 8BITMIME\r\n"
		case "MAIL", "RSET":
			to = nil
		case "RCPT":
			to = append(to, pathOf(arg))
		case "DATA":
			if !s.say(c, "354 go\r\n", first) {
				return
			}
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			if s.smtp {
				s.accept(1, to...)
				if !s.say(c, "250-2.0.0 it\r\n250 2.0.0 is saved\r\n", first) {
					s.accept(-1, to...)
					return
				}
				continue
			}
			for _, rcpt := range to {
				s.accept(1, rcpt)
				if !s.say(c, "250-2.0.0 it\r\n250 2.0.0 is saved\r\n", first) {
					s.accept(-1, rcpt)
					return
				}
			}
			continue
		case "QUIT":
			s.say(c, "221 bye\r\n", first)
			return
		}
		if !s.say(c, answer, first) {
			return
		}
	}
}

func (s *stingy) accept(n int, to ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rcpt := range to {
		s.told[rcpt] += n
	}
}

func (s *stingy) serve(t *testing.T) nexthop.Endpoint {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for first := true; ; first = false {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(c, first)
		}
	}()
	e := nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: l.Addr().String()}
	if s.smtp {
		e.Protocol = "smtp"
	}
	return e
}

func TestR5ANextHopThatHangsUpAtEachByte(t *testing.T) {
	for _, shape := range []struct {
		in   string
		smtp bool
	}{{"lmtp", false}, {"lmtp", true}, {"smtp", true}} {
		to := []string{"u@y.test", "promo@y.test", "v@y.test"}
		for left := 0; ; left++ {
			s := &stingy{smtp: shape.smtp, left: left, split: left%3 == 0, told: map[string]int{}}
			out := s.serve(t)
			r := newRig(t, &sink{}, func(c *Config) {
				c.Hops = []Hop{{In: nexthop.Endpoint{Protocol: shape.in, Network: "tcp", Address: "127.0.0.1:0"}, Out: out}}
			})
			c := r.dial()
			c.expect("220 ")
			hello := "LHLO c.test\r\n"
			if c.smtp {
				hello = "EHLO c.test\r\n"
			}
			c.send(hello)
			if !strings.HasPrefix(c.reply(), "250") {
				continue // the greeting never came whole
			}
			c.send("MAIL FROM:<a@x.test>\r\n")
			var accepted []string
			if reply := c.reply(); !strings.HasPrefix(reply, "250 ") {
				t.Errorf("%v after %d bytes: MAIL got %q", shape, left, reply)
			}
			for _, rcpt := range to {
				c.send("RCPT TO:<" + rcpt + ">\r\n")
				if reply := c.reply(); strings.HasPrefix(reply, "250 ") {
					accepted = append(accepted, rcpt)
				}
			}
			c.send("DATA\r\n")
			c.expect("354")
			c.send(letter + ".\r\n")
			replies := make([]string, len(accepted))
			for i := range accepted {
				if replies[i] = replies[0]; i == 0 || !c.smtp {
					replies[i] = c.reply()
				}
			}
			c.send("QUIT\r\n")
			c.expect("221")
			s.mu.Lock()
			for i, rcpt := range accepted {
				switch n := s.told[rcpt]; {
				case strings.HasPrefix(replies[i], "250") && n != 1, strings.HasPrefix(replies[i], "5"):
					t.Errorf("%v after %d bytes: %s heard %q, the next hop took it %d times", shape, left, rcpt, replies[i], n)
				}
			}
			over := s.left > 0
			s.mu.Unlock()
			r.stop()
			if over {
				break
			}
		}
	}
}

func TestR5HalfAReplyTooManyIsNoAnswerToTheNextCommand(t *testing.T) {
	s := &script{say: func(line string, n int) string {
		switch {
		case strings.HasPrefix(line, "RCPT") && n == 1:
			return "250 2.1.5 ok\r\n25"
		case strings.Contains(line, "nobody") && n == 2: // on the same connection
			return "0 2.1.5 ok\r\n55"
		case strings.Contains(line, "nobody"):
			return "550 5.1.1 no such user\r\n"
		}
		return ""
	}}
	c := s.rig(t).dial()
	c.greet()
	c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\nRCPT TO:<nobody@y.test>\r\n")
	c.expect("250 ")
	c.expect("250 ")
	c.expect("550 5.1.1")
}

func TestR19AnswersToRecipientsAreNoWrongCommands(t *testing.T) {
	const n = 20
	s := &script{say: func(line string, _ int) string {
		if line == "." {
			return strings.Repeat("500 5.3.0 cannot\r\n", n-1) + "250 2.0.0 saved\r\n"
		}
		return ""
	}}
	c := s.rig(t).dial()
	to := make([]string, n)
	for i := range to {
		to[i] = fmt.Sprintf("u%d@y.test", i)
	}
	c.begin(to...)
	c.send(letter + ".\r\n")
	for range n - 1 {
		c.expect("500 5.3.0")
	}
	c.expect("250 2.0.0")
	c.send("NOOP\r\n")
	c.expect("250 ")
}

func TestR52AChunkThatWasRefusedLeavesNoTransferToWaitFor(t *testing.T) {
	r := start(t, func(c *Config) { c.Drain = time.Minute })
	c := r.dial()
	c.greet()
	c.send("BDAT 4\r\nNOOPNOOP\r\n")
	c.expect("502 ")
	c.expect("250 ")
	r.stop()
	c.expect("421 4.3.2")
	if !c.closed() {
		t.Error("the connection is still open")
	}
}

// Within chunks go-smtp runs what reads them beside the next command. Reset, it
// would take the error of that for the answer to the next message.
func TestAttackChunksThatAreResetEndTheConnection(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		for _, reset := range []string{"RSET\r\n", "EHLO c.test\r\n", "LHLO c.test\r\n", "HELO c.test\r\n"} {
			r := start(t)
			c := r.dial()
			c.greet()
			c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\nBDAT 4\r\nabcd" + reset + smuggled)
			c.expect("250 ")
			c.expect("250 ")
			c.expect("250 ")
			c.expect("421 4.5.1")
			if !c.closed() {
				t.Errorf("after %q the connection is still open", reset)
			}
			r.invariant(t, "u@y.test", 0)
			r.invariant(t, "victim@y.test", 0)
		}
	})
}

func TestAttackAnEmptyChunkBeforeUpstreamLeavesIsNoPanic(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		for _, end := range []string{"", "QUIT\r\n", "RSET\r\nQUIT\r\n"} {
			r := start(t)
			c := r.dial()
			c.greet()
			c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\nBDAT 0\r\n" + end)
			c.conn.(*net.TCPConn).CloseWrite()
			c.closed()
			r.stop()
			r.done <- <-r.done
			if log := r.log.String(); strings.Contains(log, "msg=panic") {
				t.Errorf("before %q: %.300s", end, log[strings.Index(log, "msg=panic"):])
			}
			r.invariant(t, "u@y.test", 0)
		}
	})
}

func TestAttackCommandsBetweenChunksDoNotTouchTheMessage(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		r := start(t)
		c := r.dial()
		c.greet()
		to := "MAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\n"
		for _, step := range []struct{ say, replies string }{
			{to + "RSET\r\nBDAT 4\r\nNOOP" + to + "DATA\r\n", "250 250 250 502 250 250 354"},
			{letter + ".\r\n", "250"},
			{to + "BDAT 2\r\nabRCPT TO:<v@y.test>\r\nWHAT\r\nBDAT 0\r\nBDAT 1\r\ncMAIL FROM:<b@x.test>\r\nDATA\r\nBDAT 2 LAST\r\n\r\n", "250 250 250 502 500 250 250 502 502 250"},
			{to + "DATA\r\n", "250 250 354"},
			{letter + ".\r\n", "250"},
		} {
			c.send(step.say)
			for code := range strings.FieldsSeq(step.replies) {
				c.expect(code + " ")
			}
		}
		if got := r.sink.got("u@y.test"); len(got) != 3 || got[0] != letter || got[1] != "abc\r\n" || got[2] != letter {
			t.Errorf("got %q", got)
		}
	})
}

func TestR50AnUpstreamThatIsCutAtEachByte(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		r := start(t)
		begin := "LHLO c.test\r\n"
		if r.smtp() {
			begin = "EHLO c.test\r\n"
		}
		begin += "XFORWARD ADDR=192.0.2.1\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\nRCPT TO:<promo@y.test>\r\n"
		again := "MAIL FROM:<b@x.test>\r\nRCPT TO:<u@y.test>\r\n"
		for _, parts := range [][]string{ // the first two end with a message to two, then to one
			{begin + "DATA\r\nFrom: a\r\n\r\n.x\r\n\n.\n\r.\r\n..\r\n.\r\n", again + "DATA\r\nFrom: b\r\n\r\n.\r\n", "QUIT\r\n"},
			{begin + "BDAT 11\r\nFrom: a\r\n\r\nBDAT 0\r\nBDAT 5\r\n.\r\n\r\nBDAT 3 LAST\r\nx\r\n", again + "BDAT 0 LAST\r\n", "QUIT\r\n"},
		} {
			text := strings.Join(parts, "")
			for cut := range len(text) + 1 {
				want := 0
				if cut >= len(parts[0]) {
					want = 2
				}
				if cut >= len(parts[0])+len(parts[1]) {
					want = 3
				}
				before := r.sink.count()
				c := r.dial()
				c.send(text[:cut])
				c.conn.(*net.TCPConn).CloseWrite()
				if !c.closed() {
					t.Errorf("cut after %q: the connection is still open", text[:cut])
				}
				if n := r.sink.count() - before; n != want {
					t.Errorf("cut after %q: %d copies were delivered, want %d", text[:cut], n, want)
				}
			}
		}
	})
}

// tarpit is the DNS of a sender who never answers.
type tarpit struct{}

func (tarpit) Identify(ctx context.Context, _ io.Reader, _ *mail.Envelope, _ *mail.Message) mail.Identity {
	<-ctx.Done()
	return mail.Identity{How: mail.ByNone}
}

func TestR14ADNSThatNeverAnswersBuysNoInbox(t *testing.T) {
	r := newRigWith(t, newSink(t), func(d *Deps) { d.Identify = tarpit{} })
	r.pass(letter, "promo@y.test")
	if got := r.sink.got("promo@y.test"); len(got) != 1 || got[0] != head("promotions", "promotion", 0)+letter {
		t.Errorf("got %q", got)
	}
}

// silentDNS is an Identifier whose DNS never answers, for senders of one name.
type silentDNS struct {
	waiting chan struct{}
	ended   atomic.Int32
}

func (d *silentDNS) Identify(ctx context.Context, _ io.Reader, env *mail.Envelope, _ *mail.Message) mail.Identity {
	if strings.HasPrefix(env.From, "tarpit") {
		d.waiting <- struct{}{}
		<-ctx.Done()
		d.ended.Add(1)
	}
	return mail.Identity{How: mail.ByNone}
}

func TestR13SendersWhoseDNSNeverAnswersTakeNobodysTurn(t *testing.T) {
	r := start(t, func(c *Config) { c.JudgeBudget = 12 * time.Second })
	slow := 2 * cap(r.srv.turns)
	d := &silentDNS{waiting: make(chan struct{}, slow)}
	r.srv.deps.Identify = d
	for range slow {
		c := r.dial()
		c.expect("220 ")
		c.send("LHLO c.test\r\nMAIL FROM:<tarpit@x.test>\r\nRCPT TO:<u@y.test>\r\nDATA\r\n")
		for _, want := range []string{"250", "250 ", "250 ", "354 "} {
			c.expect(want)
		}
		c.send(letter + ".\r\n")
	}
	for range slow {
		select {
		case <-d.waiting:
		case <-time.After(5 * time.Second):
			t.Fatal("senders wait for a turn that others hold while they ask the DNS")
		}
	}
	r.pass(letter, "promo@y.test")
	if n := d.ended.Load(); n != 0 {
		t.Errorf("an honest message waited for %d slow senders", n)
	}
	if raw := r.sink.got("promo@y.test"); len(raw) != 1 || !strings.HasPrefix(raw[0], "Usher-Disposition: promotions") {
		t.Errorf("the honest message was passed as %q", raw)
	}
}
