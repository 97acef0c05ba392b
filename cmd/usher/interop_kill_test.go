//go:build interop

package main

import (
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"usher/classify/mail"
)

const (
	killLoad  = 300 // messages
	kills     = 6   // times usher is killed while they pass
	atOnce    = 20  // deliveries that Postfix has under way at most
	clients   = 8
	killWords = "50% off all shoes, today only. Use code SHOES50 and save 20 EUR. Unsubscribe: https://shop.example/u\r\n"
)

// TestInteropKill: usher is killed with -9 again and again under load. Nothing
// may be lost, and no more arrives twice than was under way.
func TestInteropKill(t *testing.T) {
	for _, fallback := range []bool{false, true} {
		name := "Postfix keeps the mail and tries again"
		if fallback {
			name = "Postfix falls back to Dovecot"
		}
		t.Run(name, func(t *testing.T) {
			c := newChain(t, func(c *chain) { c.fallback = fallback })
			users := []string{mailbox, second}
			var load sync.WaitGroup
			for s := range clients {
				load.Go(func() { c.inject(s, users) })
			}
			for k := range kills {
				c.passed(killLoad*(k+1)/(kills+2), users)
				c.killUsher()
			}
			load.Wait()
			c.arrived(killLoad, 90*time.Second, users...)
			c.tally(users)
		})
	}
}

// inject sends one sender's share of the load to Postfix.
func (c *chain) inject(sender int, users []string) {
	for i := sender; i < killLoad; i += clients {
		raw := fmt.Sprintf("From: Shop <news@shop.example>\r\nTo: %s\r\nSubject: SALE %d\r\nDate: Wed, 25 Nov 2026 11:11:11 +0000\r\n"+
			"Message-ID: <kill.%d@shop.example>\r\nList-Unsubscribe: <https://shop.example/u>\r\n\r\n%s", users[i%2], i, i, killWords)
		if err := smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", c.SMTP), nil, "bounce@shop.example", users[i%2:i%2+1], []byte(raw)); err != nil {
			c.t.Errorf("Postfix did not take message %d: %v", i, err)
		}
	}
}

// passed waits until n messages are in mailboxes.
func (c *chain) passed(n int, users []string) {
	for limit := time.Now().Add(60 * time.Second); time.Now().Before(limit); pause() {
		count := 0
		for _, u := range users {
			count += len(c.letters(u))
		}
		if count >= n {
			return
		}
	}
	c.t.Errorf("%d messages never passed:\n%s", n, c.logs())
}

// tally counts what arrived, and holds it against what was sent.
func (c *chain) tally(users []string) {
	copies, filed, judged := map[string]int{}, map[string]int{}, 0
	for _, u := range users {
		for _, l := range c.letters(u) {
			m := mail.Parse(l.raw)
			copies[m.MessageID]++
			filed[l.folder]++
			if m.Has(mail.HeaderDecision) {
				judged++
			}
		}
	}
	lost, twice := 0, 0
	for i := range killLoad {
		switch n := copies[fmt.Sprintf("<kill.%d@shop.example>", i)]; {
		case n == 0:
			lost++
		case n > 1:
			twice += n - 1
		}
	}
	found(c.t, "Postfix → usher → Dovecot, kill -9 under load", "%d sent, %d kills: %d lost, %d arrived once more (at most %d were under way), %d went through usher; folders %v",
		killLoad, kills, lost, twice, kills*atOnce, judged, filed)
	if lost > 0 {
		c.t.Errorf("%d messages are lost:\n%s", lost, c.logs())
	}
	if twice > kills*atOnce {
		c.t.Errorf("%d messages arrived once more, at most %d were under way", twice, kills*atOnce)
	}
	log, err := os.ReadFile(filepath.Join(c.Dir, "usher.log"))
	if err != nil || !regexp.MustCompile(`"msg":"passed"[^\n]*"queue":"[0-9A-F]+"`).Match(log) {
		c.t.Errorf("the log does not name Postfix's queue ids (%v)", err)
	}
	if judged == 0 {
		c.t.Error("no message went through usher")
	}
}
