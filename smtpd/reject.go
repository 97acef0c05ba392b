package smtpd

import (
	"strings"

	"usher/classify"
	"usher/classify/mail"
	"usher/smtpd/replies"
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

// decline answers recipients who reject with one reply: with what their statements
// have in common, under a reference of its own.
func (m *message) decline(rcpts ...int) {
	first, taken := m.decisions[rcpts[0]], 0
	told := replies.Declined{Why: first.Declined, Words: first.TellSender, Ref: replies.NewRef()}
	if first.Outcome != nil && first.Outcome.Ref != "" { // it came before, and the sender may have noted it
		told.Ref = first.Outcome.Ref
	}
	if terms := m.s.srv.deps.Terms; terms != nil {
		told.Terms = terms()
	}
	for _, i := range rcpts {
		if d := m.decisions[i]; d.Declined != told.Why {
			told.Why = mail.DeclinesMail
		}
		if m.decisions[i].TellSender != told.Words {
			told.Words = ""
		}
	}
	if m.status != nil { // go-smtp puts the recipient before a reply at the end of data
		taken = len("<> ") + len(m.t.rcpts[rcpts[0]].name)
	}
	for _, i := range rcpts {
		m.fates[i].ref = told.Ref
		m.answer(i, told.Reply(taken))
	}
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
