// Package auth proves who sent a message: its own check of the DKIM
// signatures, else what a trusted Authentication-Results field says. It never
// changes a message, refuses one, or takes a failure of the DNS for a fault of
// the sender.
package auth

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"usher/classify/mail"

	"github.com/emersion/go-msgauth/authres"
)

// DefaultTimeout bounds all look-ups of one message together.
const DefaultTimeout = 3 * time.Second

// MaxSignatures is how many signatures of a message are checked, from the top.
const MaxSignatures = 8

// Verifier tells who sent a message. Its fields are set before first use; after
// that it serves any number of goroutines. The zero value asks the system's DNS
// and trusts no Authentication-Results.
type Verifier struct {
	Resolver Resolver // nil is NetResolver()

	// TrustedIDs are the authserv-ids whose Authentication-Results are believed.
	// Name one only if the site's border removes that id from what comes in, as
	// RFC 8601, section 5 asks: without that, anyone may write the field.
	TrustedIDs []string
	// Hostnames are the site's own servers, as their Received fields name them
	// after "by". A host named in TrustedIDs need not be repeated.
	Hostnames []string

	Timeout time.Duration // 0 is DefaultTimeout
	Log     *slog.Logger  // nil logs nothing

	answers cache
}

// Identify says who sent the message that raw holds, as far as proven. raw is
// the content as it was received; it is read once, in pieces, and perhaps not
// to its end. A bare LF counts as a line's end, as it will when the message is
// passed on. msg is the same content as read; nil proves nothing. Identify
// never fails: what cannot be checked is unproven, and Note says why. It ends
// early when ctx does.
func (v *Verifier) Identify(ctx context.Context, raw io.Reader, env *mail.Envelope, msg *mail.Message) (id mail.Identity) {
	defer func() {
		if p := recover(); p != nil {
			v.logger().Error("identity check panicked", "panic", fmt.Sprint(p))
			id = claim(msg)
			id.Note = "the sender could not be checked"
		}
	}()
	id = claim(msg)
	if msg == nil {
		id.Note = "the message could not be read"
		return id
	}
	in := bufio.NewReader(raw)
	h, err := readHeader(in)
	if err != nil {
		id.Note = err.Error()
		return id
	}
	var note string
	id.Signatures, note = v.check(ctx, h, in, msg)
	for i := range id.Signatures {
		id.Signatures[i].Aligned = aligned(id.Signatures[i].Domain, id.Domain)
	}
	results := v.siteResults(h)
	if env != nil {
		id.SPF = passedSPF(results, domainOf(env.From))
	}
	senders := max(h.count("from"), len(msg.From))
	switch {
	case senders == 0 || id.Domain == "":
		id.Note = "the message names no sender"
	case senders > 1 || id.Address == "":
		id.Note = "the message names more than one sender"
	default:
		v.prove(&id, results, note)
	}
	if !id.Proven() && env != nil {
		v.logger().Debug("sender unproven", "queue", env.Client.Queue, "domain", id.Domain, "note", id.Note)
	}
	return id
}

// claim is what a message says of its sender, nothing of it proven.
func claim(msg *mail.Message) mail.Identity {
	id := mail.Identity{How: mail.ByNone}
	if msg == nil || len(msg.From) == 0 {
		return id
	}
	from := msg.From[0]
	id.Name, id.Domain = from.Name, hostname(from.Domain)
	id.OrgDomain = OrgDomain(id.Domain)
	if len(msg.From) == 1 && id.Domain != "" {
		id.Address = from.Local + "@" + id.Domain
	}
	return id
}

// prove sets How, SenderKey and Note of a message with exactly one sender. Our
// own check comes first; a trusted field is asked only where that check reached
// no answer of its own about the sender's domain.
func (v *Verifier) prove(id *mail.Identity, results []authres.Result, note string) {
	own := verdict(id.Signatures)
	if note != "" {
		own = open
	}
	if own != proven {
		id.Note = explain(id, note)
	}
	switch passed := alignedDKIM(results, id.Domain); {
	case own == proven:
		id.How = mail.ByDKIM
	case own == refuted && passed:
		v.logger().Warn("own DKIM check differs from Authentication-Results; ours stands", "domain", id.Domain)
		return
	case own == open && passed:
		id.How = mail.ByAR
	case alignedSPF(results, id.Domain):
		id.How = mail.BySPF
		id.Note = "only SPF passed, which proves the way a message came and not the message"
		return
	default:
		return
	}
	id.SenderKey = senderKey(id)
	id.Note = ""
	if id.SenderKey == "" {
		id.How = mail.ByNone
		id.Note = id.Domain + " sends for many; which of them is not proven"
	}
}

// What our own check found out about the From domain.
type finding int

const (
	open    finding = iota // no aligned signature, or it could not be checked
	refuted                // an aligned signature is not valid
	proven                 // an aligned signature is valid and covers From
)

func verdict(signatures []mail.Signature) finding {
	found := open
	for _, s := range signatures {
		switch {
		case !s.Aligned:
		case s.Valid && contains(s.Covers, "from"):
			return proven
		case !strings.HasPrefix(s.Err, lookupFailed):
			found = refuted
		}
	}
	return found
}

// explain says why no signature proves the sender, the most telling reason first.
func explain(id *mail.Identity, note string) string {
	if note != "" {
		return note
	}
	if len(id.Signatures) == 0 {
		return "the message carries no DKIM signature"
	}
	for _, s := range id.Signatures {
		switch {
		case !s.Aligned:
		case strings.HasPrefix(s.Err, lookupFailed):
			return s.Err
		case s.Valid:
			return "the signature of " + s.Domain + " does not cover From"
		default:
			return "the signature of " + s.Domain + " is not valid: " + s.Err
		}
	}
	for _, s := range id.Signatures {
		if s.Valid {
			return "signed by " + s.Domain + ", which does not speak for " + id.Domain
		}
	}
	s := id.Signatures[0]
	if strings.HasPrefix(s.Err, lookupFailed) {
		return s.Err
	}
	return "the signature of " + s.Domain + " is not valid: " + s.Err
}

func (v *Verifier) logger() *slog.Logger {
	if v.Log != nil {
		return v.Log
	}
	return slog.New(slog.DiscardHandler)
}
