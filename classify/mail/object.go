package mail

import (
	"slices"
	"strings"
	"time"
)

// Object is a mail object (RFC 5321, section 2.3.1): an envelope and content,
// with the sender's identity as far as it was proven.
type Object struct {
	Envelope Envelope
	Identity Identity
	Message  *Message
}

// Envelope is what the SMTP conversation said (RFC 5321, section 3.3).
type Envelope struct {
	From    string    // reverse-path without brackets, as it came; "" is the null sender
	To      []string  // accepted forward-paths without brackets, in RCPT order, as they came
	Arrived time.Time // when the final dot was read; rules take every window and date from it
	Client  Client
}

// Client is what XFORWARD told of the server that upstream talked to. Every
// field may be empty.
type Client struct {
	Addr  string // IP address
	Helo  string // its HELO or EHLO name
	Queue string // upstream's queue id, so that one search follows a mail through Postfix
}

// How says what proved the sender.
type How string

// The ways in which a sender is proven, strongest first.
const (
	ByDKIM How = "dkim" // an aligned signature that usher verified itself
	ByAR   How = "ar"   // an aligned dkim=pass in a trusted Authentication-Results
	BySPF  How = "spf"  // an aligned SPF pass alone: no benefit from it
	ByNone How = "none" // nothing: shown as a claim
)

// Identity is the sender as far as proven.
type Identity struct {
	Address   string // the single From address, domain in lower case; "" if there is none or more than one
	Name      string // display name, decoded
	Domain    string // From domain, A-labels, lower case; what the mail claims
	OrgDomain string // organisational domain of Domain; "" where there is none
	How       How
	// SenderKey is the proven organisational domain; the whole address at a
	// freemail domain and where a mail provider lends addresses; "" unless How is
	// dkim or ar. A mail provider's host is never one.
	SenderKey string
	// StreamKey is SenderKey and, after a blank, the List-Id or the kind and
	// sender of the Feedback-ID that an aligned signature covers; "" without a
	// SenderKey.
	StreamKey string
	// SPF is the reverse-path's domain for which SPF passed, by our own check or a trusted
	// field; "" where it did not, or where How is dkim and PathAligned. It proves where a
	// bounce goes, nothing of the message.
	SPF         string
	PathAligned bool        // the reverse-path's domain has the organisational domain of Domain
	Signatures  []Signature // at most 8
	Note        string      // why nothing was proven, for a person; "" if proven
}

// Signature is one DKIM-Signature as verified.
type Signature struct {
	Domain  string // d=
	Valid   bool
	Aligned bool     // with the domain of the one From address, as its DMARC record asks
	Covers  []string // fields that h= lists at least as often as the message has them; lower case
	Listed  []string // fields that h= lists at all; lower case
	Err     string   // why it is not valid; "" if valid
	// Unchecked is that its key could not be looked up: it is neither good nor bad.
	Unchecked bool
}

// Proven reports whether the sender may benefit from a grant or a want.
func (id Identity) Proven() bool { return id.How == ByDKIM || id.How == ByAR }

// Brand is what decisions about this sender are kept under: SenderKey, OrgDomain or Domain.
func (id Identity) Brand() string {
	switch {
	case id.SenderKey != "":
		return id.SenderKey
	case id.OrgDomain != "":
		return id.OrgDomain
	}
	return id.Domain
}

// Covered reports whether an aligned valid signature covers the named field.
func (id Identity) Covered(field string) bool {
	field = strings.ToLower(field)
	for _, s := range id.Signatures {
		if s.Valid && s.Aligned && slices.Contains(s.Covers, field) {
			return true
		}
	}
	return false
}
