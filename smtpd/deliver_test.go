package smtpd

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"usher/rules"
)

func head(disposition, category string, n int) string {
	return fmt.Sprintf("Usher-Disposition: %s\r\nUsher-Category: %s\r\nUsher-Decision: 01TEST%020d\r\nUsher-Because: intents:31; the 4th since 15 Nov\r\n", disposition, category, n)
}

func TestR20ToR25WhatEachRecipientGets(t *testing.T) {
	for _, c := range []struct {
		name string
		to   []string
		want map[string]string // what stands above the letter
		mail int               // MAIL commands at the next hop, that of RCPT's transaction included
	}{
		{"R22 all untouched share the one open transaction, byte for byte", []string{"u1@y.test", "u2@y.test"},
			map[string]string{"u1@y.test": "", "u2@y.test": ""}, 1},
		{"R22 what is only observed is untouched", []string{"observed@y.test"}, map[string]string{"observed@y.test": ""}, 1},
		{"R22 a mailbox that is not judged is untouched", []string{"unjudged@y.test"}, map[string]string{"unjudged@y.test": ""}, 1},
		{"R23 the untouched together, then one transaction for each decided", []string{"promo@y.test", "u1@y.test", "refuse@y.test", "u2@y.test"},
			map[string]string{"u1@y.test": "", "u2@y.test": "", "promo@y.test": head("promotions", "promotion", 0), "refuse@y.test": head("refuse", "promotion", 2)}, 4},
		{"R23 one decided recipient needs no second transaction", []string{"promo@y.test"}, map[string]string{"promo@y.test": head("promotions", "promotion", 0)}, 1},
		{"R9 digest is filed and said to be one", []string{"digest@y.test"}, map[string]string{"digest@y.test": head("digest", "newsletter", 0)}, 1},
		{"promotions that a person let into the inbox say so", []string{"granted@y.test"}, map[string]string{"granted@y.test": head("inbox", "promotion", 0)}, 1},
		{"R45 reject is softened to refuse where it is not enabled", []string{"reject@y.test"}, map[string]string{"reject@y.test": head("refuse", "promotion", 0)}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			for i, reply := range r.pass(letter, c.to...) {
				if want := "250 2.0.0 <" + c.to[i] + "> Saved\r\n"; reply != want {
					t.Errorf("R16 the reply for %s is %q, want %q", c.to[i], reply, want)
				}
			}
			for to, above := range c.want {
				if got := r.sink.got(to); len(got) != 1 || got[0] != above+letter {
					t.Errorf("%s got %q, want %q", to, got, above+letter)
				}
			}
			if n := strings.Count(r.sink.transcript(), "MAIL FROM:"); n != c.mail {
				t.Errorf("the next hop heard MAIL %d times, want %d", n, c.mail)
			}
			for _, forged := range []string{"Received:", "Return-Path:"} {
				if strings.Contains(r.sink.transcript(), forged) {
					t.Errorf("R21 a %s field was added", forged)
				}
			}
		})
	}
}

func TestR11DecisionsAreDurableBeforeAnyByteOfData(t *testing.T) {
	r := start(t)
	var before string
	r.mem.onRecord = func() { before = r.sink.transcript() }
	r.pass(letter, "promo@y.test", "u@y.test")
	if before == "" || strings.Contains(before, "DATA") {
		t.Errorf("when the decisions were recorded the next hop had heard %q", before)
	}
	if len(r.mem.recorded) != 2 {
		t.Errorf("%d decisions are on record, want 2", len(r.mem.recorded))
	}
	if o := r.mem.outcome(t, "promo@y.test"); o.Applied != rules.Promotions || o.Code != 250 {
		t.Errorf("outcome of promo is %+v", o)
	}
}

func TestMailOfWhichNobodyIsJudgedIsNotRead(t *testing.T) {
	r := start(t)
	r.pass(letter, "unjudged@y.test", "unjudged2@y.test")
	if len(r.judge.seen) != 0 || r.mem.unjudged != 2 || len(r.mem.recorded) != 0 {
		t.Errorf("the judge saw %d messages, %d recipients unjudged and %d recorded; want 0, 2 and 0", len(r.judge.seen), r.mem.unjudged, len(r.mem.recorded))
	}
	if got := r.sink.got("unjudged2@y.test"); len(got) != 1 || got[0] != letter {
		t.Errorf("the next hop got %q", got)
	}
}

func TestUnjudgedMailboxesAreCountedAndNotRecorded(t *testing.T) {
	r := start(t)
	r.pass(letter, "unjudged@y.test", "promo@y.test")
	if r.mem.unjudged != 1 || len(r.mem.recorded) != 1 {
		t.Errorf("%d unjudged and %d recorded, want 1 and 1", r.mem.unjudged, len(r.mem.recorded))
	}
}

