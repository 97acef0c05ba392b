package daemon

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"usher/classify/mail"
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
)

// Bounds of the work on digests.
const (
	digestPause   = 20 * time.Second // between looks at who is due
	digestReview  = time.Hour        // after which a person's plan is read anew: the site's file may have changed
	digestRetry   = 5 * time.Minute  // after which one that could not be sent is tried again
	digestWorkers = 4                // made and sent at once
	digestTime    = time.Minute      // for one
	firstSpan     = 7 * 24 * time.Hour
)

// keyDigestID is the label of the key from which Message-IDs of digests are made.
const keyDigestID = "digest message-id"

// digests makes and sends what was set aside, to whom and when it was stated.
type digests struct {
	*Daemon
	from  digest.From
	how   digest.How
	shown func(mailbox string) string

	mu    sync.Mutex
	plans map[string]planned // by mailbox
}

// planned is when a person is looked at again.
type planned struct {
	mod  time.Time // of the file
	look time.Time
}

func (d *Daemon) newDigests() *digests {
	key, host := d.store.SiteKey(smtpd.KeyDigest), d.settings.Wire.Hostname
	j := &digests{Daemon: d, plans: map[string]planned{}, shown: func(mailbox string) string { return mailbox }}
	j.from = digest.From{
		Address: "usher@" + host, Host: host, Key: d.store.SiteKey(keyDigestID),
		Mark: func(mailbox, messageID string) string { return imprint.DigestField(key, "digest", mailbox, messageID) },
	}
	if d.settings.DigestFrom != "" {
		j.from.Address = d.settings.DigestFrom
	}
	j.how.Replies = true
	if d.pages != nil {
		j.how.Site = d.pages.URL()
	}
	if !d.settings.Wire.LogAddresses {
		logKey := d.store.SiteKey("log")
		j.shown = func(mailbox string) string { return events.Pseudonym(logKey, mailbox, d.settings.Wire.Delimiter) }
	}
	return j
}

// run looks who is due, until ctx ends.
func (j *digests) run(ctx context.Context) error {
	for {
		if n, failed := j.round(ctx, time.Now()); n+failed > 0 {
			j.log.Info("digests", "sent", n, "failed", failed)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(digestPause):
		}
	}
}

// round sends what is due at a moment, and counts it.
func (j *digests) round(ctx context.Context, now time.Time) (sent, failed int) {
	var good, bad atomic.Int64
	work := make(chan string)
	var workers sync.WaitGroup
	for range digestWorkers {
		workers.Go(func() {
			for mailbox := range work {
				did, err := j.due(ctx, mailbox, now)
				if err != nil && ctx.Err() == nil {
					bad.Add(1)
					j.log.Warn("a digest was not sent", "mailbox", j.shown(mailbox), "error", err, "again in", digestRetry)
				}
				if did {
					good.Add(1)
				}
			}
		})
	}
	begun := time.Now()
	told := begun
	j.each(ctx, func(mailbox string, mod time.Time) {
		if !j.isTime(mailbox, mod, now) {
			return
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			j.log.Info("digests are being sent", "sent", good.Load(), "failed", bad.Load(), "since", time.Since(begun).Round(time.Second))
		}
		select {
		case work <- mailbox:
		case <-ctx.Done():
		}
	})
	close(work)
	workers.Wait()
	return int(good.Load()), int(bad.Load())
}

// each shows the mailboxes that have a file, and when it was changed.
func (j *digests) each(ctx context.Context, see func(mailbox string, mod time.Time)) {
	root := j.settings.IntentsDir
	domains, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.log.Warn("nobody's digest is looked at", "error", err)
	}
	for _, domain := range domains {
		files, _ := os.ReadDir(filepath.Join(root, domain.Name())) // a file beside the folders has none
		for _, f := range files {
			local, is := strings.CutSuffix(f.Name(), ".intents")
			st, err := f.Info()
			if ctx.Err() != nil {
				return
			}
			if is && err == nil {
				see(mail.Mailbox(local+"@"+domain.Name(), ""), st.ModTime())
			}
		}
	}
}

// isTime reports whether a person is to be looked at.
func (j *digests) isTime(mailbox string, mod, now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	p, known := j.plans[mailbox]
	if known && p.mod.Equal(mod) && now.Before(p.look) {
		return false
	}
	j.plans[mailbox] = planned{mod, now.Add(digestRetry)}
	return true
}

// lookAt says when a person is to be looked at again.
func (j *digests) lookAt(mailbox string, at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.plans[mailbox]
	p.look = at
	j.plans[mailbox] = p
}

// due sends one person's digest, if one is due, and says when to look again.
func (j *digests) due(ctx context.Context, mailbox string, now time.Time) (sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, digestTime)
	defer cancel()
	own, site, err := j.files.For(ctx, mailbox)
	if err != nil {
		return false, err
	}
	again := now.Add(digestReview)
	plan := slots.Of(own, site)
	if own == nil || plan.None() {
		j.lookAt(mailbox, again)
		return false, nil
	}
	last, err := j.last(mailbox)
	if err != nil {
		return false, err
	}
	switch slot, is := plan.Due(last.Until, now); {
	case last.Until.IsZero(): // the first one comes when the next is due
		err = j.store.SentDigest(ctx, mailbox, corpus.Sent{Until: now.Truncate(time.Second)})
	case is:
		sent, err = j.send(ctx, mailbox, plan, last, slot)
	}
	if err != nil {
		return sent, err
	}
	if next, is := plan.Next(now); is && next.Before(again) {
		again = next
	}
	j.lookAt(mailbox, again)
	return sent, nil
}

