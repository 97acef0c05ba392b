package smtpd

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// counted adds up the series of a metric whose labels hold all of these values; -1
// if there is none.
func (r *rig) counted(name string, labels ...string) float64 {
	r.t.Helper()
	families, err := r.srv.Metrics().Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	sum := -1.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var has []string
			for _, l := range m.GetLabel() {
				has = append(has, l.GetValue())
			}
			if !slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(has, l) }) {
				sum = max(sum, 0) + m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

func TestR56RecipientsAddUpToThoseAccepted(t *testing.T) {
	for _, c := range []struct {
		name string
		to   []string
		want map[string]float64
	}{
		{"each by its category and what was applied", []string{"u@y.test", "promo@y.test", "refuse@y.test", "digest@y.test"},
			map[string]float64{"personal inbox": 1, "promotion promotions": 1, "promotion refuse": 1, "newsletter digest": 1}},
		{"who is not judged is of no category", []string{"unjudged@y.test", "u@y.test"}, map[string]float64{"none inbox": 1, "personal inbox": 1}},
		{"a judge that fails leaves all without one", []string{"error@y.test", "promo@y.test"}, map[string]float64{"none inbox": 2}},
		{"so does one that panics", []string{"panic@y.test"}, map[string]float64{"none inbox": 1}},
		{"and a record that fails", []string{"norecord@y.test", "promo@y.test"}, map[string]float64{"none inbox": 2}},
		{"a reject that softened counts as what was applied", []string{"reject@y.test"}, map[string]float64{"promotion refuse": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			r.pass(letter, c.to...)
			if got := r.counted("usher_recipients_total"); got != float64(len(c.to)) {
				t.Errorf("recipients add up to %v of %d", got, len(c.to))
			}
			for labels, want := range c.want {
				if got := r.counted("usher_recipients_total", strings.Fields(labels)...); got != want {
					t.Errorf("recipients{%s}: %v, want %v", labels, got, want)
				}
			}
			if got := r.counted("usher_transactions_total", "passed"); got != 1 {
				t.Errorf("%v messages passed", got)
			}
		})
	}
}

func TestR12EveryReasonToFailOpenIsCountedAndLogged(t *testing.T) {
	for _, c := range []struct {
		reason, to string
		change     func(*Config)
	}{
		{"judge", "error@y.test", func(*Config) {}},
		{"panic", "panic@y.test", func(*Config) {}},
		{"timeout", "slow@y.test", func(c *Config) { c.JudgeBudget = 50 * time.Millisecond }},
		{"record", "norecord@y.test", func(*Config) {}},
		{"record", "laterecord@y.test", func(c *Config) { c.RecordBudget = 50 * time.Millisecond }},
	} {
		t.Run(c.reason+" "+c.to, func(t *testing.T) {
			r := start(t, c.change)
			if got := r.pass(letter, c.to); !strings.HasPrefix(got[0], "250 ") {
				t.Fatalf("answered %q", got[0])
			}
			if got := r.counted("usher_fail_open_total"); got != 1 || r.counted("usher_fail_open_total", c.reason) != 1 {
				t.Errorf("%v failures are counted, %v for %s", got, r.counted("usher_fail_open_total", c.reason), c.reason)
			}
			if log := r.log.String(); !strings.Contains(log, `msg="failed open"`) || !strings.Contains(log, "reason="+c.reason) {
				t.Errorf("the log does not say so:\n%s", log)
			}
			if raw := r.sink.deliveries[0].raw; strings.Contains(raw, "Usher-") {
				t.Errorf("the message has a field of ours:\n%s", raw)
			}
		})
	}
	t.Run("overload", func(t *testing.T) {
		r := start(t, func(c *Config) { c.JudgeBudget = 50 * time.Millisecond })
		for range maxAbandoned {
			r.pass(letter, "slow@y.test")
		}
		if got := r.counted("usher_judges_abandoned"); got != maxAbandoned {
			t.Errorf("usher_judges_abandoned is %v", got)
		}
		r.pass(letter, "promo@y.test")
		if got := r.counted("usher_fail_open_total", "overload"); got != 1 {
			t.Errorf("%v are counted for overload", got)
		}
	})
}

func TestAConversationIsCounted(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.expect("220 ")
	c.send("NONSENSE\r\n")
	c.expect("500 ")
	c.send("LHLO client.test\r\n")
	c.expect("250")
	c.send("DATA\r\n")
	c.expect("50")
	c.send("RCPT TO:<nobody>\r\n")
	c.expect("501 ")
	c.transaction("u@y.test", "promo@y.test")
	c.send("Usher-Disposition: inbox\r\n" + strings.TrimSuffix(letter, "\r\n") + "\nbare\r\n.\r\n")
	c.expect("250 ")
	c.expect("250 ")
	c.send("NOOP\r\n")
	c.expect("250 ")
	for _, m := range []struct {
		name, labels string
		want         float64
	}{
		{"usher_connections", "", 1},
		{"usher_connections_total", "accepted", 1},
		{"usher_replies_total", "connect 2xx usher", 1},
		{"usher_replies_total", "mail 2xx nexthop", 1},
		{"usher_replies_total", "rcpt 2xx nexthop", 2},
		{"usher_replies_total", "data 2xx nexthop", 2},
		{"usher_wire_errors_total", "line", 1},
		{"usher_wire_errors_total", "path", 1},
		{"usher_wire_errors_total", "sequence", 1},
		{"usher_normalised_total", "", 1},
		{"usher_stripped_total", "", 2}, // the message went on twice
		{"usher_judge_seconds", "", 1},
		{"usher_record_seconds", "", 1},
		{"usher_nexthop_seconds", "connect", 1},
		{"usher_nexthop_seconds", "data", 2},
		{"usher_nexthop_up", "", 1},
	} {
		if got := r.counted(m.name, strings.Fields(m.labels)...); got != m.want {
			t.Errorf("%s{%s} is %v, want %v", m.name, m.labels, got, m.want)
		}
	}
	d := r.dial()
	d.begin("u@y.test")
	d.send("half a mess")
	d.conn.Close()
	r.stop() // and with the end of the drain all is told
	if err := <-r.done; err != nil {
		t.Error(err)
	}
	r.done <- nil
	if r.counted("usher_transactions_total", "aborted") != 1 || r.counted("usher_wire_errors_total", "broken") != 1 || r.counted("usher_connections") != 0 {
		t.Errorf("aborted %v, broken %v, connections %v", r.counted("usher_transactions_total", "aborted"), r.counted("usher_wire_errors_total", "broken"), r.counted("usher_connections"))
	}
	if r.counted("usher_draining") != 1 {
		t.Error("usher_draining does not say that it drains")
	}
}

func TestR54AnAcceptLoopAnswersUnlessItIsStuck(t *testing.T) {
	r := start(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for range 3 {
		if err := r.srv.Alive(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.pass(letter, "u@y.test"); !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("a listener that was asked takes no mail: %q", got[0])
	}
	l := r.srv.listeners[0]
	stuck := make(chan struct{})
	l.mu.Lock() // the next connection holds the loop up
	go func() {
		defer close(stuck)
		defer l.mu.Unlock()
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		short, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		l.Ask(short) // until it has taken the connection, it may answer
		short, cancel = context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		if err := l.Ask(short); err == nil {
			t.Error("a loop that stands still answers")
		}
	}()
	<-stuck
	if err := r.srv.Alive(ctx); err != nil {
		t.Errorf("it goes round again: %v", err)
	}
}

func TestReadyIsWhoServesAndReachesItsNextHop(t *testing.T) {
	r := start(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if why := r.srv.Unready(); len(why) != 1 || !strings.Contains(why[0], "not reached yet") {
		t.Errorf("before it was greeted: %q", why)
	}
	r.srv.Greet(ctx)
	if why := r.srv.Unready(); why != nil {
		t.Errorf("greeted: %q", why)
	}
	r.srv.Greet(ctx)
	r.sink.mu.Lock()
	greeted := len(r.sink.conns)
	r.sink.mu.Unlock()
	if greeted != 1 {
		t.Error("a next hop that is up was greeted again")
	}
	r.sink.ln.Close()
	r.srv.listeners[0].log.Down(net.ErrClosed)
	r.srv.Greet(ctx)
	if why := r.srv.Unready(); len(why) != 1 || !strings.Contains(why[0], "last seen down") {
		t.Errorf("the next hop has gone: %q", why)
	}
	r.stop()
	<-r.done
	r.done <- nil
	if why := r.srv.Unready(); len(why) != 2 || !strings.Contains(why[0], "takes no more connections") {
		t.Errorf("drained: %q", why)
	}
	if err := r.srv.Alive(ctx); err != nil {
		t.Errorf("who drains is alive: %v", err)
	}
}
