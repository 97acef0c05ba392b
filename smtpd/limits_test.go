package smtpd

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"usher/smtpd/guard"
	"usher/smtpd/nexthop"
	"usher/smtpd/spool"
)

// limit is one number that bounds the wire.
type limit struct {
	set   func(*Config)                   // to a small value
	over  func(t *testing.T, r *rig)      // drives a conversation to the edge and over it
	reach func(*Server)                   // for what is no setting
	hop   func(line string, n int) string // a next hop of its own
}

// muteAt is a next hop that says half a reply to a command, and then nothing.
func muteAt(verb string) func(string, int) string {
	return func(line string, _ int) string {
		if strings.HasPrefix(line, verb) {
			return "2"
		}
		return ""
	}
}

// saying holds a conversation in which the last command gets a reply.
func saying(lines, want string) func(*testing.T, *rig) {
	return func(t *testing.T, r *rig) {
		t.Helper()
		c := r.dial()
		last := ""
		for l := range strings.SplitAfterSeq(lines, "\n") {
			last = c.reply()
			if l != "" && !strings.HasPrefix(last, "2") {
				t.Fatalf("reply is %q before %q", last, l)
			}
			c.send(l)
		}
		if !strings.HasPrefix(last, want) {
			t.Errorf("reply is %q, want %q", last, want)
		}
		if strings.HasPrefix(want, "421") && !c.closed() {
			t.Error("the connection is still open")
		}
	}
}

// tooSlow begins DATA, has a line sent now and then, and wants to be cut off.
func tooSlow(t *testing.T, r *rig) {
	c := r.dial()
	c.begin("u@y.test")
	got := make(chan string, 1)
	go func() { got <- c.reply() }()
	for {
		select {
		case reply := <-got:
			if !strings.HasPrefix(reply, "421 4.4.2") {
				t.Errorf("reply is %q", reply)
			}
			r.invariant(t, "u@y.test", 0)
			return
		case <-time.After(10 * time.Millisecond):
			io.WriteString(c.conn, "x\r\n")
		}
	}
}

const soon = 100 * time.Millisecond

