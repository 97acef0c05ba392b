// Package imprint knows a message again by keyed hashes: one that is sent once
// more, and a digest of ours. It never keeps anything, and never believes a
// Message-ID alone, since senders choose that.
package imprint

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"

	"usher/classify/mail"
	"usher/smtpd/splice"
)

// Sum is what a message says, hashed.
type Sum [sha256.Size]byte

// fields are those that stay as they are when a message is sent again. Those of
// its content are among them, since the same body is another letter under another
// boundary or encoding.
var fields = [...]string{"Message-ID", "Date", "From", "Subject", "Content-Type", "Content-Transfer-Encoding"}

// Of hashes what a message says, once for all its recipients: the raw fields,
// and the body. head is the begin of whole.
func Of(head []byte, whole io.ReadSeeker) (sum Sum, err error) {
	var raw [len(fields)][]byte
	body := splice.Header(head, func(name, field []byte) {
		for i, wanted := range fields {
			if strings.EqualFold(string(name), wanted) {
				raw[i] = append(raw[i], field...)
			}
		}
	})
	h := sha256.New()
	for _, f := range raw {
		part(h, f)
	}
	if _, err = whole.Seek(int64(body), io.SeekStart); err == nil {
		_, err = io.Copy(h, whole)
	}
	h.Sum(sum[:0])
	return sum, err
}

// RetryKey is the key of a message for one recipient.
func RetryKey(key []byte, recipient, sender string, sum Sum) string {
	mac := hmac.New(sha256.New, key)
	part(mac, []byte(recipient))
	part(mac, []byte(sender))
	mac.Write(sum[:])
	return string(mac.Sum(nil))
}

// part writes bytes after their length, so that nothing can be shifted from one
// part to the next.
func part(w io.Writer, b []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(b)))
	w.Write(length[:])
	w.Write(b)
}

// DigestField gives the value of the Usher-Digest field of a digest for one
// mailbox: its id and a MAC over mailbox and Message-ID, by which the wire knows
// the digest for ours. messageID is as the message has it, brackets included.
func DigestField(key []byte, id, mailbox, messageID string) string {
	return id + " " + hex.EncodeToString(digestMAC(key, mail.Mailbox(mailbox, ""), messageID))
}

func digestMAC(key []byte, mailbox, messageID string) []byte {
	mac := hmac.New(sha256.New, key)
	part(mac, []byte(mailbox))
	part(mac, []byte(messageID))
	return mac.Sum(nil)
}

// Mark is what a message says of itself that only a digest of ours can.
type Mark struct {
	messageID string
	mac       []byte
}

// MarkOf reads the mark of a message; nil if it has none, or more than one of
// what makes it up: then it cannot be told which of them would be read.
func MarkOf(head []byte) *Mark {
	var m Mark
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

// IsFor reports whether the mark was made under key for a digest to mailbox. No
// mark is for anybody.
func (m *Mark) IsFor(key []byte, mailbox string) bool {
	return m != nil && hmac.Equal(m.mac, digestMAC(key, mailbox, m.messageID))
}
