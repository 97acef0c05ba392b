package corpus

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/corpus/keys"
	"usher/rules"
)

// recalled gives the id of what is recalled, "" for nothing.
func recalled(t *testing.T, s *Store, recipient, key string) string {
	t.Helper()
	ds, err := s.Recall(context.Background(), []string{recipient}, []string{key})
	if err != nil || len(ds) != 1 {
		t.Fatalf("recall: %v, %v", ds, err)
	}
	if ds[0] == nil {
		return ""
	}
	return ds[0].ID
}

func TestR34ADecisionIsRecalledByItsRetryKey(t *testing.T) {
	s := mustOpen(t, where(t))
	d, other, anew := decision("Maria+shops@Example.ORG", 3), decision(pekka, 3), decision(maria, 0)
	d.Retry, other.Retry = "key of this message", "key of another"
	record(t, s, d, nil, other, anew)

	ds, err := s.Recall(context.Background(), []string{maria, pekka, "nobody@example.org", pekka, maria},
		[]string{d.Retry, other.Retry, d.Retry, d.Retry, ""})
	if err != nil || len(ds) != 5 {
		t.Fatalf("got %v, %v", ds, err)
	}
	want := *d
	want.MessageID, want.Retry = "", ""
	if !reflect.DeepEqual(ds[0], &want) {
		t.Errorf("got %+v, want %+v", ds[0], &want)
	}
	if ds[1] == nil || ds[1].ID != other.ID {
		t.Errorf("the second recipient's is %+v", ds[1])
	}
	for i, why := range map[int]string{2: "a mailbox of which nothing is kept", 3: "the key of somebody else's copy", 4: "a decision without a key"} {
		if ds[i] != nil {
			t.Errorf("%s: recalled %+v", why, ds[i])
		}
	}
}

func TestR34ARetryKeyEndsAfterSevenDaysOrWithItsDecision(t *testing.T) {
	for _, c := range []struct {
		name      string
		retention time.Duration
		age       time.Duration
		there     bool
	}{
		{"six days are under seven", 0, 6 * 24 * time.Hour, true},
		{"seven days are not", 0, RetryRetention + time.Minute, false},
		{"a decision kept for one day ends with it", 24 * time.Hour, 25 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := where(t)
			o.Retention = c.retention
			s := mustOpen(t, o)
			s.now = func() time.Time { return time.Now().Add(-c.age) }
			d := decision(maria, 0)
			d.Retry = "key"
			record(t, s, d)
			s.now = time.Now
			// What became of it is noted later, and does not renew the key.
			if err := s.Outcome(context.Background(), []*rules.Decision{d}); err != nil {
				t.Fatal(err)
			}
			if got := recalled(t, s, maria, "key"); (got == d.ID) != c.there {
				t.Errorf("recalled %q of %s", got, d.ID)
			}
		})
	}
}

func TestR34WhatIsRecalledSaysAllThatTheWireNeeds(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	d := decision(maria, 0)
	d.Retry, d.Category, d.Disposition, d.Observed = "key", classify.Personal, rules.Inbox, true
	record(t, s, d)
	ds, err := s.Recall(context.Background(), []string{maria}, []string{"key"})
	if err != nil || ds[0] == nil || ds[0].Disposition != rules.Inbox || ds[0].Category != classify.Personal || !ds[0].Observed || ds[0].Because != d.Because {
		t.Errorf("got %+v, %v", ds[0], err)
	}
}

func TestR34RetryKeysAreSealedAndGoWithTheMailbox(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	d := decision(maria, 0)
	d.Retry = "key"
	record(t, s, d)
	box := s.keys.Tag(maria)
	raw, id := []byte(nil), mustID(t, d.ID)
	err := s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: append([]byte(prefixRetry), box[:]...), PrefetchValues: true})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			v, err := it.Item().ValueCopy(nil)
			if err != nil {
				return err
			}
			raw = append(append(raw, it.Item().Key()...), v...)
		}
		return nil
	})
	if err != nil || len(raw) == 0 {
		t.Fatalf("under the mailbox's prefix stands %x, %v", raw, err)
	}
	if bytes.Contains(raw, []byte("key")) || bytes.Contains(raw, id[:]) {
		t.Errorf("it can be read: %q", raw)
	}
	if err := errors.Join(s.Close(), os.Remove(filepath.Join(o.KeyDir, keys.File(box)))); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	if got := recalled(t, s, maria, "key"); got != "" {
		t.Errorf("without the mailbox's key %s was recalled", got)
	}
	record(t, s, decision(maria, 0)) // a new key
	if got := recalled(t, s, maria, "key"); got != "" {
		t.Errorf("with another key %s was recalled", got)
	}
}

func TestR34RecallFailsRatherThanHangs(t *testing.T) {
	s := mustOpen(t, where(t))
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := s.Recall(ended, []string{maria}, []string{"key"}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its time: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recall(context.Background(), []string{maria}, []string{"key"}); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func mustID(t *testing.T, id string) ulid.ULID {
	t.Helper()
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestR12WhatWasNotAppliedIsKnownAtOnceWhenItIsRecalled(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	d := decision(maria, 0)
	d.Retry = "key"
	record(t, s, d)
	d.Outcome = &rules.Outcome{Applied: rules.Inbox, Code: 250, Why: "failed open: record"}
	if err := s.Outcome(context.Background(), []*rules.Decision{d}); err != nil {
		t.Fatal(err)
	}
	ds, err := s.Recall(context.Background(), []string{maria}, []string{"key"})
	if err != nil || ds[0] == nil || ds[0].Outcome == nil || ds[0].Outcome.Why != d.Outcome.Why {
		t.Errorf("got %+v, %v", ds[0], err)
	}
}
