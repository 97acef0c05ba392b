package smtpd

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// R50: for each recipient, deliveries at the next hop are at most the
// transactions that upstream completed with its final dot.
func (r *rig) invariant(t *testing.T, to string, completed int) {
	t.Helper()
	if n := len(r.sink.got(to)); n > completed {
		t.Errorf("R50 %d deliveries to %s after %d final dots", n, to, completed)
	}
	if r.sink.obeyed("MAIL FROM:<evil@") {
		t.Errorf("R50 the next hop heard the sender's command")
	}
}

const smuggled = "MAIL FROM:<evil@x.test>\r\nRCPT TO:<victim@y.test>\r\nDATA\r\nFrom: evil@x.test\r\n\r\nsmuggled\r\n"

func TestAttackSmugglingEndsOfDataThatAreNone(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		for _, end := range []string{"\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n\x00.\r\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n"} {
			for _, to := range []string{"u@y.test", "promo@y.test"} {
				r := start(t)
				c := r.dial()
				c.begin(to)
				c.send("From: a@x.test\r\n\r\nbefore" + end + smuggled + ".\r\n")
				c.expect("250 2.0.0 ")
				c.send("NOOP\r\n")
				c.expect("250 ")
				if got := r.sink.got(to); len(got) != 1 || !strings.Contains(got[0], "smuggled") {
					t.Errorf("%q to %s: the next hop got %q, want one message with all in it", end, to, got)
				} else if bare(got[0]) {
					t.Errorf("R40 %q to %s: a bare CR or LF reached the next hop: %q", end, to, got[0])
				}
				r.invariant(t, to, 1)
				r.invariant(t, "victim@y.test", 0)
			}
		}
	})
}

// bare reports a CR or LF that is not of a CRLF.
func bare(s string) bool {
	return strings.ContainsAny(strings.ReplaceAll(s, "\r\n", ""), "\r\n")
}

func TestR40WhatBareLineEndsBecome(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.begin("u@y.test")
	c.send("From: a@x.test\r\n\r\na\nb\rc\n.\n..d\r\n..e\r\n.\r\n")
	c.expect("250 ")
	want := "From: a@x.test\r\n\r\na\r\nb c\r\n.\r\n..d\r\n.e\r\n"
	if got := r.sink.got("u@y.test"); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !strings.Contains(r.log.String(), "msg=normalised") {
		t.Error("the log does not say that line ends were changed")
	}
}

func TestAttackRow1AStallInDataClosesTheSocket(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		r := start(t, func(c *Config) { c.DataRead = 100 * time.Millisecond })
		c := r.dial()
		c.begin("u@y.test")
		c.send("From: a@x.test\r\n\r\nhalf a mess")
		c.expect("421 4.4.2")
		io.WriteString(c.conn, "\r\n"+smuggled+".\r\n") // into a socket that may be gone
		if !c.closed() {
			t.Error("the connection is still open")
		}
		r.invariant(t, "u@y.test", 0)
		if r.sink.obeyed("DATA") {
			t.Error("R7 the next hop heard DATA of a message that never ended")
		}
	})
}

func TestAttackRow1AnUpstreamThatVanishesInData(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		for _, part := range []string{"", "From: a@x.test\r\n", "From: a@x.test\r\n\r\nx\r\n.", "From: a@x.test\r\n\r\nx\r\n.\r"} {
			r := start(t)
			c := r.dial()
			c.begin("u@y.test")
			c.send(part)
			c.conn.(*net.TCPConn).CloseWrite()
			if !c.closed() {
				t.Errorf("after %q the connection is still open", part)
			}
			r.invariant(t, "u@y.test", 0)
			if r.sink.obeyed("DATA") {
				t.Errorf("R7 after %q the next hop heard DATA", part)
			}
		}
	})
}

