package smtpd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"usher/smtpd/nexthop"
)

// sink is a next hop that keeps every byte it hears. Words in a local part
// steer it: nouser, full and (the second time) fickle at RCPT (nodetail with a
// detail); bounce, defer, shut, odd, gone and silent at the end of data. In SMTP
// it says at the end of data, once, the first thing that it would say in LMTP.
type sink struct {
	smtp  bool
	ln    net.Listener
	offer []string // words of its reply to LHLO
	lhlo  string   // its reply to LHLO, if not the usual one
	name  string   // in its greeting

	mu         sync.Mutex
	heard      []*bytes.Buffer // by connection, every byte
	commands   []string
	deliveries []delivery
	messages   int // of SMTP, answered 2xx
	conns      []net.Conn
	ended      int // connections that are over
	dropDATA   int // connections that die at DATA, before 354, so many times
	dropMAIL   int // the same at MAIL
	wait       sync.WaitGroup
}

// delivery is one recipient's copy, answered 2xx.
type delivery struct {
	from, to string
	raw      string // dots undone
}

func newSink(t testing.TB, change ...func(*sink)) *sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &sink{ln: ln, name: "sink.test", offer: []string{"PIPELINING", "8BITMIME", "SIZE 0"}}
	for _, c := range change {
		c(k)
	}
	ln = k.ln
	k.wait.Add(1)
	go func() {
		defer k.wait.Done()
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			k.mu.Lock()
			b := new(bytes.Buffer)
			k.heard = append(k.heard, b)
			k.conns = append(k.conns, conn)
			k.mu.Unlock()
			k.wait.Add(1)
			go func() {
				defer k.wait.Done()
				defer conn.Close()
				k.serve(conn, b)
				k.mu.Lock()
				k.ended++
				k.mu.Unlock()
			}()
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		k.mu.Lock()
		for _, c := range k.conns {
			c.Close()
		}
		k.mu.Unlock()
		k.wait.Wait()
	})
	return k
}

func (k *sink) endpoint() nexthop.Endpoint {
	if k.ln == nil {
		return nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: "/nowhere"}
	}
	return nexthop.Endpoint{Protocol: k.protocol(), Network: "tcp", Address: k.ln.Addr().String()}
}

func (k *sink) protocol() string {
	if k.smtp {
		return "smtp"
	}
	return "lmtp"
}

// greeted reports whether a verb begins a conversation here.
func (k *sink) greeted(verb string) bool {
	if k.smtp {
		return verb == "EHLO" && k.lhlo != "no EHLO" || verb == "HELO"
	}
	return verb == "LHLO"
}

type heardReader struct {
	net.Conn
	k *sink
	b *bytes.Buffer
}

func (h heardReader) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.k.mu.Lock()
	h.b.Write(p[:n])
	h.k.mu.Unlock()
	return n, err
}

func (k *sink) serve(conn net.Conn, b *bytes.Buffer) {
	r := bufio.NewReader(heardReader{conn, k, b})
	fmt.Fprintf(conn, "220 %s %s\r\n", k.name, strings.ToUpper(k.protocol()))
	from, to := "", []string(nil)
	for {
		l, err := r.ReadString('\n')
		if err != nil {
			return
		}
		l = strings.TrimRight(l, "\r\n")
		k.mu.Lock()
		k.commands = append(k.commands, l)
		k.mu.Unlock()
		verb, arg, _ := strings.Cut(l, " ")
		verb = strings.ToUpper(verb)
		if k.greeted(verb) {
			verb = "hello"
		}
		switch verb {
		case "hello":
			if k.lhlo != "" && !k.smtp {
				fmt.Fprintf(conn, "%s\r\n", k.lhlo)
				continue
			}
			fmt.Fprintf(conn, "250-%s\r\n", k.name)
			k.mu.Lock()
			offer := k.offer
			k.mu.Unlock()
			for _, w := range offer {
				fmt.Fprintf(conn, "250-%s\r\n", w)
			}
			fmt.Fprintf(conn, "250 ENHANCEDSTATUSCODES\r\n")
		case "XFORWARD":
			fmt.Fprintf(conn, "250 2.0.0 noted\r\n")
		case "MAIL":
			if k.spend(&k.dropMAIL) {
				return
			}
			from, to = pathOf(arg), nil
			if strings.Contains(from, "badsender") {
				fmt.Fprintf(conn, "550 5.7.1 not from there\r\n")
				continue
			}
			fmt.Fprintf(conn, "250 2.1.0 sender ok\r\n")
		case "RCPT":
			rcpt := pathOf(arg)
			switch {
			case strings.Contains(rcpt, "nouser"), strings.Contains(rcpt, "nodetail+"):
				fmt.Fprintf(conn, "550-5.1.1 first line\r\n550 5.1.1 no such user\r\n")
			case strings.Contains(rcpt, "fickle") && k.refusesNow(rcpt):
				fmt.Fprintf(conn, "452 4.2.2 not a second time\r\n")
			case strings.Contains(rcpt, "full"):
				fmt.Fprintf(conn, "452 4.2.2 mailbox full\r\n")
			case strings.Contains(rcpt, "endless"):
				for {
					if _, err := fmt.Fprintf(conn, "250-and so on and so on and so on\r\n"); err != nil {
						return
					}
				}
			default:
				to = append(to, rcpt)
				fmt.Fprintf(conn, "250 2.1.5 ok\r\n")
			}
		case "DATA":
			if k.spend(&k.dropDATA) {
				return
			}
			fmt.Fprintf(conn, "354 go on\r\n")
			raw, ok := dotted(r)
			answer := k.answer
			if k.smtp {
				answer = k.answerOnce
			}
			if !ok || !answer(conn, from, to, raw) {
				return
			}
		case "RSET":
			from, to = "", nil
			fmt.Fprintf(conn, "250 2.0.0 ok\r\n")
		case "QUIT":
			fmt.Fprintf(conn, "221 2.0.0 bye\r\n")
			return
		default:
			fmt.Fprintf(conn, "500 5.5.2 unknown\r\n")
		}
	}
}

