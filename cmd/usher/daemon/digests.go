package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"usher/cmd/usher/health"
	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/digest"
	"usher/corpus/digest/slots"
	"usher/corpus/digest/token"
	"usher/rules"
	"usher/rules/lessons"
	"usher/smtpd"
	"usher/smtpd/events"
	"usher/smtpd/imprint"
	"usher/smtpd/nexthop"
)

// Bounds of what a digest is made of.
const (
	firstSpan  = 7 * 24 * time.Hour // that the first one looks back
	maxMails   = 10_000             // the newest, of one digest
	faultStood = 10 * time.Minute   // that a file has been broken before its owner is told: they may be writing it
)

// keyDigestID is the label of the key from which Message-IDs of digests are made.
const keyDigestID = "digest message-id"

// digests makes and sends what was set aside, to whom and when it was stated.
type digests struct {
	*Daemon
	from   digest.From
	how    digest.How
	shown  func(mailbox string) string
	counts *health.Digests

	mu    sync.Mutex
	plans map[string]planned // by mailbox
	busy  map[string]bool    // mailboxes whose digest is being made

	posting sync.Mutex // from a digest's leaving to the note of it: a crash lets one come twice, not several
}

func (d *Daemon) newDigests() *digests {
	key, host := d.store.SiteKey(smtpd.KeyDigest), d.settings.Wire.Hostname
	j := &digests{Daemon: d, plans: map[string]planned{}, busy: map[string]bool{}, shown: func(mailbox string) string { return mailbox }, counts: health.NewDigests()}
	j.from = digest.From{
		Address: "usher@" + host, Host: host, Key: d.store.SiteKey(keyDigestID),
		Mark: func(mailbox, messageID string) string { return imprint.DigestField(key, "digest", mailbox, messageID) },
	}
	if d.settings.DigestFrom != "" {
		j.from.Address = d.settings.DigestFrom
	}
	j.how.Replies, j.how.Leave = d.settings.Answers, d.settings.Leave
	if d.pages != nil {
		j.how.Site = d.pages.URL()
	}
	if !d.settings.Wire.LogAddresses {
		logKey := d.store.SiteKey("log")
		j.shown = func(mailbox string) string { return events.Pseudonym(logKey, mailbox, d.settings.Wire.Delimiter) }
	}
	return j
}

// hops are the next hops by which a mailbox's digest may go.
func (j *digests) hops(mailbox string) []nexthop.Endpoint {
	if hop := j.settings.DigestHop; hop != (nexthop.Endpoint{}) {
		return []nexthop.Endpoint{hop}
	}
	return j.keepers(mailbox)
}

// due sends one person's digest, if one is due, and says when to look again.
func (j *digests) due(ctx context.Context, p person, r *round) (sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, digestTime)
	defer cancel()
	done, is := j.alone(p.mailbox)
	if !is { // by hand, this very moment
		return false, nil
	}
	defer done()
	own, site, err := j.files.For(ctx, p.mailbox)
	if err != nil {
		return false, err
	}
	before, last, err := j.before(p.mailbox, r.now)
	if err != nil {
		return false, err
	}
	made := making{mailbox: p.mailbox, plan: slots.Of(own, site), before: before, last: last, now: r.now, hops: r.hops}
	if own == nil || made.plan.None() {
		return j.dueFault(ctx, p, made)
	}
	since := last.Until
	if last.Until.IsZero() { // none was sent yet: the first is the one after the file was written
		if since = r.now.Add(-firstSpan); p.mod.After(since) {
			since = p.mod
		}
	}
	again := r.now.Add(digestReview)
	if made.until, is = made.plan.Due(since, r.now); is {
		if last.Until.IsZero() {
			made.last.Until = made.until.Add(-firstSpan)
		}
		if sent, err = j.send(ctx, made); err != nil {
			return sent, err
		}
	}
	next, _ := made.plan.Next(r.now)
	if !next.IsZero() && next.Before(again) {
		again = next
	}
	j.lookAt(p.mailbox, again, next)
	return sent, nil
}

// dueFault tells a person to whom no digest comes that their file is broken, once.
func (j *digests) dueFault(ctx context.Context, p person, made making) (sent bool, err error) {
	again := made.now.Add(digestReview)
	fault := j.files.Fault(p.mailbox)
	switch stood := p.mod.Add(faultStood); {
	case fault == nil || made.last.Fault == sum(fault):
	case made.now.Before(stood):
		again = stood
	default:
		made.until = p.mod.Truncate(time.Second)
		made.last.Until = made.until // of no mail
		sent, err = j.send(ctx, made)
	}
	if err == nil {
		j.lookAt(p.mailbox, again, time.Time{})
	}
	return sent, err
}

// sum stands for a fault that was told.
func sum(fault error) string {
	h := sha256.Sum256([]byte(fault.Error()))
	return hex.EncodeToString(h[:8])
}

// before gives the digests of a mailbox, and the last of them. One that is still to come
// was noted while the clock was wrong, and is as good as none.
func (j *digests) before(mailbox string, now time.Time) (all []corpus.Sent, last corpus.Sent, err error) {
	all, err = j.store.Digests(mailbox)
	all = slices.DeleteFunc(all, func(s corpus.Sent) bool { return s.Until.After(now.Add(time.Minute)) })
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return all, last, err
}

// making is a digest that is to be made.
type making struct {
	mailbox string
	plan    slots.Plan
	before  []corpus.Sent // those sent to it, as far as they are known
	last    corpus.Sent   // from which on it is made
	until   time.Time     // the moment for which it is
	now     time.Time
	hops    *reached
}