func TestAttackABDATChunkCutOffInTheMiddle(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		for _, last := range []string{"", " LAST"} {
			r := start(t)
			c := r.dial()
			c.greet()
			c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\n")
			c.expect("250 ")
			c.expect("250 ")
			c.send("BDAT 1000" + last + "\r\nFrom: a@x.test\r\n\r\n" + smuggled)
			c.conn.(*net.TCPConn).CloseWrite()
			if !c.closed() {
				t.Error("the connection is still open")
			}
			r.invariant(t, "u@y.test", 0)
			if r.sink.obeyed("DATA") {
				t.Error("R7 the next hop heard DATA of half a message")
			}
		}
	})
}

func TestAttackBDATRefusedOrOverSizeHoldsNoCommands(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxSize = 100 })
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO c.test\r\n")
	c.expect("250")
	c.send("MAIL FROM:<a@x.test>\r\nRCPT TO:<u@y.test>\r\n")
	c.expect("250 ")
	c.expect("250 ")
	body := smuggled + strings.Repeat("x", 100)
	c.send("BDAT " + itoa(len(body)) + " LAST\r\n" + body)
	c.expect("552 5.3.4")
	c.send("NOOP\r\n")
	c.expect("250 ")
	r.invariant(t, "u@y.test", 0)
	r.invariant(t, "victim@y.test", 0)
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

func TestAttackRow18ABodyOverItsSizeIsReadToItsDot(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxSize = 100 })
	c := r.dial()
	c.begin("u@y.test", "promo@y.test")
	c.send("From: a@x.test\r\n\r\n" + strings.Repeat("0123456789\r\n", 2000) + smuggled + ".\r\n")
	c.expect("552 5.3.4")
	c.expect("552 5.3.4")
	c.send("NOOP\r\n")
	c.expect("250 ")
	r.invariant(t, "u@y.test", 0)
	r.invariant(t, "victim@y.test", 0)
}

func TestR17ALineThatIsTooLongEndsTheConnection(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO " + strings.Repeat("x", DefaultMaxLine-7) + "\r\n")
	c.expect("250")
	io.WriteString(c.conn, "LHLO "+strings.Repeat("x", DefaultMaxLine-6)+"\r\n")
	c.expect("500 5.5.2")
	if !c.closed() {
		t.Error("the connection is still open")
	}
}

func TestR17ASpoolThatIsFullIsTemporary(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxSpool = 2 << 20 })
	c := r.dial()
	c.begin("u@y.test")
	c.send(letter + strings.Repeat(strings.Repeat("z", 70)+"\r\n", 3<<20/72) + ".\r\n")
	c.expect("452 4.3.1")
	c.transaction("u@y.test")
	c.send(letter + ".\r\nNOOP\r\n")
	c.expect("250 ")
	c.expect("250 ")
	if n := r.srv.room.Disk() + r.srv.room.Memory(); n != 0 {
		t.Errorf("R6 %d bytes are still held", n)
	}
}

func TestConnectionsOverTheLimitAreToldToComeBack(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxConns = 2 })
	a, b := r.dial(), r.dial()
	a.expect("220 ")
	b.expect("220 ")
	c := r.dial()
	c.expect("421 4.3.2")
	a.send("QUIT\r\n")
	a.expect("221")
	a.closed()
	for limit := time.Now().Add(5 * time.Second); ; {
		if d := r.dial(); strings.HasPrefix(d.reply(), "220 ") {
			break
		} else if time.Now().After(limit) {
			t.Fatal("a place that became free is not given again")
		}
	}
}

func TestR6ASpoolFileHasNoName(t *testing.T) {
	dir := t.TempDir()
	r := start(t, func(c *Config) { c.StateDir = dir })
	c := r.dial()
	c.begin("u@y.test")
	raw := letter + strings.Repeat(strings.Repeat("z", 70)+"\r\n", 2<<20/72)
	c.send(raw)
	for limit := time.Now().Add(10 * time.Second); r.srv.room.Disk() < 3<<19; {
		if time.Now().After(limit) {
			t.Fatal("a message of 2 MiB was never spooled")
		}
	}
	if names := files(t, dir); len(names) > 0 {
		t.Errorf("the spool folder holds %q", names)
	}
	c.send(".\r\n")
	c.expect("250 ")
	if got := r.sink.got("u@y.test"); len(got) != 1 || got[0] != raw {
		t.Error("the spooled message differs")
	}
}
