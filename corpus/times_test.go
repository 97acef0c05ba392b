package corpus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus/times"
	"usher/rules"
	"usher/rules/intents"
)

var brand = []string{"shop.example"}

// capped decides as a cap on a brand does: over it once so many came through.
func capped(h rules.History, recipient string, most int) *rules.Decision {
	return h.Count(context.Background(), recipient, func(p rules.Past) *rules.Decision {
		d := decision(recipient, 0)
		d.Disposition, d.Text = rules.Digest, ""
		d.Counts = []rules.Count{{Of: "shop.example"}}
		if all, through := p.Since(time.Now().Add(-time.Hour), brand); through >= most {
			d.Disposition, d.Text, d.Counts[0].Over = rules.Promotions, fmt.Sprint(all+1), true
		}
		return d
	})
}

// came tells how many of a brand count, and how many of them came through.
func came(s *Store, recipient string) (all, through int) {
	s.Looking().Count(context.Background(), recipient, func(p rules.Past) *rules.Decision {
		if p != nil {
			all, through = p.Since(time.Now().Add(-30*24*time.Hour), brand)
		}
		return nil
	})
	return all, through
}

func TestOfManyAtOnceJustAsManyPassAsACapAllows(t *testing.T) {
	s := mustOpen(t, where(t))
	var all sync.WaitGroup
	var mu sync.Mutex
	passed, numbers := 0, map[string]int{}
	for range 64 {
		all.Go(func() {
			d := capped(s.History(), maria, 10)
			if err := s.Record(context.Background(), []*rules.Decision{d}); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if d.Disposition == rules.Digest {
				passed++
			} else {
				numbers[d.Text]++
			}
		})
	}
	all.Wait()
	if passed != 10 || len(numbers) != 54 || numbers["11"] != 1 || numbers["64"] != 1 {
		t.Errorf("%d passed, the others were told %v", passed, numbers)
	}
	if n, through := came(s, maria); n != 64 || through != 10 {
		t.Errorf("%d are counted, %d came through", n, through)
	}
}

func TestWhatWasCountedSurvivesARestart(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	for range 4 {
		record(t, s, capped(s.History(), maria, 2))
	}
	uncapped := decision(pekka, 0) // nobody has asked for his mailbox
	uncapped.Counts = []rules.Count{{Of: "shop.example"}}
	record(t, s, uncapped)
	closed(t, s)
	s = mustOpen(t, o)
	if all, through := came(s, maria); all != 4 || through != 2 {
		t.Errorf("hers: %d, %d came through", all, through)
	}
	if all, through := came(s, pekka); all != 1 || through != 1 {
		t.Errorf("his, from before a cap was asked: %d, %d came through", all, through)
	}
	if d := capped(s.History(), maria, 2); d.Text != "5" {
		t.Errorf("the next is told %q", d.Text)
	}
}

// stated is one file for everybody.
type stated struct{ own *intents.File }

func (s stated) For(context.Context, string) (own, site *intents.File, err error) {
	return s.own, nil, nil
}

