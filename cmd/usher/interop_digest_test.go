//go:build interop

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"usher/smtpd/nexthop"
)

// TestInteropDovecotHidesADigestThatComesTwice delivers as a crash would have it: the
// same digest again, written anew, with the Message-ID that it had.
func TestInteropDovecotHidesADigestThatComesTwice(t *testing.T) {
	c := newChain(t)
	deliver := func(who, id, fields, words string) {
		t.Helper()
		text := "From: usher <usher@mail.example.org>\r\nTo: <" + who + ">\r\nSubject: Your digest: " + words + "\r\nMessage-ID: " + id + "\r\n" + fields + "\r\n" + words + "\r\n"
		to, err := nexthop.ParseEndpoint(fmt.Sprintf("lmtp:127.0.0.1:%d", c.Dovecot))
		if err != nil {
			t.Fatal(err)
		}
		results, err := nexthop.Send(t.Context(), to, "", []string{who}, bytes.NewReader([]byte(text)))
		if err != nil || results[0].Code != 250 {
			t.Fatalf("Dovecot answers %+v, %v\n%s", results, err, c.logs())
		}
	}
	const ours, first, next = "Usher-Digest: digest 00\r\n", "<digest.1@mail.example.org>", "<digest.2@mail.example.org>"
	deliver(mailbox, first, ours, "first")
	deliver(mailbox, first, ours, "first, again")
	deliver(mailbox, next, ours, "next")
	deliver(second, first, ours, "of another")
	deliver(mailbox, first, "", "no digest, of its Message-ID")
	if got := c.letters(mailbox); len(got) != 3 { // Dovecot answers when it has delivered
		t.Errorf("%d mails are in the mailbox, and not 3:\n%+v\n%s", len(got), got, c.logs())
	}
	if got := c.letters(second); len(got) != 1 {
		t.Errorf("%d mails are in the other mailbox, and not 1", len(got))
	}
	if kept := time.Until(c.rememberedUntil(mailbox)); kept < 6*24*time.Hour {
		t.Errorf("Dovecot knows a digest again for %v only", kept.Round(time.Hour))
	}
}

// rememberedUntil reads in Dovecot's own file until when it knows again what came
// first: a version, then records of a time, two lengths and what is so long.
func (c *chain) rememberedUntil(who string) time.Time {
	c.t.Helper()
	file, err := os.ReadFile(filepath.Join(c.Dir, "home", who, ".dovecot.lda-dupes"))
	if err != nil || len(file) < 8 {
		c.t.Fatalf("what Dovecot remembers: %d bytes, %v", len(file), err)
	}
	return time.Unix(int64(binary.NativeEndian.Uint32(file[4:])), 0)
}