// last is the last digest of a mailbox.
func (j *digests) last(mailbox string) (last corpus.Sent, err error) {
	all, err := j.store.Digests(mailbox)
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return last, err
}

// send makes and sends the digest of a span, if there is anything to tell, and keeps
// that it was. Between the next hop's answer and that a crash may come: then it is
// sent again, with the same Message-ID.
func (j *digests) send(ctx context.Context, mailbox string, plan slots.Plan, last corpus.Sent, until time.Time) (sent bool, err error) {
	mark := corpus.Sent{Until: until}
	e, err := j.compose(mailbox, plan, last, &mark)
	if err != nil {
		return false, err
	}
	if e != nil {
		from := j.from
		from.ReplyTo = mailbox // what the person writes to themselves passes here
		letter, err := e.Message(from, j.about(e))
		if err == nil {
			err = j.post(ctx, mailbox, letter)
		}
		if err != nil {
			return false, err
		}
		mark.Numbered, mark.Samples, sent = e.Numbered(), e.Samples(), true
	}
	return sent, j.store.SentDigest(ctx, mailbox, mark)
}

// about is what may be done about a digest: where there are pages, by its links too.
func (j *digests) about(e *digest.Edition) digest.How {
	how, ids := j.how, e.Numbered()
	if j.pages != nil {
		how.Link = func(n int, act string) string {
			return j.pages.Act(token.Act{Mailbox: e.Mailbox, Decision: ids[n-1], To: act, Until: e.Until.Add(token.Lasts)})
		}
	}
	return how
}

// compose makes the digest of what came since the last one; nil where there is nothing
// to tell. Decisions tell the minute alone: of one in which a digest was made, next
// holds which were told.
func (j *digests) compose(mailbox string, plan slots.Plan, last corpus.Sent, next *corpus.Sent) (*digest.Edition, error) {
	from, until := last.Until.Truncate(time.Minute), next.Until
	s := digest.Span{Mailbox: mailbox, Zone: plan.Zone(), From: from, Until: until, Away: plan.Waited(from, until)}
	err := j.store.EachDecision(mailbox, from, until, func(d *rules.Decision) bool {
		if d.At.Equal(until.Truncate(time.Minute)) {
			next.Told = append(next.Told, d.ID)
		}
		if !slices.Contains(last.Told, d.ID) {
			s.Decisions = append(s.Decisions, d)
		}
		return true
	})
	if err != nil && !errors.Is(err, corpus.ErrNotFound) {
		return nil, err
	}
	labels, err := j.store.Labels(mailbox)
	if err != nil {
		return nil, err
	}
	for _, l := range labels {
		if !l.At.Before(from) && l.At.Before(until) {
			s.Learnt = append(s.Learnt, l)
		}
	}
	before, err := j.store.Digests(mailbox)
	if err != nil {
		return nil, err
	}
	s.Sampled = sampled(before, labels)
	if fault := j.files.Fault(mailbox); fault != nil {
		s.Fault = fault.Error()
	}
	return digest.Compose(s), nil
}

// sampled counts the samples of digests, and those of them that were corrected.
func sampled(sent []corpus.Sent, labels []lessons.Label) (n digest.Sampled) {
	kept := lessons.Kept(labels)
	for _, s := range sent {
		for _, id := range s.Samples {
			n.Shown++
			if slices.ContainsFunc(kept, func(l *lessons.Label) bool { return l.Decision == id }) {
				n.Wrong++
			}
		}
	}
	return n
}

// Digest implements web.Digests: the digest that would be sent now, and if it is to
// be sent, sends it.
func (j *digests) Digest(ctx context.Context, mailbox string, send bool) (*web.Digest, error) {
	own, site, err := j.files.For(ctx, mailbox)
	if err != nil {
		return nil, err
	}
	last, err := j.last(mailbox)
	if err != nil {
		return nil, err
	}
	plan, now := slots.Of(own, site), time.Now().Truncate(time.Second)
	if last.Until.Before(now.Add(-30 * 24 * time.Hour)) { // or there was none
		last = corpus.Sent{Until: now.Add(-firstSpan)}
	}
	told := &web.Digest{From: last.Until, Until: now, Zone: plan.Zone().String()}
	if next, is := plan.Next(now); is {
		told.Next = next
	}
	e, err := j.compose(mailbox, plan, last, &corpus.Sent{Until: now})
	if err != nil || e == nil {
		return told, err
	}
	told.Subject, told.Text = e.Subject(), e.Text(j.about(e))
	if told.HTML, err = e.HTML(j.about(e)); err == nil && send {
		told.Sent, err = j.send(ctx, mailbox, plan, last, now)
	}
	return told, err
}