func (k *sink) spend(n *int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if *n == 0 {
		return false
	}
	*n--
	return true
}

// answer gives one reply a recipient, until one says that the sink is gone.
func (k *sink) answer(conn net.Conn, from string, to []string, raw string) bool {
	for _, rcpt := range to {
		switch {
		case strings.Contains(rcpt, "gone"):
			return false
		case strings.Contains(rcpt, "silent"):
			io.Copy(io.Discard, conn)
			return false
		case strings.Contains(rcpt, "bounce"):
			fmt.Fprintf(conn, "554 5.6.1 <%s> not wanted here\r\n", rcpt)
		case strings.Contains(rcpt, "defer"):
			fmt.Fprintf(conn, "451 4.2.0 <%s> later\r\n", rcpt)
		case strings.Contains(rcpt, "shut"):
			fmt.Fprintf(conn, "421 4.3.2 <%s> shutting\r\n", rcpt)
		case strings.Contains(rcpt, "odd"):
			fmt.Fprintf(conn, "354 what\r\n")
		default:
			k.mu.Lock()
			k.deliveries = append(k.deliveries, delivery{from, rcpt, raw})
			k.mu.Unlock()
			fmt.Fprintf(conn, "250 2.0.0 <%s> Saved\r\n", rcpt)
		}
	}
	return true
}

// answerOnce gives the one reply of SMTP, and saves for all or for none.
func (k *sink) answerOnce(conn net.Conn, from string, to []string, raw string) bool {
	all := strings.Join(to, " ")
	switch {
	case strings.Contains(all, "gone"):
		return false
	case strings.Contains(all, "silent"):
		io.Copy(io.Discard, conn)
		return false
	case strings.Contains(all, "bounce"):
		fmt.Fprintf(conn, "554-5.6.1 not wanted here\r\n554 5.6.1 nor there\r\n")
	case strings.Contains(all, "defer"):
		fmt.Fprintf(conn, "451 4.2.0 later\r\n")
	case strings.Contains(all, "shut"):
		fmt.Fprintf(conn, "421 4.3.2 shutting\r\n")
	case strings.Contains(all, "odd"):
		fmt.Fprintf(conn, "354 what\r\n")
	default:
		k.mu.Lock()
		k.messages++
		for _, rcpt := range to {
			k.deliveries = append(k.deliveries, delivery{from, rcpt, raw})
		}
		k.mu.Unlock()
		fmt.Fprintf(conn, "250 2.0.0 queued as ABC123\r\n")
	}
	return true
}

// dotted reads DATA the strict way: only CRLF . CRLF ends it.
func dotted(r *bufio.Reader) (string, bool) {
	var b strings.Builder
	begun := true
	for {
		l, err := r.ReadString('\n')
		if err != nil {
			return "", false
		}
		if begun && l == ".\r\n" {
			return b.String(), true
		}
		if begun {
			l = strings.TrimPrefix(l, ".")
		}
		begun = strings.HasSuffix(l, "\r\n")
		b.WriteString(l)
	}
}

func pathOf(arg string) string {
	_, after, _ := strings.Cut(arg, "<")
	quoted := false
	for i := range len(after) {
		switch {
		case after[i] == '"' && (i == 0 || after[i-1] != '\\'):
			quoted = !quoted
		case after[i] == '>' && !quoted:
			return after[:i]
		}
	}
	return after
}

// got gives what was delivered to a recipient.
func (k *sink) got(to string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var raws []string
	for _, d := range k.deliveries {
		if d.to == to {
			raws = append(raws, d.raw)
		}
	}
	return raws
}

func (k *sink) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.deliveries)
}

// obeyed reports whether a line was taken for a command.
func (k *sink) obeyed(l string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.commands, func(c string) bool { return strings.HasPrefix(c, l) })
}

// refusesNow accepts an address once.
func (k *sink) refusesNow(rcpt string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, c := range k.commands {
		if strings.HasPrefix(c, "RCPT TO:<"+rcpt+">") {
			n++
		}
	}
	return n > 1
}

// asked counts the commands of a verb.
func (k *sink) asked(verb string) (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.commands {
		if first, _, _ := strings.Cut(c, " "); strings.EqualFold(first, verb) {
			n++
		}
	}
	return n
}

// transcript gives every byte heard, all connections after one another.
func (k *sink) transcript() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b strings.Builder
	for _, h := range k.heard {
		b.Write(h.Bytes())
	}
	return b.String()
}