func TestR47EveryLimitHasItsEffect(t *testing.T) {
	greeted := "LHLO c.test\r\n"
	begun := greeted + "MAIL FROM:<a@x.test>\r\n"
	limits := map[string]limit{
		"MaxLine": {set: func(c *Config) { c.MaxLine = 20 }, over: func(t *testing.T, r *rig) {
			saying(greeted+"NOOP "+strings.Repeat("x", 13)+"\r\n", "250 ")(t, r)
			saying(greeted+"NOOP "+strings.Repeat("x", 14)+"\r\n", "500 5.5.2")(t, r)
		}},
		"MaxWrong": {reach: func(s *Server) { s.guard.MaxWrong = 2 }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			c.send("A\r\nB\r\nC\r\n")
			for _, want := range []string{"220 ", "500 ", "500 ", "500 ", "421 4.7.0"} {
				c.expect(want)
			}
		}},
		"MaxRcpt": {set: func(c *Config) { c.MaxRcpt = 2 }, over: saying(begun+"RCPT TO:<a@y.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\n", "452 4.5.3")},
		"MaxSize": {set: func(c *Config) { c.MaxSize = 10 }, over: func(t *testing.T, r *rig) {
			saying(greeted+"MAIL FROM:<a@x.test> SIZE=10\r\n", "250 ")(t, r)
			saying(greeted+"MAIL FROM:<a@x.test> SIZE=11\r\n", "552 5.3.4")(t, r)
			if got := r.pass("12345678\r\n", "u@y.test"); !strings.HasPrefix(got[0], "250 ") {
				t.Errorf("10 bytes get %q", got)
			}
			if got := r.pass("123456789\r\n", "u@y.test"); !strings.HasPrefix(got[0], "552 5.3.4") {
				t.Errorf("11 bytes get %q", got)
			}
		}},
		"MaxMemory": {set: func(c *Config) { c.MaxMemory = 100 }, over: func(t *testing.T, r *rig) { spooled(t, r, 99, 101) }},
		"MaxSpool": {set: func(c *Config) { c.MaxMemory, c.MaxSpool = 1, 1000 }, over: func(t *testing.T, r *rig) {
			if got := r.pass(strings.Repeat("x", 998)+"\r\n", "u@y.test"); !strings.HasPrefix(got[0], "250 ") {
				t.Errorf("1,000 bytes get %q", got)
			}
			if got := r.pass(strings.Repeat("x", 999)+"\r\n", "u@y.test"); !strings.HasPrefix(got[0], "452 4.3.1") {
				t.Errorf("1,001 bytes get %q", got)
			}
		}},
		"MaxConns": {set: func(c *Config) { foreigners(c); c.MaxConns = 10 }, over: func(t *testing.T, r *rig) {
			for i := range 9 {
				r.dialFrom(fmt.Sprintf("127.0.0.%d", i+2)).expect("220 ")
			}
			r.dialFrom("127.0.0.99").expect("421 4.3.2") // the tenth is kept
			r.dialFrom("127.0.0.1").expect("220 ")
			r.dialFrom("127.0.0.1").expect("421 4.3.2")
		}},
		"MaxPeer": {set: func(c *Config) { foreigners(c); c.MaxPeer = 2 }, over: func(t *testing.T, r *rig) {
			for range 2 {
				r.dialFrom("127.0.0.2").expect("220 ")
			}
			r.dialFrom("127.0.0.2").expect("421 4.3.2")
			r.dialFrom("127.0.0.3").expect("220 ")
			for range 3 {
				r.dialFrom("127.0.0.1").expect("220 ")
			}
		}},
		"JudgeBytes": {set: func(c *Config) { c.JudgeBytes = len(letter) }, over: func(t *testing.T, r *rig) {
			r.pass(letter+"more\r\n", "promo@y.test")
			if n := r.judge.seen[0].Message.Size; n != len(letter) {
				t.Errorf("%d bytes were judged, want %d", n, len(letter))
			}
			if got := r.sink.got("promo@y.test"); len(got) != 1 || !strings.HasSuffix(got[0], letter+"more\r\n") {
				t.Errorf("the next hop got %q", got)
			}
		}},
		"Idle": {set: func(c *Config) { c.Idle = soon }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			c.expect("220 ")
			c.send("LHLO c.t") // less than a command renews nothing
			c.expect("421 4.4.2")
		}},
		"DataRead": {set: func(c *Config) { c.DataRead = soon }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			c.begin("u@y.test")
			c.send("half a mess")
			c.expect("421 4.4.2")
		}},
		"DataAll": {set: func(c *Config) { c.DataAll = soon }, over: tooSlow},
		"Grace":   {reach: func(s *Server) { s.guard.Grace, s.guard.Rate = soon, 1<<30 }, over: tooSlow},
		"Rate":    {reach: func(s *Server) { s.guard.Grace, s.guard.Rate = 1, 1<<40 }, over: tooSlow},
		"WriteTime": {set: func(c *Config) { c.WriteTime = soon }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			for { // commands whose answers nobody reads
				if _, err := io.WriteString(c.conn, strings.Repeat("NOOP\r\n", 1000)); err != nil {
					return
				}
			}
		}},
		"DialTime":  {set: func(c *Config) { c.DialTime = 1 }, over: saying(greeted, "421 4.3.2")},
		"GreetTime": {set: func(c *Config) { c.GreetTime = soon }, hop: muteAt("LHLO"), over: saying(greeted, "421 4.3.2")},
		"HopTime":   {set: func(c *Config) { c.HopTime = soon }, hop: muteAt("MAIL"), over: saying(begun, "451 4.4.2")},
		"ReplyTime": {set: func(c *Config) { c.HopTime = soon }, hop: muteAt("RCPT"), over: saying(begun+"RCPT TO:<u@y.test>\r\n", "451 4.4.2")},
		"MaxIdle": {reach: func(s *Server) { s.reach.MaxIdle = soon }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			c.expect("220 ")
			c.send(greeted)
			c.expect("250")
			for n := range 2 { // before the first message, and after it
				r.sink.left(t, n+1)
				c.transaction("u@y.test")
				c.send(letter + ".\r\n")
				c.expect("250 ")
				r.sink.await(t, n+2)
			}
		}},
		"MaxTransactions": {reach: func(s *Server) { s.reach.MaxTransactions = 1 }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			c.begin("u@y.test")
			c.send(letter + ".\r\n")
			c.expect("250 ")
			c.transaction("u@y.test")
			r.sink.await(t, 2)
		}},
		"JudgeBudget": {set: func(c *Config) { c.JudgeBudget = soon }, over: func(t *testing.T, r *rig) {
			r.pass(letter, "slow@y.test")
			r.failedOpen(t, failTimeout)
		}},
		"RecordBudget": {set: func(c *Config) { c.RecordBudget = soon }, over: func(t *testing.T, r *rig) {
			r.pass(letter, "promo-laterecord@y.test")
			r.failedOpen(t, failRecord)
		}},
		"AnswerBudget": {set: func(c *Config) { c.AnswerBudget = 2 * soon }, over: func(t *testing.T, r *rig) {
			if got := r.pass(letter, "silent@y.test", "promo@y.test"); !strings.HasPrefix(got[1], "451 4.4.7") {
				t.Errorf("replies are %q", got)
			}
		}},
		"Drain": {set: func(c *Config) { c.Drain = soon }, over: func(t *testing.T, r *rig) {
			c := r.dial()
			c.begin("u@y.test")
			r.stop()
			if !c.closed() {
				t.Error("a message under way holds the end up")
			}
		}},
	}
	for _, settings := range []any{Config{}, guard.Settings{}, nexthop.Settings{}} {
		for name := range numbersOf(settings) {
			if limits[name].over == nil {
				t.Errorf("%T.%s: no step over it is taken here", settings, name)
			}
		}
	}
	for name, l := range limits {
		t.Run(name, func(t *testing.T) { l.drive(t) })
	}
}