func TestR10WhateverFailsTheMessagePassesUntouched(t *testing.T) {
	eachShape(t, func(t *testing.T, start starter) {
		budget := func(c *Config) { c.JudgeBudget, c.RecordBudget = 150*time.Millisecond, 150*time.Millisecond }
		for _, c := range []struct {
			name, to, reason string
			recorded         int
		}{
			{"R10 a judge that fails", "error@y.test", "judge", 2},
			{"R15 a judge that panics", "panic@y.test", "panic", 2},
			{"R13 a judge that never returns", "slow@y.test", "timeout", 2},
			{"R37 a judge that says a word that is none", "mad@y.test", "judge", 2},
			{"R11 a store that fails", "promo-norecord@y.test", "record", 0},
			{"R11 a store that is late", "promo-laterecord@y.test", "record", 0},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := start(t, budget)
				begun := time.Now()
				for _, reply := range r.pass(letter, c.to, "promo@y.test") {
					if !strings.HasPrefix(reply, "250 ") {
						t.Errorf("reply is %q", reply)
					}
				}
				if took := time.Since(begun); took > 2*time.Second {
					t.Errorf("it took %s", took)
				}
				for _, to := range []string{c.to, "promo@y.test"} {
					if got := r.sink.got(to); len(got) != 1 || got[0] != letter {
						t.Errorf("%s got %q, want the letter as it came", to, got)
					}
				}
				if log := r.log.String(); !strings.Contains(log, "failed open") || !strings.Contains(log, "reason="+c.reason) {
					t.Errorf("the log does not say failed open, reason=%s:\n%s", c.reason, log)
				}
				r.mem.mu.Lock()
				defer r.mem.mu.Unlock()
				if len(r.mem.recorded) != c.recorded {
					t.Errorf("%d decisions are on record, want %d", len(r.mem.recorded), c.recorded)
				}
				for _, d := range r.mem.recorded {
					if d.Because != "error" || d.Disposition != rules.Inbox {
						t.Errorf("recorded %+v, want inbox because error", d)
					}
				}
			})
		}
	})
}

func TestR10StatementsThatAreNotReadInTimeLeaveTheirOwnersMailUntouched(t *testing.T) {
	r := start(t)
	r.pass(letter, "unread@y.test", "promo@y.test")
	if got := r.sink.got("unread@y.test"); len(got) != 1 || got[0] != letter {
		t.Errorf("it came as %q", got)
	}
	if got := r.sink.got("promo@y.test"); len(got) != 1 || got[0] == letter {
		t.Errorf("another's came as %q", got)
	}
	if log := r.log.String(); strings.Count(log, "failed open") != 1 || !strings.Contains(log, "reason=timeout") {
		t.Errorf("the log does not say once that it failed open, reason=timeout:\n%s", log)
	}
}

func TestR10WhoIsNotJudgedLeavesNoRecordOfAFailureEither(t *testing.T) {
	r := start(t)
	r.pass(letter, "unjudged@y.test", "error@y.test")
	r.mem.mu.Lock()
	defer r.mem.mu.Unlock()
	if len(r.mem.recorded) != 1 || r.mem.recorded[0].Recipient != "error@y.test" || r.mem.unjudged != 1 {
		t.Errorf("on record: %+v and %d unjudged; want error@y.test alone, and one unjudged", r.mem.recorded, r.mem.unjudged)
	}
	if d := r.mem.recorded[0]; d.MessageID == "" {
		t.Error("the record cannot be found by its Message-ID")
	}
}

func TestR13FourJudgesPastTheirBudgetStopTheJudging(t *testing.T) {
	r := start(t, func(c *Config) { c.JudgeBudget = 100 * time.Millisecond })
	for range maxAbandoned {
		r.pass(letter, "slow@y.test")
	}
	if n := r.srv.abandoned.Load(); n != maxAbandoned {
		t.Fatalf("%d judges are abandoned, want %d", n, maxAbandoned)
	}
	r.pass(letter, "promo@y.test")
	if got := r.sink.got("promo@y.test"); len(got) != 1 || got[0] != letter {
		t.Errorf("under overload promo got %q", got)
	}
	if !strings.Contains(r.log.String(), "reason=overload") {
		t.Error("the log does not say overload")
	}
	for range maxAbandoned {
		r.judge.release <- struct{}{}
	}
	for limit := time.Now().Add(5 * time.Second); r.srv.abandoned.Load() > 0 && time.Now().Before(limit); {
		r.pass(letter, "u@y.test")
	}
	r.pass(letter, "promo2@y.test")
	if got := r.sink.got("promo2@y.test"); len(got) != 1 || got[0] == letter {
		t.Errorf("after the judges ended promo2 got %q, want it filed", got)
	}
}

