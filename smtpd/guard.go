package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"usher/classify/mail"
)

// guard is the connection that go-smtp serves. It hands go-smtp one command
// line at a time and so always knows whether the conversation is in commands
// or in data: it sees the 354 go out and the final dot come in. It keeps the
// deadlines, the rate and the length of lines, makes line ends in data safe,
// closes the socket on any read error in data, reads paths, answers XFORWARD
// and what go-smtp does not know, and says what is offered.
type guard struct {
	net.Conn
	cfg  *Config
	r    *bufio.Reader
	peer string

	out []byte // what go-smtp has yet to take

	mode  mode
	ends  lineEnds
	chunk int64     // bytes left of a BDAT chunk
	after mode      // when that chunk is over
	since time.Time // when data began
	read  int64     // bytes of data read

	greeting bool   // the reply under way answers LHLO
	reply    []byte // a reply not yet complete
	wrong    int    // wrong commands so far

	path    string // the path of the MAIL or RCPT that go-smtp is reading
	offered offer  // by the next hop, and so by us
	mailed  bool   // in a transaction, as the session says
	client  mail.Client
	left    func() // called when the connection is over
	log     *mailLog

	mu       sync.Mutex // of what drain touches
	draining bool
	waiting  bool // for a command, outside any transfer
}

type mode byte

const (
	inCommands mode = iota
	inData          // between 354 and the final dot
	inChunk         // within a BDAT chunk
	inChunks        // between the chunks of one message
	closed
)

func newGuard(conn net.Conn, srv *Server) *guard {
	return &guard{Conn: conn, cfg: &srv.cfg, log: srv.log, r: bufio.NewReader(conn), peer: conn.RemoteAddr().String()}
}

// Close implements net.Conn; go-smtp calls it when it has done with the
// connection.
func (g *guard) Close() error {
	g.left()
	return g.Conn.Close()
}

// rescue confines a panic of ours to its connection. go-smtp does so only for
// what a command runs.
func (g *guard) rescue(err *error) {
	if p := recover(); p != nil {
		g.log.panicked("wire", string(debug.Stack()))
		*err = g.hangUp("421 4.3.0 Internal error, closing the connection\r\n")
	}
}

// Read implements net.Conn for go-smtp.
func (g *guard) Read(p []byte) (n int, err error) {
	defer g.rescue(&err)
	for len(g.out) == 0 {
		switch g.mode {
		case inData:
			err = g.readData()
		case inChunk:
			err = g.readChunk(len(p))
		case closed:
			err = net.ErrClosed
		default:
			err = g.readCommand()
		}
		if err != nil {
			return 0, err
		}
	}
	n = copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// readCommand waits for a command line that is go-smtp's to answer.
func (g *guard) readCommand() error {
	for {
		if !g.await() {
			return g.hangUp(line(replyDraining))
		}
		text, err := g.readLine()
		g.mu.Lock()
		g.waiting = false
		draining := g.draining
		g.mu.Unlock()
		switch {
		case err == nil:
		case draining && g.mode == inCommands:
			return g.hangUp(line(replyDraining))
		case errors.Is(err, errLine):
			return g.hangUp(line(replyLine))
		case errors.Is(err, os.ErrDeadlineExceeded):
			return g.hangUp(line(replySlow))
		case g.mode == inChunks:
			return g.hangUp("")
		default:
			return err
		}
		if own, mine := g.answer(text); mine {
			if _, err := g.Write([]byte(own)); err != nil {
				return err
			}
			continue
		}
		return nil
	}
}

// await sets the deadline of the next command. It reports whether one may
// still come.
func (g *guard) await() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining && g.mode == inCommands {
		return false
	}
	g.waiting = g.mode == inCommands
	if g.mode == inChunks {
		g.Conn.SetReadDeadline(g.dataDeadline())
	} else {
		g.Conn.SetReadDeadline(time.Now().Add(g.cfg.Idle))
	}
	return true
}

