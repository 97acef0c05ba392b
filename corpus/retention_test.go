package corpus

import (
	"context"
	"errors"
	"testing"
	"time"

	"usher/corpus/kinds"
	"usher/corpus/tally"
	"usher/corpus/times"
	"usher/corpus/weeks"
	"usher/rules"
)

// TestEachKindIsGoneAfterItsDays writes what a store holds at a time that is so
// long ago, since Badger's clock cannot be moved: a moment before its end all is
// there, a moment after it nothing is.
func TestEachKindIsGoneAfterItsDays(t *testing.T) {
	write := map[string]func(s *Store) error{
		prefixDecision: func(s *Store) error { return s.Record(context.Background(), []*rules.Decision{decision(maria, 0)}) },
		prefixRetry: func(s *Store) error {
			d := decision(maria, 0)
			d.Retry = "again"
			return s.Record(context.Background(), []*rules.Decision{d})
		},
		tally.Prefix: func(s *Store) error {
			if err := s.Unjudged(context.Background(), 1); err != nil {
				return err
			}
			s.flushCounts()
			return nil
		},
		times.Prefix: func(s *Store) error {
			d := decision(maria, 0)
			d.Counts = []rules.Count{{Of: "shop.example"}}
			return s.Record(context.Background(), []*rules.Decision{d})
		},
		weeks.Prefix: func(s *Store) error {
			err := s.Record(context.Background(), []*rules.Decision{decision(maria, 0)})
			s.flush()
			return err
		},
		prefixDigest: func(s *Store) error {
			return s.SentDigest(context.Background(), maria, Sent{Until: time.Now()})
		},
		prefixOverride: func(s *Store) error {
			_, err := s.Override(context.Background(), maria, "", time.Minute)
			return err
		},
		prefixMove: func(s *Store) error {
			d := decision(maria, 0)
			if err := s.Record(context.Background(), []*rules.Decision{d}); err != nil {
				return err
			}
			err := s.Moved(context.Background(), maria, d.ID, Move{From: "INBOX", To: "Junk", At: time.Now()})
			if errors.Is(err, ErrNotFound) {
				return nil // its decision is gone already
			}
			return err
		},
		PrefixSlip: func(s *Store) error {
			d := decision(maria, 0)
			d.Beside = map[string][]byte{PrefixSlip: []byte("{}")}
			return s.Record(context.Background(), []*rules.Decision{d})
		},
		PrefixRef: func(s *Store) error {
			return s.Note(context.Background(), maria, PrefixRef, rules.NewID(s.now()), struct{}{})
		},
		PrefixDelivery: func(s *Store) error {
			d := decision(maria, 0)
			d.Beside = map[string][]byte{PrefixDelivery: []byte("{}")}
			return s.Record(context.Background(), []*rules.Decision{d})
		},
		prefixTomb: func(s *Store) error { _, err := s.Erase(context.Background(), maria); return err },
	}
	for _, prefix := range []string{PrefixUnsubscribe, PrefixComplaint, PrefixComplainSlip, PrefixBudget, PrefixReport, PrefixRequest, PrefixProof} {
		write[prefix] = func(s *Store) error {
			return s.Note(context.Background(), maria, prefix, rules.NewID(s.now()), struct{}{})
		}
	}
	for _, k := range kinds.All {
		if k.Days == 0 || k.Prefix == prefixAudit { // the ledger leaves by whole months, in a test of its own
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			if write[k.Prefix] == nil {
				t.Fatalf("this test does not know how %s are written", k.Name)
			}
			for left, want := range map[time.Duration]bool{2 * time.Hour: true, -2 * time.Hour: false} {
				s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
				s.now = func() time.Time { return time.Now().Add(left).AddDate(0, 0, -k.Days) }
				if err := write[k.Prefix](s); err != nil {
					t.Fatal(err)
				}
				if got := has(t, s, k.Prefix); got != want {
					t.Errorf("%v before its end: there %v, want %v", left, got, want)
				}
			}
		})
	}
}

// has reports whether a store has anything of a kind.
func has(t *testing.T, s *Store, prefix string) (is bool) {
	t.Helper()
	if _, err := s.walk([]byte(prefix), []byte(prefix), func(_, _ []byte) { is = true }); err != nil {
		t.Fatal(err)
	}
	return is
}

