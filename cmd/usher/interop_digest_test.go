//go:build interop

package main

import (
	"bytes"
	"fmt"
	"testing"

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
}
