package rules

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/claim"
	"usher/rules/features"
	"usher/rules/intents"
	"usher/rules/marks"
)

// Statements finds what was stated for a mailbox. own and site may be nil;
// where both are, the mailbox is not judged. An error says that it cannot be told
// now, or not in time.
type Statements interface {
	For(ctx context.Context, mailbox string) (own, site *intents.File, err error)
}

// Judge decides where mail goes.
type Judge struct {
	Model      *classify.Model
	Statements Statements
	Delimiter  string        // between mailbox and detail of an address: "+"; "" for none
	Marks      *marks.Memory // compares copies of a mailing; nil where there is one mailbox only
	Overrides  Overrides     // nil: none are kept
	Lessons    Lessons       // nil: nobody corrects anything
	History    History       // nil: nothing is counted, and no cap or at most applies
	Keep       bool          // what a decision needs to be made again is kept with it
}

// Bounds of a decision.
const (
	maxAlso      = 20  // statements listed beside the one that decided
	maxRelevance = 20  // wants listed: those that answered, then the most relevant
	maxEvidence  = 12  // reasons of the classifier, strongest first
	maxOffers    = 20  // offers listed
	maxSubject   = 300 // characters of a subject
)

// Decide gives one decision for each recipient of the envelope, in its order;
// nil where the mailbox is not judged. Its only error is that of ctx.
func (j *Judge) Decide(ctx context.Context, o *mail.Object) ([]*Decision, error) {
	ds := make([]*Decision, len(o.Envelope.To))
	if o.Message == nil {
		read := *o
		read.Message = &mail.Message{}
		o = &read
	}
	var v *classify.Verdict // one for all recipients, once someone wants it
	kept := sync.OnceValue(func() []byte { return features.Keep(o, v, listID(o.Message), maxOffers) })
	for i, to := range o.Envelope.To {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		mailbox := mail.Mailbox(to, j.Delimiter)
		own, site, err := j.statements(ctx, mailbox)
		if err != nil {
			ds[i] = Failed(o, i, "your intents could not be read in time")
			ds[i].Recipient = mailbox
			continue
		}
		if own == nil && site == nil {
			continue
		}
		if v == nil {
			v = j.classify(o)
		}
		if ds[i] = again(ds[:i], mailbox, o); ds[i] == nil {
			ds[i] = j.decideInTime(ctx, j.hear(o, v, mailbox, own, site))
		}
		if j.Keep && ds[i] != nil {
			ds[i].Features = kept()
		}
		ds[i].Detail = mail.Detail(to, j.Delimiter)
	}
	return ds, ctx.Err()
}

// classify gives the verdict, with what other mailboxes here tell of marks.
func (j *Judge) classify(o *mail.Object) *classify.Verdict {
	v := j.Model.Classify(o)
	if j.Marks != nil {
		var boxes []string
		for _, to := range o.Envelope.To {
			boxes = append(boxes, mail.Mailbox(to, j.Delimiter))
		}
		v.Knows = j.Marks.Settle(o, boxes, v.Knows)
	}
	return v
}

// again gives a mailbox that several recipients stand for the decision that it
// got already, counted once.
func again(ds []*Decision, mailbox string, o *mail.Object) *Decision {
	i := slices.IndexFunc(ds, func(d *Decision) bool { return d != nil && d.Recipient == mailbox })
	if i < 0 {
		return nil
	}
	d := *ds[i]
	d.ID, d.Counts = NewID(o.Envelope.Arrived), nil
	return &d
}

// statements finds what was stated for a mailbox, within its part of the time.
func (j *Judge) statements(ctx context.Context, mailbox string) (own, site *intents.File, err error) {
	ctx, cancel := patience(ctx)
	defer cancel()
	return j.Statements.For(ctx, mailbox)
}

// decideInTime decides, but leaves the message in the inbox where what it is to
// be held against is so much that it takes more than its part of the time to read.
func (j *Judge) decideInTime(ctx context.Context, h *hearing) *Decision {
	if h.bulk() && !readInTime(ctx, h.own, h.site) {
		d := describe(h.object, h.verdict)
		d.Recipient, d.Intents = h.mailbox, h.files()[0].Sum
		d.Disposition, d.Because, d.Text = Inbox, "error", "your intents were still being read; the next message will be held against them"
		return d
	}
	return j.decide(ctx, h)
}

// decide makes one recipient's decision, in turn with others where it depends on
// what came before.
func (j *Judge) decide(ctx context.Context, h *hearing) *Decision {
	if j.History == nil || !h.isCounted() {
		return h.decision()
	}
	return j.History.Count(ctx, h.mailbox, func(past Past) *Decision {
		h.past = past
		return h.decision()
	})
}

// hear prepares one recipient's decision.
func (j *Judge) hear(o *mail.Object, v *classify.Verdict, mailbox string, own, site *intents.File) *hearing {
	h := &hearing{object: o, mailbox: mailbox, own: own, site: site, verdict: v, sender: o.Identity, listID: listID(o.Message), arrived: o.Envelope.Arrived, structured: len(o.Message.Nodes) > 0}
	h.day = intents.DateOf(h.arrived.In(h.zone()))
	h.like = h.resembles()
	if j.Lessons != nil {
		h.lessons = j.Lessons.Lessons(mailbox)
	}
	if j.Overrides != nil {
		h.overrides = j.Overrides.InForce(mailbox, h.arrived)
	}
	return h
}