func TestAnAdminMayOnlyShorten(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		days       int
		want       error
	}{
		{"to the limit", "decisions", 180, nil},
		{"to a day", "Decisions", 1, nil},
		{"of what is nobody's", "counts", 90, nil},
		{"beyond the limit", "decisions", 181, kinds.ErrLonger},
		{"beyond what it is kept for", "counts", 401, kinds.ErrLonger},
		{"to nothing", "decisions", 0, kinds.ErrShorter},
		{"below nothing", "decisions", -1, kinds.ErrShorter},
		{"what guards the erased", "tombs", 10, kinds.ErrStays},
		{"what follows the decisions", "overrides", 10, kinds.ErrStays},
		{"what there is not", "dreams", 10, kinds.ErrKind},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			s := mustOpen(t, o)
			if err := s.SetRetention(context.Background(), c.kind, c.days); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			closed(t, s)
			for _, r := range mustOpen(t, o).Retention() {
				if c.want == nil && r.Kind == "decisions" && c.kind == "Decisions" && (r.Days != c.days || r.Limit != c.days) {
					t.Errorf("after a restart: %+v", r)
				}
			}
		})
	}
}

func TestDecisionsAreKeptAsTheirOwnerStates(t *testing.T) {
	for _, c := range []struct {
		name             string
		site, limit, own int // days; limit 0: not shortened
		want             int
	}{
		{"nothing is stated", 30, 0, 0, 30},
		{"the owner shortens", 30, 0, 7, 7},
		{"the owner lengthens", 30, 0, 90, 90},
		{"the owner lengthens beyond the limit", 30, 0, 400, 180},
		{"the admin shortened below what nothing stated means", 30, 10, 0, 10},
		{"the admin shortened below what the owner states", 30, 10, 90, 10},
		{"the owner is shorter than the admin", 30, 10, 3, 3},
		{"the admin's limit leaves room", 30, 60, 45, 45},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, Options{InMemory: true, Retention: time.Duration(c.site) * 24 * time.Hour, Stated: func(_ context.Context, mailbox string) int {
				if mailbox == maria {
					return c.own
				}
				return 0
			}})
			if c.limit > 0 {
				if err := s.SetRetention(context.Background(), "decisions", c.limit); err != nil {
					t.Fatal(err)
				}
			}
			for left, want := range map[time.Duration]int{2 * time.Hour: 2, -2 * time.Hour: 0} {
				s.now = func() time.Time { return time.Now().Add(left).AddDate(0, 0, -c.want) }
				d := decision(maria, 0)
				record(t, s, d)
				if all, _ := entriesOf(t, s, maria); all != want {
					t.Errorf("%v before its end there are %d entries, want %d", left, all, want)
				}
				erase(t, s, maria)
			}
		})
	}
}

func TestWhatIsShortenedFallsOnWhatIsStored(t *testing.T) {
	own := 0
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+", Stated: func(_ context.Context, mailbox string) int {
		if mailbox == maria {
			return own
		}
		return 0
	}})
	const day = 24 * 60
	for _, box := range []string{maria, pekka} {
		for _, age := range []int{0, 4 * day, 6 * day, 20 * day} {
			d := decision(box, age)
			d.Retry = d.ID
			record(t, s, d)
		}
	}
	s.tally.Add(tally.Of(time.Now().AddDate(0, 0, -20), "category", "promotion"), 1)
	s.tally.Add(tally.Of(time.Now(), "category", "promotion"), 1)
	s.flushCounts()
	for _, c := range []struct {
		name        string
		change      func() error
		gone        int
		hers, other int // decisions left
	}{
		{"nothing was shortened", func() error { return nil }, 0, 4, 4},
		{"the owner shortens to five days", func() error { own = 5; return nil }, 6, 2, 4},
		{"the admin shortens to ten days", func() error { return s.SetRetention(context.Background(), "decisions", 10) }, 3, 2, 3},
		{"the admin shortens the counts", func() error { return s.SetRetention(context.Background(), "counts", 10) }, 1, 2, 3},
		{"nothing was shortened since", func() error { return nil }, 0, 2, 3},
	} {
		if err := c.change(); err != nil {
			t.Fatal(err)
		}
		n, err := s.Tend(context.Background(), 0)
		if err != nil || n != c.gone {
			t.Errorf("%s: deleted %d, want %d; %v", c.name, n, c.gone, err)
		}
		for box, want := range map[string]int{maria: c.hers, pekka: c.other} {
			if got, err := s.Decisions(box, zero, zero, 0); err != nil || len(got) != want {
				t.Errorf("%s: %s has %d, want %d; %v", c.name, box, len(got), want, err)
			}
			if all, open := entriesOf(t, s, box); all != 3*want || open != all {
				t.Errorf("%s: %s has %d entries, of which %d open, want %d", c.name, box, all, open, 3*want)
			}
		}
	}
}
