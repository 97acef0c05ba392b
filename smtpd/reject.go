package smtpd

import (
	"strings"

	"usher/classify"
	"usher/classify/mail"
)

// unmet names the condition for which a decision to reject must not be answered
// with 5xx; "" if there is none. Whoever is refused by a 5xx may be struck off a
// list, and over LMTP our own upstream writes a bounce to the reverse-path.
func (m *message) unmet(i int) string {
	d, msg := m.decisions[i], m.object.Message
	switch {
	case m.failed != nil: // which a decision made before outlives, but not what was to be read of the message
		return "the message was not looked at"
	case !m.kept:
		return "the decision is not on record"
	case d.Category != classify.Promotion && d.Category != classify.Newsletter:
		return "neither a promotion nor a newsletter"
	case m.t.from == "":
		return "from the null sender"
	case msg.ContentType == "multipart/report":
		return "a report"
	case msg.Has("Auto-Submitted") && !strings.EqualFold(firstWord(msg.Get("Auto-Submitted")), "no"):
		return "sent automatically"
	case discussion(msg):
		return "from a discussion list, which would strike its member off"
	case !m.s.hop.In.LMTP():
		return ""
	case !m.s.srv.cfg.AllowLMTPReject:
		return "allow-lmtp-reject is not set"
	case !m.bounceReaches():
		return "a bounce might not reach the true sender"
	}
	return ""
}

// discussion reports whether a message comes from a list that people write to.
func discussion(msg *mail.Message) bool {
	if strings.EqualFold(firstWord(msg.Get("Precedence")), "list") {
		return true
	}
	return msg.Has("List-Post") && !strings.EqualFold(firstWord(msg.Get("List-Post")), "no")
}

// firstWord gives what stands before the first blank, comment or parameter.
func firstWord(value string) string {
	value = strings.TrimSpace(value)
	if end := strings.IndexAny(value, " \t;("); end >= 0 {
		value = value[:end]
	}
	return value
}

// bounceReaches reports whether the reverse-path is proven to be the sender's:
// SPF passed for its domain, or an aligned DKIM signature has its organisational
// domain. Where many people share a domain, it must be the very address.
func (m *message) bounceReaches() bool {
	_, domain, ok := mail.SplitAddress(m.t.from)
	id := m.object.Identity
	switch {
	case !ok:
		return false
	case id.SPF != "" && strings.EqualFold(id.SPF, domain):
		return true
	case !id.Proven():
		return false
	case strings.Contains(id.SenderKey, "@"):
		return strings.EqualFold(id.SenderKey, m.t.from)
	}
	return id.PathAligned
}
