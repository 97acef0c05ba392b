// Package auth proves who sent a message: by its own check of the DKIM
// signatures and of SPF, aligned as DMARC asks, else by a trusted
// Authentication-Results field. It never changes a message, refuses one, or takes
// a failure of the DNS for a fault of the sender.
package auth

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// DefaultTimeout bounds all look-ups of one message together.
const DefaultTimeout = 3 * time.Second

// MaxSignatures is how many signatures of a message are checked, from the top.
const MaxSignatures = 8

// Verifier tells who sent a message. Its fields are set before first use; after
// that it serves any number of goroutines. The zero value asks the system's DNS
// and trusts no Authentication-Results.
type Verifier struct {
	Resolver dns.Source // nil is dns.System()

	// TrustedIDs are the authserv-ids whose Authentication-Results are believed.
	// The site's border should remove that id from what comes in, as RFC 8601,
	// section 5 asks; fields below the border's Received are not believed anyway.
	TrustedIDs []string
	// Networks are the site's own servers beside this machine, by whose Received
	// fields a message came further after the border.
	Networks []netip.Prefix
	// Forwarders are domains whose ARC seal is believed where a trusted field says
	// arc=pass: what they found of a message before they passed it on, and
	// perhaps changed it, then counts.
	Forwarders []string

	Timeout time.Duration // 0 is DefaultTimeout
	Log     *slog.Logger  // nil logs nothing

	once    sync.Once // sets the source of answers
	answers dns.Cache
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
	v.once.Do(func() { v.answers.Source = v.Resolver })
	timeout := v.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	asking, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var note string
	id.Signatures, note = v.check(ctx, asking, h, in, msg)
	senders := max(h.count("from"), len(msg.From))
	switch {
	case senders == 0 || id.Domain == "":
		id.Note = "the message names no sender"
	case senders > 1 || id.Address == "":
		id.Note = "the message names more than one sender"
	default:
		p := proof{v: v, ctx: asking, id: &id, env: env, results: v.siteResults(h), note: note}
		p.vouched = v.vouched(h, p.results)
		p.prove(msg)
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

func (v *Verifier) logger() *slog.Logger {
	if v.Log != nil {
		return v.Log
	}
	return slog.New(slog.DiscardHandler)
}
