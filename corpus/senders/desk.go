package senders

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/report"
	"usher/rules"
	"usher/smtpd/order"
)

// Bounds of knowing who asks.
const (
	lookedFor  = 24 * time.Hour // after which it is asked again
	soonest    = time.Hour      // after a question that was not answered
	maxKnown   = 10_000         // senders whose answer is known, whatever it is
	maxWaiting = 1000           // senders that are to be asked
	pause      = 30 * time.Second
	askTime    = 10 * time.Second
)

// DNS is asked for TXT records: none and no error where a name has none.
type DNS interface {
	TXT(ctx context.Context, name string) ([]string, error)
}

// Desk knows who asks for reports, collects for them, and seals what was collected.
type Desk struct {
	Store *corpus.Store
	DNS   DNS
	Site  string // the address for which requests and reports are kept
	From  report.Metadata
	// Delimiter stands between an address's local part and its detail.
	Delimiter string
	// TakesPart reports whether a mailbox's owner, or the site for them, lets it count.
	TakesPart func(ctx context.Context, mailbox string) bool
	// OrgDomain is the organisational domain of a name.
	OrgDomain func(name string) string
	// Mail signs a letter and passes it on; nil: reports are kept, and not mailed.
	Mail func(ctx context.Context, to string, letter []byte) error
	// Answer does the same for who wrote to us; nil: nobody is answered.
	Answer func(ctx context.Context, to string, letter []byte) error
	// Token gives a token to who proves a domain by mail; nil: there is nowhere to use one.
	Token func(ctx context.Context, domain string) (Token, error)
	// Sign signs a report once, for those who fetch it; nil: they get it unsigned, as JSON.
	Sign func(letter []byte) ([]byte, error)
	// Post gives a letter to an https URI; nil where Sign is.
	Post   func(ctx context.Context, uri string, letter []byte) error
	Random io.Reader // nil is crypto/rand
	Now    func() time.Time
	Log    *slog.Logger

	keeps   sync.Mutex // while what is known of a sender changes and is kept: before mu
	mu      sync.Mutex
	known   map[string]known // by organisational domain
	waiting map[string]bool
	older   map[string]bool     // mailboxes that were seen for long enough
	done    time.Time           // the day on which windows were sealed last; by Run alone
	later   time.Time           // nothing is to be sent before
	drawn   map[string][]string // ids of the notes of reports, by domain
	box     *order.Box
}

// known is what a sender asked for, as far as the DNS said.
type known struct {
	Request
	is    bool
	until time.Time
}

func (d *Desk) sampler() report.Sampler {
	if d.Random == nil {
		return report.Sampler{Source: rand.Reader}
	}
	return report.Sampler{Source: d.Random}
}

// Begin reads which senders asked when usher was last here.
func (d *Desk) Begin() error {
	list, err := d.Asking()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known, d.waiting, d.older = map[string]known{}, map[string]bool{}, map[string]bool{}
	d.openBox()
	for _, r := range list {
		d.known[r.Domain] = known{r, true, r.Looked.Add(lookedFor)}
	}
	d.later, d.drawn = time.Time{}, map[string][]string{}
	return errors.Join(err, corpus.EachNote(d.Store, corpus.PrefixReport, func(s Sealed) { d.drawn[s.Domain] = append(d.drawn[s.Domain], s.ID()) }))
}

// Asking lists the senders that ask for reports, by name.
func (d *Desk) Asking() ([]Request, error) {
	list, err := corpus.Notes[Request](d.Store, d.Site, corpus.PrefixRequest)
	slices.SortFunc(list, func(a, b Request) int { return strings.Compare(a.Domain, b.Domain) })
	return list, err
}

// wants reports whether a sender asks for reports, as far as is known; whoever is not
// known is asked soon.
func (d *Desk) wants(domain string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, is := d.known[domain]
	if (!is || !d.Now().Before(k.until)) && len(d.waiting) < maxWaiting {
		d.waiting[domain] = true
	}
	return k.is
}

// Note keeps beside decisions what reports will count of a message.
func (d *Desk) Note(o *mail.Object, ds []*rules.Decision) error {
	for _, one := range ds {
		if one == nil {
			continue
		}
		k := DeliveryOf(o, one)
		if k == nil || !d.wants(k.Brand) {
			continue
		}
		if err := one.Keep(corpus.PrefixDelivery, k); err != nil {
			return err
		}
	}
	return nil
}

