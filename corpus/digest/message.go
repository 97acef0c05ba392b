package digest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus/digest/token"
)

// From is how a digest is sent.
type From struct {
	Address string                                 // of its From field
	Host    string                                 // for its Message-ID and List-Id
	ReplyTo string                                 // where an answer goes; "" to the sender
	Key     []byte                                 // of the site, for the Message-ID and links
	Mark    func(mailbox, messageID string) string // the Usher-Digest field, by which the wire knows it
	Fresh   time.Duration                          // after which it is worth nothing any more; 0 for a week
}

// MessageID is that of a digest: the same, however often it is made. An answer names
// the digest by it.
func (f From) MessageID(e *Edition) string {
	return idPrefix + token.Of(e.Mailbox, e.From, e.Until, e.Numbered()).Name(f.Key) + "@" + f.Host + ">"
}

// idPrefix begins the Message-ID of every digest.
const idPrefix = "<digest."

// LetterID is the Message-ID of a letter about a digest, by its name: an answer to the
// letter is one to the digest.
func (f From) LetterID(name string, text []byte) string {
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%s%s.%x@%s>", idPrefix, name, sum[:6], f.Host)
}

// NameIn gives the word for a digest that a Message-ID of it, or of a letter about it,
// holds; "" where it is none.
func NameIn(messageID string) string {
	name, is := strings.CutPrefix(messageID, idPrefix)
	name, _, at := strings.Cut(name, "@")
	name, _, _ = strings.Cut(name, ".") // what follows tells letters apart
	if !is || !at {
		return ""
	}
	return name
}

// Message writes the digest as a message, with CRLF. It is the same, byte by byte,
// however often it is made.
func (e *Edition) Message(f From, how How) ([]byte, error) {
	html, err := e.HTML(how)
	if err != nil {
		return nil, err
	}
	id := f.MessageID(e)
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", "usher <"+f.Address+">")
	field("To", "<"+e.Mailbox+">")
	if f.ReplyTo != "" {
		field("Reply-To", "<"+f.ReplyTo+">")
	}
	field("Subject", mime.QEncoding.Encode("utf-8", e.Subject()))
	field("Date", e.Until.In(e.Zone).Format(time.RFC1123Z))
	field("Message-ID", id)
	field("Auto-Submitted", "auto-generated")
	field("List-Id", "usher digest <digest."+f.Host+">")
	fresh := f.Fresh
	if fresh <= 0 {
		fresh = 7 * 24 * time.Hour
	}
	field("Expires", e.Until.Add(fresh).In(e.Zone).Format(time.RFC1123Z))
	if f.Mark != nil {
		field(mail.HeaderDigest, f.Mark(e.Mailbox, id))
	}
	boundary := "usher-" + NameIn(id)
	field("MIME-Version", "1.0")
	field("Content-Type", `multipart/alternative; boundary="`+boundary+`"`)
	b.WriteString("\r\n")
	parts := multipart.NewWriter(&b)
	if err := parts.SetBoundary(boundary); err != nil {
		return nil, fmt.Errorf("write the digest: %w", err)
	}
	for _, p := range []struct{ kind, text string }{{"text/plain", e.Text(how)}, {"text/html", html}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {p.kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return nil, fmt.Errorf("write the digest: %w", err)
		}
		q := quotedprintable.NewWriter(w)
		if _, err := q.Write([]byte(strings.ReplaceAll(p.text, "\n", "\r\n"))); err != nil {
			return nil, fmt.Errorf("write the digest: %w", err)
		}
		if err := q.Close(); err != nil {
			return nil, fmt.Errorf("write the digest: %w", err)
		}
	}
	if err := parts.Close(); err != nil {
		return nil, fmt.Errorf("write the digest: %w", err)
	}
	return b.Bytes(), nil
}
