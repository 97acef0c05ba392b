package guard

import (
	"bytes"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"time"
)

// readData reads of DATA, up to and with its end.
func (g *Conn) readData() error {
	if err := g.fill(); err != nil {
		return err
	}
	b, _ := g.r.Peek(g.r.Buffered())
	out, n, ended := g.ends.Safe(g.buf[:0], b)
	g.buf, g.out = out, out
	g.r.Discard(n)
	g.read += int64(n)
	if ended {
		g.mode = inCommands
		return nil
	}
	return g.checkRate()
}

// Message gives keep, piece by piece, the message of DATA: dots undone, line
// ends safe. It spares the message go-smtp's way, byte by byte; the final dot is
// left for go-smtp to read.
func (g *Conn) Message(keep func([]byte)) (err error) {
	defer g.rescue(&err)
	if g.mode != inData { // upstream left before 354 could be said: nothing came, which is no empty message
		return g.hangUp("")
	}
	g.ends.plain = true
	for g.mode == inData {
		if err := g.readData(); err != nil {
			return err
		}
		keep(g.out)
	}
	g.buf = append(g.buf[:0], ".\r\n"...)
	g.out = g.buf
	return nil
}

// readChunk reads at most max bytes of a BDAT chunk.
func (g *Conn) readChunk(max int) error {
	if err := g.fill(); err != nil {
		return err
	}
	n := min(g.r.Buffered(), max, int(min(g.chunk, 1<<20)))
	b, _ := g.r.Peek(n)
	g.buf = append(g.buf[:0], b...)
	g.out = g.buf
	g.r.Discard(n)
	g.read += int64(n)
	if g.chunk -= int64(n); g.chunk == 0 {
		g.mode = g.after
	}
	return g.checkRate()
}

// fill waits until there is something to read. Any failure ends the
// connection, or go-smtp would take what follows for commands.
func (g *Conn) fill() error {
	if g.r.Buffered() > 0 {
		return nil
	}
	g.Conn.SetReadDeadline(g.dataDeadline())
	_, err := g.r.Peek(1)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return g.hangUp(g.set.Replies.Slow)
	}
	g.wronged("broken")
	return g.hangUp("")
}

func (g *Conn) dataDeadline() time.Time {
	read, all := time.Now().Add(g.set.DataRead), g.since.Add(g.set.DataAll)
	if all.Before(read) {
		return all
	}
	return read
}

func (g *Conn) checkRate() error {
	took := time.Since(g.since)
	if took > g.set.Grace && float64(g.read) < took.Seconds()*float64(g.set.Rate) {
		return g.hangUp(g.set.Replies.Slow)
	}
	return nil
}

// hangUp says a last line, if any, and closes. Its error ends go-smtp's
// reading; it is never io.EOF, which go-smtp would take for the end of a chunk.
func (g *Conn) hangUp(last string) error {
	if last != "" {
		g.wronged(map[string]string{
			g.set.Replies.Line: "line", g.set.Replies.Slow: "slow", g.set.Replies.Wrong: "flood", g.set.Replies.Malformed: "bdat",
		}[last])
		g.Conn.SetWriteDeadline(time.Now().Add(g.set.WriteTime))
		g.Conn.Write([]byte(last))
	}
	g.mode = closed
	g.Conn.Close()
	return net.ErrClosed
}

// Write implements net.Conn for go-smtp: it sends whole replies.
func (g *Conn) Write(p []byte) (n int, err error) {
	defer g.rescue(&err)
	if g.mode == closed {
		return 0, net.ErrClosed
	}
	g.reply = append(g.reply, p...)
	for {
		end := replyEnd(g.reply)
		if end == 0 {
			return len(p), nil
		}
		if err := g.send(g.reply[:end]); err != nil {
			return 0, err
		}
		g.reply = append(g.reply[:0], g.reply[end:]...)
	}
}

// replyEnd gives the length of the first complete reply in b, or 0.
func replyEnd(b []byte) int {
	for n := 0; ; {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			return 0
		}
		last := i < 4 || b[n+3] != '-'
		n += i + 1
		if last {
			return n
		}
	}
}

// send writes one reply and draws its consequences.
func (g *Conn) send(reply []byte) error {
	code, _ := strconv.Atoi(string(reply[:min(3, len(reply))]))
	verb := g.verb // further replies to it say what became of recipients
	g.verb = ""
	if code == 250 && slices.Contains([]string{"LHLO", "EHLO", "HELO"}, verb) {
		g.helo = verb == "HELO"
		reply = g.Offered.list(g.set.Hostname, g.helo)
	}
	g.Conn.SetWriteDeadline(time.Now().Add(g.set.WriteTime))
	if _, err := g.Conn.Write(clean(reply)); err != nil {
		g.hangUp("")
		return err
	}
	switch {
	case code == 354:
		g.mode, g.ends = inData, LineEnds{dots: true}
		g.since, g.read = time.Now(), 0
	case code == 421:
		return g.hangUp("")
	case code >= 400 && verb == "BDAT" && g.mode == inChunks:
		g.mode = inCommands
	}
	if verb != "" && (code >= 500 && code <= 504 || code == 555) {
		g.wronged(g.kind(string(reply), code))
		if g.wrong++; g.wrong > g.set.MaxWrong {
			return g.hangUp(g.set.Replies.Wrong)
		}
	}
	return nil
}

// kind names what earned a reply that finds a command wrong.
func (g *Conn) kind(reply string, code int) string {
	switch {
	case reply == g.set.Replies.Sender, reply == g.set.Replies.Recipient:
		return "path"
	case code == 500, reply == g.set.Replies.NotOffered:
		return "line"
	case code == 502, code == 503: // go-smtp says 502 of DATA without RCPT
		return "sequence"
	}
	return "parameter"
}

// wronged tells of something that the peer did wrong, if it has a name.
func (g *Conn) wronged(kind string) {
	if kind != "" && g.set.OnError != nil {
		g.set.OnError(kind)
	}
}

// clean makes every byte of a reply but its CRLFs printable ASCII. What go-smtp
// repeats of an address may hold others.
func clean(reply []byte) []byte {
	for i, c := range reply {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' {
			reply[i] = '?'
		}
	}
	return reply
}

// list gives the reply to a greeting: what is ours to offer and what the next
// hop offers; to HELO, which knows no extensions, our name alone.
func (o Offer) list(hostname string, helo bool) []byte {
	if helo {
		return []byte("250 " + hostname + "\r\n")
	}
	words := []string{hostname, "PIPELINING", "ENHANCEDSTATUSCODES", "CHUNKING", "XFORWARD " + attributes}
	if o.EightBit {
		words = append(words, "8BITMIME")
	}
	if o.UTF8 {
		words = append(words, "SMTPUTF8")
	}
	if o.DSN {
		words = append(words, "DSN")
	}
	words = append(words, "SIZE "+strconv.FormatInt(o.Size, 10))
	var b bytes.Buffer
	for i, w := range words {
		sep := "-"
		if i == len(words)-1 {
			sep = " "
		}
		b.WriteString("250" + sep + w + "\r\n")
	}
	return b.Bytes()
}