// Became notes what became of a message, where that is another than was kept.
func Became(d *rules.Decision) {
	raw := d.Beside[corpus.PrefixDelivery]
	d.Beside = nil
	var k Delivery
	if raw == nil || d.Outcome == nil || json.Unmarshal(raw, &k) != nil || !k.became(d.Outcome) {
		return
	}
	if raw, err := json.Marshal(k); err == nil {
		d.Beside = map[string][]byte{corpus.PrefixDelivery: raw}
	}
}

// sealOver seals what is over, once a day: it looks at every delivery.
func (d *Desk) sealOver(ctx context.Context) {
	today := d.Now().UTC().Add(-lateActs).Truncate(day)
	if today.Equal(d.done) {
		return
	}
	if err := d.Seal(ctx); err != nil {
		if ctx.Err() == nil {
			d.Log.Warn("reports are not sealed", "error", err)
		}
		return
	}
	d.done = today
}

// Run asks who wants reports, seals what is over, and answers those who ask by mail,
// until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	for {
		d.ask(ctx)
		d.sealOver(ctx)
		d.send(ctx)
		if err := d.box.Do(ctx, time.After(pause), d.do); err != nil {
			return err
		}
	}
}

// ask asks the DNS for those senders that are to be asked.
func (d *Desk) ask(ctx context.Context) {
	d.mu.Lock()
	var domains []string
	for domain := range d.waiting {
		domains = append(domains, domain)
	}
	clear(d.waiting)
	d.mu.Unlock()
	for _, domain := range domains {
		if ctx.Err() != nil {
			return
		}
		k := d.lookUp(ctx, domain)
		d.keeps.Lock()
		d.mu.Lock()
		if len(d.known) >= maxKnown {
			for other, o := range d.known { // those that ask are kept, and read again at the next start
				if !o.is && len(o.Stopped) == 0 {
					delete(d.known, other)
				}
			}
		}
		k.Stopped = d.known[domain].Stopped // as it is by now
		if k.is {
			k.Stopped = slices.DeleteFunc(slices.Clone(k.Stopped), func(uri string) bool { return !slices.Contains(k.URIs, uri) })
		}
		d.known[domain] = k
		d.mu.Unlock()
		if k.is {
			if err := d.Store.Note(ctx, d.Site, corpus.PrefixRequest, idOf(domain), k.Request); err != nil {
				d.Log.Warn("what a sender asks for is not kept", "sender", domain, "error", err)
			}
		}
		d.keeps.Unlock()
	}
}

// lookUp asks the DNS what a sender asks for.
func (d *Desk) lookUp(ctx context.Context, domain string) known {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	now := d.Now().UTC().Truncate(time.Second)
	d.mu.Lock()
	was := d.known[domain]
	d.mu.Unlock()
	records, err := d.DNS.TXT(ctx, label+domain)
	if err != nil {
		was.until = now.Add(soonest)
		return was
	}
	r, err := ParseRequest(domain, records)
	if err == nil {
		err = d.declared(ctx, domain)
	}
	if err != nil {
		if !errors.Is(err, errNone) {
			d.Log.Info("a sender gets no reports", "sender", domain, "why", err)
		}
		return known{is: false, until: now.Add(lookedFor)}
	}
	r.First, r.Looked = was.First, now
	if r.First.IsZero() {
		r.First = now
	}
	return known{r, true, now.Add(lookedFor)}
}

// declared is nil where a domain declares by a DMARC record that it is organisational.
func (d *Desk) declared(ctx context.Context, domain string) error {
	records, err := d.DNS.TXT(ctx, "_dmarc."+domain)
	if err != nil {
		return err
	}
	for _, r := range records {
		if strings.HasPrefix(strings.ReplaceAll(r, " ", ""), "v=DMARC1") {
			return nil
		}
	}
	return errors.New("it has no DMARC record, which would declare its domain")
}

// idOf is an id that stands for some words, always the same.
func idOf(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return ulid.ULID(sum[:16]).String()
}
