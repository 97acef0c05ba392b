package dns

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// counted is a source that counts what it is asked and does as a test says.
type counted struct {
	mu    sync.Mutex
	asked int
	do    func(ctx context.Context, q Question) (Answer, error)
}

func (c *counted) Ask(ctx context.Context, q Question) (Answer, error) {
	c.mu.Lock()
	c.asked++
	c.mu.Unlock()
	return c.do(ctx, q)
}

func (c *counted) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

func says(records ...string) func(context.Context, Question) (Answer, error) {
	return func(context.Context, Question) (Answer, error) { return Answer{records, time.Hour}, nil }
}

func fails(context.Context, Question) (Answer, error) { return Answer{}, errors.New("down") }

var q = Question{TXT, "a.test"}

func TestWhatWasAskedIsNotAskedAgain(t *testing.T) {
	for name, do := range map[string]func(context.Context, Question) (Answer, error){
		"an answer": says("v"), "that there is no record": says(), "a failure": fails,
		"a source that panics": func(context.Context, Question) (Answer, error) { panic("oh") },
	} {
		s := &counted{do: do}
		c := &Cache{Source: s}
		first, err := c.Ask(context.Background(), q)
		again, err2 := c.Ask(context.Background(), q)
		if s.count() != 1 || !slices.Equal(first, again) || !errors.Is(err2, err) {
			t.Errorf("%s: asked %d times, %v %v then %v %v", name, s.count(), first, err, again, err2)
		}
		if _, err := c.Ask(context.Background(), Question{MX, "a.test"}); s.count() != 2 {
			t.Errorf("%s: another kind is another question (%v)", name, err)
		}
	}
}

func TestAnswersAndFailuresAreForgottenInTime(t *testing.T) {
	tests := []struct {
		name string
		ttl  time.Duration
		err  error
		want time.Duration
	}{
		{"an answer holds as long as its owner says", time.Hour, nil, time.Hour},
		{"but a minute at least", time.Second, nil, time.Minute},
		{"and a day at most", 90 * 24 * time.Hour, nil, 24 * time.Hour},
		{"a failure holds for half a minute", 0, errors.New("down"), 30 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c Cache
			now := time.Now()
			c.keep(q, Answer{[]string{"v"}, test.ttl}, test.err, now)
			if _, ok := c.remembered(q, now.Add(test.want-1)); !ok {
				t.Error("forgotten before its time")
			}
			if _, ok := c.remembered(q, now.Add(test.want)); ok {
				t.Error("remembered beyond its time")
			}
		})
	}
}

func TestAnAnswerEndsAFailure(t *testing.T) {
	var c Cache
	now := time.Now()
	c.keep(q, Answer{}, errors.New("down"), now)
	c.keep(q, Answer{[]string{"v"}, time.Minute}, nil, now.Add(failureTTL))
	if k, ok := c.remembered(q, now.Add(failureTTL)); !ok || k.err != nil || len(c.failures) != 0 {
		t.Errorf("%v %v, %d failures", k, ok, len(c.failures))
	}
}

func TestTheCacheIsBoundedInNamesAndBytes(t *testing.T) {
	var c Cache
	now := time.Now()
	name := func(i int) Question { return Question{TXT, fmt.Sprintf("%d.test", i)} }
	for i := range 2 * maxAnswers {
		c.keep(name(i), Answer{[]string{"v"}, time.Hour}, nil, now)
		c.keep(name(i), Answer{}, errors.New("down"), now)
	}
	if len(c.answers) != maxAnswers || len(c.failures) != maxFailures {
		t.Errorf("%d answers and %d failures are kept; want %d, %d", len(c.answers), len(c.failures), maxAnswers, maxFailures)
	}
	big := Answer{[]string{strings.Repeat("x", maxBytes)}, time.Hour}
	for i := range 2 * maxKept / maxBytes {
		c.keep(name(i), big, nil, now)
		c.keep(name(i), big, nil, now) // again, as after its time
	}
	total := 0
	for q, k := range c.answers {
		total += len(q.Name) + len(k.records[0])
	}
	if total > maxKept || total != c.bytes {
		t.Errorf("%d bytes are kept and %d counted; want at most %d", total, c.bytes, maxKept)
	}
}

