package smtpd

import (
	"github.com/emersion/go-smtp"

	"usher/smtpd/events"
	"usher/smtpd/replies"
)

// told is a session whose replies to MAIL and RCPT are counted. Those at the end
// of data are counted with what became of the message.
type told struct{ *session }

// Mail implements smtp.Session.
func (t told) Mail(from string, opts *smtp.MailOptions) error {
	return t.replied(events.AtMail, t.session.Mail(from, opts))
}

// Rcpt implements smtp.Session.
func (t told) Rcpt(to string, opts *smtp.RcptOptions) error {
	return t.replied(events.AtRcpt, t.session.Rcpt(to, opts))
}

// replied counts a reply: what the next hop accepts is its reply too.
func (t told) replied(stage string, err error) error {
	code, by := 250, events.ByNextHop
	if r, ok := replies.As(err); ok {
		code = r.Code
		if replies.IsOwn(r) {
			by = events.ByUsher
		}
	}
	t.log.Replied(stage, code, by)
	return err
}
