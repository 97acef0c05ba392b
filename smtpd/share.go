package smtpd

import (
	"slices"

	"github.com/emersion/go-smtp"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/replies"
	"usher/smtpd/splice"
)

// SMTP has one reply for a message, however many its recipients are. So it goes
// on in one transaction, and what becomes of it is the same for all.

// softShared is the reason for which a decision is softened, as the log and the
// record say it.
const softShared = "shared"

// strictness orders what may become of a message, from the most lenient.
// Promotions and digest are filed alike.
func (m *message) strictness(i int) int {
	if m.untouched(i) {
		return -1
	}
	return map[rules.Disposition]int{rules.Inbox: 0, rules.Promotions: 1, rules.Digest: 1, rules.Refuse: 2, rules.Reject: 3}[m.fates[i].applied]
}

// share gives all recipients the most lenient of their fates: if one is
// untouched, all are.
func (m *message) share() {
	mildest := 0
	for i := range m.fates {
		if m.strictness(i) < m.strictness(mildest) {
			mildest = i
		}
	}
	shared, least := m.fates[mildest].applied, m.strictness(mildest)
	for i := range m.fates {
		f := &m.fates[i]
		if m.strictness(i) == least {
			continue
		}
		if f.applied != shared {
			m.s.log.Softened(m.t.client.Queue, m.decisions[i].ID, softShared)
			if f.why != "" {
				f.why += "; "
			}
			f.why += softShared + ": a message has one outcome for all its recipients"
		}
		f.applied, f.untouched = shared, least < 0
	}
}

// whole is the one group of a message with one reply, none if it is rejected.
// What is above it is for the eyes of all its recipients: among several, nobody's
// reasons.
func (m *message) whole() []group {
	var g group
	applied, category := m.fates[0].applied, m.category(0)
	digests := true
	for i := range m.fates {
		g.rcpts = append(g.rcpts, i)
		if m.fates[i].applied != applied {
			applied = rules.Promotions // with digest, which is filed there
		}
		if m.category(i) != category {
			category = ""
		}
		digests = digests && m.asides[i] == ourDigest
	}
	if digests {
		g.keep = mail.HeaderDigest
	}
	if applied == rules.Reject {
		m.decline(g.rcpts...)
		return nil
	}
	untouched, alone := m.untouched(0), len(m.fates) == 1
	stamped := m.s.srv.cfg.Stamp == StampAll && !slices.Contains(m.decisions, nil)
	switch {
	case untouched && !stamped:
	case !alone:
		g.above = splice.Shared(applied, string(category), m.folded)
	case untouched:
		g.above = m.stamp(0)
	default:
		g.above = m.above(m.decisions[0], applied)
	}
	return []group{g}
}

// category is what a recipient may be told of a message's kind, "" where it was
// not judged.
func (m *message) category(i int) classify.Category {
	if m.decisions[i] == nil || m.failure(i) != nil {
		return ""
	}
	return m.decisions[i].Category
}

// only is the one reply to a message. If its recipients were answered
// differently, which the one transaction that carried it rules out, it is
// temporary.
func (m *message) only() *smtp.SMTPError {
	reply := m.fates[0].reply
	for _, f := range m.fates {
		if f.reply.Code != reply.Code {
			return replies.Ours
		}
	}
	return reply
}
