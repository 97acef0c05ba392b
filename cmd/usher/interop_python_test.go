//go:build interop

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/smtpd/maildir"
)

const (
	python      = "/usr/bin/python3"
	aiosmtpd    = "/usr/lib/python3/dist-packages/aiosmtpd/lmtp.py"
	oddMessages = "/usr/lib/python3.11/test/test_email/data"
)

// script runs a program of Python's on some input.
func script(t *testing.T, text string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, append([]string{"-c", text}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, out)
	}
	return string(out)
}

// client sends by Python's own smtplib a message with dots, and one that is
// empty. Neither smtplib nor aiosmtpd knows that LMTP has an answer for each
// recipient, so each message has one.
const client = `
import smtplib, sys
kind, port = sys.argv[1], int(sys.argv[2])
cls = smtplib.LMTP if kind == "lmtp" else smtplib.SMTP
with cls("127.0.0.1", port, "client.test", timeout=20) as c:
    print("refused", sorted(c.sendmail("a@x.test", ["u@y.test"], "Subject: one\r\n\r\n.dot\r\n..dots\r\n")))
    print("empty", sorted(c.sendmail("a@x.test", ["u@y.test"], "")))
    print("rset", c.rset()[0], "noop", c.noop()[0], "vrfy", c.verify("u@y.test")[0])
`

// server is a next hop by aiosmtpd, which says what it got.
const server = `
import asyncio, sys
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
kind, port, got = sys.argv[1], int(sys.argv[2]), sys.argv[3]
class Keep:
    async def handle_DATA(self, server, session, envelope):
        with open(got, "ab") as f:
            f.write(repr((envelope.mail_from, envelope.rcpt_tos, envelope.original_content)).encode() + b"\n")
        return "250 kept"
async def main():
    cls = LMTP if kind == "lmtp" else SMTP
    s = await asyncio.get_running_loop().create_server(lambda: cls(Keep(), hostname="next.test"), "127.0.0.1", port)
    async with s:
        await s.serve_forever()
asyncio.run(main())
`

// TestInteropPython: smtplib as upstream, aiosmtpd as the next hop.
func TestInteropPython(t *testing.T) {
	needs(t, python, aiosmtpd)
	for _, protocols := range []string{"lmtp=lmtp", "smtp=smtp", "lmtp=smtp"} {
		t.Run(protocols, func(t *testing.T) {
			a := newAlone(t, protocols)
			in, out, _ := strings.Cut(protocols, "=")
			got := filepath.Join(a.dir, "got")
			next := exec.Command(python, "-c", server, out, fmt.Sprint(a.out), got)
			if err := next.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { stop(next) })
			a.listens(a.out)
			said := script(t, client, in, fmt.Sprint(a.in))
			if want := "refused []\nempty []\nrset 250 noop 250 vrfy 252\n"; said != want {
				t.Errorf("smtplib says %q, want %q", said, want)
			}
			kept, err := os.ReadFile(got)
			if err != nil {
				t.Fatal(err)
			}
			if want := `('a@x.test', ['u@y.test'], b'Subject: one\r\n\r\n.dot\r\n..dots\r\n')`; !strings.HasPrefix(string(kept), want+"\n") {
				t.Errorf("aiosmtpd got %s, want %s", kept, want)
			}
			found(t, "smtplib → usher → aiosmtpd", "dots, an empty message, RSET, NOOP, VRFY")
			if n := bytes.Count(kept, []byte("\n")); n != 2 {
				t.Errorf("aiosmtpd got %d messages, want 2", n)
			}
		})
	}
}

// TestInteropOddMessages: the mails that Python tests its parser with, malformed
// ones among them, pass byte for byte but for line ends.
func TestInteropOddMessages(t *testing.T) {
	needs(t, python, oddMessages)
	a := newAlone(t, "lmtp=lmtp")
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", a.out))
	if err != nil {
		t.Fatal(err)
	}
	boxes := &maildir.Maildir{Root: filepath.Join(a.dir, "mail")}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- boxes.Serve(ctx, l) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	files, err := filepath.Glob(filepath.Join(oddMessages, "*.txt"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d messages were found: %v", len(files), err)
	}
	for n, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want := safeEnds(raw)
		to := fmt.Sprintf("u%d@y.test", n)
		stuffed := strings.ReplaceAll("\r\n"+want, "\r\n.", "\r\n..")[2:]
		if r := a.post(stuffed, to)[0]; !strings.HasPrefix(r, "250 ") {
			t.Errorf("%s: %q", filepath.Base(f), r)
			continue
		}
		kept, _ := filepath.Glob(filepath.Join(boxes.Folder(to, "inbox"), "new", "*"))
		if len(kept) != 1 {
			t.Errorf("%s: %d messages arrived", filepath.Base(f), len(kept))
			continue
		}
		if got, err := os.ReadFile(kept[0]); err != nil || string(got) != want {
			t.Errorf("%s: the bytes differ (%v)", filepath.Base(f), err)
		}
	}
	found(t, "the messages of Python's tests → usher → Maildir", "%d messages, byte for byte", len(files))
}

// safeEnds gives text as it may be sent: every line ended by CRLF, no other CR.
func safeEnds(raw []byte) string {
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", " ")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return strings.ReplaceAll(text, "\n", "\r\n")
}