// TestOfManyDeliveriesAtOnceTenPass has the rules decide, under a person's own cap.
func TestOfManyDeliveriesAtOnceTenPass(t *testing.T) {
	file, errs := intents.Parse("maria", []byte("promotions digest\ncap every brand 10 per day\n"), time.Now())
	if errs != nil {
		t.Fatal(errs)
	}
	s := mustOpen(t, where(t))
	judge := &rules.Judge{Model: classify.New(), Statements: stated{file}, Delimiter: "+", History: s.History()}
	raw := []byte("From: Shop <news@shop.example>\r\nTo: maria@example.org\r\nSubject: 50% off all lamps, today only\r\nList-Unsubscribe: <https://shop.example/u>\r\n" +
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nSale: 50% off all lamps. Buy now: https://shop.example/sale?utm_campaign=x\r\nUse code LAMP50. Unsubscribe: https://shop.example/u\r\n")
	arrived := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	went := map[rules.Disposition]int{}
	for range 64 {
		all.Go(func() {
			o := &mail.Object{Message: mail.Parse(raw), Envelope: mail.Envelope{From: "b@shop.example", To: []string{maria, "maria+lists@example.org"}, Arrived: arrived}}
			o.Identity = mail.Identity{Address: "news@shop.example", Domain: "shop.example", OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM}
			ds, err := judge.Decide(context.Background(), o)
			if err == nil {
				err = s.Record(context.Background(), ds)
			}
			if err != nil || ds[0].Category != classify.Promotion || ds[1].Disposition != ds[0].Disposition {
				t.Error(ds[0], ds[1], err)
			}
			mu.Lock()
			defer mu.Unlock()
			went[ds[0].Disposition]++
		})
	}
	all.Wait()
	if went[rules.Digest] != 10 || went[rules.Promotions] != 54 {
		t.Errorf("they went to %v", went)
	}
	if n, through := came(s, maria); n != 64 || through != 10 {
		t.Errorf("%d are counted, %d came through", n, through)
	}
}

// TestAKilledDaemonHasCountedWhatItRecorded opens a copy of the files of a store
// that was never closed.
func TestAKilledDaemonHasCountedWhatItRecorded(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	for range 4 {
		record(t, s, capped(s.History(), maria, 2))
	}
	capped(s.History(), maria, 2) // decided, and never recorded
	there := o.Dir
	o.Dir += "-copy"
	if err := errors.Join(os.CopyFS(o.Dir, os.DirFS(there)), os.Remove(filepath.Join(o.Dir, "LOCK"))); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	if all, through := came(s, maria); all != 4 || through != 2 {
		t.Errorf("%d, %d came through", all, through)
	}
}

// TestWhatDoesNotArriveIsNotCounted says of each end of a message whether it
// counts, at once and after the mailbox was read anew.
func TestWhatDoesNotArriveIsNotCounted(t *testing.T) {
	ctx := context.Background()
	outcome := func(t *testing.T, s *Store, d *rules.Decision, code int) {
		t.Helper()
		c := *d
		c.Outcome = &rules.Outcome{Applied: d.Disposition, Code: code}
		if err := s.Outcome(ctx, []*rules.Decision{&c}); err != nil {
			t.Fatal(err)
		}
	}
	again := func(t *testing.T, s *Store) *rules.Decision {
		t.Helper()
		found, err := s.Recall(ctx, []string{maria}, []string{"same"})
		if err != nil || found[0] == nil {
			t.Fatal(found, err)
		}
		return found[0]
	}
	for _, c := range []struct {
		why  string
		end  func(t *testing.T, s *Store, d *rules.Decision)
		want int
	}{
		{"taken by the next hop", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 250)
		}, 1},
		{"recorded, and the daemon was killed", func(t *testing.T, s *Store, d *rules.Decision) { record(t, s, d) }, 1},
		{"deferred by the next hop", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 451)
		}, 1},
		{"refused by the next hop", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 550)
		}, 0},
		{"deferred, sent again and taken", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 451)
			outcome(t, s, again(t, s), 250)
		}, 1},
		{"deferred twice", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 451)
			outcome(t, s, again(t, s), 451)
		}, 1},
		{"deferred, sent again and refused", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 451)
			outcome(t, s, again(t, s), 550)
		}, 0},
		{"refused, sent again and taken", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 550)
			outcome(t, s, again(t, s), 250)
		}, 1},
		{"sent twice and taken twice", func(t *testing.T, s *Store, d *rules.Decision) {
			record(t, s, d)
			outcome(t, s, d, 250)
			outcome(t, s, again(t, s), 250)
		}, 1},
		{"not recorded", func(t *testing.T, s *Store, d *rules.Decision) {
			late, cancel := context.WithCancel(ctx)
			cancel()
			if err := s.Record(late, []*rules.Decision{d}); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}, 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			s := mustOpen(t, where(t))
			d := capped(s.History(), maria, 1)
			d.Retry = "same"
			if n, _ := came(s, maria); n != 1 {
				t.Fatalf("while it is on its way %d are counted", n)
			}
			c.end(t, s, d)
			if n, _ := came(s, maria); n != c.want {
				t.Errorf("%d are counted, want %d", n, c.want)
			}
			s.settle()
			s.times.Forget(s.keys.Tag(maria))
			if n, _ := came(s, maria); n != c.want {
				t.Errorf("read anew %d are counted, want %d", n, c.want)
			}
		})
	}
}

func TestWhatCannotBeReadCapsNothing(t *testing.T) {
	s := mustOpen(t, where(t))
	record(t, s, capped(s.History(), maria, 1))
	ended, cancel := context.WithCancel(context.Background())
	held := make(chan struct{})
	release := make(chan struct{})
	go s.History().Count(context.Background(), maria, func(rules.Past) *rules.Decision {
		close(held)
		<-release
		return nil
	})
	<-held
	cancel()
	asked := false
	s.History().Count(ended, maria, func(p rules.Past) *rules.Decision {
		asked = p == nil
		return nil
	})
	close(release)
	if !asked {
		t.Error("who could not get a turn was given a past")
	}
}

func TestAQuestionCountsNothing(t *testing.T) {
	s := mustOpen(t, where(t))
	record(t, s, capped(s.History(), maria, 5))
	for range 3 {
		capped(s.Looking(), maria, 5)
	}
	if n, _ := came(s, maria); n != 1 {
		t.Errorf("%d are counted", n)
	}
	if capped := s.Looking().Count(context.Background(), "nobody@example.org", func(p rules.Past) *rules.Decision {
		if p != nil {
			t.Error("a mailbox without a key has a past")
		}
		return nil
	}); capped != nil {
		t.Error("an answer came from nowhere")
	}
	if _, _, err := s.find("nobody@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a question made a key: %v", err)
	}
}

func TestErasedAndForgottenMailIsNotCounted(t *testing.T) {
	s := mustOpen(t, where(t))
	for range 3 {
		record(t, s, capped(s.History(), maria, 5), capped(s.History(), pekka, 5))
	}
	if _, err := s.Forget(context.Background(), maria, "shop.example"); err != nil {
		t.Fatal(err)
	}
	erase(t, s, pekka)
	for _, box := range []string{maria, pekka} {
		if n, _ := came(s, box); n != 0 {
			t.Errorf("%s: %d are counted", box, n)
		}
		if all, err := s.Totals(box, zero); err != nil || len(all) != 0 {
			t.Errorf("%s: %d totals, %v", box, len(all), err)
		}
	}
}

func TestTheBookForgetsAndReadsAgain(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	for i := range 30 {
		for range 3 {
			record(t, s, capped(s.History(), fmt.Sprintf("u%d@example.org", i), 2))
		}
	}
	s.times = times.Book{}
	for i := range 30 {
		if n, through := came(s, fmt.Sprintf("u%d@example.org", i)); n != 3 || through != 2 {
			t.Errorf("mailbox %d: %d, %d", i, n, through)
		}
	}
}
