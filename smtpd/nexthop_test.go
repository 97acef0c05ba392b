package smtpd

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
	"usher/smtpd/maildir"
	"usher/smtpd/nexthop"
)

func TestR17ANextHopThatCannotBeReached(t *testing.T) {
	k := newSink(t)
	r := newRig(t, k)
	k.ln.Close()
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO c.test\r\n")
	c.expect("421 4.3.2")
	if !c.closed() {
		t.Error("the connection is still open")
	}
	if !strings.Contains(r.log.String(), "next hop down") {
		t.Error("the log does not say that the next hop is down")
	}
}

func TestR4Row16NextHopsThatGetNoMail(t *testing.T) {
	for name, change := range map[string]func(*sink){
		"R4 one that greets with our own name":                 func(k *sink) { k.name = "Usher.Test" },
		"row 16 one that refuses LHLO with 500: no HELO tried": func(k *sink) { k.lhlo = "500 5.5.1 what" },
		"row 16 one that refuses LHLO with 502":                func(k *sink) { k.lhlo = "502 5.5.1 what" },
		"one that refuses LHLO with 550":                       func(k *sink) { k.lhlo = "550 5.7.1 no" },
		"row 17 one whose reply never ends":                    func(k *sink) { k.lhlo = strings.Repeat("250-on and on\r\n", 10_000) + "250 end" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, newSink(t, change))
			c := r.dial()
			c.expect("220 ")
			c.send("LHLO c.test\r\n")
			c.expect("421 4.3.2")
			if heard := r.sink.transcript(); strings.Contains(heard, "HELO c") || strings.Contains(heard, "\nHELO") || strings.Contains(heard, "MAIL") {
				t.Errorf("the next hop heard %q", heard)
			}
		})
	}
}

func TestRow17AnEndlessReplyIsCutAndTemporary(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO c.test\r\n")
	c.expect("250")
	c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<endless@y.test>\r\n")
	c.expect("250 ")
	c.expect("451 4.4.2")
}

func TestR30OffersAreMirrored(t *testing.T) {
	for _, c := range []struct {
		name  string
		offer []string
		want  []string
		not   []string
	}{
		{"all", []string{"8BITMIME", "SMTPUTF8", "DSN", "SIZE 10000"}, []string{"8BITMIME", "SMTPUTF8", "DSN", "SIZE 5904"}, nil},
		{"nothing", nil, []string{"PIPELINING", "CHUNKING", "SIZE 268435456"}, []string{"8BITMIME", "SMTPUTF8", "DSN"}},
		{"what is never offered", []string{"BINARYMIME", "STARTTLS", "AUTH PLAIN", "REQUIRETLS"}, nil, []string{"BINARYMIME", "STARTTLS", "AUTH", "REQUIRETLS"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, newSink(t, func(k *sink) { k.offer = c.offer }))
			cl := r.dial()
			cl.expect("220 ")
			cl.send("LHLO c.test\r\n")
			got := cl.expect("250-usher.test\r\n")
			for _, w := range c.want {
				if !strings.Contains(got, w+"\r\n") {
					t.Errorf("%s is missing in %q", w, got)
				}
			}
			for _, w := range c.not {
				if strings.Contains(got, w) {
					t.Errorf("%s is in %q", w, got)
				}
			}
		})
	}
}

func TestR28ParametersPassOn(t *testing.T) {
	r := newRig(t, newSink(t, func(k *sink) { k.offer = []string{"8BITMIME", "SMTPUTF8", "DSN", "SIZE 100000"} }))
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO c.test\r\n")
	c.expect("250")
	c.send("MAIL FROM:<é@x.test> SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=q+2B1\r\n")
	c.expect("250 ")
	c.send("RCPT TO:<ü@y.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@y.test\r\n")
	c.expect("250 ")
	heard := r.sink.transcript()
	for _, want := range []string{
		"MAIL FROM:<é@x.test> BODY=8BITMIME SIZE=5096 SMTPUTF8 RET=HDRS ENVID=q+2B1\r\n",
		"RCPT TO:<ü@y.test> NOTIFY=SUCCESS,DELAY ORCPT=RFC822;a+2Bb@y.test\r\n",
	} {
		if !strings.Contains(heard, want) {
			t.Errorf("the next hop never heard %q but %q", want, heard)
		}
	}
}

