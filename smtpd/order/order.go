// Package order reads what a letter to an address of ours orders, if its signature proves
// who orders that, of whom and when. It never answers, and never holds a letter back.
package order

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"usher/classify/mail"
)

// Bounds of orders.
const (
	Fresh      = time.Hour // that the date of a letter is off at most
	MostDaily  = 10        // taken of one domain, or of one address where many share a domain
	mostKnown  = 20_000    // letters that are known again
	mostWait   = 100       // orders that wait to be done
	maxID      = 250       // bytes of a Message-ID that is answered
	maxAddress = 254       // RFC 5321, section 4.5.3.1
	day        = 24 * time.Hour

	leaves = 5 * time.Second // to do, at a stop, what was taken
)

// Errors of a letter that orders nothing.
var (
	errProgram  = errors.New("a program sent it")
	errVerb     = errors.New("its subject orders nothing")
	errUnproven = errors.New("who sent it is not proven by DKIM")
	errUnsigned = errors.New("no signature covers From, To, Cc, Subject, Date and Message-ID")
	errNotTo    = errors.New("it is not written to us")
	errStale    = errors.New("its date is more than an hour off")
	errRepeated = errors.New("it came before")
	errAddress  = errors.New("its sender's address is not one to write to")
	errOften    = errors.New("as much was ordered from there as may be in a day")
	errMany     = errors.New("too many order something at once")
)

// Order is what a letter orders.
type Order struct {
	Verb   string // in upper case
	About  string // the domain behind it; "": none
	From   string // who orders, and is answered: one plain address
	Domain string // the organisational domain that is proven; "" where many strangers share it
	ID     string // Message-ID with its brackets; "" if it cannot be quoted
	key    string // Message-ID as it came
	who    string // orders are counted by
	at     time.Time
}

// Box takes orders to one address. Its fields are set before first use.
type Box struct {
	Address   string
	Delimiter string // between an address's local part and its detail
	Verbs     []string
	// Allowed is nil for an order that may be taken.
	Allowed func(Order) error
	Now     func() time.Time
	Log     *slog.Logger

	mu    sync.Mutex
	day   int64
	count map[string]int // taken, this day
	known map[[sha256.Size]byte]time.Time
	wait  chan Order
}

// Open makes a box ready.
func (b *Box) Open() *Box {
	b.count, b.known, b.wait = map[string]int{}, map[[sha256.Size]byte]time.Time{}, make(chan Order, mostWait)
	return b
}

// Observe implements smtpd.Observer: a letter that orders something is taken, and done
// by who calls Do. One that does not is logged, and that is all.
func (b *Box) Observe(_ context.Context, o *mail.Object, _ []byte) {
	if !slices.ContainsFunc(o.Envelope.To, b.is) {
		return
	}
	order, err := b.read(o)
	if err == nil {
		err = b.enter(order)
	}
	if err != nil {
		b.Log.Info("a letter to us was passed on and not answered", "queue", o.Envelope.Client.Queue, "address", b.Address, "domain", o.Identity.OrgDomain, "why", err)
	}
}

// Do does what is ordered, until over or until ctx ends. Of a nil Box that is nothing.
func (b *Box) Do(ctx context.Context, over <-chan time.Time, do func(context.Context, Order)) error {
	var wait chan Order
	if b != nil {
		wait = b.wait
	}
	for {
		select {
		case <-ctx.Done():
			return b.rest(ctx, do)
		case o := <-wait:
			do(ctx, o)
		case <-over:
			return nil
		}
	}
}

// rest does what was taken before ctx ended, as far as there is time: nobody is asked to
// order it again.
func (b *Box) rest(ctx context.Context, do func(context.Context, Order)) error {
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaves)
	defer cancel()
	for b != nil && late.Err() == nil && len(b.wait) > 0 {
		do(late, <-b.wait)
	}
	return ctx.Err()
}

