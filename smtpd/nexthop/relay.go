package nexthop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"

	"usher/smtpd/guard"
	"usher/smtpd/replies"
)

// Result is what a server said about one recipient.
type Result struct {
	Recipient string // as given
	Code      int    // the reply code; 0 if there was no answer
	Text      string // its text
}

// Send passes a message to an LMTP server, for the demo, tests and mail of our
// own. Line ends that are LF become CRLF. There is one result a recipient, in
// order; the error says why the conversation broke off, nil if it did not.
func Send(ctx context.Context, next Endpoint, from string, to []string, r io.Reader) ([]Result, error) {
	results := make([]Result, len(to))
	for i, rcpt := range to {
		results[i].Recipient = rcpt
	}
	d := net.Dialer{Timeout: DialTime}
	conn, err := d.DialContext(ctx, next.Network, next.Address)
	if err != nil {
		return results, fmt.Errorf("send to %s: %w", next, err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	hop := guard.NewHop(conn, "", WriteTime)
	c := smtp.NewClientLMTP(hop)
	defer c.Close()
	if err := send(c, hop, from, results, r); err != nil {
		return results, fmt.Errorf("send to %s: %w", next, err)
	}
	c.CommandTimeout = time.Second
	c.Quit()
	return results, nil
}

// send holds one transaction and fills in the results.
func send(c *smtp.Client, hop *guard.Hop, from string, results []Result, r io.Reader) error {
	if err := c.Mail(from, nil); err != nil {
		return err
	}
	accepted := 0
	for i := range results {
		err := c.Rcpt(results[i].Recipient, nil)
		if reply, ok := replies.As(err); ok {
			results[i].Code, results[i].Text = reply.Code, reply.Message
			continue
		}
		if err != nil {
			return err
		}
		accepted++
	}
	if accepted == 0 {
		return nil
	}
	data, err := c.Data()
	if err != nil {
		return err
	}
	body := &lines{w: hop.BeginData()}
	_, err = io.Copy(body, r)
	if err == nil {
		_, err = body.w.Write(body.ends.Last(nil))
	}
	if err != nil {
		c.Close() // before anything else is said: no dot, no half message
		return err
	}
	if err := hop.EndData(accepted); err != nil {
		c.Close()
		return err
	}
	good, err := data.CloseWithLMTPResponse()
	var bad smtp.LMTPDataError
	errors.As(err, &bad)
	for i := range results {
		res := &results[i]
		if d := good[res.Recipient]; d != nil {
			res.Code, res.Text = 250, d.StatusText
		} else if reply := bad[res.Recipient]; reply != nil {
			res.Code, res.Text = reply.Code, reply.Message
		}
	}
	if bad != nil && len(good)+len(bad) == accepted {
		return nil
	}
	return err
}

// lines makes every line end CRLF.
type lines struct {
	w    io.Writer
	ends guard.LineEnds
	safe []byte
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.safe, _, _ = l.ends.Safe(l.safe[:0], p)
	if _, err := l.w.Write(l.safe); err != nil {
		return 0, err
	}
	return len(p), nil
}
