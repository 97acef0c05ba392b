package smtpd

import (
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAttackAPeerThatIsNotTrusted(t *testing.T) {
	r := start(t, func(c *Config) {
		foreigners(c)
		c.TrustedNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/31")}
	})
	c := r.dialFrom("127.0.0.4")
	if got := c.reply(); got != "554 5.7.1 This server takes mail from its neighbours only\r\n" {
		t.Errorf("A11 it is greeted with %q", got)
	}
	if !c.closed() {
		t.Error("A11 its connection is still open")
	}
	for _, ours := range []string{"127.0.0.1", "127.0.0.3"} {
		r.dialFrom(ours).expect("220 ")
	}
	if log := r.log.String(); !strings.Contains(log, "peer=127.0.0.4:") || !strings.Contains(log, "reason=untrusted") {
		t.Errorf("the log does not name the peer:\n%s", log)
	}
}

// A thousand connections of one foreign peer, each of which says one byte a
// second, in commands or in data; mail from this machine and from another peer
// passes meanwhile.
func TestAttackSlowPeersDoNotStopHonestMail(t *testing.T) {
	r := start(t, foreigners)
	const slow = 1000
	var held []*client
	for range slow {
		c := r.dialFrom("127.0.0.2")
		if strings.HasPrefix(c.reply(), "220 ") {
			held = append(held, c)
		}
	}
	if len(held) != DefaultMaxPeer {
		t.Errorf("A10 %d of %d connections of one peer are served, want %d", len(held), slow, DefaultMaxPeer)
	}
	for _, c := range held[:len(held)/2] {
		c.send("LHLO slow.test\r\n")
		c.expect("250")
		c.transaction("u@y.test")
	}
	done := make(chan bool)
	var drip sync.WaitGroup
	drip.Go(func() {
		for tick := time.Tick(time.Second); ; {
			for _, c := range held {
				c.conn.Write([]byte("x"))
			}
			select {
			case <-done:
				return
			case <-tick:
			}
		}
	})
	for range 20 {
		for _, peer := range []string{"127.0.0.1", "127.0.0.3"} {
			c := r.dialFrom(peer)
			c.conn.SetDeadline(time.Now().Add(10 * time.Second))
			c.begin("honest@y.test", "promo@y.test")
			c.send(letter + ".\r\n")
			c.expect("250 ")
			c.expect("250 ")
			c.send("QUIT\r\n")
			c.expect("221 ")
		}
	}
	close(done)
	drip.Wait()
	if n := len(r.sink.got("honest@y.test")); n != 40 {
		t.Errorf("A10 %d honest messages arrived, want 40", n)
	}
}
