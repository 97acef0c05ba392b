// Package guard stands between a socket and go-smtp and knows at any moment
// whether the conversation is in commands or in data. It never reads a message
// for what it says, talks to a next hop or decides about mail.
package guard

import (
	"bufio"
	"bytes"
	"cmp"
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

// Settings bound a connection. None has a default here.
type Settings struct {
	Hostname  string        // our name in the reply to LHLO
	MaxLine   int           // bytes of a command line, CRLF included
	MaxWrong  int           // wrong commands of one connection
	Idle      time.Duration // from one whole command to the next
	DataRead  time.Duration // each read of data
	DataAll   time.Duration // all of data
	Grace     time.Duration // of data, before its rate counts
	Rate      int64         // bytes a second below which data is too slow
	WriteTime time.Duration // each write
	Replies   Replies
	OnPanic   func(stack string) // told of a panic here, which ends the connection
	OnError   func(kind string)  // told of what the peer does wrong; may be nil
}

// Replies are what a Conn says by itself: whole lines with their CRLF.
type Replies struct {
	Draining, Line, Slow, Wrong, Panic, GivenUp string // and it closes
	Unknown, NotOffered, Order                  string
	Sender, Recipient, Malformed                string
	Noted                                       string // XFORWARD was taken
}

// Offer is what may be asked of us, because the next hop offers it.
type Offer struct {
	Size     int64 // bytes we may take of a message
	EightBit bool  // 8BITMIME
	UTF8     bool  // SMTPUTF8
	DSN      bool
}

// Less reports whether o lacks something that before had.
func (o Offer) Less(before Offer) bool {
	return o.Size < before.Size || before.EightBit && !o.EightBit || before.UTF8 && !o.UTF8 || before.DSN && !o.DSN
}

// Conn is the connection that go-smtp serves. It hands go-smtp one command
// line at a time and so sees the 354 go out and the final dot come in. It keeps
// the deadlines, the rate and the length of lines, makes line ends in data
// safe, closes the socket on any read error in data, reads paths, answers
// XFORWARD and what go-smtp does not know, and says what is offered.
type Conn struct {
	net.Conn
	Offered Offer             // set before LHLO is answered
	Client  mail.Client       // what XFORWARD told of this transaction's client
	Forward map[string]string // all of it, by attribute in upper case, xtext undone

	set    *Settings
	left   func() // called when the connection is over
	r      *bufio.Reader
	buf    []byte // what was last made for go-smtp
	out    []byte // of it, what go-smtp has yet to take
	path   string // of the MAIL or RCPT that go-smtp is reading
	mailed bool   // in a transaction
	rcpts  bool   // which has a recipient

	mode  mode
	ends  LineEnds
	chunk int64     // bytes left of a BDAT chunk
	after mode      // when that chunk is over
	since time.Time // when data began
	read  int64     // bytes of data read

	verb  string // of the command whose first reply is still to come; "" at any other time
	helo  bool   // HELO was last: no extension is offered
	reply []byte // a reply not yet complete
	wrong int    // wrong commands so far

	mu       sync.Mutex // of what Drain touches
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

// readAhead is what one read of a connection takes at most, in bytes: most
// messages are in it whole.
const readAhead = 16 << 10

// New guards conn. left is called when go-smtp has done with it.
func New(conn net.Conn, set *Settings, left func()) *Conn {
	return &Conn{Conn: conn, set: set, left: left, r: bufio.NewReaderSize(conn, readAhead)}
}

// Path gives the path of the MAIL or RCPT that is being answered, as it came
// but for a source route.
func (g *Conn) Path() string { return g.path }

// Begin notes that a transaction has begun, and Accept that it has a recipient.
func (g *Conn) Begin()  { g.mailed = true }
func (g *Conn) Accept() { g.rcpts = true }

// Forget drops, at the end of a transaction, what XFORWARD told of it.
func (g *Conn) Forget() {
	g.Client, g.Forward, g.mailed, g.rcpts = mail.Client{}, nil, false, false
}

// Granted gives what upstream may ask for: what is offered, and after HELO,
// which knows no extensions, only the size.
func (g *Conn) Granted() Offer {
	if g.helo {
		return Offer{Size: g.Offered.Size}
	}
	return g.Offered
}

// Normalised gives the number of line ends that were made safe in the last DATA,
// and where they stand, as LineEnds does.
func (g *Conn) Normalised() (changed int, bare []int64) { return g.ends.Changed, g.ends.Bare }

// Close implements net.Conn; go-smtp calls it when it has done with the
// connection.
func (g *Conn) Close() error {
	g.left()
	return g.Conn.Close()
}

// rescue confines a panic of ours to its connection. go-smtp does so only for
// what a command runs.
func (g *Conn) rescue(err *error) {
	if p := recover(); p != nil {
		g.set.OnPanic(string(debug.Stack()))
		*err = g.hangUp(g.set.Replies.Panic)
	}
}

// Read implements net.Conn for go-smtp.
func (g *Conn) Read(p []byte) (n int, err error) {
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
func (g *Conn) readCommand() error {
	for {
		if !g.await() {
			return g.hangUp(g.set.Replies.Draining)
		}
		text, err := g.readLine()
		g.mu.Lock()
		g.waiting = false
		draining := g.draining
		g.mu.Unlock()
		switch {
		case err == nil:
		case draining && g.mode == inCommands:
			return g.hangUp(g.set.Replies.Draining)
		case errors.Is(err, errLine):
			return g.hangUp(g.set.Replies.Line)
		case errors.Is(err, os.ErrDeadlineExceeded):
			return g.hangUp(g.set.Replies.Slow)
		case g.mode == inChunks:
			g.wronged("broken")
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
func (g *Conn) await() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining && g.mode == inCommands {
		return false
	}
	g.waiting = g.mode == inCommands
	if g.mode == inChunks {
		g.Conn.SetReadDeadline(g.dataDeadline())
	} else {
		g.Conn.SetReadDeadline(time.Now().Add(g.set.Idle))
	}
	return true
}

// Drain ends the connection at its next command, at once if it waits for one.
func (g *Conn) Drain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.draining = true
	if g.waiting {
		g.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

var errLine = errors.New("line too long or not ended by CRLF")

// readLine reads one command line, without its CRLF.
func (g *Conn) readLine() (string, error) {
	var b []byte
	for {
		part, err := g.r.ReadSlice('\n')
		b = append(b, part...)
		if len(b) > g.set.MaxLine {
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
func (g *Conn) answer(text string) (reply string, mine bool) {
	text = strings.TrimRight(text, " \t")
	verb, arg, _ := strings.Cut(text, " ")
	verb = strings.ToUpper(verb)
	g.verb = cmp.Or(verb, "nothing")
	switch {
	case verb == "XFORWARD":
		return g.xforward(arg), true
	case slices.Contains(unspoken, verb):
		return g.set.Replies.NotOffered, true
	case !slices.Contains(spoken, verb):
		return g.set.Replies.Unknown, true
	}
	rewritten := text
	switch verb {
	case "MAIL":
		if _, ok := g.readArgument(arg, "FROM:"); !ok {
			return g.set.Replies.Sender, true
		}
	case "RCPT":
		rest, ok := g.readArgument(arg, "TO:")
		if !ok || g.path == "" {
			return g.set.Replies.Recipient, true
		}
		if strings.EqualFold(g.path, "postmaster") {
			rewritten = "RCPT TO:<" + g.path + "@" + g.set.Hostname + ">" + rest // go-smtp knows no path without a domain
		}
	case "DATA":
		if !g.rcpts && g.mode == inCommands {
			return g.set.Replies.Order, true
		}
	case "BDAT":
		before := g.mode
		if !g.beginChunk(arg) {
			g.hangUp(g.set.Replies.Malformed)
			return "", true
		}
		if g.chunk == 0 && g.after == inChunks { // go-smtp would start to read it, and panic if upstream leaves before that
			g.mode = before
			return g.set.Replies.Noted, true
		}
		if g.chunk > 0 && g.fill() != nil { // nor is it to know of one that upstream leaves at once
			return "", true
		}
	}
	if g.mode == inChunks && slices.Contains([]string{"RSET", "LHLO", "EHLO", "HELO"}, verb) {
		// go-smtp would go on while what reads the chunks still runs, and take its
		// error for the answer to the next message.
		g.hangUp(g.set.Replies.GivenUp)
		return "", true
	}
	g.buf = append(append(g.buf[:0], rewritten...), '\r', '\n')
	g.out = g.buf
	return "", false
}

// readArgument reads the path of MAIL or RCPT and keeps it for the session.
func (g *Conn) readArgument(arg, keyword string) (rest string, ok bool) {
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
func (g *Conn) beginChunk(arg string) bool {
	args := strings.Fields(arg)
	if len(args) == 0 || len(args) > 2 || len(args) == 2 && !strings.EqualFold(args[1], "LAST") {
		return false
	}
	size, err := strconv.ParseUint(args[0], 10, 32)
	if err != nil {
		return false
	}
	if g.mode != inChunks {
		g.since, g.read, g.ends = time.Now(), 0, LineEnds{}
	}
	g.after = inChunks
	if len(args) == 2 || !g.rcpts { // a chunk without recipients is refused, and begins no message
		g.after = inCommands
	}
	g.chunk, g.mode = int64(size), inChunk
	if size == 0 {
		g.mode = g.after
	}
	return true
}
