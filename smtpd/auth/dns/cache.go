package dns

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Bounds of what is remembered, and of what is asked.
const (
	maxAnswers  = 4096             // questions whose answers are kept
	maxKept     = 4 << 20          // bytes of them all, names and records
	maxFailures = 1024             // questions whose failures are kept
	failureTTL  = 30 * time.Second // how long a failure is kept
	minTTL      = time.Minute      // an answer is kept for as long as its owner says, but within these
	maxTTL      = 24 * time.Hour
	asking      = 2 * time.Second // one question may take, all its attempts together
	maxAsking   = 256             // questions under way at once
)

// ErrBusy says that too many questions are under way.
var ErrBusy = errors.New("too many questions to the DNS are under way")

// Cache asks a Source, each question once for all who want to know, and keeps
// what it said. Source is set before first use; nil is System().
type Cache struct {
	Source Source

	mu       sync.Mutex
	answers  map[Question]kept
	bytes    int // of answers
	failures map[Question]kept
	underWay map[Question]*inquiry
}

type kept struct {
	records []string
	err     error
	size    int
	until   time.Time
}

// inquiry is a question under way; records and err may be read once done is
// closed.
type inquiry struct {
	done    chan struct{}
	records []string
	err     error
}

// Ask gives the records of a question, none where there are none. An error is a
// failure of the DNS, or the end of ctx. The records are shared: they are not to
// be changed.
func (c *Cache) Ask(ctx context.Context, q Question) ([]string, error) {
	c.mu.Lock()
	if k, ok := c.remembered(q, time.Now()); ok {
		c.mu.Unlock()
		return k.records, k.err
	}
	i := c.underWay[q]
	if i == nil {
		if ctx.Err() != nil || len(c.underWay) >= maxAsking {
			c.mu.Unlock()
			return nil, errors.Join(ErrBusy, ctx.Err())
		}
		if c.Source == nil {
			c.Source = System()
		}
		i = &inquiry{done: make(chan struct{})}
		if c.underWay == nil {
			c.underWay = make(map[Question]*inquiry)
		}
		c.underWay[q] = i
		// One who stops waiting takes the answer from nobody else.
		go c.inquire(context.WithoutCancel(ctx), q, i)
	}
	c.mu.Unlock()
	select {
	case <-i.done:
		return i.records, i.err
	case <-ctx.Done():
		return nil, fmt.Errorf("ask for %s %s: %w", q.Kind, q.Name, ctx.Err())
	}
}

func (c *Cache) inquire(ctx context.Context, q Question, i *inquiry) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	a, err := ask(ctx, c.Source, q)
	i.records, i.err = a.Records, err
	c.mu.Lock()
	delete(c.underWay, q)
	c.keep(q, a, err, time.Now())
	c.mu.Unlock()
	close(i.done)
}

func ask(ctx context.Context, s Source, q Question) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			a, err = Answer{}, fmt.Errorf("ask for %s %s: panic: %v", q.Kind, q.Name, p)
		}
	}()
	a, err = s.Ask(ctx, q)
	switch {
	case err != nil:
		return Answer{}, err
	case len(a.Records) > maxRecords || a.size() > maxBytes:
		return Answer{}, fmt.Errorf("ask for %s %s: the answer has %d records of %d bytes", q.Kind, q.Name, len(a.Records), a.size())
	}
	return a, nil
}

func (c *Cache) remembered(q Question, now time.Time) (kept, bool) {
	for _, shelf := range []map[Question]kept{c.answers, c.failures} {
		if k, ok := shelf[q]; ok && now.Before(k.until) {
			return k, true
		}
	}
	return kept{}, false
}

// keep puts failures on a shelf of their own: were they to push answers out, a
// sender without a DNS could have those of others asked for again and again.
func (c *Cache) keep(q Question, a Answer, err error, now time.Time) {
	if err != nil {
		if c.failures == nil {
			c.failures = make(map[Question]kept)
		}
		for old := range c.failures { // any: those in use come back
			if len(c.failures) < maxFailures {
				break
			}
			delete(c.failures, old)
		}
		c.failures[q] = kept{err: err, until: now.Add(failureTTL)}
		return
	}
	delete(c.failures, q)
	c.drop(q)
	k := kept{records: a.Records, size: len(q.Name) + a.size(), until: now.Add(min(max(a.TTL, minTTL), maxTTL))}
	for old := range c.answers {
		if len(c.answers) < maxAnswers && c.bytes+k.size <= maxKept {
			break
		}
		c.drop(old)
	}
	if c.answers == nil {
		c.answers = make(map[Question]kept)
	}
	c.answers[q] = k
	c.bytes += k.size
}

func (c *Cache) drop(q Question) {
	c.bytes -= c.answers[q].size
	delete(c.answers, q)
}
