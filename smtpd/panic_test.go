package smtpd

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fragile is a log that panics at an event that names a recipient, so that a
// panic comes from the middle of the wire.
type fragile struct {
	slog.Handler
	event string
}

func (f fragile) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if r.Message == f.event && a.Key == "recipient" && strings.HasPrefix(a.Value.String(), "fragile") {
			panic("the wire")
		}
		return true
	})
	return f.Handler.Handle(ctx, r)
}

func TestR15APanicInTheWireEndsItsConnectionAlone(t *testing.T) {
	for event, upstream := range map[string]string{
		"decided": "421 ",          // before anything went on
		"passed":  "250 2.0.0 <fr", // after its answer
	} {
		for _, way := range []string{"DATA", "BDAT"} {
			t.Run(event+" by "+way, func(t *testing.T) {
				r := newRigWith(t, newSink(t), func(d *Deps) { d.Log = slog.New(fragile{d.Log.Handler(), event}) })
				other, c := r.dial(), r.dial()
				other.begin("u@y.test")
				if way == "DATA" {
					c.begin("fragile@y.test")
					c.send(letter + ".\r\n")
				} else {
					c.expect("220 ")
					c.send("LHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<fragile@y.test>\r\nBDAT " + itoa(len(letter)) + " LAST\r\n" + letter)
					c.expect("250")
					c.expect("250 ")
					c.expect("250 ")
				}
				c.expect(upstream)
				if !c.closed() {
					t.Error("its connection is still open")
				}
				other.send(letter + ".\r\nQUIT\r\n")
				other.expect("250 ")
				other.expect("221 ")
				r.dial().expect("220 ")
				r.stop()
				if err := <-r.done; err != nil {
					t.Error(err)
				}
				r.done <- nil
				if n := len(r.sink.got("fragile@y.test")); n != strings.Count(upstream, "250") {
					t.Errorf("it was delivered %d times, and upstream heard %s", n, upstream)
				}
				if n := r.srv.room.Memory() + r.srv.room.Disk(); n != 0 {
					t.Errorf("%d bytes are still held", n)
				}
				// go-smtp closes first, and then tells.
				for limit := time.Now().Add(10 * time.Second); !strings.Contains(r.log.String(), "msg=panic"); runtime.Gosched() {
					if time.Now().After(limit) {
						t.Fatalf("the log does not tell of it:\n%s", r.log.String())
					}
				}
			})
		}
	}
}