func TestR26AConnectionLostBeforeTheDotIsTriedOnceMore(t *testing.T) {
	t.Run("lost once at DATA", func(t *testing.T) {
		r := newRig(t, newSink(t, func(k *sink) { k.dropDATA = 1 }))
		for _, reply := range r.pass(letter, "u@y.test", "promo@y.test") {
			if !strings.HasPrefix(reply, "250 ") {
				t.Errorf("reply is %q", reply)
			}
		}
		if n := r.sink.count(); n != 2 {
			t.Errorf("%d deliveries, want 2", n)
		}
	})
	t.Run("lost at every DATA", func(t *testing.T) {
		r := newRig(t, newSink(t, func(k *sink) { k.dropDATA = 10 }))
		for _, reply := range r.pass(letter, "u@y.test", "promo@y.test") {
			if !strings.HasPrefix(reply, "451 4.4.2") {
				t.Errorf("reply is %q", reply)
			}
		}
	})
	t.Run("lost once at MAIL", func(t *testing.T) {
		r := newRig(t, newSink(t, func(k *sink) { k.dropMAIL = 1 }))
		if reply := r.pass(letter, "u@y.test")[0]; !strings.HasPrefix(reply, "250 ") {
			t.Errorf("reply is %q", reply)
		}
	})
	t.Run("after the dot never", func(t *testing.T) {
		r := start(t)
		if reply := r.pass(letter, "gone@y.test")[0]; !strings.HasPrefix(reply, "451 4.4.2") {
			t.Errorf("reply is %q", reply)
		}
		if n := strings.Count(r.sink.transcript(), "\nDATA"); n != 1 {
			t.Errorf("DATA was sent %d times, want once", n)
		}
	})
}

