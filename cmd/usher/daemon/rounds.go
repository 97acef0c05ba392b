package daemon

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/health"
	"usher/cmd/usher/web"
)

// Bounds of the work on digests.
const (
	digestPause  = 20 * time.Second // between looks at who is due
	digestReview = time.Hour        // after which a person's plan is read anew: the site's file may have changed
	digestRetry  = 5 * time.Minute  // after which one that could not be sent is tried again; one that was refused, after digestReview
	digestTold   = 10 * time.Second // between words on how far a round is
	digestTime   = time.Minute      // for one
)

// digestWorkers is how many digests are made at once: half of the processors stay with
// the mail that comes in; and while one leaves, the next is made.
func digestWorkers() int { return max(2, runtime.GOMAXPROCS(0)/2) }

// planned is when a person is looked at again.
type planned struct {
	mod  time.Time // of the file
	look time.Time
	next time.Time // when a digest is due; zero for never
}

// round is one look at who is due.
type round struct {
	*digests
	now  time.Time
	hops *reached

	sent, waiting, failed atomic.Int64
}

// run looks who is due, until ctx ends.
func (j *digests) run(ctx context.Context) error {
	for {
		r := j.round(ctx, time.Now())
		if sent, waiting, failed := r.sent.Load(), r.waiting.Load(), r.failed.Load(); sent+waiting+failed > 0 {
			j.log.Info("digests", "sent", sent, "waiting", waiting, "failed", failed, "took", time.Since(r.now).Round(time.Millisecond))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(digestPause):
		}
	}
}

// round sends what is due at a moment.
func (j *digests) round(ctx context.Context, now time.Time) *round {
	r := &round{digests: j, now: now, hops: &reached{}}
	work := make(chan person)
	var workers sync.WaitGroup
	for range digestWorkers() {
		workers.Go(func() {
			for p := range work {
				r.look(ctx, p)
			}
		})
	}
	told, seen := now, 0
	j.each(ctx, func(p person) {
		if seen++; !j.isTime(p, now) {
			return
		}
		if time.Since(told) > digestTold {
			told = time.Now()
			j.log.Info("digests are being sent", "sent", r.sent.Load(), "waiting", r.waiting.Load(), "failed", r.failed.Load(), "since", time.Since(now).Round(time.Second))
		}
		select {
		case work <- p:
		case <-ctx.Done():
		}
	})
	close(work)
	workers.Wait()
	j.prune(seen)
	return r
}

// look sends one person's digest, if it is due, and counts what became of it.
func (r *round) look(ctx context.Context, p person) {
	sent, err := r.due(ctx, p, r)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, errAway):
		r.waiting.Add(1)
		r.counts.Count(health.DigestWaiting)
	case errors.Is(err, errNotOurs):
		r.failed.Add(1)
		r.counts.Count(health.DigestRefused)
		r.lookAt(p.mailbox, r.now.Add(digestReview), r.now)
		r.log.Warn("a digest was refused", "mailbox", r.shown(p.mailbox), "error", err, "again in", digestReview)
	case err != nil:
		r.failed.Add(1)
		r.counts.Count(health.DigestFailed)
		r.log.Warn("a digest was not sent", "mailbox", r.shown(p.mailbox), "error", err, "again in", digestRetry)
	case sent:
		r.sent.Add(1)
		r.counts.Count(health.DigestSent)
	}
}

// person is a mailbox that has a file, and when the file was changed.
type person struct {
	mailbox string
	mod     time.Time
}

// each shows the mailboxes that have a file.
func (j *digests) each(ctx context.Context, see func(person)) {
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
				see(person{mail.Mailbox(local+"@"+domain.Name(), ""), st.ModTime()})
			}
		}
	}
}

// isTime reports whether a person is to be looked at.
func (j *digests) isTime(p person, now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	was, known := j.plans[p.mailbox]
	if known && was.mod.Equal(p.mod) && now.Before(was.look) {
		return false
	}
	j.plans[p.mailbox] = planned{p.mod, now.Add(digestRetry), was.next}
	return true
}

// lookAt says when a person is to be looked at again, and when a digest is due.
func (j *digests) lookAt(mailbox string, at, next time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.plans[mailbox]
	p.look, p.next = at, next
	j.plans[mailbox] = p
}

// prune forgets whom there were, once most of them have no file any more: those who
// have one are looked at anew.
func (j *digests) prune(seen int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.plans) > 2*seen+100 {
		clear(j.plans)
	}
}

// alone keeps a mailbox from getting two digests at once.
func (j *digests) alone(mailbox string) (done func(), is bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.busy[mailbox] {
		return nil, false
	}
	j.busy[mailbox] = true
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.busy, mailbox)
	}, true
}

// Schedule implements web.Digests: how many digests are due, and when, about nobody.
func (j *digests) Schedule(now time.Time) (s web.DigestSchedule) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Hours = map[time.Time]int{}
	for _, p := range j.plans {
		switch {
		case p.next.IsZero():
			s.None++
		case !p.next.After(now):
			s.Due++
		default:
			s.Hours[p.next.UTC().Truncate(time.Hour)]++
		}
	}
	return s
}
