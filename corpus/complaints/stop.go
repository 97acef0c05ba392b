package complaints

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/rules"
	"usher/smtpd/order"
)

const verbStop = "STOP"

// Silence is that an address which was told of complaints wants to hear of no more. It
// is kept for good.
type Silence struct {
	Address string    `json:"address"` // as mail.Mailbox has it
	At      time.Time `json:"at"`
}

// Begin reads which addresses want to hear no more, and opens the box for those that say
// so from now on.
func (d *Desk) Begin() error {
	list, err := corpus.Notes[Silence](d.Store, d.from(), corpus.PrefixSilence)
	for _, s := range list {
		d.silent.Store(s.Address, true)
	}
	if d.Answer != nil {
		d.box = (&order.Box{Address: d.from(), Delimiter: d.Delimiter, Verbs: []string{verbStop}, Now: d.Now, Log: d.Log}).Open()
	}
	return err
}

// Box takes what is ordered by mail to the address that complaints come from; nil where
// none are sent.
func (d *Desk) Box() *order.Box { return d.box }

func (d *Desk) from() string { return "complaints@" + d.Host }

// isSilent reports whether an address wants to hear no more.
func (d *Desk) isSilent(address string) bool {
	_, is := d.silent.Load(mail.Mailbox(address, ""))
	return is
}

// hears reports whether an address is told of complaints.
func (d *Desk) hears(address string) bool {
	return !d.isSilent(address) && (d.Alone == nil || !d.Alone(address))
}

// stop has an address hear no more of complaints, if it heard of any.
func (d *Desk) stop(ctx context.Context, o order.Order) {
	address := mail.Mailbox(o.From, "")
	told := d.those(func(c *Complaint) bool {
		return slices.ContainsFunc(c.Told, func(to string) bool { return mail.Mailbox(to, "") == address })
	})
	text := "No complaints are sent to " + o.From + " any more, by this site."
	var err error
	switch {
	case len(told) == 0 && !d.isSilent(address):
		text = "No complaint was sent to " + o.From + ", as far as usher remembers; nothing was done. Write from the address that got one."
	default:
		err = d.silence(ctx, address)
	}
	if err == nil {
		err = d.Answer(ctx, o.From, d.box.Reply(o, rules.NewID(d.Now())+"@"+d.Host, text))
	}
	if err != nil {
		d.Log.Warn("that an address wants no more complaints was not kept, or not answered", "address", strings.ToLower(o.From), "error", err)
		return
	}
	d.Log.Info("an address said STOP about complaints", "address", strings.ToLower(o.From), "told before", len(told))
}

// silence keeps that an address wants to hear no more. It returns when that is durable.
func (d *Desk) silence(ctx context.Context, address string) error {
	sum := sha256.Sum256([]byte(address))
	s := Silence{Address: address, At: d.Now().UTC().Truncate(time.Second)}
	if err := d.Store.Note(ctx, d.from(), corpus.PrefixSilence, ulid.ULID(sum[:16]).String(), s); err != nil {
		return fmt.Errorf("keep that an address wants no more: %w", err)
	}
	d.silent.Store(address, true)
	_, domain, _ := strings.Cut(address, "@")
	audit.Keep(ctx, d.Store, d.Log, audit.Itself(audit.Silenced, domain, "of complaints, by its own letter"))
	return nil
}
