// Package leaving has mailing lists left for people who ask for it: it keeps of each
// message how its list may be left, waits a while, asks once, and watches whether that
// is honoured. It never asks for a list that its person did not name.
package leaving

import (
	"errors"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/leave"
)

// Slip is how the list of one message may be left, as its sender signed it on arrival:
// keys rotate, so that nothing is proven later.
type Slip struct {
	leave.Slip
	Decision string            `json:"decision"`
	At       time.Time         `json:"at"` // to the minute
	Name     string            `json:"name,omitempty"`
	Category classify.Category `json:"category"`
	Address  string            `json:"address"`         // to which the message came: the one that is subscribed
	Fault    string            `json:"fault,omitempty"` // why the list cannot be left by this message; "" if it can
}

// SlipOf reads the slip of a message that is decided about; nil where none is kept: of
// letters, of discussion lists, and of what is needed and does not say how to leave.
func SlipOf(o *mail.Object, d *rules.Decision) *Slip {
	if d.Category == classify.Personal || d.Category == classify.List || d.Because == "error" {
		return nil
	}
	how, err := leave.Read(o.Message, o.Identity)
	if errors.Is(err, leave.ErrNone) && !isBulk(d.Category) {
		return nil
	}
	s := &Slip{Slip: how, Decision: d.ID, At: d.At, Name: d.Sender.Name, Category: d.Category, Address: d.Recipient}
	if err != nil {
		s.Fault = err.Error()
		s.Brand, s.Stream = o.Identity.Brand(), o.Identity.StreamKey
	}
	return s
}

func isBulk(c classify.Category) bool { return c == classify.Promotion || c == classify.Newsletter }

// way is how the list of a slip is left: "post", "mail", or "" if the person follows the
// link; where is the host or the address that learns of it.
func (s *Slip) way() (way, where string) {
	switch {
	case s.Post != "":
		where, _ = leave.Host(s.Post)
		return byPost, where
	case s.Mail.To != "":
		return byMail, s.Mail.To
	}
	where, _ = leave.Host(s.Link)
	return "", where
}
