package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// mood is how the next hop behaves; it is told a new one on its input.
type mood struct {
	Slow   time.Duration // before each answer at the end of a message, at most
	Later  float64       // share of recipients put off with 4xx, at RCPT and at the end
	Hangup float64       // share of messages on which it hangs up, and keeps nothing
}

// nextHop speaks LMTP and keeps each message, a file a recipient, before it says
// 2xx. It is a process of its own, to be killed.
type nextHop struct {
	root  string
	run   string // tells its files from those of its predecessors
	count atomic.Int64
	mood  atomic.Pointer[mood]
}

// playNextHop serves until its input ends.
func playNextHop(args []string) error {
	if len(args) != 2 {
		return errors.New("nexthop ADDRESS FOLDER")
	}
	h := &nextHop{root: args[1], run: fmt.Sprint(time.Now().UnixNano())}
	h.mood.Store(&mood{})
	for n := range mailboxes {
		if err := os.MkdirAll(filepath.Join(h.root, mailbox(n)), 0o700); err != nil {
			return err
		}
	}
	ln, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go (&conversation{h: h, conn: conn, r: bufio.NewReaderSize(conn, 32<<10), w: bufio.NewWriter(conn)}).serve()
		}
	}()
	fmt.Println("ready")
	for in := json.NewDecoder(os.Stdin); ; {
		next := new(mood)
		if err := in.Decode(next); errors.Is(err, io.EOF) {
			return ln.Close()
		} else if err != nil {
			return err
		}
		h.mood.Store(next)
	}
}

// conversation is one connection.
type conversation struct {
	h     *nextHop
	conn  net.Conn
	r     *bufio.Reader
	w     *bufio.Writer
	rcpts []string
}

func (c *conversation) serve() {
	defer c.conn.Close()
	c.w.WriteString("220 nexthop.chaos.example LMTP\r\n")
	for c.w.Flush() == nil {
		for more := true; more; more = c.r.Buffered() > 0 { // answers to pipelined commands share a packet
			line, err := c.r.ReadString('\n')
			if err != nil || len(line) < 4 || !c.command(strings.TrimSpace(line)) {
				c.w.Flush()
				return
			}
		}
	}
}

// command answers one command and reports whether another may follow.
func (c *conversation) command(line string) bool {
	mood := c.h.mood.Load()
	switch strings.ToUpper(line[:4]) {
	case "LHLO":
		c.w.WriteString("250-nexthop.chaos.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 104857600\r\n")
	case "RCPT":
		_, address, _ := strings.Cut(line, "<")
		address, _, _ = strings.Cut(address, ">")
		if rand.Float64() < mood.Later/2 {
			c.w.WriteString("450 4.2.1 Mailbox is busy\r\n")
			return true
		}
		c.rcpts = append(c.rcpts, address)
		c.w.WriteString("250 2.1.5 OK\r\n")
	case "DATA":
		if len(c.rcpts) == 0 {
			c.w.WriteString("503 5.5.1 No recipient\r\n")
			return true
		}
		hangup := rand.Float64() < mood.Hangup
		if hangup && rand.IntN(2) == 0 {
			return false // before the message
		}
		c.w.WriteString("354 Go ahead\r\n")
		if c.w.Flush() != nil {
			return false
		}
		raw, err := readMessage(c.r)
		if err != nil || hangup {
			return false
		}
		return c.keep(raw, mood)
	case "QUIT":
		c.w.WriteString("221 2.0.0 Bye\r\n")
		return false
	case "MAIL", "RSET", "NOOP":
		c.rcpts = nil
		c.w.WriteString("250 2.0.0 OK\r\n")
	default:
		c.w.WriteString("500 5.5.2 What?\r\n")
	}
	return true
}

// keep files a message and answers for each recipient as soon as it lies in the
// mailbox.
func (c *conversation) keep(raw []byte, mood *mood) bool {
	defer func() { c.rcpts = nil }()
	for _, to := range c.rcpts {
		if mood.Slow > 0 {
			time.Sleep(rand.N(mood.Slow))
		}
		reply := "250 2.0.0 Saved\r\n"
		if rand.Float64() < mood.Later/2 {
			reply = "451 4.3.0 Not now\r\n"
		} else if err := c.h.file(to, raw); err != nil {
			reply = "451 4.3.0 Not saved\r\n"
		}
		c.w.WriteString(reply)
		if c.w.Flush() != nil {
			return false
		}
	}
	return true
}

// file puts one copy into a mailbox, whole: written beside it, then renamed. A
// kill leaves what the system has taken, so nothing is synced.
func (h *nextHop) file(to string, raw []byte) error {
	name := fmt.Sprintf("%s.%d", h.run, h.count.Add(1))
	tmp := filepath.Join(h.root, name)
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(h.root, filepath.Base(to), name))
}

// readMessage reads to the line of one dot, and undoes the doubled dots.
func readMessage(r *bufio.Reader) (raw []byte, err error) {
	for begin := true; ; {
		line, err := r.ReadSlice('\n')
		if begin && string(line) == ".\r\n" {
			return raw, nil
		}
		if begin {
			line = bytes.TrimPrefix(line, []byte("."))
		}
		raw = append(raw, line...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		begin = err == nil
	}
}

// collect takes what lies in the mailboxes, as people who fetch their mail do,
// and enters it into the ledger. What is not as it was sent goes to the folder
// aside.
func collect(root, aside string, l *ledger) (n int, err error) {
	for box := range mailboxes {
		dir := filepath.Join(root, mailbox(box))
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return n, err
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			raw, err := os.ReadFile(path)
			if err != nil {
				return n, err
			}
			if l.arrived(mailbox(box), raw) != nil {
				os.WriteFile(filepath.Join(aside, e.Name()), raw, 0o600)
			}
			if err := os.Remove(path); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}
