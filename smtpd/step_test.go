package smtpd

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"usher/smtpd/nexthop"
)

// script is a next hop that answers by the letter of a test. say hears each
// command and gives the bytes to answer with; "" is the usual answer.
type script struct {
	smtp bool                                 // one answer for all recipients
	say  func(command string, nth int) string // nth of that verb, from 1

	mu     sync.Mutex
	verbs  map[string]int
	saved  int // messages taken in whole
	rcpts  int
	opened int // connections
}

func (s *script) serve(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.verbs = map[string]int{}
	var conns sync.Map
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(c, true)
			go s.talk(c)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
	})
	return l.Addr().String()
}

func (s *script) talk(c net.Conn) {
	defer c.Close()
	s.mu.Lock()
	s.opened++
	s.mu.Unlock()
	fmt.Fprint(c, "220 hop.test LMTP\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		fmt.Fprint(c, s.answer(verb, strings.TrimSpace(line)))
		if verb == "DATA" && s.take(r) {
			fmt.Fprint(c, s.answer(".", "."))
		}
	}
}

func (s *script) answer(verb, line string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verbs[verb]++
	if s.say != nil {
		if odd := s.say(line, s.verbs[verb]); odd != "" {
			return odd
		}
	}
	switch verb {
	case "LHLO", "EHLO":
		return "250-hop.test\r\n250-8BITMIME\r\n250 DSN\r\n"
	case "MAIL", "RSET":
		s.rcpts = 0
	case "RCPT":
		s.rcpts++
	case "DATA":
		return "354 go\r\n"
	case ".":
		if s.smtp {
			return "250 2.0.0 saved\r\n"
		}
		return strings.Repeat("250 2.0.0 saved\r\n", s.rcpts)
	case "QUIT":
		return "221 bye\r\n"
	}
	return "250 2.0.0 ok\r\n"
}

// take reads a message to its dot.
func (s *script) take(r *bufio.Reader) bool {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			s.mu.Lock()
			s.saved++
			s.mu.Unlock()
			return true
		}
	}
}

func (s *script) rig(t testing.TB, change ...func(*Config)) *rig {
	out, protocol := s.serve(t), "lmtp"
	if s.smtp {
		protocol = "smtp"
	}
	return newRig(t, &sink{}, append([]func(*Config){func(c *Config) {
		c.Hops = []Hop{{In: nexthop.Endpoint{Protocol: protocol, Network: "tcp", Address: "127.0.0.1:0"}, Out: nexthop.Endpoint{Protocol: protocol, Network: "tcp", Address: out}}}
	}}, change...)...)
}

// Whatever a next hop says out of turn, nobody hears 2xx for what it has not
// taken.
func TestR5ANextHopOutOfStepAcceptsNothing(t *testing.T) {
	on := func(verb string, nth int, reply string) func(string, int) string {
		return func(line string, n int) string {
			if strings.HasPrefix(line, verb) && (nth == 0 || n == nth) {
				return reply
			}
			return ""
		}
	}
	for _, c := range []struct {
		name string
		say  func(string, int) string
		to   []string
	}{
		{"250 to DATA is no delivery", on("DATA", 0, "250 2.0.0 ok\r\n"), []string{"u@y.test"}},
		{"251 to a second MAIL is no delivery", on("MAIL", 2, "251 fine\r\n"), []string{"u@y.test", "promo@y.test"}},
		{"RSET answered twice", on("RSET", 0, "250 ok\r\n250 ok\r\n"), []string{"u@y.test", "promo@y.test", "digest@y.test"}},
		{"one answer too many before the refusal", on(".", 0, "250 stray\r\n250 2.0.0 saved\r\n550 5.1.1 no\r\n"), []string{"a@y.test", "b@y.test"}},
		{"words before the answers", on(".", 0, "hello there\r\n250 2.0.0 saved\r\n550 5.1.1 no\r\n"), []string{"a@y.test", "b@y.test"}},
		{"an empty line before the answers", on(".", 0, "\r\n250 2.0.0 saved\r\n550 5.1.1 no\r\n"), []string{"a@y.test", "b@y.test"}},
		{"a bare code before the answers", on(".", 0, "250\r\n250 2.0.0 saved\r\n550 5.1.1 no\r\n"), []string{"a@y.test", "b@y.test"}},
		{"354 before the answers", on(".", 0, "354 go\r\n250 2.0.0 saved\r\n550 5.1.1 no\r\n"), []string{"a@y.test", "b@y.test"}},
		{"100 before the answers", on(".", 0, "100 wait\r\n250 2.0.0 saved\r\n550 5.1.1 no\r\n"), []string{"a@y.test", "b@y.test"}},
	} {
		t.Run(c.name, func(t *testing.T) { accepts(t, &script{say: c.say}, c.name, c.to) })
		t.Run(c.name+", in SMTP", func(t *testing.T) { accepts(t, &script{say: c.say, smtp: true}, c.name, c.to) })
	}
}

// accepts looks whether upstream hears 2xx for no more than the next hop took.
func accepts(t *testing.T, s *script, name string, to []string) {
	replies := s.rig(t).pass(letter, to...)
	s.mu.Lock()
	defer s.mu.Unlock()
	accepted := 0
	for i, reply := range replies {
		switch {
		case strings.HasPrefix(reply, "2"):
			accepted++
		case strings.HasPrefix(reply, "5"):
			t.Errorf("%s heard %q, which may be another's", to[i], reply)
		}
	}
	if refused := strings.Contains(name, "before"); accepted > s.saved || refused && accepted > 0 {
		t.Errorf("%d accepted upstream with %d at the next hop: %q", accepted, s.saved, replies)
	}
}