func (b *Box) is(address string) bool {
	return mail.Mailbox(address, b.Delimiter) == mail.Mailbox(b.Address, b.Delimiter)
}

// read reads an order from a letter, if the letter proves it.
func (b *Box) read(o *mail.Object) (Order, error) {
	m, id := o.Message, o.Identity
	order := Order{From: id.Address, key: m.MessageID, at: m.Date}
	auto := strings.ToLower(strings.TrimSpace(m.Get("Auto-Submitted")))
	words := strings.Fields(m.Subject)
	if len(words) > 0 && strings.EqualFold(words[0], "re:") {
		words = words[1:]
	}
	switch {
	case o.Envelope.From == "", auto != "" && auto != "no", m.Has("List-Id"), m.Has("Precedence"):
		return order, errProgram
	case len(words) == 0, len(words) > 2, !slices.Contains(b.Verbs, strings.ToUpper(words[0])):
		return order, errVerb
	}
	order.Verb = strings.ToUpper(words[0])
	if len(words) == 2 {
		if order.About = mail.Domain(words[1]); !isPlain(order.About, "") {
			return order, errVerb
		}
	}
	order.who = strings.ToLower(id.SenderKey)
	if len(m.MessageID) <= maxID && isPlain(m.MessageID, "") {
		order.ID = m.MessageID
	}
	signed := []string{"from", "to", "subject", "date", "message-id"}
	if m.Has("Cc") {
		signed = append(signed, "cc") // To is read with it
	}
	signers := covering(id, signed)
	if id.SenderKey == id.OrgDomain && slices.Contains(signers, id.OrgDomain) {
		order.Domain = id.OrgDomain // who has the key of a subdomain alone orders nothing for all of it
	}
	switch age := b.Now().Sub(m.Date); {
	case id.How != mail.ByDKIM, id.SenderKey == "":
		return order, errUnproven
	case len(signers) == 0, m.MessageID == "":
		return order, errUnsigned
	case !slices.ContainsFunc(m.To, func(to mail.Address) bool { return b.is(to.Local + "@" + to.Domain) }):
		return order, errNotTo
	case age > Fresh, age < -Fresh:
		return order, errStale
	case len(id.Address) > maxAddress, !isPlain(id.Address, `"(),:;<>[\]%?#`), b.is(id.Address):
		return order, errAddress
	case b.Allowed != nil:
		return order, b.Allowed(order)
	}
	return order, nil
}

// isPlain reports whether a text is printable ASCII without blanks, and has none of some
// characters.
func isPlain(text, without string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(without, r) })
}

// covering are the domains whose valid signature covers all of some fields: that of From,
// or one above it. One below it is aligned, and may be somebody else's.
func covering(id mail.Identity, fields []string) (domains []string) {
	for _, s := range id.Signatures {
		speaks := id.Domain == s.Domain || strings.HasSuffix(id.Domain, "."+s.Domain)
		if s.Valid && s.Aligned && speaks && !slices.ContainsFunc(fields, func(f string) bool { return !slices.Contains(s.Covers, f) }) {
			domains = append(domains, s.Domain)
		}
	}
	return domains
}

// enter has an order done that is new, unless enough came from there.
func (b *Box) enter(o Order) error {
	now, who := b.Now(), o.who
	sum := sha256.Sum256([]byte(who + "\x00" + o.key))
	b.mu.Lock()
	defer b.mu.Unlock()
	if today := now.Unix() / int64(day/time.Second); today != b.day {
		b.day = today
		clear(b.count)
	}
	for sum, until := range b.known {
		if now.After(until) {
			delete(b.known, sum)
		}
	}
	_, was := b.known[sum]
	switch {
	case was:
		return errRepeated
	case b.count[who] >= MostDaily:
		return errOften
	case len(b.known) >= mostKnown: // none is forgotten while its date would still do
		return errMany
	}
	select {
	case b.wait <- o:
	default:
		return errMany
	}
	b.count[who]++
	b.known[sum] = o.at.Add(Fresh)
	return nil
}