// drain ends the connection at its next command, at once if it waits for one.
func (g *guard) drain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.draining = true
	if g.waiting {
		g.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

var errLine = errors.New("line too long or not ended by CRLF")

// readLine reads one command line, without its CRLF.
func (g *guard) readLine() (string, error) {
	var b []byte
	for {
		part, err := g.r.ReadSlice('\n')
		b = append(b, part...)
		if len(b) > g.cfg.MaxLine {
			return "", errLine
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
	if !bytes.HasSuffix(b, []byte("\r\n")) || bytes.IndexByte(b, 0) >= 0 {
		return "", errLine
	}
	b = b[:len(b)-2]
	if bytes.IndexByte(b, '\r') >= 0 {
		return "", errLine
	}
	return string(b), nil
}

// Verbs that go-smtp answers, and verbs that are known but not offered.
var (
	spoken   = []string{"LHLO", "EHLO", "HELO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "VRFY", "QUIT"}
	unspoken = []string{"AUTH", "STARTTLS", "EXPN", "HELP", "TURN", "ETRN", "SEND", "SOML", "SAML", "ATRN", "XCLIENT", "BURL"}
)

// answer looks at a command line. It answers what go-smtp must not see, and
// leaves the rest in g.out.
func (g *guard) answer(text string) (reply string, mine bool) {
	text = strings.TrimRight(text, " \t")
	verb, arg, _ := strings.Cut(text, " ")
	verb = strings.ToUpper(verb)
	switch {
	case verb == "XFORWARD":
		return g.xforward(arg), true
	case slices.Contains(unspoken, verb):
		return line(replyNotOffered), true
	case !slices.Contains(spoken, verb):
		return line(replyUnknown), true
	}
	rewritten := text
	switch verb {
	case "LHLO", "EHLO", "HELO":
		g.greeting = true
	case "MAIL":
		if _, ok := g.readArgument(arg, "FROM:"); !ok {
			return line(replySender), true
		}
	case "RCPT":
		rest, ok := g.readArgument(arg, "TO:")
		if !ok || g.path == "" {
			return line(replyRecipient), true
		}
		if strings.EqualFold(g.path, "postmaster") {
			rewritten = "RCPT TO:<" + g.path + "@" + g.cfg.Hostname + ">" + rest // go-smtp knows no path without a domain
		}
	case "BDAT":
		if !g.beginChunk(arg) {
			g.hangUp(line(replyMalformed))
			return "", true
		}
	case "RSET":
		g.mode = inCommands
	}
	g.out = append(g.out[:0], rewritten...)
	g.out = append(g.out, '\r', '\n')
	return "", false
}

// readArgument reads the path of MAIL or RCPT and keeps it for the session.
func (g *guard) readArgument(arg, keyword string) (rest string, ok bool) {
	if len(arg) < len(keyword) || !strings.EqualFold(arg[:len(keyword)], keyword) {
		return "", false
	}
	path, rest, err := readPath(strings.TrimLeft(arg[len(keyword):], " "))
	if err != nil {
		return "", false
	}
	g.path = path
	return rest, true
}

// beginChunk reads BDAT's argument as go-smtp does. A chunk whose length
// cannot be known cannot be skipped, so such a command ends the connection.
func (g *guard) beginChunk(arg string) bool {
	args := strings.Fields(arg)
	if len(args) == 0 || len(args) > 2 || len(args) == 2 && !strings.EqualFold(args[1], "LAST") {
		return false
	}
	size, err := strconv.ParseUint(args[0], 10, 32)
	if err != nil {
		return false
	}
	if g.mode != inChunks {
		g.since, g.read = time.Now(), 0
	}
	g.after = inChunks
	if len(args) == 2 {
		g.after = inCommands
	}
	g.chunk, g.mode = int64(size), inChunk
	if size == 0 {
		g.mode = g.after
	}
	return true
}
