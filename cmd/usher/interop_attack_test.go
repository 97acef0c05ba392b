//go:build interop

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// falseEnds are what some servers take for the end of a message.
var falseEnds = []string{"\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\r\n", "\r\r\n.\r\r\n"}

// TestInteropSmuggling: ends of data that are none, sent to a usher with
// Dovecot behind it. Dovecot by itself would take several for the end and
// obey what follows.
func TestInteropSmuggling(t *testing.T) {
	c := newChain(t)
	smuggled := "MAIL FROM:<evil@x.test>\r\nRCPT TO:<" + second + ">\r\nDATA\r\nFrom: evil@x.test\r\n\r\nsmuggled\r\n"
	for _, end := range falseEnds {
		replies := c.converse("From: a@x.test\r\nMessage-ID: <smuggle@x.test>\r\n\r\nbefore" + end + smuggled + ".\r\nQUIT\r\n")
		if n := strings.Count(replies, "Saved"); n != 1 {
			t.Errorf("%q: %d messages were taken, want 1:\n%s", end, n, replies)
		}
	}
	if got := c.letters(mailbox); len(got) != len(falseEnds) {
		t.Errorf("%d messages arrived, want %d", len(got), len(falseEnds))
	} else {
		for _, l := range got {
			if !bytes.Contains(l.raw, []byte("smuggled")) {
				t.Errorf("a message was cut:\n%s", l.raw)
			}
		}
	}
	found(t, "client → usher → Dovecot", "%d false ends of data: %d messages smuggled", len(falseEnds), len(c.letters(second)))
	if got := c.letters(second); len(got) != 0 {
		t.Errorf("%d messages were smuggled", len(got))
	}
	if replies := c.converse("From: a@x.test\r\n\r\nhalf a message, and nothing after it"); strings.Contains(replies, "Saved") {
		t.Errorf("half a message was taken:\n%s", replies)
	}
	if got := c.letters(mailbox); len(got) != len(falseEnds) {
		t.Errorf("half a message arrived")
	}
}

// converse opens a transaction with usher, sends bytes after its 354, and gives
// what usher says to them until it closes.
func (c *chain) converse(data string) string {
	c.t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.Usher))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	hello := "LHLO client.test"
	if c.Shape == "before" {
		hello = "EHLO client.test"
	}
	for _, command := range []string{"", hello, "MAIL FROM:<a@x.test>", "RCPT TO:<" + mailbox + ">", "DATA"} {
		if command != "" {
			fmt.Fprintf(conn, "%s\r\n", command)
		}
		for {
			l, err := r.ReadString('\n')
			if err != nil {
				c.t.Fatalf("%s: %v", command, err)
			}
			if l[3] == ' ' {
				break
			}
		}
	}
	io.WriteString(conn, data)
	conn.(*net.TCPConn).CloseWrite()
	said, _ := io.ReadAll(r)
	return string(said)
}