// send makes and sends the digest of a span, if there is anything to tell, and keeps
// that it was. Between the next hop's answer and that a crash may come: then it is
// sent again, with the same Message-ID.
func (j *digests) send(ctx context.Context, m making) (sent bool, err error) {
	if !m.hops.answer(j.hops(m.mailbox)) { // before there is any work
		return false, errAway
	}
	mark := corpus.Sent{Until: m.until}
	e, err := j.compose(m, &mark)
	if err != nil {
		return false, err
	}
	if e == nil {
		return false, j.store.SentDigest(ctx, m.mailbox, mark)
	}
	return j.deliver(ctx, m, e, mark)
}

// deliver sends a digest that is made.
func (j *digests) deliver(ctx context.Context, m making, e *digest.Edition, mark corpus.Sent) (sent bool, err error) {
	from := j.from
	if j.how.Replies {
		from.ReplyTo = m.mailbox // what the person writes to themselves passes here
	}
	letter, err := e.Message(from, j.about(e))
	if err == nil {
		letter, err = j.signed(from.Address, letter)
	}
	if err != nil {
		return false, err
	}
	j.posting.Lock()
	defer j.posting.Unlock()
	if err := j.postTo(ctx, j.hops(m.mailbox), m.mailbox, letter, m.hops); err != nil {
		return false, err
	}
	mark.Numbered, mark.Samples = e.Numbered(), e.Samples()
	// Noted although we may be stopping: it is sent.
	return true, j.store.SentDigest(context.WithoutCancel(ctx), m.mailbox, mark)
}

// about is what may be done about a digest: where there are pages, by its links too.
func (j *digests) about(e *digest.Edition) digest.How {
	how, ids := j.how, e.Numbered()
	if j.pages != nil {
		how.Link = func(n int, act string) string {
			if act == token.Complain && !j.tellable(e.Mailbox, ids[n-1]) {
				return ""
			}
			return j.pages.Act(token.Act{Mailbox: e.Mailbox, Decision: ids[n-1], To: act, Until: e.Until.Add(token.Lasts)})
		}
	}
	return how
}

// compose makes the digest of what came since the last one; nil where there is nothing
// to tell. Decisions tell the minute alone: of one in which a digest was made, next
// holds which were told.
func (j *digests) compose(m making, next *corpus.Sent) (*digest.Edition, error) {
	from, until := m.last.Until.Truncate(time.Minute), next.Until
	s := digest.Span{Mailbox: m.mailbox, Zone: m.plan.Zone(), From: from, Until: until, Away: m.plan.Waited(from, until)}
	// By the hour: whoever makes it again after a crash makes the same.
	s.Now = m.now.Truncate(time.Hour).Add(time.Hour)
	err := j.store.EachDecision(m.mailbox, from, until, func(d *rules.Decision) bool {
		if d.At.Equal(until.Truncate(time.Minute)) {
			next.Told = append(next.Told, d.ID)
		}
		if !slices.Contains(m.last.Told, d.ID) {
			s.Decisions = append(s.Decisions, d)
		}
		if len(s.Decisions) >= 2*maxMails {
			s.Decisions = slices.Delete(s.Decisions, 0, maxMails)
		}
		return true
	})
	if err != nil && !errors.Is(err, corpus.ErrNotFound) {
		return nil, err
	}
	s.Decisions = s.Decisions[max(0, len(s.Decisions)-maxMails):]
	labels, err := j.store.Labels(m.mailbox)
	if err != nil {
		return nil, err
	}
	for _, l := range labels {
		if !l.At.Before(from) && l.At.Before(until) {
			s.Learnt = append(s.Learnt, l)
		}
	}
	var samples []string
	for _, b := range m.before {
		samples = append(samples, b.Samples...)
	}
	s.Sampled = digest.Check(samples, lessons.Kept(labels))
	fault := j.files.Fault(m.mailbox)
	if fault != nil {
		s.Fault, next.Fault = fault.Error(), sum(fault)
	}
	e := digest.Compose(s)
	if e != nil && len(e.Sections) == 0 && m.last.Fault == next.Fault { // it was told
		return nil, nil
	}
	return e, nil
}

// asked is the end of a digest that is asked for at a second: when that is over, since
// mail of a minute that has just begun is to be in it.
func asked(now time.Time) time.Time { return now.Add(time.Second) }

// Digest implements web.Digests: the digest that would be sent now, and if it is to
// be sent, sends it.
func (j *digests) Digest(ctx context.Context, mailbox string, send bool) (*web.Digest, error) {
	if send {
		done, is := j.alone(mailbox)
		if !is {
			return nil, &web.Error{Status: http.StatusConflict, Text: "a digest is being sent to " + mailbox, Next: "look into the mailbox, or try again in a minute"}
		}
		defer done()
	}
	own, site, err := j.files.For(ctx, mailbox)
	if err != nil {
		return nil, err
	}
	now := time.Now().Truncate(time.Second)
	before, last, err := j.before(mailbox, now)
	if err != nil {
		return nil, err
	}
	m := making{mailbox: mailbox, plan: slots.Of(own, site), before: before, last: last, until: asked(now), now: now}
	if last.Until.Before(now.Add(-30 * 24 * time.Hour)) { // or there was none
		m.last.Until = now.Add(-firstSpan)
	}
	told := &web.Digest{From: m.last.Until, Until: m.until, Zone: m.plan.Zone().String()}
	if next, is := m.plan.Next(now); is {
		told.Next = next
	}
	mark := corpus.Sent{Until: m.until}
	e, err := j.compose(m, &mark)
	if err != nil || e == nil {
		return told, err
	}
	told.Subject, told.Text = e.Subject(), e.Text(j.about(e))
	if told.HTML, err = e.HTML(j.about(e)); err == nil && send {
		told.Sent, err = j.deliver(ctx, m, e, mark)
	}
	return told, err
}
