package auth

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/authres"

	"usher/classify/mail"
)

// proof is the weighing of what speaks for the one sender of a message.
type proof struct {
	v       *Verifier
	ctx     context.Context
	id      *mail.Identity
	env     *mail.Envelope   // nil: not known
	results []authres.Result // of the site's own fields
	vouched []authres.Result // of a trusted forwarder
	note    string           // why our own check reached no answer; "" if it did

	from   standing
	failed string // why alignment is not known; "" if it is
}

// prove sets what id says of how it was proven. Our own check comes first; a
// trusted field is asked only where that check reached no answer of its own
// about the sender's domain.
func (p *proof) prove(msg *mail.Message) {
	id := p.id
	if !p.stands() {
		return
	}
	for i := range id.Signatures {
		s := &id.Signatures[i]
		s.Aligned = p.aligned(s.Domain, p.from.policy.strictDKIM)
	}
	own := verdict(id.Signatures)
	if p.note != "" {
		own = open
	}
	if p.env != nil && p.env.From != "" {
		id.PathAligned = p.aligned(domainOf(p.env.From), false)
	}
	if own == proven {
		id.How = mail.ByDKIM
	} else {
		id.Note = explain(id, cmp.Or(p.note, p.failed))
	}
	bySPF := p.spf(own == proven && id.PathAligned)
	speaks := func(d string) bool { return p.aligned(d, p.from.policy.strictDKIM) }
	passed := alignedDKIM(p.results, speaks)
	if own == refuted && passed {
		p.v.logger().Warn("own DKIM check differs from Authentication-Results; ours stands", "domain", id.Domain)
	}
	switch {
	case own == proven:
	case own == open && passed, alignedDKIM(p.vouched, speaks): // who passes mail on may break its signatures
		id.How = mail.ByAR
	case bySPF:
		id.How = mail.BySPF
		id.Note = "only SPF passed, which proves the way a message came and not the message"
		return
	default:
		return
	}
	p.name(msg)
}

// stands finds the organisational domain of From, where something could be
// aligned with it. It reports whether that is known.
func (p *proof) stands() bool {
	id := p.id
	if len(id.Signatures) == 0 && len(p.results) == 0 && (p.env == nil || p.env.Client.Addr == "") {
		id.Note = explain(id, p.note)
		return false
	}
	var err error
	if p.from, err = p.v.stand(p.ctx, id.Domain); err != nil {
		p.v.logger().Debug("DMARC record not looked up", "domain", id.Domain, "error", err)
		id.Note = cmp.Or(p.note, dmarcFailed+id.Domain)
		return false
	}
	id.OrgDomain = p.from.org
	if p.from.recorded && OrgDomain(p.from.org) == "" {
		id.OrgDomain = "" // a public suffix is nobody's, whatever it publishes
	}
	return true
}

// aligned reports whether a domain speaks for From.
func (p *proof) aligned(domain string, strict bool) bool {
	if strict {
		domain = hostname(domain)
		return domain != "" && domain == p.from.domain
	}
	ok, err := p.v.shares(p.ctx, domain, p.from)
	if err != nil {
		p.failed = dmarcFailed + domain
	}
	return ok
}

// spf sets id.SPF, and reports whether SPF passed for a domain that is aligned.
// What we checked to the end stands against what a trusted field says. The check
// costs the most questions of all: it is left out where nothing hangs on it.
func (p *proof) spf(needless bool) bool {
	if p.env == nil || needless {
		return false
	}
	strict := p.from.policy.strictSPF
	if own := p.v.checkSPF(p.ctx, p.env); own.checked {
		if p.env.From != "" {
			p.id.SPF = own.passed
		}
		return own.passed != "" && p.aligned(own.passed, strict)
	}
	p.id.SPF = passedSPF(p.results, domainOf(p.env.From))
	return alignedSPF(p.results, func(d string) bool { return p.aligned(d, strict) })
}

// name sets the keys of a proven sender. Hosts from where many strangers send
// have none, and leave the sender unproven.
func (p *proof) name(msg *mail.Message) {
	id := p.id
	id.SenderKey = senderKey(id)
	id.Note = ""
	if id.SenderKey == "" {
		id.How = mail.ByNone
		id.Note = id.Domain + " sends for many; which of them is not proven"
		return
	}
	id.StreamKey = id.SenderKey
	if stream := stream(id, msg); stream != "" {
		id.StreamKey += " " + stream
	}
}

// maxStream bounds what a sender may have us remember of a stream, in bytes.
const maxStream = 128

// stream tells apart what one sender sends: newsletters, invoices. Only a field
// that the sender signed tells it. Of a Feedback-ID the last two parts are taken,
// the kind of mail and who sends it: those before them change with each mailing.
func stream(id *mail.Identity, msg *mail.Message) string {
	if id.Covered("list-id") {
		value := msg.Get("List-Id")
		if i := strings.LastIndexByte(value, '<'); i >= 0 {
			value, _, _ = strings.Cut(value[i+1:], ">")
		}
		if s := word(value); s != "" {
			return s
		}
	}
	if id.Covered("feedback-id") {
		parts := strings.Split(msg.Get("Feedback-ID"), ":")
		return word(strings.Join(parts[max(0, len(parts)-2):], ":"))
	}
	return ""
}

// word is a value in lower case without blanks; "" where it is too long.
func word(value string) string {
	s := strings.ToLower(strings.Join(strings.Fields(value), ""))
	if len(s) > maxStream {
		return ""
	}
	return s
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
		case s.Valid && slices.Contains(s.Covers, "from"):
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
