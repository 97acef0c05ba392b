// Package complain reads to whom a sender wants complaints about a message told (RFC
// 9477), and writes a complaint (RFC 5965). It never guesses an address, never takes one
// that the sender's signature does not cover, and never names who complains.
package complain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	netmail "net/mail"
	"slices"
	"strings"

	"usher/classify/mail"
)

// Bounds of what is read.
const (
	mostTargets = 3   // addresses that are told of one message
	maxValue    = 900 // bytes of a field that is given back: a line has 998 at most
)

// Mode is by which rule of RFC 9477, section 3.1, an address may be told.
type Mode string

// The modes.
const (
	Strict     Mode = "strict"      // the address is in the domain of From, which signed
	Relaxed    Mode = "relaxed"     // in it or below it, and it or a parent signed
	ThirdParty Mode = "third-party" // elsewhere, and both domains signed
	PreSigned  Mode = "pre-signed"  // elsewhere, and only that domain signed what says so
)

// Errors of Read: why nobody is told.
var (
	ErrNone   = errors.New("the message names no address for complaints")
	ErrSigned = errors.New("no signature that usher verified covers the address for complaints that the message names: anybody may have written it")
	ErrNoID   = errors.New("the message has no Message-ID, by which its sender would know it")
)

// Target is an address that may be told of a complaint.
type Target struct {
	Address string `json:"address"` // ASCII, its domain in lower case
	Mode    Mode   `json:"mode"`
}

// Slip is what a complaint about one message will say, and to whom: as it was signed on
// arrival, since keys rotate. It names its recipient nowhere.
type Slip struct {
	From      string   `json:"from"` // domain of From
	Signer    string   `json:"signer"`
	To        []Target `json:"to"`
	MessageID string   `json:"message_id"`                 // with its brackets
	ID        string   `json:"cfbl_feedback_id,omitempty"` // CFBL-Feedback-ID, without white space
	Feedback  string   `json:"feedback_id,omitempty"`      // Feedback-ID and List-Id, if signed
	List      string   `json:"list_id,omitempty"`
	MailFrom  string   `json:"mail_from"` // its local part hidden by Redact
}

// Read tells to whom a complaint about a message may go. key hides the local part of
// the reverse-path.
func Read(o *mail.Object, key []byte) (Slip, error) {
	m, id := o.Message, o.Identity
	fields := m.All("CFBL-Address")
	if len(fields) == 0 {
		return Slip{}, ErrNone
	}
	s := Slip{From: id.Domain, MessageID: value(m, "Message-ID"), ID: strings.Join(strings.Fields(value(m, "CFBL-Feedback-ID")), ""), MailFrom: Redact(key, o.Envelope.From)}
	for _, v := range fields {
		address, host := addressIn(v)
		mode, signer := modeOf(host, m.Has("CFBL-Feedback-ID"), id)
		if mode != "" && len(s.To) < mostTargets && !slices.ContainsFunc(s.To, func(t Target) bool { return t.Address == address }) {
			s.To, s.Signer = append(s.To, Target{address, mode}), signer
		}
	}
	switch {
	case len(s.To) == 0:
		return s, ErrSigned
	case s.MessageID == "":
		return s, ErrNoID
	}
	for name, at := range map[string]*string{"Feedback-ID": &s.Feedback, "List-Id": &s.List} {
		if id.Covered(name) {
			*at = value(m, name)
		}
	}
	return s, nil
}

// addressIn reads the address that a field names, and its domain; "" where it is none.
// In what form the sender wants to be told stands after it: it is always ARF, which RFC
// 9477 lets whoever cannot write XARF send.
func addressIn(field string) (address, host string) {
	spec, _, _ := strings.Cut(field, ";")
	found, err := netmail.ParseAddress(strings.TrimSpace(spec))
	if err != nil || strings.Contains(spec, "<") || len(found.Address) > 254 {
		return "", ""
	}
	at := strings.LastIndexByte(found.Address, '@')
	host = strings.ToLower(found.Address[at+1:])
	address = found.Address[:at+1] + host
	if strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c >= 0x7f }) || strings.ContainsAny(host, "[]") || strings.ContainsAny(address[:at], `"(),:;<>@[\]`) {
		return "", ""
	}
	return address, host
}

// modeOf finds by which rule an address in a domain may be told, "" for none, and whose
// signature says that the message is the sender's. numbered is that the message has a
// CFBL-Feedback-ID, which must be signed as well.
func modeOf(host string, numbered bool, id mail.Identity) (mode Mode, signer string) {
	from := id.Domain
	if host == "" || id.Address == "" {
		return "", ""
	}
	var byFrom, byOwn, byHost, without string
	for _, s := range id.Signatures {
		covers := slices.Contains(s.Covers, "cfbl-address") && (!numbered || slices.Contains(s.Covers, "cfbl-feedback-id"))
		names := slices.Contains(s.Listed, "cfbl-address") || slices.Contains(s.Listed, "cfbl-feedback-id")
		switch {
		case !s.Valid:
		case covers && within(from, s.Domain) && within(s.Domain, id.OrgDomain):
			if byOwn = s.Domain; s.Domain == from {
				byFrom = s.Domain
			}
		case !names && s.Domain == from:
			without = s.Domain
		}
		if s.Valid && covers && s.Domain == host {
			byHost = s.Domain
		}
	}
	switch {
	case host == from && byFrom != "":
		return Strict, byFrom
	case within(host, from) && byOwn != "":
		return Relaxed, byOwn
	case byHost != "" && byFrom != "":
		return ThirdParty, byFrom
	case byHost != "" && without != "":
		return PreSigned, without
	}
	return "", ""
}

// within reports whether a domain is another or below it.
func within(domain, other string) bool {
	return other != "" && (domain == other || strings.HasSuffix(domain, "."+other))
}

// Redact hides the local part of an address: equal ones stay equal (RFC 6590), and who
// has no key learns nothing of it. "" stays "".
func Redact(key []byte, address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte("usher redact v1\x00" + address))
	const shown = 10 // bytes
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:shown])) + "@" + plain(address[at+1:])
}

// value is that of the first field of a name, on one line; "" if it cannot be given back.
func value(m *mail.Message, name string) string {
	v := plain(m.Get(name))
	if len(v) > maxValue {
		return ""
	}
	return v
}

// plain has no character that would end a line or is no ASCII.
func plain(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case c < ' ' || c >= 0x7f:
			return -1
		}
		return c
	}, s))
}
