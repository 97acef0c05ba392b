// Package bounces leaves an address alone for a while that took no mail of our own. What
// usher writes to senders comes from an address that is of each of them alone; what their
// servers write back to it is read as it passes, and held back never.
package bounces

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
)

// Rest is how long an address is left alone.
const Rest = 30 * 24 * time.Hour

// again is after how long a notice has its address left alone for longer: of a thousand
// at once one is kept.
const again = 24 * time.Hour

// secret is how much of a hash is in an address, in bytes: what nobody guesses.
const secret = 10

// check is how much of a hash proves that an address was given by us, in bytes.
const check = 5

// Desk tells which addresses are left alone. Its fields are set before Begin.
type Desk struct {
	Store     *corpus.Store
	Host      string // of this site
	Delimiter string // between an address's local part and its detail; "": bounces go to nobody
	Key       []byte // hides whom an address of ours is for
	Now       func() time.Time
	Log       *slog.Logger

	alone sync.Map // the detail of an address of ours → time.Time until which its owner is left alone
}

// rest is one address that is left alone, as it is kept.
type rest struct {
	Detail string    `json:"detail"`
	Until  time.Time `json:"until"`
}

// Ends is what the store goes by.
func (r rest) Ends() time.Time { return r.Until }

// Address is where bounces come.
func (d *Desk) Address() string { return "bounce@" + d.Host }

// Begin reads who is left alone.
func (d *Desk) Begin() error {
	all, err := corpus.Notes[rest](d.Store, d.Address(), corpus.PrefixSilence)
	for _, r := range all {
		d.alone.Store(r.Detail, r.Until)
	}
	return err
}

// From is the reverse-path of a letter to an address: bounces of it come there. It is ""
// where none can be told apart, and of a nil Desk.
func (d *Desk) From(to string) string {
	if d == nil || d.Delimiter == "" {
		return ""
	}
	return "bounce" + d.Delimiter + d.detail(to) + "@" + d.Host
}

// Until is until when an address is left alone, the zero time if it is not, and of a nil
// Desk.
func (d *Desk) Until(to string) time.Time {
	if d == nil {
		return time.Time{}
	}
	until, _ := d.alone.Load(d.detail(to))
	if at, is := until.(time.Time); is && d.Now().Before(at) {
		return at
	}
	return time.Time{}
}

func (d *Desk) detail(to string) string {
	whose := d.sum("usher bounce v1\x00"+mail.Mailbox(to, ""), secret)
	return whose + d.sum("usher bounce check v1\x00"+whose, check)
}

// sum is so many bytes of a keyed hash, as letters and digits.
func (d *Desk) sum(text string, size int) string {
	h := hmac.New(sha256.New, d.Key)
	h.Write([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:size]))
}

// Observe implements smtpd.Observer: who is told to have taken no letter is left alone. It
// takes that from whoever knows the reverse-path of a letter, which only its receiver does.
func (d *Desk) Observe(ctx context.Context, o *mail.Object, head []byte) {
	for _, to := range o.Envelope.To {
		detail, is := d.detailOf(to)
		if !is {
			continue
		}
		var err error
		switch {
		case o.Envelope.From != "":
			err = errNoBounce
		case !failed(o.Message, head):
			err = errNotFailed
		default:
			err = d.leave(ctx, detail)
		}
		if err != nil {
			d.Log.Info("what came back was passed on, and nobody is left alone for it", "queue", o.Envelope.Client.Queue, "detail", detail, "why", err)
			continue
		}
		d.Log.Warn("a letter of ours came back: its address is left alone", "queue", o.Envelope.Client.Queue, "detail", detail, "for", Rest)
	}
}

// detailOf reads the detail of an address of ours; one that was never given is none, or
// anybody could fill the store.
func (d *Desk) detailOf(to string) (detail string, is bool) {
	local, _, _ := strings.Cut(to, "@")
	name, detail, has := strings.Cut(strings.ToLower(local), d.Delimiter)
	at := base32.StdEncoding.EncodedLen(secret)
	is = d.Delimiter != "" && has && name == "bounce" && len(detail) > at && hmac.Equal([]byte(detail[at:]), []byte(d.sum("usher bounce check v1\x00"+detail[:at], check)))
	return detail, is && mail.Mailbox(to, d.Delimiter) == mail.Mailbox(d.Address(), "")
}

// leave keeps that an address is left alone. It returns when that is durable.
func (d *Desk) leave(ctx context.Context, detail string) error {
	r := rest{detail, d.Now().UTC().Truncate(time.Second).Add(Rest)}
	if until, is := d.alone.Load(detail); is && r.Until.Sub(until.(time.Time)) < again {
		return nil
	}
	sum := sha256.Sum256([]byte(detail))
	if err := d.Store.Note(ctx, d.Address(), corpus.PrefixSilence, ulid.ULID(sum[:16]).String(), r); err != nil {
		return fmt.Errorf("keep that an address is left alone: %w", err)
	}
	d.alone.Store(detail, r.Until)
	audit.Keep(ctx, d.Store, d.Log, audit.Itself(audit.Silenced, "bounce:"+detail, "a letter came back"))
	return nil
}
