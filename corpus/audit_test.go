package corpus

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/audit"
)

var started = audit.Entry{Actor: audit.Actor{Role: audit.Usher}, Event: audit.Start, Result: "ok"}

// auditKey is where an entry stands.
func auditKey(seq uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(prefixAudit+"e"), seq)
}

func note(t *testing.T, s *Store, n int) {
	t.Helper()
	for range n {
		if err := s.Audit(context.Background(), started); err != nil {
			t.Fatal(err)
		}
	}
}

// whole fails unless the ledger has n entries that fit.
func whole(t *testing.T, s *Store, n int) {
	t.Helper()
	if got, broken, err := s.VerifyAudit(context.Background()); got != n || broken != nil || err != nil {
		t.Errorf("%d entries fit, %v, %v; want %d", got, broken, err, n)
	}
}

func TestTheLedgerGoesOnWhereItEnded(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	whole(t, s, 0)
	note(t, s, 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	note(t, s, 2)
	whole(t, s, 5)
	entries, err := s.Ledger(zero)
	if err != nil || len(entries) != 5 || entries[4].Seq != 5 || entries[4].Event != audit.Start {
		t.Errorf("%+v, %v", entries, err)
	}
	if later, err := s.Ledger(time.Now().Add(time.Hour)); err != nil || len(later) != 0 {
		t.Errorf("of the time to come: %+v, %v", later, err)
	}
}

func TestManyAppendAtOnce(t *testing.T) {
	s := mustOpen(t, where(t))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if err := s.Audit(context.Background(), started); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	whole(t, s, 80)
}

func TestVerifyNamesWhatWasChangedInTheStore(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(txn *badger.Txn, value func(seq uint64) []byte) error
		bad   uint64
	}{
		{"one byte", func(txn *badger.Txn, value func(uint64) []byte) error {
			v := value(4)
			v[len(v)-3] ^= 1
			return txn.Set(auditKey(4), v)
		}, 4},
		{"a gap", func(txn *badger.Txn, _ func(uint64) []byte) error { return txn.Delete(auditKey(6)) }, 6},
		{"two exchanged", func(txn *badger.Txn, value func(uint64) []byte) error {
			a, b := value(2), value(3)
			return errors.Join(txn.Set(auditKey(2), b), txn.Set(auditKey(3), a))
		}, 2},
		{"the end cut off", func(txn *badger.Txn, _ func(uint64) []byte) error {
			return errors.Join(txn.Delete(auditKey(8)), txn.Delete(auditKey(7)))
		}, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, Options{InMemory: true})
			note(t, s, 8)
			err := s.db.Update(func(txn *badger.Txn) error {
				return c.spoil(txn, func(seq uint64) []byte {
					got, err := txn.Get(auditKey(seq))
					if err != nil {
						t.Fatal(err)
					}
					v, err := got.ValueCopy(nil)
					if err != nil {
						t.Fatal(err)
					}
					return v
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, broken, err := s.VerifyAudit(context.Background()); err != nil || broken == nil || broken.Seq != c.bad {
				t.Errorf("got %v, %v; want entry %d", broken, err, c.bad)
			}
		})
	}
}

func TestTheChainHasABeginningAfterMonthsHaveLeft(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	for range 10 { // five in November, three in December, two in January
		note(t, s, 1)
		now = now.Add(7 * 24 * time.Hour)
	}
	for _, c := range []struct {
		on         string
		left, stay int
	}{{"2028-01-04", 0, 10}, {"2028-01-05", 2, 8}, {"2028-01-06", 0, 8}, {"2028-02-05", 4, 4}} {
		on, err := time.Parse(time.DateOnly, c.on)
		if err != nil {
			t.Fatal(err)
		}
		now = on
		if n, err := s.EndAudit(context.Background()); n != c.left || err != nil {
			t.Errorf("on %s %d left, %v; want %d", c.on, n, err, c.left)
		}
		whole(t, s, c.stay)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	note(t, s, 1)
	whole(t, s, 5)
	if err := s.db.Update(func(txn *badger.Txn) error { return txn.Delete(auditKey(7)) }); err != nil {
		t.Fatal(err)
	}
	if _, broken, err := s.VerifyAudit(context.Background()); err != nil || broken == nil || broken.Seq != 7 {
		t.Errorf("the first that should be there was taken out: %v, %v", broken, err)
	}
}

func TestAnAuditThatCannotBeWrittenIsAnError(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(s *Store) context.Context
	}{
		{"the disk is full", func(s *Store) context.Context { s.floor = 1 << 62; return context.Background() }},
		{"another entry hangs", func(s *Store) context.Context {
			stuck := &job{nil, make(chan error)} // nobody takes the answer until the test ends
			s.jobs <- stuck
			t.Cleanup(func() { <-stuck.done })
			return soon(t)
		}},
		{"the store is closed", func(s *Store) context.Context { s.Close(); return context.Background() }},
	} {
		s := mustOpen(t, where(t))
		note(t, s, 1)
		if err := s.Audit(c.spoil(s), started); err == nil || !strings.Contains(err.Error(), "audit") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAnEntryOfWhichTheCallerDespairedIsPartOfTheChain(t *testing.T) {
	s := mustOpen(t, where(t))
	note(t, s, 1)
	stuck := &job{nil, make(chan error)} // the committer hangs with it until the answer is taken
	s.jobs <- stuck
	if err := s.Audit(soon(t), started); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	<-stuck.done
	note(t, s, 1)
	if n, broken, err := s.VerifyAudit(context.Background()); n < 2 || broken != nil || err != nil {
		t.Errorf("%d entries fit, %v, %v", n, broken, err)
	}
}

func TestALedgerAdoptsItsOwnLaterEntriesAlone(t *testing.T) {
	early, other := mustOpen(t, Options{InMemory: true}), mustOpen(t, Options{InMemory: true})
	note(t, early, 3)
	early.now = func() time.Time { return time.Now().Add(time.Hour) }
	other.now = func() time.Time { return time.Now().Add(-time.Hour) }
	note(t, other, 5)
	theirs, err := other.StoredLedger()
	if err != nil || len(theirs) != 5 {
		t.Fatal(len(theirs), err)
	}
	if n, err := early.AdoptLedger(context.Background(), theirs); n != 0 || err != nil {
		t.Errorf("of another ledger it took %d, %v", n, err)
	}
	whole(t, early, 3)
	late := mustOpen(t, Options{InMemory: true})
	if n, err := late.AdoptLedger(context.Background(), theirs[:2]); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	theirs[4][40] ^= 1 // what was changed is not taken
	if n, err := late.AdoptLedger(context.Background(), theirs); n != 2 || err != nil {
		t.Errorf("it took %d, %v", n, err)
	}
	note(t, late, 1)
	whole(t, late, 5)
}
