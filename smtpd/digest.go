package smtpd

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"usher/classify/mail"
	"usher/smtpd/splice"
)

// DigestField gives the value of the Usher-Digest field of a digest for one
// mailbox: its id and a MAC over mailbox and Message-ID, by which the wire knows
// the digest for ours. key is the site's for the use KeyDigest; messageID is as
// the message has it, brackets included.
func DigestField(key []byte, id, mailbox, messageID string) string {
	return id + " " + hex.EncodeToString(digestMAC(key, mail.Mailbox(mailbox, ""), messageID))
}

func digestMAC(key []byte, mailbox, messageID string) []byte {
	mac := hmac.New(sha256.New, key)
	part(mac, []byte(mailbox))
	part(mac, []byte(messageID))
	return mac.Sum(nil)
}

// mark is what a message says of itself that only a digest of ours can.
type mark struct {
	messageID string
	mac       []byte
}

// markOf reads the mark of a message; nil if it has none, or more than one of
// what makes it up: then it cannot be told which of them would be read.
func markOf(head []byte) *mark {
	var m mark
	marks, ids := 0, 0
	body := splice.Header(head, func(name, field []byte) {
		value := strings.TrimSpace(string(field[min(len(field), len(name)+1):]))
		switch {
		case bytes.EqualFold(name, []byte(mail.HeaderDigest)):
			marks++
			if words := strings.Fields(value); len(words) == 2 && field[len(name)] == ':' {
				m.mac, _ = hex.DecodeString(words[1])
			}
		case bytes.EqualFold(name, []byte("Message-ID")):
			ids++
			m.messageID = value
		}
	})
	if marks != 1 || ids != 1 || len(m.mac) != sha256.Size || body == len(head) {
		return nil
	}
	return &m
}

// setAside finds the recipients whose copies are not judged.
func (m *message) setAside() {
	srv := m.s.srv
	m.asides = make([]aside, len(m.t.rcpts))
	mark := markOf(m.spool.Head(mail.MaxHeader))
	for i, r := range m.t.rcpts {
		mailbox := mail.Mailbox(r.path, srv.cfg.Delimiter)
		switch {
		case srv.control[mailbox]:
			m.asides[i] = toControl
		case mark != nil && hmac.Equal(mark.mac, digestMAC(srv.digest, mailbox, mark.messageID)):
			m.asides[i] = ourDigest
		}
	}
}
