package guard

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// Why a next hop cannot be talked to any longer.
var (
	ErrLoop      = errors.New("the next hop greets with our own name: mail would go in circles")
	ErrNotLMTP   = errors.New("the next hop does not speak LMTP")
	ErrReply     = errors.New("a reply of the next hop is too long")
	ErrOutOfStep = errors.New("the next hop said more than it was asked, or hung up: none of its words can be trusted")
)

// maxReply bounds one reply of the next hop in bytes.
const maxReply = 64 << 10

// Hop is the connection under go-smtp's client. It counts what was asked and
// what was answered, since a reply too many would be taken for the answer to
// the next command, or to the next recipient. It bounds each reply, each write
// and the whole conversation, and never lets the client turn to HELO.
type Hop struct {
	net.Conn
	Hostname  string        // our name: a next hop that greets with it is a loop
	WriteTime time.Duration // of each write
	Until     time.Time     // nothing is waited for any longer than this; zero: no such bound
	OnReply   func(text string)
	SMTP      bool // it may be greeted with HELO, where it knows no EHLO

	due      int    // replies awaited
	talked   bool   // the greeting is in
	inData   bool   // what is written is a message, until its first answer is in
	held     []byte // of the message, what has not gone out
	empty    bool   // the message is over, and nothing was in it
	begun    bool   // the message's next byte begins a line
	err      error
	greeting []byte // the first line
	text     []byte // of the reply under way
	line     int    // bytes of the line under way
	more     bool   // its fourth byte is a hyphen
}

// NewHop guards a connection to a next hop that is about to greet.
func NewHop(conn net.Conn, hostname string, writeTime time.Duration) *Hop {
	return &Hop{Conn: conn, Hostname: hostname, WriteTime: writeTime, due: 1}
}

// Err says why nothing more may be said on the connection, nil if it may.
func (c *Hop) Err() error { return c.err }

// BeginData tells that a message is written from now on, to the writer given,
// which wants CRLF at every line's end and does with dots what RFC 5321, section
// 4.5.2 says, many bytes at a time.
func (c *Hop) BeginData() io.Writer {
	c.inData, c.begun, c.held = true, true, c.held[:0]
	return (*body)(c)
}

// EndData tells that the final dot goes out, and how many answers are due to
// it. Its error is that the next hop spoke meanwhile.
func (c *Hop) EndData(answers int) error {
	if err := c.inStep(); err != nil {
		return err
	}
	c.due, c.empty = answers, len(c.held) == 0
	c.held = bytes.TrimSuffix(c.held, []byte("\r\n")) // the client ends the last line with the dot's
	return nil
}

// maxHeld is how much of a message goes out at once, in bytes.
const maxHeld = 32 << 10

// body is the message that a Hop sends. What is held of it goes out with what
// the client writes next: a short message and its dot are one packet.
type body Hop

// Write implements io.Writer.
func (b *body) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if b.begun && rest[0] == '.' {
			b.held = append(b.held, '.')
		}
		n := min(len(rest), maxHeld)
		if end := bytes.IndexByte(rest[:n], '\n'); end >= 0 {
			n = end + 1
		}
		b.held = append(b.held, rest[:n]...)
		b.begun = rest[n-1] == '\n'
		rest = rest[n:]
		if len(b.held) < maxHeld {
			continue
		}
		last := len(b.held) - len("\r\n") // kept for EndData
		if err := (*Hop)(b).inStep(); err != nil {
			return 0, err
		}
		if err := (*Hop)(b).send(b.held[:last]); err != nil {
			return 0, err
		}
		b.held = append(b.held[:0], b.held[last:]...)
	}
	return len(p), nil
}

