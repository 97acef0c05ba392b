// Package leave reads how a mailing list may be left, and asks it, by the one POST
// of RFC 8058, to let an address go; reports leave by the same careful POST. It never follows a link or a redirect, never
// asks a server that is not public, and never tells anybody the URI.
package leave

import (
	"errors"
	"strings"

	"usher/classify/mail"
)

// maxField bounds the List-Unsubscribe fields together, in bytes; longer ones are
// not read.
const maxField = 2000

// Errors of Read: why a person is not helped to leave.
var (
	ErrNone   = errors.New("the message does not say how to leave")
	ErrLong   = errors.New("what the message says of leaving is over 2,000 bytes")
	ErrList   = errors.New("it is a discussion list, which is left by hand")
	ErrSpam   = errors.New("your mail server marked the message as spam, and an answer would tell that it was read")
	ErrSigned = errors.New("no signature of the sender that usher verified covers what the message says of leaving")
	ErrNoURI  = errors.New("the message names no way to leave that usher may take")
)

// Slip is how one stream of mail may be left, as its sender signed it. Its URIs
// are secrets of the recipient.
type Slip struct {
	Brand  string `json:"brand"`            // whose mail it is
	Stream string `json:"stream,omitempty"` // mail.Identity's StreamKey
	Post   string `json:"post,omitempty"`   // the https URI that takes a POST; "" if there is none
	Mail   Mailto `json:"mail,omitzero"`    // the letter that serves where there is no Post
	Link   string `json:"link,omitempty"`   // what the person may follow where there is neither
}

// Read tells how a message's stream may be left. What it gives may be kept and
// used later: keys rotate, so that signatures count on arrival alone.
func Read(m *mail.Message, id mail.Identity) (Slip, error) {
	fields, posts := m.All("List-Unsubscribe"), m.All("List-Unsubscribe-Post")
	switch {
	case len(fields) == 0:
		return Slip{}, ErrNone
	case len(strings.Join(fields, ",")) > maxField:
		return Slip{}, ErrLong
	case isDiscussion(m):
		return Slip{}, ErrList
	case isSpam(m):
		return Slip{}, ErrSpam
	case !signed(id, len(posts) > 0):
		return Slip{}, ErrSigned
	}
	return choose(Slip{Brand: id.Brand(), Stream: id.StreamKey}, uris(strings.Join(fields, ",")), oneClick(posts))
}

// choose takes the first https URI for one click, else the first letter, else the
// first https URI for the person.
func choose(s Slip, uris []string, oneClick bool) (Slip, error) {
	for _, uri := range uris {
		if _, err := Host(uri); err == nil && s.Link == "" {
			s.Link = uri
		}
		if letter, err := readMailto(uri); err == nil && s.Mail.To == "" {
			s.Mail = letter
		}
	}
	switch {
	case oneClick && s.Link != "":
		s.Post, s.Link, s.Mail = s.Link, "", Mailto{}
	case s.Mail.To != "":
		s.Link = ""
	case s.Link == "":
		return Slip{}, ErrNoURI
	}
	return s, nil
}

// signed reports whether one aligned signature that usher verified covers the
// fields that say how to leave, as often as they stand there.
func signed(id mail.Identity, post bool) bool {
	if id.How != mail.ByDKIM {
		return false
	}
	for _, s := range id.Signatures {
		if !s.Valid || !s.Aligned {
			continue
		}
		one := mail.Identity{Signatures: []mail.Signature{s}}
		if one.Covered("List-Unsubscribe") && (!post || one.Covered("List-Unsubscribe-Post")) {
			return true
		}
	}
	return false
}

func isDiscussion(m *mail.Message) bool {
	for _, v := range m.All("List-Post") {
		if word, _, _ := strings.Cut(strings.TrimSpace(v), " "); !strings.EqualFold(word, "NO") {
			return true
		}
	}
	return false
}

// isSpam reports whether what stood before us took the message for spam.
func isSpam(m *mail.Message) bool {
	for _, name := range []string{"X-Spam-Flag", "X-Spam", "X-Spam-Status"} {
		for _, v := range m.All(name) {
			if v = strings.TrimSpace(v); len(v) >= 3 && strings.EqualFold(v[:3], "yes") {
				return true
			}
		}
	}
	return false
}

// oneClick reports whether every List-Unsubscribe-Post promises it.
func oneClick(posts []string) bool {
	for _, v := range posts {
		if !strings.EqualFold(strings.Join(strings.Fields(v), ""), "List-Unsubscribe=One-Click") {
			return false
		}
	}
	return len(posts) > 0
}
