//go:build interop

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInteropOverSize: a message over its size, with commands in it, before
// Dovecot. All of it is text, to its dot; the connection serves on.
func TestInteropOverSize(t *testing.T) {
	c := newChain(t, func(c *chain) { c.settings = []string{"--max-size", "100kB"} })
	smuggled := "RSET\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<" + second + ">\r\nDATA\r\nFrom: evil@x.test\r\n\r\nsmuggled\r\n"
	replies := c.converse("From: a@x.test\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 4000) + smuggled + ".\r\n" +
		"MAIL FROM:<a@x.test>\r\nRCPT TO:<" + mailbox + ">\r\nDATA\r\nFrom: a@x.test\r\n\r\nsmall\r\n.\r\nQUIT\r\n")
	if !strings.HasPrefix(replies, "552 5.3.4 ") || strings.Count(replies, "Saved") != 1 {
		t.Errorf("the replies are\n%s", replies)
	}
	kept, smuggledIn := c.letters(mailbox), c.letters(second)
	found(t, "client → usher → Dovecot", "commands within a message of 288 kB where 100 kB are allowed: 552, %d smuggled; the next message arrives", len(smuggledIn))
	if len(smuggledIn) != 0 || len(kept) != 1 || !bytes.HasSuffix(kept[0].raw, []byte("\nsmall\n")) {
		t.Errorf("%d messages came to the one, %d to the other", len(kept), len(smuggledIn))
	}
}

// TestInteropSameRecipientTwice: each RCPT has its reply, the mailbox has the
// message once.
func TestInteropSameRecipientTwice(t *testing.T) {
	c := newChain(t)
	a := &alone{t: t, dir: c.Dir, in: c.Usher, protocol: "lmtp"}
	replies := a.post("From: a@x.test\r\nSubject: twice\r\n\r\ntext\r\n", mailbox, second, mailbox)
	if len(replies) != 3 {
		t.Errorf("three RCPT have %d replies: %q", len(replies), replies)
	}
	for _, r := range replies {
		if !strings.HasPrefix(r, "250 ") {
			t.Errorf("a reply is %q", r)
		}
	}
	n := len(c.letters(mailbox))
	found(t, "client → usher → Dovecot", "%d replies to three RCPT of two mailboxes, %d message in the one named twice", len(replies), n)
	if n != 1 || len(c.letters(second)) != 1 {
		t.Errorf("%d messages came to the one, %d to the other", n, len(c.letters(second)))
	}
}

// received gives Exim's lines about messages that it took, and their recipients.
func received(t *testing.T, kept string) []string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(filepath.Dir(kept), "mainlog"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for l := range strings.Lines(string(log)) {
		if strings.Contains(l, " <= ") {
			lines = append(lines, strings.TrimSuffix(l, "\n"))
		}
	}
	return lines
}

// TestInteropQuotedRecipients: addresses that need their quotes reach Exim with
// them, each as one recipient, whatever they look like without.
func TestInteropQuotedRecipients(t *testing.T) {
	for _, protocols := range []string{"smtp=smtp", "lmtp=smtp"} {
		t.Run(protocols, func(t *testing.T) {
			a := newAlone(t, protocols)
			kept := a.eximNext()
			addresses := []string{`"a@evil> X=<b"@y.test`, `"john doe"@y.test`, `"a> NOTIFY=NEVER"@y.test`, `"a\"b"@y.test`}
			for i, address := range addresses {
				for _, r := range a.post(fmt.Sprintf("From: a@x.test\r\nSubject: %d\r\n\r\nend %d\r\n", i, i), address) {
					if !strings.HasPrefix(r, "250 ") {
						t.Errorf("%s: %q", address, r)
					}
				}
			}
			lines := received(t, kept)
			if len(lines) != len(addresses) {
				t.Fatalf("Exim took %d messages, want %d:\n%s", len(lines), len(addresses), strings.Join(lines, "\n"))
			}
			for i, address := range addresses {
				if !strings.HasSuffix(lines[i], " for "+address) {
					t.Errorf("Exim took for %s:\n%s", address, lines[i])
				}
			}
			found(t, "client → usher → Exim", "%d addresses in quotes, each one recipient, the same bytes", len(addresses))
		})
	}
}

// TestInteropSmugglingToExim: ends of data that are none are none to the Exim
// behind usher either.
func TestInteropSmugglingToExim(t *testing.T) {
	a := newAlone(t, "smtp=smtp")
	kept := a.eximNext()
	c := &chain{t: t, Usher: a.in, Shape: "before"}
	for i, end := range falseEnds {
		replies := c.converse(fmt.Sprintf("From: a@x.test\r\nSubject: %d\r\n\r\nbefore%sMAIL FROM:<evil@x.test>\r\nRCPT TO:<evil@y.test>\r\nDATA\r\nFrom: evil@x.test\r\n\r\nsmuggled\r\n.\r\nQUIT\r\n", i, end))
		if n := strings.Count(replies, "OK id="); n != 1 {
			t.Errorf("%q: %d messages were taken, want 1:\n%s", end, n, replies)
		}
	}
	lines := received(t, kept)
	evil := 0
	for _, l := range lines {
		if strings.Contains(l, " <= evil") || strings.Contains(l, "for evil") {
			evil++
		}
	}
	found(t, "client → usher → Exim", "%d false ends of data: %d messages smuggled", len(falseEnds), evil)
	if len(lines) != len(falseEnds) || evil > 0 {
		t.Errorf("Exim took %d messages, want %d:\n%s", len(lines), len(falseEnds), strings.Join(lines, "\n"))
	}
}