// Read implements net.Conn.
func (c *Hop) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	var whole []string // told only if what came is in step: one too many, and none can be told apart
	for _, b := range p[:n] {
		if !c.talked {
			c.greeting = append(c.greeting, b)
		}
		c.text = append(c.text, b)
		c.line++
		if c.line == 4 {
			c.more = b == '-'
		}
		if len(c.text) > maxReply {
			c.err = ErrReply
			c.Conn.Close()
			return 0, c.err
		}
		if b == '\n' {
			whole = append(whole, c.lineEnds()...)
		}
	}
	if err != nil && c.err == nil {
		c.err = err // who reads by lines takes what came of one for all of it
	}
	for _, text := range whole {
		if c.OnReply != nil && c.err == nil {
			c.OnReply(text)
		}
	}
	return n, err
}

// lineEnds gives the reply that ends with the line, if one does.
func (c *Hop) lineEnds() (whole []string) {
	c.talked = true
	if !c.more {
		c.inData = c.inData && c.due == 0
		if c.due == 0 {
			c.err = ErrOutOfStep
		} else {
			c.due--
		}
		whole = []string{string(c.text)}
		c.text = c.text[:0]
	}
	c.line, c.more = 0, false
	return whole
}

// Write implements net.Conn.
func (c *Hop) Write(p []byte) (int, error) {
	if c.due == 0 {
		if err := c.inStep(); err != nil {
			return 0, err
		}
	}
	switch {
	case c.err != nil:
		return 0, c.err
	case c.inData:
	case bytes.HasPrefix(p, []byte("HELO ")) && !c.SMTP:
		return 0, ErrNotLMTP
	case (bytes.HasPrefix(p, []byte("LHLO ")) || bytes.HasPrefix(p, []byte("EHLO "))) && c.isOurselves():
		return 0, ErrLoop
	case bytes.HasSuffix(p, []byte("\n")):
		c.due++
	}
	whole := p
	if c.empty { // the client begins with the end of a line, and an empty message has none
		whole, c.empty = bytes.TrimPrefix(p, []byte("\r\n")), false
	}
	if len(c.held) > 0 {
		whole = append(c.held, p...)
		c.held = c.held[:0]
	}
	if err := c.send(whole); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *Hop) send(p []byte) error {
	c.Conn.SetWriteDeadline(c.bound(time.Now().Add(c.WriteTime)))
	_, err := c.Conn.Write(p)
	return err
}

// Ask puts a command that go-smtp's client does not know, and gives its reply.
// Nothing else may be due.
func (c *Hop) Ask(command string, wait time.Duration) (reply string, err error) {
	c.SetDeadline(time.Now().Add(wait))
	defer c.SetDeadline(time.Time{})
	c.OnReply = func(text string) { reply = text }
	defer func() { c.OnReply = nil }()
	if _, err := c.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	for b := make([]byte, 512); c.due > 0; {
		if _, err := c.Read(b); err != nil {
			return "", err
		}
	}
	return reply, c.err
}

func (c *Hop) isOurselves() bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(c.greeting), "220 "), " ")
	return c.Hostname != "" && strings.EqualFold(strings.TrimSpace(name), c.Hostname)
}

// inStep looks whether something has come although nothing is due: a reply too
// many or the begin of one, or the end of the connection.
func (c *Hop) inStep() error {
	if c.err == nil && (len(c.text) > 0 || c.unread()) {
		c.err = ErrOutOfStep
	}
	return c.err
}

func (c *Hop) unread() bool {
	if a, ok := c.Conn.(interface{ Unread() bool }); ok {
		return a.Unread()
	}
	s, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return true
	}
	found := false
	err = raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		found = !errors.Is(err, syscall.EAGAIN)
	})
	return found || err != nil
}

// SetDeadline implements net.Conn, within Until.
func (c *Hop) SetDeadline(t time.Time) error { return c.Conn.SetDeadline(c.bound(t)) }

func (c *Hop) bound(t time.Time) time.Time {
	if !c.Until.IsZero() && (t.IsZero() || c.Until.Before(t)) {
		return c.Until
	}
	return t
}
