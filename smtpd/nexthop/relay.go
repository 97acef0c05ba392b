package nexthop

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// sendTime bounds a whole conversation in which mail of our own is sent.
const sendTime = 2 * time.Minute

// ourName is who we say we are where Settings name nobody.
const ourName = "usher.localhost"

// Send is Settings.Send with every default.
func Send(ctx context.Context, next Endpoint, from string, to []string, r io.Reader) ([]Result, error) {
	return Settings{}.Send(ctx, next, from, to, r)
}

// Send passes a message to a server, for the demo, tests and mail of our own.
// Line ends that are LF become CRLF. There is one result a recipient, in order;
// the error says why the conversation broke off, nil if it did not.
func (s Settings) Send(ctx context.Context, next Endpoint, from string, to []string, r io.Reader) ([]Result, error) {
	results := make([]Result, len(to))
	for i, rcpt := range to {
		results[i].Recipient = rcpt
	}
	set := s.Filled()
	set.Hostname = cmp.Or(set.Hostname, ourName)
	until := time.Now().Add(sendTime)
	h, err := Dial(ctx, next, &set, until)
	if err == nil {
		err = h.send(from, results, r, until)
	}
	if err != nil {
		return results, fmt.Errorf("send to %s: %w", next, err)
	}
	return results, nil
}

// Has asks a server whether it would take mail for a mailbox, and sends nothing. The
// error says why the conversation broke off, nil if it did not.
func (s Settings) Has(ctx context.Context, next Endpoint, mailbox string) (Result, error) {
	set := s.Filled()
	set.Hostname = cmp.Or(set.Hostname, ourName)
	h, err := Dial(ctx, next, &set, time.Now().Add(sendTime))
	if err == nil {
		defer h.Leave()
		err = h.Mail("", &smtp.MailOptions{}, nil)
	}
	if err == nil {
		err = h.Rcpt(mailbox, nil)
	}
	if reply, is := replies.As(err); is {
		return Result{mailbox, reply.Code, reply.Message}, nil
	}
	if err != nil {
		return Result{Recipient: mailbox}, fmt.Errorf("ask %s for %s: %w", next, mailbox, err)
	}
	return Result{Recipient: mailbox, Code: 250}, nil
}

// send holds one transaction, fills in the results, and leaves.
func (h *Conn) send(from string, results []Result, r io.Reader, until time.Time) error {
	defer h.Leave()
	wide := slices.ContainsFunc(results, func(res Result) bool { return !ascii(res.Recipient) })
	if err := h.Mail(from, &smtp.MailOptions{UTF8: wide || !ascii(from)}, nil); err != nil {
		return err
	}
	var accepted []*Result
	for i := range results {
		err := h.Rcpt(results[i].Recipient, nil)
		if reply, ok := replies.As(err); ok {
			results[i].Code, results[i].Text = reply.Code, reply.Message
			continue
		}
		if err != nil {
			return err
		}
		accepted = append(accepted, &results[i])
	}
	if len(accepted) == 0 {
		return h.Reset()
	}
	write := func(w io.Writer) error {
		body := &lines{w: w}
		if _, err := io.Copy(body, r); err != nil {
			return err
		}
		_, err := w.Write(body.ends.Last(nil))
		return err
	}
	_, err := h.Data(write, until, func(n int, reply *smtp.SMTPError) {
		accepted[n].Code, accepted[n].Text = reply.Code, reply.Message
	})
	return err
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
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