func TestManyWhoAskAtOnceAskOnce(t *testing.T) {
	let, begun := make(chan struct{}), make(chan struct{}, 9)
	s := &counted{do: func(ctx context.Context, q Question) (Answer, error) {
		begun <- struct{}{}
		<-let
		return says("v")(ctx, q)
	}}
	c := &Cache{Source: s}
	answers := make(chan []string)
	for range 8 {
		go func() {
			got, _ := c.Ask(context.Background(), q)
			answers <- got
		}()
	}
	<-begun
	impatient, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Ask(impatient, q); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one who came later, and would not wait: %v", err)
	}
	close(let)
	for range 8 {
		if got := <-answers; !slices.Equal(got, []string{"v"}) {
			t.Errorf("answered %q", got)
		}
	}
	if s.count() != 1 {
		t.Errorf("asked %d times", s.count())
	}
}

func TestTheEndOfOnesPatienceIsNoFailureOfTheDNS(t *testing.T) {
	let, begun := make(chan struct{}), make(chan struct{})
	c := &Cache{Source: &counted{do: func(ctx context.Context, q Question) (Answer, error) {
		close(begun)
		<-let
		if ctx.Err() != nil {
			return Answer{}, ctx.Err()
		}
		return says("v")(ctx, q)
	}}}
	ctx, cancel := context.WithCancel(context.Background())
	answered := make(chan error)
	go func() {
		_, err := c.Ask(ctx, q)
		answered <- err
	}()
	<-begun
	cancel()
	if err := <-answered; err == nil {
		t.Fatal("waited on")
	}
	close(let)
	if got, err := c.Ask(context.Background(), q); err != nil || !slices.Equal(got, []string{"v"}) {
		t.Errorf("the next one is told %q, %v", got, err)
	}
}

func TestASilentServerIsNotWaitedFor(t *testing.T) {
	c := &Cache{Source: &counted{do: func(ctx context.Context, q Question) (Answer, error) {
		until, bounded := ctx.Deadline()
		if !bounded || time.Until(until) > asking {
			return says("unbounded")(ctx, q)
		}
		return Answer{}, context.DeadlineExceeded
	}}}
	if got, err := c.Ask(context.Background(), q); err == nil {
		t.Errorf("a question may take for ever: %q", got)
	}
}

func TestOnlySoManyQuestionsAreUnderWay(t *testing.T) {
	let := make(chan struct{})
	s := &counted{do: func(context.Context, Question) (Answer, error) {
		<-let
		return Answer{}, nil
	}}
	c := &Cache{Source: s, underWay: map[Question]*inquiry{}}
	for i := range maxAsking {
		c.underWay[Question{TXT, fmt.Sprint(i)}] = &inquiry{done: make(chan struct{})}
	}
	close(let)
	if _, err := c.Ask(context.Background(), q); !errors.Is(err, ErrBusy) || s.count() != 0 {
		t.Errorf("error %v after %d questions", err, s.count())
	}
	delete(c.underWay, Question{TXT, "0"})
	if _, err := c.Ask(context.Background(), q); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestAZoneAnswersByKind(t *testing.T) {
	z := Zone{"a.test": {"v"}, "MX a.test": {"10 mx.a.test"}}
	for question, want := range map[Question]int{{TXT, "A.test."}: 1, {MX, "a.test"}: 1, {A, "a.test"}: 0, {TXT, "b.test"}: 0} {
		if a, err := z.Ask(context.Background(), question); err != nil || len(a.Records) != want {
			t.Errorf("%v: %q, %v; want %d", question, a.Records, err, want)
		}
	}
}