func TestR8Row15AWriteThatBreaksOffLeavesNoDot(t *testing.T) {
	k := newSink(t)
	r := newRig(t, k)
	c := r.dial()
	c.begin("u@y.test")
	m := &message{s: r.srv.listeners[0].session(nil)}
	if err := m.s.connect(nil); err != nil {
		t.Fatal(err)
	}
	h := m.s.next
	if err := h.Mail("b@x.test", &mailOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.Rcpt("half@y.test", nil); err != nil {
		t.Fatal(err)
	}
	dotted, err := h.Data(brokenWriter, time.Now().Add(time.Second), nil)
	if err == nil || dotted {
		t.Fatalf("data gave dotted %v, error %v", dotted, err)
	}
	h.Leave()
	c.send(letter + ".\r\n")
	c.expect("250 ")
	if got := k.got("half@y.test"); len(got) != 0 {
		t.Errorf("half a message was delivered: %q", got)
	}
	if heard := k.transcript(); strings.Contains(heard, "half\r\n.\r\n") || strings.Contains(heard, "QUIT") {
		t.Errorf("the next hop heard an end of half a message: %q", heard)
	}
}

func TestR52DrainingFinishesWhatIsUnderWay(t *testing.T) {
	r := start(t)
	idle, busy := r.dial(), r.dial()
	idle.expect("220 ")
	busy.begin("u@y.test")
	r.stop()
	idle.expect("421 4.3.2")
	if conn, err := net.Dial("tcp", r.srv.Addrs()[0].String()); err == nil {
		conn.Close()
		t.Error("a new connection was taken while draining")
	}
	busy.send(letter + ".\r\n")
	busy.expect("250 ")
	busy.expect("421 4.3.2")
	if err := <-r.done; err != nil {
		t.Errorf("Serve gave %v", err)
	}
	r.done <- nil
	if o := r.mem.outcome(t, "u@y.test"); o.Code != 250 {
		t.Errorf("the outcome of what was under way is %+v", o)
	}
}

func TestR52DrainingEndsInTime(t *testing.T) {
	r := start(t, func(c *Config) { c.Drain = 100 * time.Millisecond })
	c := r.dial()
	c.begin("u@y.test")
	r.stop()
	select {
	case <-r.done:
		r.done <- nil
	case <-time.After(5 * time.Second):
		t.Fatal("Serve did not return")
	}
	if !c.closed() {
		t.Error("the connection is still open")
	}
}

func TestUnixSocketsOnBothSides(t *testing.T) {
	dir := t.TempDir()
	boxes := &maildir.Maildir{Root: dir + "/boxes"}
	ln, err := net.Listen("unix", dir+"/next")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- boxes.Serve(ctx, ln) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	hop, err := ParseHop("lmtp:" + dir + "/in=lmtp:" + dir + "/next")
	if err != nil {
		t.Fatal(err)
	}
	newRig(t, &sink{}, func(c *Config) { c.Hops = []Hop{hop} })
	results, err := nexthop.Send(context.Background(), hop.In, "a@x.test", []string{"promo@y.test", "u@y.test", "refuse@y.test"}, strings.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range results {
		if res.Code != 250 {
			t.Errorf("result %+v", res)
		}
	}
	for to, d := range map[string]dispositions{"promo@y.test": "promotions", "u@y.test": "inbox", "refuse@y.test": "refuse"} {
		if n := len(files(t, boxes.Folder(to, d)+"/new")); n != 1 {
			t.Errorf("%s has %d messages in %s, want 1", to, n, boxes.Folder(to, d))
		}
	}
}

func TestR27ANextHopConnectionIsNotUsedForEver(t *testing.T) {
	connections := func(r *rig) int {
		r.sink.mu.Lock()
		defer r.sink.mu.Unlock()
		return len(r.sink.conns)
	}
	t.Run("after 100 transactions there is a fresh one", func(t *testing.T) {
		r := start(t)
		c := r.dial()
		c.expect("220 ")
		c.send("LHLO c.test\r\n")
		c.expect("250")
		for range nexthop.MaxTransactions + 1 {
			c.transaction("u@y.test")
			c.send(letter + ".\r\n")
			c.expect("250 ")
		}
		if n := connections(r); n != 2 {
			t.Errorf("%d connections to the next hop, want 2", n)
		}
	})
	t.Run("one that the next hop closed between messages is dialled again", func(t *testing.T) {
		r := start(t)
		c := r.dial()
		c.begin("u@y.test")
		c.send(letter + ".\r\n")
		c.expect("250 ")
		r.sink.mu.Lock()
		r.sink.conns[0].Close()
		r.sink.mu.Unlock()
		c.transaction("u@y.test")
		c.send(letter + ".\r\n")
		c.expect("250 ")
		if n := r.sink.count(); n != 2 {
			t.Errorf("%d deliveries, want 2", n)
		}
	})
	t.Run("one that closes between RCPT and DATA is dialled again", func(t *testing.T) {
		r := start(t)
		c := r.dial()
		c.begin("u@y.test", "promo@y.test")
		r.sink.mu.Lock()
		r.sink.conns[0].Close()
		r.sink.mu.Unlock()
		c.send(letter + ".\r\n")
		c.expect("250 ")
		c.expect("250 ")
		if n := r.sink.count(); n != 2 {
			t.Errorf("%d deliveries, want 2", n)
		}
	})
}

func TestR30ANextHopThatOffersLessOnRedialIsNotUsed(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO c.test\r\n")
	c.expect("250")
	r.sink.mu.Lock()
	r.sink.offer = nil
	r.sink.conns[0].Close()
	r.sink.mu.Unlock()
	c.send("MAIL FROM:<a@x.test>\r\n")
	c.expect("421 ")
	if !c.closed() {
		t.Error("the connection is still open")
	}
}

func TestR48AnswerBudgetBoundsANextHopThatIsSilent(t *testing.T) {
	r := start(t, func(c *Config) { c.AnswerBudget = 300 * time.Millisecond })
	begun := time.Now()
	replies := r.pass(letter, "silent@y.test", "promo@y.test")
	if !strings.HasPrefix(replies[0], "451 4.4.2") || !strings.HasPrefix(replies[1], "451 4.4.7") {
		t.Errorf("replies are %q", replies)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestR33EachReplyGoesOutAsItComes(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.begin("u1@y.test", "u2@y.test", "silent@y.test")
	c.send(letter + ".\r\n")
	c.expect("250 2.0.0 <u1@y.test> Saved")
	c.expect("250 2.0.0 <u2@y.test> Saved")
	r.sink.mu.Lock()
	r.sink.conns[0].Close()
	r.sink.mu.Unlock()
	c.expect("451 4.4.2 <silent@y.test>")
}