func TestR25StampAllStampsUntouchedMailToo(t *testing.T) {
	r := start(t, func(c *Config) { c.Stamp = StampAll; c.Because = BecauseCite; c.JudgeBudget = 100 * time.Millisecond })
	r.pass(letter, "u@y.test", "unjudged@y.test", "promo@y.test")
	if got, want := r.sink.got("u@y.test"), "Usher-Disposition: inbox\r\nUsher-Category: personal\r\nUsher-Decision: 01TEST00000000000000000000\r\nUsher-Because: intents:31\r\n"+letter; len(got) != 1 || got[0] != want {
		t.Errorf("u got %q, want %q", got, want)
	}
	if got := r.sink.got("unjudged@y.test"); len(got) != 1 || got[0] != letter {
		t.Errorf("a mailbox that is not judged got %q", got)
	}
	r.pass(letter, "slow@y.test")
	got := r.sink.got("slow@y.test")
	if len(got) != 1 || !strings.HasPrefix(got[0], "Usher-Disposition: inbox\r\nUsher-Decision: ") || !strings.Contains(got[0], "\r\nUsher-Because: error: timeout\r\n"+letter) {
		t.Errorf("a failure so stamped is %q", got)
	}
}

func TestR36ForgedFieldsAreGoneOnEveryPath(t *testing.T) {
	forged := "usher-disposition: refuse\r\n folded\r\nFrom: a@x.test\r\nUSHER-Category : promotion\r\nno colon here\r\nUsher-Disposition\t: refuse\r\nSubject: x\r\n\r\nUsher-Body: stays\r\n"
	clean := "From: a@x.test\r\nno colon here\r\nSubject: x\r\n\r\nUsher-Body: stays\r\n"
	r := start(t, func(c *Config) { c.JudgeBudget = 100 * time.Millisecond })
	r.pass(forged, "u@y.test", "promo@y.test")
	r.pass(forged, "slow@y.test")
	for to, above := range map[string]string{"u@y.test": "", "promo@y.test": head("promotions", "promotion", 1), "slow@y.test": ""} {
		if got := r.sink.got(to); len(got) != 1 || got[0] != above+clean {
			t.Errorf("%s got %q, want %q", to, got, above+clean)
		}
	}
}

func TestR39AFirstLineThatIsAFoldDoesNotTouchOurFields(t *testing.T) {
	r := start(t)
	r.pass(" refuse\r\nFrom: a@x.test\r\n\r\nx\r\n", "promo@y.test")
	want := head("promotions", "promotion", 0) + "Usher-Quirk: begins with a fold\r\n refuse\r\nFrom: a@x.test\r\n\r\nx\r\n"
	if got := r.sink.got("promo@y.test"); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// odd gives messages that no reader should have to like.
func odd() map[string]string {
	random := make([]byte, 100_000)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	random = bytes.ReplaceAll(bytes.ReplaceAll(random, []byte("\r"), []byte("r")), []byte("\n"), []byte("\r\n"))
	random = append(random, '\r', '\n')
	var nested strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return map[string]string{
		"random bytes":                string(random),
		"10,000 nested parts":         nested.String(),
		"60 MB":                       letter + strings.Repeat(strings.Repeat("0123456789", 99)+"\r\n", 60<<20/992),
		"100,000 header fields":       strings.Repeat("X-Field: value\r\n", 100_000) + "\r\nbody\r\n",
		"a line of 20 MB":             letter + strings.Repeat("x", 20<<20) + "\r\n",
		"a header field of 2 MB":      "Subject: " + strings.Repeat("y", 2<<20) + "\r\n\r\nbody\r\n",
		"nothing at all":              "",
		"one empty line":              "\r\n",
		"only a dot":                  ".\r\n",
		"a header that never ends":    "From: a@x.test\r\n",
		"blanks where a header ends":  "From: a@x.test\r\n \r\nSubject: still header\r\n\r\nx\r\n",
		"8-bit and NUL in the header": "From: \xff\x00\r\n\r\n\x00\r\n",
	}
}

func TestBadInputPassesOnUnharmed(t *testing.T) {
	for name, raw := range odd() {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			for i, reply := range r.pass(raw, "u@y.test", "promo@y.test") {
				if !strings.HasPrefix(reply, "250 ") {
					t.Errorf("reply %d is %q", i, reply)
				}
			}
			if got := r.sink.got("u@y.test"); len(got) != 1 || got[0] != raw {
				t.Errorf("the untouched copy differs")
			}
			if got := r.sink.got("promo@y.test"); len(got) != 1 || !strings.HasSuffix(got[0], raw) || !strings.HasPrefix(got[0], "Usher-Disposition: promotions\r\n") {
				t.Errorf("the filed copy differs")
			}
		})
	}
}