func TestR5AnAnswerTooManyDoesNotReachTheNextMessage(t *testing.T) {
	s := &script{say: func(line string, n int) string {
		if line == "." && n == 1 {
			return "250 2.0.0 saved\r\n250 2.0.0 stray\r\n"
		}
		return ""
	}}
	c := s.rig(t).dial()
	c.begin("u@y.test")
	c.send(letter + ".\r\n")
	c.reply()
	c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<v@y.test>\r\nDATA\r\n")
	c.expect("250 ")
	c.expect("250 ")
	c.expect("354 ")
	c.send(letter + ".\r\n")
	c.expect("250 ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saved != 2 || s.opened != 2 {
		t.Errorf("%d messages on %d connections, want 2 on 2: the first connection is out of step", s.saved, s.opened)
	}
}

func TestR48TheAnswerBudgetBoundsTheWholeConversation(t *testing.T) {
	slow := false
	s := &script{say: func(line string, n int) string {
		if slow = slow || line == "RSET"; slow {
			time.Sleep(200 * time.Millisecond) // a next hop that takes its time with every command
		}
		return ""
	}}
	r := s.rig(t, func(c *Config) { c.AnswerBudget = 300 * time.Millisecond })
	to := []string{"promo@y.test", "u1@y.test", "u2@y.test", "u3@y.test", "u4@y.test", "u5@y.test", "u6@y.test", "u7@y.test", "u8@y.test", "u9@y.test"}
	begun := time.Now()
	for i, reply := range r.pass(letter, to...) {
		if !strings.HasPrefix(reply, "451 ") {
			t.Errorf("%s heard %q", to[i], reply)
		}
	}
	if took := time.Since(begun); took > 1500*time.Millisecond {
		t.Errorf("it took %s with a budget of 0.3 s", took)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saved > 0 {
		t.Errorf("%d messages were delivered and answered 451: they will be delivered again", s.saved)
	}
}

func TestR52DrainingEndsInTimeBesideASilentNextHop(t *testing.T) {
	dot := make(chan bool)
	s := &script{say: func(line string, n int) string {
		if line == "." {
			close(dot)
			return "2" // and then nothing
		}
		return ""
	}}
	r := s.rig(t, func(c *Config) { c.Drain = 100 * time.Millisecond })
	c := r.dial()
	c.begin("u@y.test")
	c.send(letter + ".\r\n")
	<-dot
	begun := time.Now()
	r.stop()
	<-r.done
	r.done <- nil
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("draining of 0.1 s took %s", took)
	}
}

func TestR30ANextHopThatOffersLessAfterRSETIsLeft(t *testing.T) {
	s := &script{say: func(line string, n int) string {
		if strings.HasPrefix(line, "LHLO") && n > 1 {
			return "250 hop.test\r\n"
		}
		return ""
	}}
	replies := s.rig(t).pass(letter, "u@y.test", "promo@y.test")
	for _, reply := range replies {
		if !strings.HasPrefix(reply, "4") {
			t.Errorf("reply is %q though 8BITMIME and DSN were promised and are gone", reply)
		}
	}
	if s.mu.Lock(); s.saved > 0 {
		t.Errorf("%d messages passed on terms that were not upstream's", s.saved)
	}
	s.mu.Unlock()
}

func TestR4ALoopOpensOneConnection(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, &sink{}, func(c *Config) {
		c.Hops = []Hop{{In: nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: dir + "/s"}, Out: nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: dir + "/./s"}}}
	})
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO a\r\n")
	c.expect("421 4.3.2")
	if n := strings.Count(r.log.String(), "next hop down"); n != 1 {
		t.Errorf("one LHLO opened %d connections to ourselves", n)
	}
	if e, err := nexthop.ParseEndpoint("lmtp:" + dir + "/./s"); err != nil || e.Address != dir+"/s" {
		t.Errorf("the path was read as %q, %v", e.Address, err)
	}
}

// go-smtp names both alike, and has one answer for both.
func TestPostmasterAndPostmasterAtOurNameAreTwoRecipients(t *testing.T) {
	c := start(t).dial()
	c.expect("220 ")
	c.send("LHLO a\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<postmaster@usher.test>\r\n")
	c.expect("250")
	c.expect("250 ")
	c.expect("250 ")
	c.expect("452 4.5.3")
}

// A reader of lines takes half a line before the end for a whole one.
func TestR5HalfAReplyIsNone(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT"} {
		s := &script{say: func(line string, _ int) string {
			if strings.HasPrefix(line, verb) {
				return "250 2.1.0 o" // and then nothing
			}
			return ""
		}}
		c := s.rig(t, func(c *Config) { c.HopTime = 100 * time.Millisecond }).dial()
		c.expect("220 ")
		c.send("LHLO c.test\r\nMAIL FROM:<a@x.test>\r\n")
		c.expect("250")
		if verb == "RCPT" {
			c.expect("250 ")
			c.send("RCPT TO:<u@y.test>\r\n")
		}
		c.expect("451 4.4.2")
	}
}

// The next hop takes the message, and is gone before it can say so.
func TestR32WhatMayHaveArrivedIsSentAgainRatherThanLost(t *testing.T) {
	s := &script{say: func(line string, n int) string {
		if line == "." && n == 1 {
			return "2"
		}
		return ""
	}}
	r := s.rig(t, func(c *Config) { c.AnswerBudget = 200 * time.Millisecond })
	for _, want := range []string{"451 4.4.2", "250 "} { // as upstream does, which has its 451
		if got := r.pass(letter, "u@y.test"); !strings.HasPrefix(got[0], want) {
			t.Errorf("reply is %q, want %q", got[0], want)
		}
	}
	if s.mu.Lock(); s.saved != 2 {
		t.Errorf("the next hop took it %d times, want twice: once without our knowing", s.saved)
	}
	s.mu.Unlock()
}