// decision is what the statements come to.
func (h *hearing) decision() *Decision {
	won, others := h.decide()
	d := describe(h.object, h.verdict)
	d.Nearest = h.nearest
	d.Evidence = h.like.evidence(d.Evidence)
	d.Recipient = h.mailbox
	d.Disposition, d.Because, d.Statement, d.Text = won.to, h.source(won), won.statement(), won.text
	d.Observed = won.observed
	d.Counts = h.counts(won, others)
	if won.to == Reject {
		d.Declined, d.TellSender = won.declines, won.tell
	}
	if w := won.displaced; w != nil {
		d.WouldBe = w.to
		d.Also = append(d.Also, h.also(*w))
	}
	for _, r := range others {
		if (r.by != nil && r.voice != rest || r.label != "") && len(d.Also) < maxAlso {
			d.Also = append(d.Also, h.also(r))
		}
	}
	d.Relevance = h.relevant()
	d.Intents = h.files()[0].Sum // the person's own, if there is one
	return d
}

// zone is the person's, else the site's, else UTC.
func (h *hearing) zone() *time.Location {
	for _, f := range h.files() {
		if f.Zone != nil {
			return f.Zone
		}
	}
	return time.UTC
}

// also lists a ruling that did not decide.
func (h *hearing) also(r ruling) Also {
	return Also{Source: h.source(r), Statement: r.statement(), Answer: r.answer, Text: r.text}
}

// source names what a ruling comes from.
func (h *hearing) source(r ruling) string {
	switch {
	case r.override != "":
		return bySource + r.override
	case r.label != "":
		return byCorrection + r.label
	}
	return h.cite(r.file, r.by)
}

// cite names a statement's line, "default" where there is none.
func (h *hearing) cite(f *intents.File, by *intents.Head) string {
	switch {
	case by == nil:
		return "default"
	case f == h.own:
		return fmt.Sprintf("intents:%d", by.Line)
	}
	return fmt.Sprintf("site:%d", by.Line)
}

// statement is the line that decided, or what a person would write for it.
func (r ruling) statement() string {
	if r.by == nil {
		return r.stated
	}
	return r.by.Text
}

// describe copies what is said of the message, whoever receives it.
func describe(o *mail.Object, v *classify.Verdict) *Decision {
	id := o.Identity
	how := string(id.How)
	if how == "" {
		how = string(mail.ByNone)
	}
	d := &Decision{
		ID:         NewID(o.Envelope.Arrived),
		At:         o.Envelope.Arrived.UTC().Truncate(time.Minute),
		MessageID:  o.Message.MessageID,
		Sender:     Sender{Brand: id.Brand(), Name: id.Name, Aligned: id.How != mail.ByNone && id.How != "", How: how},
		Subject:    clip(o.Message.Subject, maxSubject),
		Category:   v.Category,
		Confidence: v.Confidence,
		Knows:      v.Knows,
		Terms:      claim.Read(o, v),
		Evidence:   v.Evidence[:min(len(v.Evidence), maxEvidence)],
		Summary:    v.Summary,
		Size:       roundUp(o.Message.Size),
	}
	if v.Low() {
		d.Topic = v.Topic()
	}
	for _, offer := range v.Offers[:min(len(v.Offers), maxOffers)] {
		d.Offers = append(d.Offers, printed(offer))
	}
	return d
}

// printed writes an offer with amounts as decimal strings.
func printed(o mail.Offer) Offer {
	p := Offer{Brand: o.Brand, Item: o.Item, Discount: o.Discount, Code: o.Code, From: o.Source}
	if o.Price != nil {
		p.Price, p.Currency = intents.Amount(*o.Price), o.Price.Currency
	}
	if o.Was != nil {
		p.Was = intents.Amount(*o.Was)
		if p.Currency == "" {
			p.Currency = o.Was.Currency
		}
	}
	if !o.Ends.IsZero() {
		p.Ends = o.Ends.Format(time.RFC3339)
	}
	return p
}

// listID is what stands between the last brackets of List-Id (RFC 2919,
// section 2), or the whole field without them.
func listID(m *mail.Message) string {
	s := strings.TrimSpace(m.Get("List-Id"))
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// roundUp gives the next power of two: a size must not tell one mail from another.
func roundUp(n int) int {
	if n <= 1 {
		return n
	}
	return 1 << bits.Len(uint(n-1))
}

// place names a disposition as a place in a sentence.
func (d Disposition) place() string {
	switch d {
	case Promotions:
		return "promotions"
	case Refuse, Reject:
		return "the refused"
	}
	return "the " + string(d)
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Judges reports whether anything is stated for a recipient, by the person or
// by the site: else the mailbox is not judged, and leaves no record.
func (j *Judge) Judges(recipient string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	own, site, err := j.Statements.For(ctx, mail.Mailbox(recipient, j.Delimiter))
	return err == nil && (own != nil || site != nil)
}

// Failed is the decision about recipient i where judging failed: inbox,
// because "error". Nothing of the message is told, since it may be what failed,
// but the Message-ID if it was read, by which a person asks.
func Failed(o *mail.Object, i int, reason string) *Decision {
	d := &Decision{
		ID:          NewID(o.Envelope.Arrived),
		At:          o.Envelope.Arrived.UTC().Truncate(time.Minute),
		Recipient:   mail.Mailbox(o.Envelope.To[i], ""),
		Sender:      Sender{How: string(mail.ByNone)},
		Disposition: Inbox,
		Because:     "error",
		Text:        clip(reason, 200),
	}
	if o.Message != nil {
		d.MessageID = o.Message.MessageID
	}
	return d
}

// Thin returns what is kept of a decision about personal mail: neither sender
// nor subject, nor anything that was seen in it.
func (d *Decision) Thin() *Decision {
	return &Decision{
		ID: d.ID, At: d.At, Recipient: d.Recipient, Category: d.Category,
		Disposition: d.Disposition, Because: d.Because, Observed: d.Observed, Outcome: d.Outcome,
	}
}
