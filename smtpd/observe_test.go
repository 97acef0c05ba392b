package smtpd

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
)

// watcher notes what it is shown; a word in the subject steers it.
type watcher struct {
	seen  chan *mail.Object
	heads chan []byte
	block chan struct{}
}

func (w *watcher) Observe(_ context.Context, o *mail.Object, head []byte) {
	switch {
	case strings.Contains(o.Message.Subject, "panic"):
		panic("observer")
	case strings.Contains(o.Message.Subject, "block"):
		<-w.block
	}
	o.Envelope.To[0], head[0] = "scribble", '!'
	w.seen <- o
	w.heads <- head
}

// watched is a rig whose mail to complaints@y.test is observed.
func watched(t *testing.T, change ...func(*Config)) (*rig, *watcher) {
	t.Helper()
	w := &watcher{make(chan *mail.Object, 20), make(chan []byte, 20), make(chan struct{})}
	control := func(c *Config) { c.Control = []string{"Complaints@Y.test", "tokens@y.test"} }
	r := newRigWith(t, newSink(t), func(d *Deps) { d.Observer = w }, append(change, control)...)
	t.Cleanup(func() { close(w.block) }) // before the rig goes
	return r, w
}

func TestR63ControlMailIsShownAndPassesOnUntouched(t *testing.T) {
	r, w := watched(t)
	long := letter + strings.Repeat("0123456789abcd\r\n", 2*MaxObserved/16)
	to := []string{"complaints+promo@y.test", "u@y.test", "tokens+3f2a@y.test", "promo@y.test"}
	r.pass(long, to...)
	o, head := <-w.seen, <-w.heads
	if o.Envelope.From != "a@x.test" || strings.Join(o.Envelope.To, " ") != "scribble tokens+3f2a@y.test" {
		t.Errorf("it was shown the envelope %+v", o.Envelope)
	}
	if o.Message.Subject != "hello" || o.Identity.How != mail.ByNone || len(head) != MaxObserved || string(head[1:100]) != long[1:100] {
		t.Errorf("it was shown %d bytes of %q, sender %+v", len(head), o.Message.Subject, o.Identity)
	}
	for _, rcpt := range to[:3] {
		if got := r.sink.got(rcpt); len(got) != 1 || got[0] != long {
			t.Errorf("%s got %d copies, or another", rcpt, len(got))
		}
	}
	if got := strings.Join(r.judge.seen[0].Envelope.To, " "); got != "u@y.test promo@y.test" || len(r.mem.recorded) != 2 || r.mem.unjudged != 0 {
		t.Errorf("the judge saw %q; %d are on record and %d counted as unjudged", got, len(r.mem.recorded), r.mem.unjudged)
	}
}

func TestWhatAnswersUsIsShownAndJudgedAllTheSame(t *testing.T) {
	w := &watcher{make(chan *mail.Object, 20), make(chan []byte, 20), make(chan struct{})}
	r := newRigWith(t, newSink(t), func(d *Deps) {
		d.Observer = w
		d.Answers = func(rcpt string, header []byte) bool {
			return rcpt == "u@y.test" && strings.Contains(string(header), "In-Reply-To: <digest.")
		}
	})
	defer close(w.block)
	r.pass(letter, "u@y.test")
	answer := "In-Reply-To: <digest.1@y.test>\r\n" + strings.Replace(letter, "hello", "answer", 1)
	r.pass(answer, "v@y.test", "u@y.test")
	if o := <-w.seen; o.Message.Subject != "answer" || len(o.Envelope.To) != 1 {
		t.Errorf("it was shown %q to %v", o.Message.Subject, o.Envelope.To)
	}
	if len(r.mem.recorded) != 3 {
		t.Errorf("%d are on record, not all three", len(r.mem.recorded))
	}
	if got := r.sink.got("u@y.test"); len(got) != 2 || got[1] != answer {
		t.Errorf("the answer did not arrive as it was sent: %q", got)
	}
}

func TestR63OnlyWhatPassedIsShown(t *testing.T) {
	r, w := watched(t)
	r.pass(letter, "u@y.test", "complaints+defer@y.test", "complaints+bounce@y.test", "xcomplaints@y.test", "complaints@x.test")
	r.pass(strings.Replace(letter, "hello", "last", 1), "complaints@y.test")
	if o := <-w.seen; o.Message.Subject != "last" {
		t.Errorf("it was shown %q to %v", o.Message.Subject, o.Envelope.To)
	}
}

func TestR63WhateverTheObserverDoesTheMailPasses(t *testing.T) {
	for _, deed := range []string{"panic", "block"} {
		t.Run(deed, func(t *testing.T) {
			r, w := watched(t, func(c *Config) { c.JudgeBudget = 150 * time.Millisecond })
			c := r.dial()
			c.expect("220 ")
			c.send("LHLO client.test\r\n")
			c.expect("250")
			for range maxObserving + 2 { // more than may run at once
				c.transaction("complaints@y.test")
				c.send(strings.Replace(letter, "hello", deed, 1) + ".\r\n")
				c.expect("250 ")
			}
			c.send("QUIT\r\n")
			c.expect("221 ")
			if got := r.sink.got("complaints@y.test"); len(got) != maxObserving+2 || got[0] != strings.Replace(letter, "hello", deed, 1) {
				t.Errorf("%d copies arrived", len(got))
			}
			if !strings.Contains(r.log.String(), "control mail is not observed") {
				t.Errorf("the log does not say so:\n%s", r.log.String())
			}
			if deed == "panic" {
				r.pass(letter, "complaints@y.test")
				if o := <-w.seen; o.Message.Subject != "hello" {
					t.Errorf("after it, it was shown %q", o.Message.Subject)
				}
			}
		})
	}
}

func TestR63ControlAddressesAreAddresses(t *testing.T) {
	hop, err := ParseHop("lmtp:127.0.0.1:1=lmtp:127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]error{"complaints@y.test": nil, "complaints": errors.ErrUnsupported, "@y.test": errors.ErrUnsupported, "": errors.ErrUnsupported} {
		if err := (Config{Hops: []Hop{hop}, Hostname: "usher.test", Control: []string{address}}).Check(); (err != nil) != (want != nil) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