func (l limit) drive(t *testing.T) {
	set := l.set
	if set == nil {
		set = func(*Config) {}
	}
	var r *rig
	if l.hop != nil {
		r = (&script{say: l.hop}).rig(t, set)
	} else {
		r = start(t, set)
	}
	if l.reach != nil {
		l.reach(r.srv)
	}
	l.over(t, r)
}

// numbersOf gives the names of the fields of a struct that are numbers or
// times.
func numbersOf(v any) map[string]bool {
	names := map[string]bool{}
	for t, i := reflect.TypeOf(v), 0; i < t.NumField(); i++ {
		switch t.Field(i).Type.Kind() {
		case reflect.Int, reflect.Int64:
			names[t.Field(i).Name] = true
		}
	}
	return names
}

// foreigners makes every loopback address but the first a neighbour's.
func foreigners(c *Config) {
	c.OwnNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	c.TrustedNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/9")}
}

// left waits until so many connections to the sink have been closed from our side.
func (k *sink) left(t *testing.T, n int) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		k.mu.Lock()
		left := k.ended >= n
		k.mu.Unlock()
		if left {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%d connections to the next hop were not closed", n)
		}
	}
}

// await waits until so many connections have been made to the sink.
func (k *sink) await(t *testing.T, n int) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		k.mu.Lock()
		made := len(k.conns)
		k.mu.Unlock()
		if made == n {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%d connections to the next hop, want %d", made, n)
		}
	}
}

// failedOpen checks that the log says so.
func (r *rig) failedOpen(t *testing.T, reason string) {
	t.Helper()
	if log := r.log.String(); !strings.Contains(log, "failed open") || !strings.Contains(log, "reason="+reason) {
		t.Errorf("the log does not say failed open, reason=%s:\n%s", reason, log)
	}
}

// spooled checks that a message of one size stays in memory while it comes, and
// one of another goes to a file.
func spooled(t *testing.T, r *rig, stays, goes int) {
	t.Helper()
	for _, size := range []int{stays, goes} {
		s := spool.New(&r.srv.room, 0)
		if _, err := s.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if filed := r.srv.room.Disk() > 0; filed != (size == goes) {
			t.Errorf("%d bytes are in a file: %v", size, filed)
		}
		s.Close()
	}
}

func TestR47AMessageOverOneMegabyteGoesToAFile(t *testing.T) {
	spooled(t, start(t), spool.Memory, spool.Memory+1)
}

func TestR47SoManyAreJudgedAtOnce(t *testing.T) {
	r := start(t, func(c *Config) { c.JudgeBudget = soon })
	if n := cap(r.srv.turns); n != 2*runtime.NumCPU() {
		t.Errorf("%d are judged at once, want %d", n, 2*runtime.NumCPU())
	}
	for range cap(r.srv.turns) {
		r.srv.turns <- struct{}{}
	}
	r.pass(letter, "promo@y.test")
	r.failedOpen(t, failOverload)
	<-r.srv.turns
	r.pass(letter, "promo2@y.test")
	if got := r.sink.got("promo2@y.test"); len(got) != 1 || got[0] == letter {
		t.Errorf("with a turn free promo2 got %q, want it filed", got)
	}
}

func TestR47AReplyOfTheNextHopHasABound(t *testing.T) {
	for extra, want := range map[int]string{0: "250 ", 1: "451 4.4.2"} {
		line := "250-" + strings.Repeat("x", 122) + "\r\n" // 128 bytes
		s := &script{say: func(l string, _ int) string {
			if strings.HasPrefix(l, "RCPT") {
				return strings.Repeat(line, 511) + "250 " + strings.Repeat("x", 122+extra) + "\r\n"
			}
			return ""
		}}
		saying("LHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\n", want)(t, s.rig(t))
	}
}

// deaf is a next hop that stops reading in the middle of a message.
func deaf(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.(*net.TCPConn).SetReadBuffer(4 << 10)
			t.Cleanup(func() { conn.Close() })
			b, line := make([]byte, 1), ""
			for io.WriteString(conn, "220 deaf.test\r\n"); !strings.HasPrefix(line, "DATA"); {
				line = ""
				for !strings.HasSuffix(line, "\n") {
					if _, err := conn.Read(b); err != nil {
						return
					}
					line += string(b)
				}
				reply := "250 deaf.test\r\n"
				if strings.HasPrefix(line, "DATA") {
					reply = "354 go\r\n"
				}
				io.WriteString(conn, reply)
			}
		}
	}()
	return ln.Addr().String()
}

func TestR47ANextHopThatStopsReadingIsLeftWithoutADot(t *testing.T) {
	out := deaf(t)
	r := newRig(t, &sink{}, func(c *Config) {
		c.Hops = []Hop{{In: nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: "127.0.0.1:0"}, Out: nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: out}}}
		c.WriteTime = soon
	})
	if got := r.pass(letter+strings.Repeat(strings.Repeat("x", 998)+"\r\n", 20<<10), "u@y.test"); !strings.HasPrefix(got[0], "451 4.4.2") {
		t.Errorf("reply is %q", got)
	}
}
