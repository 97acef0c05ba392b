package corpus

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"usher/rules"
)

// BenchmarkRecord is one decision a message, durable, by as many writers.
func BenchmarkRecord(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("%d writers", writers), func(b *testing.B) {
			s := mustOpen(b, where(b))
			record(b, s, decision(maria, 0))
			work := make(chan *rules.Decision)
			var all sync.WaitGroup
			for range writers {
				all.Go(func() {
					for d := range work {
						if err := s.Record(context.Background(), []*rules.Decision{d}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				work <- decision(maria, 0)
			}
			close(work)
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
	}
}

// BenchmarkFirstUse is a message to 1,000 recipients of whom none has a key yet.
func BenchmarkFirstUse(b *testing.B) {
	s := mustOpen(b, where(b))
	b.ReportAllocs()
	for n := range b.N {
		var ds []*rules.Decision
		for i := range 1000 {
			ds = append(ds, decision(fmt.Sprintf("u%d.%d@example.org", n, i), 0))
		}
		record(b, s, ds...)
	}
}

func BenchmarkList(b *testing.B) {
	s := mustOpen(b, where(b))
	for i := range 1000 {
		record(b, s, decision(maria, i))
	}
	b.ReportAllocs()
	for b.Loop() {
		if ds, err := s.Decisions(maria, zero, zero, 100); err != nil || len(ds) != 100 {
			b.Fatal(len(ds), err)
		}
	}
}

// BenchmarkRecall is the look-up of a message that did not come before, which is
// nearly every message, among 10,000 that did.
func BenchmarkRecall(b *testing.B) {
	s := mustOpen(b, where(b))
	for i := range 100 {
		ds := make([]*rules.Decision, 100)
		for n := range ds {
			ds[n] = decision(maria, 0)
			ds[n].Retry = fmt.Sprint(i, n)
		}
		record(b, s, ds...)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if ds, err := s.Recall(context.Background(), []string{maria}, []string{fmt.Sprint("new", n)}); err != nil || ds[0] != nil {
			b.Fatal(ds, err)
		}
	}
}

// BenchmarkAudit appends one entry, durably.
func BenchmarkAudit(b *testing.B) {
	s := mustOpen(b, where(b))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Audit(context.Background(), started); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyAudit walks along 10,000 entries.
func BenchmarkVerifyAudit(b *testing.B) {
	s := mustOpen(b, Options{InMemory: true})
	for range 10_000 {
		if err := s.Audit(context.Background(), started); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if n, broken, err := s.VerifyAudit(context.Background()); n != 10_000 || broken != nil || err != nil {
			b.Fatal(n, broken, err)
		}
	}
}

// BenchmarkCounting is one decision a message by 64 writers to 1,000 mailboxes:
// without counts, with those that every promotion has, and looked up in turn, as
// where a cap is stated.
func BenchmarkCounting(b *testing.B) {
	counts := []rules.Count{{Of: "shop.example"}, {Of: "all promotions"}, {Of: "grant shop.example"}}
	for _, c := range []struct {
		name   string
		decide func(s *Store, d *rules.Decision) *rules.Decision
	}{
		{"nothing counts", func(_ *Store, d *rules.Decision) *rules.Decision { return d }},
		{"all count", func(_ *Store, d *rules.Decision) *rules.Decision {
			d.Counts = counts
			return d
		}},
		{"all count under a cap", func(s *Store, d *rules.Decision) *rules.Decision {
			return s.History().Count(context.Background(), d.Recipient, func(p rules.Past) *rules.Decision {
				p.Since(d.At.AddDate(0, 0, -30), []string{"shop.example"})
				d.Counts = counts
				return d
			})
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := mustOpen(b, where(b))
			var first []*rules.Decision
			for i := range 1000 {
				first = append(first, decision(fmt.Sprintf("u%d@example.org", i), 0))
			}
			record(b, s, first...)
			work := make(chan *rules.Decision)
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					for d := range work {
						if err := s.Record(context.Background(), []*rules.Decision{c.decide(s, d)}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				work <- decision(fmt.Sprintf("u%d@example.org", i%1000), 0)
			}
			close(work)
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
	}
}

// BenchmarkTurn looks at what came before in a mailbox that got 100 promotions a
// day for a month, held in memory and read anew.
func BenchmarkTurn(b *testing.B) {
	s := mustOpen(b, where(b))
	var ds []*rules.Decision
	for i := range 3000 {
		d := decision(maria, i*14)
		d.Counts = []rules.Count{{Of: fmt.Sprintf("shop%d.example", i%40)}, {Of: "all promotions"}}
		ds = append(ds, d)
	}
	record(b, s, ds...)
	for name, forget := range map[string]bool{"held": false, "read anew": true} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if forget {
					s.times.Forget(s.keys.Tag(maria))
				}
				s.Looking().Count(context.Background(), maria, func(p rules.Past) *rules.Decision {
					if all, _ := p.Since(ds[2999].At, []string{"all promotions"}); all < 2900 {
						b.Fatal(all)
					}
					return nil
				})
			}
		})
	}
}
