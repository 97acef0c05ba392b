//go:build interop

package main

import (
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
)

// promotion is a message that is decided to be one.
func promotion(id string) string {
	return "From: Shop <news@shop.example>\r\nTo: " + mailbox + "\r\nSubject: SALE\r\nDate: Wed, 25 Nov 2026 11:11:11 +0000\r\n" +
		"Message-ID: <" + id + "@shop.example>\r\nList-Unsubscribe: <https://shop.example/u>\r\n\r\n" + killWords
}

// hand gives Postfix a message by SMTP and gives its reply to each recipient and
// to the message.
func (c *chain) hand(raw string, to ...string) []string {
	c.t.Helper()
	conn, err := textproto.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.SMTP))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	say := func(line string) string {
		if line != "" {
			conn.PrintfLine("%s", line)
		}
		code, text, _ := conn.ReadResponse(0)
		return fmt.Sprintf("%d %s", code, text)
	}
	say("")
	say("EHLO client.test")
	say("MAIL FROM:<bounce@shop.example>")
	var replies []string
	taken := false
	for _, rcpt := range to {
		r := say("RCPT TO:<" + rcpt + ">")
		taken = taken || strings.HasPrefix(r, "250")
		replies = append(replies, r)
	}
	if !taken {
		return replies
	}
	if r := say("DATA"); !strings.HasPrefix(r, "354") {
		return append(replies, r)
	}
	w := conn.DotWriter()
	io.WriteString(w, raw)
	w.Close()
	return append(replies, say(""))
}

// logged waits for a line of Postfix's log.
func (c *chain) logged(pattern string) {
	c.t.Helper()
	re := regexp.MustCompile(pattern)
	var text []byte
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		if text, _ = os.ReadFile(filepath.Join(c.Dir, "postfix.log")); re.Match(text) {
			return
		}
	}
	c.t.Errorf("Postfix never logged %s:\n%s", pattern, c.logs())
}

// found waits for a message in a mailbox and gives it.
func (c *chain) found(user, id string) kept {
	c.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		for _, l := range c.letters(user) {
			if mail.Parse(l.raw).MessageID == "<"+id+"@shop.example>" {
				return l
			}
		}
	}
	c.t.Errorf("%s never came to %s:\n%s", id, user, c.logs())
	return kept{}
}

// TestInteropShapes: in each shape in which usher stands, a promotion is filed
// as decided, and a recipient who is unknown, one who must wait and one who is
// well get each their own answer.
func TestInteropShapes(t *testing.T) {
	t.Run("between Postfix and the mailboxes", func(t *testing.T) {
		c := newChain(t)
		if err := os.WriteFile(filepath.Join(c.Dir, "mail", "broken@example.org"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c.hand(promotion("lmtp"), mailbox, "nouser@example.org", "broken@example.org")
		c.filedAsPromotion("lmtp")
		c.logged(`postfix/usher/lmtp\[.*to=<maria@example.org>.*status=sent`)
		c.logged(`postfix/usher/lmtp\[.*to=<nouser@example.org>.*status=bounced`)
		c.logged(`postfix/usher/lmtp\[.*to=<broken@example.org>.*status=deferred`)
	})
	t.Run("behind Postfix's queue", func(t *testing.T) {
		c := newChain(t, func(c *chain) { c.Shape = "after" })
		c.hand(promotion("after"), mailbox, "nouser@example.org", "later@example.org")
		c.filedAsPromotion("after")
		c.logged(`postfix/usher/lmtp\[.*to=<maria@example.org>.*status=sent`)
		c.logged(`postfix/usher/lmtp\[.*to=<nouser@example.org>.*status=bounced`)
		c.logged(`postfix/usher/lmtp\[.*to=<later@example.org>.*status=deferred`)
	})
	t.Run("before Postfix's queue", func(t *testing.T) {
		c := newChain(t, func(c *chain) { c.Shape = "before" })
		replies := c.hand(promotion("before"), mailbox, "nouser@example.org", "later@example.org")
		for i, want := range []string{"250 ", "550 5.1.1", "451 4.2.0", "250 "} {
			if i >= len(replies) || !strings.HasPrefix(replies[i], want) {
				t.Errorf("reply %d is not %q: %q", i, want, replies)
			}
		}
		c.filedAsPromotion("before")
		if replies := c.hand(promotion("refused"), "nouser@example.org"); len(replies) != 1 || !strings.HasPrefix(replies[0], "550 ") {
			t.Errorf("an unknown recipient alone is answered %q", replies)
		}
	})
}

// filedAsPromotion checks that a promotion came once, with its decision, below
// Promotions.
func (c *chain) filedAsPromotion(id string) {
	c.t.Helper()
	l := c.found(mailbox, id)
	if m := mail.Parse(l.raw); l.folder != "Promotions" || !m.Has(mail.HeaderDecision) {
		c.t.Errorf("it lies in %q:\n%s", l.folder, l.raw)
	}
	found(c.t, "client → Postfix → usher", "filed as decided; 250, 550 and 45x answered, bounced and deferred")
	n := 0
	for _, l := range c.letters(mailbox) {
		if mail.Parse(l.raw).MessageID == "<"+id+"@shop.example>" {
			n++
		}
	}
	if n != 1 {
		c.t.Errorf("it arrived %d times", n)
	}
}
