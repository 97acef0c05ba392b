package smtpd

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/rules"
	"usher/smtpd/imprint"
)

// fresh gives every decision of another judge an id of its own.
type fresh struct{ *wordJudge }

func (j fresh) Decide(ctx context.Context, o *mail.Object) ([]*rules.Decision, error) {
	ds, err := j.wordJudge.Decide(ctx, o)
	for _, d := range ds {
		if d != nil {
			d.ID, d.At = rules.NewID(o.Envelope.Arrived), o.Envelope.Arrived
		}
	}
	return ds, err
}

// asked lists the recipients of each message that the judge was asked about.
func (r *rig) asked() (all []string) {
	r.judge.mu.Lock()
	defer r.judge.mu.Unlock()
	for _, o := range r.judge.seen {
		all = append(all, strings.Join(o.Envelope.To, " "))
	}
	return all
}

// remembering is a rig with a real store behind it.
func remembering(t *testing.T, depend ...func(*Deps)) (*rig, *corpus.Store) {
	t.Helper()
	return rememberingBefore(t, newSink(t), depend, func(c *Config) { c.JudgeBudget = maxJudgeBudget })
}

// rememberingBefore is remembering with another next hop and settings.
func rememberingBefore(t *testing.T, k *sink, depend []func(*Deps), change ...func(*Config)) (*rig, *corpus.Store) {
	t.Helper()
	store, err := corpus.Open(corpus.Options{InMemory: true, Delimiter: "+"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return newRigWith(t, k, func(d *Deps) {
		d.Recorder, d.Memory, d.SiteKey = store, store, store.SiteKey
		d.Judge = fresh{d.Judge.(*wordJudge)}
		for _, f := range depend {
			f(d)
		}
	}, change...), store
}

// decided lists the ids on record for a mailbox.
func decided(t *testing.T, s *corpus.Store, mailbox string) (ids []string) {
	t.Helper()
	ds, err := s.Decisions(mailbox, time.Time{}, time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestR34ADeferredMessageThatComesAgainIsNotDecidedAgain(t *testing.T) {
	r, store := remembering(t)
	if got := r.pass(letter, "promo@y.test", "promo-defer@y.test"); !strings.HasPrefix(got[0], "250 ") || !strings.HasPrefix(got[1], "451 ") {
		t.Fatalf("replies are %q", got)
	}
	first := decided(t, store, "promo-defer@y.test")
	r.pass("Received: another time\r\n"+letter, "promo-defer@y.test")
	if asked := r.asked(); !slices.Equal(asked, []string{"promo@y.test promo-defer@y.test"}) {
		t.Errorf("the judge was asked about %q", asked)
	}
	if now := decided(t, store, "promo-defer@y.test"); len(first) != 1 || !slices.Equal(now, first) {
		t.Errorf("on record are %v, at first %v", now, first)
	}
	if heard := r.sink.transcript(); strings.Count(heard, "Usher-Decision: "+first[0]+"\r\n") != 2 {
		t.Errorf("the next hop did not hear of decision %s twice:\n%s", first[0], heard)
	}
	if log := r.log.String(); !strings.Contains(log, "msg=recognised id="+first[0]) {
		t.Errorf("the log does not say so:\n%s", log)
	}
	counts, err := store.Counts(time.Now())
	if err != nil || counts["recipients/judged"] != 2 || counts["recipients/unjudged"] != 0 {
		t.Errorf("counted: %v, %v", counts, err)
	}
}

func TestR34AMessageThatComesAgainOverSMTP(t *testing.T) {
	r, store := rememberingBefore(t, smtpSink(t), nil, overSMTP)
	for range 2 {
		if got := r.pass(letter, "promo-defer@y.test", "refuse@y.test"); !strings.HasPrefix(got[0], "451 ") {
			t.Fatalf("the reply is %q", got)
		}
	}
	if n, ids := len(r.asked()), decided(t, store, "refuse@y.test"); n != 1 || len(ids) != 1 {
		t.Errorf("the judge was asked %d times and %v are on record; want 1 and one", n, ids)
	}
	if heard := r.sink.transcript(); strings.Count(heard, "Usher-Disposition: promotions\r\n") != 2 {
		t.Errorf("the next hop heard\n%s", heard)
	}
}

func TestR34WhatIsTheSameMessage(t *testing.T) {
	change := func(old, new string) string { return strings.Replace(letter, old, new, 1) }
	for _, c := range []struct {
		name, raw string
		same      bool
	}{
		{"the same", letter, true},
		{"another trace above it", "Received: x\r\n\ty\r\nReturn-Path: <a@x.test>\r\n" + letter, true},
		{"forged fields of ours", "Usher-Disposition: inbox\r\n" + letter, true},
		{"another body under the same Message-ID", letter + "More.\r\n", false},
		{"another Message-ID", change("<1@", "<2@"), false},
		{"another From", change("From: A ", "From: B "), false},
		{"another Subject", change("hello", "Hello"), false},
		{"a Date", "Date: now\r\n" + letter, false},
		{"another boundary, which shows another part", "Content-Type: multipart/mixed; boundary=b\r\n" + letter, false},
		{"another encoding", "content-transfer-encoding : base64\r\n" + letter, false},
		{"a second Subject", "Subject: more\r\n" + letter, false},
		{"a Subject that goes on", change("hello\r\n", "hello\r\n there\r\n"), false},
		{"a line that changes sides", change("\r\n\r\nHello.", "\r\nHello.\r\n"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := remembering(t)
			r.pass(letter, "promo-defer@y.test")
			r.pass(c.raw, "promo-defer@y.test")
			if n := len(r.asked()); (n == 1) != c.same {
				t.Errorf("the judge was asked %d times", n)
			}
		})
	}
}

func TestR34AnotherEnvelopeIsAnotherMessage(t *testing.T) {
	r, store := remembering(t)
	r.pass(letter, "promo-defer@y.test")
	r.pass(letter, "promo-defer+shops@y.test") // the same mailbox, written otherwise
	r.pass(letter, "promo-defer@y.test", "promo@y.test")
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO client.test\r\nMAIL FROM:<another@x.test>\r\nRCPT TO:<promo-defer@y.test>\r\nDATA\r\n")
	for _, reply := range []string{"250", "250 ", "250 ", "354 "} {
		c.expect(reply)
	}
	c.send(letter + ".\r\nQUIT\r\n")
	c.expect("451 ")
	c.expect("221 ")
	want := []string{"promo-defer@y.test", "promo-defer+shops@y.test", "promo@y.test", "promo-defer@y.test"}
	if asked := r.asked(); !slices.Equal(asked, want) {
		t.Errorf("the judge was asked about %q, want %q", asked, want)
	}
	if n := len(decided(t, store, "promo-defer@y.test")); n != 3 {
		t.Errorf("%d decisions are on record, want 3", n)
	}
}

func TestR34PartsCannotBeShifted(t *testing.T) {
	key, sum := []byte("key"), imprint.Sum{}
	if imprint.RetryKey(key, "ab", "c", sum) == imprint.RetryKey(key, "a", "bc", sum) {
		t.Error("what leaves the recipient for the sender makes no difference")
	}
	seen := map[imprint.Sum]string{}
	for _, raw := range []string{"\r\n", "From: a\r\n\r\n", "\r\nFrom: a\r\n", "Date: a\r\n\r\n", "From: a\r\nDate: b\r\n\r\n", "From: a\r\n\r\nDate: b\r\n"} {
		sum, err := imprint.Of([]byte(raw), bytes.NewReader([]byte(raw)))
		if before, is := seen[sum]; is || err != nil {
			t.Errorf("%q is taken for %q, %v", raw, before, err)
		}
		seen[sum] = raw
	}
}

func TestR12WhatFailedIsNotDecidedSoAgain(t *testing.T) {
	var broken atomic.Bool
	for _, c := range []struct {
		name, to, because string
		depend            func(*Deps)
		decisions         int // on record in the end
	}{
		{"R12 a judge that failed", "promo-defer@y.test", "error", func(d *Deps) {
			d.Judge = judgeFunc(func(ctx context.Context, o *mail.Object, well Judge) ([]*rules.Decision, error) {
				if broken.Load() {
					return nil, errors.New("no")
				}
				return well.Decide(ctx, o)
			}, d.Judge)
			d.Recorder = deafRecorder{d.Recorder} // so that nothing but the missing key tells
		}, 2},
		{"R12 a record that came too late to be believed", "promo-defer@y.test", "intents:31", func(d *Deps) {
			d.Recorder = lateRecorder{d.Recorder, &broken}
		}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken.Store(true)
			r, store := remembering(t, c.depend)
			r.pass(letter, c.to)
			if ds, _ := store.Decisions(c.to, time.Time{}, time.Time{}, 0); len(ds) != 1 || ds[0].Because != c.because {
				t.Fatalf("at first on record: %+v", ds)
			}
			broken.Store(false)
			r.pass(letter, c.to)
			if n := len(decided(t, store, c.to)); n != c.decisions {
				t.Errorf("%d decisions are on record, want %d", n, c.decisions)
			}
			if heard := r.sink.transcript(); strings.Count(heard, "Usher-Disposition: promotions\r\n") != 1 {
				t.Errorf("the next hop heard\n%s", heard)
			}
		})
	}
}

func TestR12ADecisionMadeOfAFailureHasNoKey(t *testing.T) {
	unknown := recallFunc(func(_ context.Context, to, _ []string) ([]*rules.Decision, error) {
		return make([]*rules.Decision, len(to)), nil
	})
	for to, keyed := range map[string]bool{"error@y.test": false, "panic@y.test": false, "promo@y.test": true} {
		r := newRigWith(t, newSink(t), func(d *Deps) { d.Memory = unknown })
		r.pass(letter, to)
		if got := r.mem.recorded; len(got) != 1 || (got[0].Retry != "") != keyed {
			t.Errorf("%s: recorded %+v", to, got)
		}
	}
}

// judgeFunc makes a judge of a function and the judge it stands for.
func judgeFunc(f func(context.Context, *mail.Object, Judge) ([]*rules.Decision, error), well Judge) Judge {
	return funcJudge{well, f}
}

type funcJudge struct {
	well Judge
	f    func(context.Context, *mail.Object, Judge) ([]*rules.Decision, error)
}

func (j funcJudge) Decide(ctx context.Context, o *mail.Object) ([]*rules.Decision, error) {
	return j.f(ctx, o, j.well)
}

// lateRecorder records, and says it failed while broken is set.
type lateRecorder struct {
	Recorder
	broken *atomic.Bool
}

func (l lateRecorder) Record(ctx context.Context, ds []*rules.Decision) error {
	err := l.Recorder.Record(ctx, ds)
	if l.broken.Load() {
		return errors.New("who knows")
	}
	return err
}

// deafRecorder does not hear what became of a decision.
type deafRecorder struct{ Recorder }

func (deafRecorder) Outcome(context.Context, []*rules.Decision) error { return errors.New("lost") }

// recallFunc makes a Memory of a function.
type recallFunc func(ctx context.Context, recipients, keys []string) ([]*rules.Decision, error)

func (f recallFunc) Recall(ctx context.Context, recipients, keys []string) ([]*rules.Decision, error) {
	return f(ctx, recipients, keys)
}

func TestR34AMemoryThatFailsIsNoFailureOfDelivery(t *testing.T) {
	block := make(chan struct{})
	for name, memory := range map[string]recallFunc{
		"it fails":      func(context.Context, []string, []string) ([]*rules.Decision, error) { return nil, errors.New("no") },
		"it never ends": func(context.Context, []string, []string) ([]*rules.Decision, error) { <-block; return nil, nil },
		"it panics":     func(context.Context, []string, []string) ([]*rules.Decision, error) { panic("memory") },
		"it gives rubbish": func(_ context.Context, to, _ []string) ([]*rules.Decision, error) {
			return []*rules.Decision{{ID: "x", Disposition: "nowhere"}}, nil
		},
		"it gives too few": func(context.Context, []string, []string) ([]*rules.Decision, error) {
			return nil, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			depend := []func(*Deps){func(d *Deps) { d.Memory = memory }}
			r, store := rememberingBefore(t, newSink(t), depend, func(c *Config) { c.JudgeBudget = 2 * time.Second })
			if name == "it never ends" {
				defer close(block)
			}
			for range 2 {
				r.pass(letter, "promo@y.test")
			}
			if n := len(decided(t, store, "promo@y.test")); n != 2 {
				t.Errorf("%d decisions are on record, want 2", n)
			}
			if got := r.sink.got("promo@y.test"); len(got) != 2 || !strings.HasPrefix(got[1], "Usher-Disposition: promotions\r\n") {
				t.Errorf("the next hop got %q", got)
			}
			if strings.Contains(r.log.String(), "failed open") {
				t.Errorf("the log says that usher failed open:\n%s", r.log.String())
			}
		})
	}
}

func TestR34WhatWasDecidedStandsWhateverFailsNow(t *testing.T) {
	var broken atomic.Bool
	for name, depend := range map[string]func(*Deps){
		"a store that is full": func(d *Deps) { d.Recorder = fullRecorder{d.Recorder, &broken} },
		"a judge that fails for others": func(d *Deps) {
			d.Judge = judgeFunc(func(ctx context.Context, o *mail.Object, well Judge) ([]*rules.Decision, error) {
				if broken.Load() {
					return nil, errors.New("no")
				}
				return well.Decide(ctx, o)
			}, d.Judge)
		},
	} {
		t.Run(name, func(t *testing.T) {
			broken.Store(false)
			r, store := remembering(t, depend)
			r.pass(letter, "promo@y.test")
			id := decided(t, store, "promo@y.test")
			broken.Store(true)
			to := []string{"promo@y.test"}
			if strings.Contains(name, "others") {
				to = append(to, "promo2@y.test")
			}
			r.pass(letter, to...)
			if got := r.sink.got("promo@y.test"); len(got) != 2 || got[1] != got[0] || len(id) != 1 || !strings.Contains(got[0], id[0]) {
				t.Errorf("it got %q", got)
			}
			if got := r.sink.got("promo2@y.test"); len(to) == 2 && (len(got) != 1 || got[0] != letter) {
				t.Errorf("the other got %q", got)
			}
		})
	}
}

// fullRecorder has no room for decisions while broken is set.
type fullRecorder struct {
	Recorder
	broken *atomic.Bool
}

func (f fullRecorder) Record(ctx context.Context, ds []*rules.Decision) error {
	if f.broken.Load() {
		return corpus.ErrFull
	}
	return f.Recorder.Record(ctx, ds)
}

func TestR11WithoutARecordNobodyIsFiledNotEvenWhoWasKnown(t *testing.T) {
	var broken atomic.Bool
	r, _ := remembering(t, func(d *Deps) { d.Recorder = fullRecorder{d.Recorder, &broken} })
	r.pass(letter, "promo@y.test")
	broken.Store(true)
	for _, reply := range r.pass(letter, "promo@y.test", "promo2@y.test") {
		if !strings.HasPrefix(reply, "250 ") {
			t.Errorf("the reply is %q", reply)
		}
	}
	if got := r.sink.got("promo@y.test"); len(got) != 2 || got[1] != letter {
		t.Errorf("who was known got %q", got)
	}
}

// roll is a judge who judges promo2 alone once off is set.
type roll struct {
	fresh
	off *atomic.Bool
}

func (r roll) Judges(to string) bool { return !r.off.Load() || to == "promo2@y.test" }

func TestR34AMailboxThatIsSwitchedOffIsNotRecalled(t *testing.T) {
	var off atomic.Bool
	r, _ := remembering(t, func(d *Deps) { d.Judge = roll{d.Judge.(fresh), &off} })
	r.pass(letter, "promo@y.test")
	off.Store(true)
	r.pass(letter, "promo@y.test", "promo2@y.test")
	if asked := r.asked(); len(asked) != 2 || asked[1] != "promo@y.test promo2@y.test" {
		t.Errorf("the judge was asked about %q", asked)
	}
}

func TestR34ARejectIsLookedAtAgainButNotDecidedAgain(t *testing.T) {
	var broken atomic.Bool
	r, store := remembering(t, func(d *Deps) {
		d.Identify = vouched{shop}
		d.Judge = judgeFunc(func(ctx context.Context, o *mail.Object, well Judge) ([]*rules.Decision, error) {
			if broken.Load() {
				return nil, errors.New("no")
			}
			return well.Decide(ctx, o)
		}, d.Judge)
	})
	r.srv.cfg.AllowLMTPReject = true
	for _, c := range []struct {
		name, raw string
		broken    bool
		reply     string
		why       string
	}{
		{"at first", letter, false, "550 5.7.1 ", ""},
		{"again", letter, false, "550 5.7.1 ", ""},
		{"again, in the name of a list", "Precedence: list\r\n" + letter, false, "250 ", "not rejected: from a discussion list, which would strike its member off"},
		{"again, when it cannot be looked at", letter, true, "250 ", "not rejected: the message was not looked at"},
	} {
		broken.Store(c.broken)
		if reply := r.pass(c.raw, "reject@y.test")[0]; !strings.HasPrefix(reply, c.reply) {
			t.Errorf("%s the reply is %q, want %q", c.name, reply, c.reply)
		}
		ds, err := store.Decisions("reject@y.test", time.Time{}, time.Time{}, 0)
		if err != nil || len(ds) != 1 || ds[0].Outcome.Why != c.why {
			t.Errorf("%s on record are %+v, %v", c.name, ds, err)
		}
	}
}

// BenchmarkImprint is what recognising costs beside the look-up: a message of
// 9 kB for one recipient.
func BenchmarkImprint(b *testing.B) {
	raw := []byte(letter + strings.Repeat("a line of some length, as they come\r\n", 9000/37))
	key := make([]byte, 32)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		sum, err := imprint.Of(raw, bytes.NewReader(raw))
		if err != nil || imprint.RetryKey(key, "u@y.test", "a@x.test", sum) == "" {
			b.Fatal(err)
		}
	}
}
