package corpus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/corpus/keys"
	"usher/rules"
)

const maria, pekka = "maria@example.org", "pekka@example.org"

var zero time.Time

// where gives options for a store on disk under a folder of the test.
func where(t testing.TB) Options {
	dir := t.TempDir()
	return Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"),
		MasterKey: filepath.Join(dir, "master.key"), Delimiter: "+", Log: slog.New(slog.DiscardHandler)}
}

func mustOpen(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// serial makes ids differ.
var serial atomic.Uint64

func newID(at time.Time) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at.Truncate(time.Minute)))
	binary.BigEndian.PutUint64(id[8:], serial.Add(1))
	return id.String()
}

// decision is a promotion for a recipient, made n minutes ago.
func decision(recipient string, minutes int) *rules.Decision {
	at := time.Now().Add(-time.Duration(minutes) * time.Minute).UTC().Truncate(time.Minute)
	id := newID(at)
	return &rules.Decision{
		ID: id, At: at, Recipient: recipient, MessageID: "<" + id + "@shop.example>",
		Sender:   rules.Sender{Brand: "shop.example", Name: "The Shop", Aligned: true, How: "dkim"},
		Subject:  "Extra 20 % off running shoes",
		Category: classify.Promotion, Confidence: 0.97, Disposition: rules.Promotions,
		Because: "intents:39", Statement: "cap every brand 1 per week", Text: "the 4th since 15 Nov",
		Offers:   []rules.Offer{{Brand: "shop.example", Price: "149.95", Currency: "EUR", Code: "BW20"}},
		Evidence: []classify.Evidence{{Code: "one_click", For: classify.Promotion, Weight: 2.1, Text: "List-Unsubscribe header"}},
		Summary:  "The Shop: extra 20 % off running shoes", Size: 32768, Intents: "0123456789abcdef",
		Features: []byte{1, 0, 2, '}'},
	}
}

func record(t testing.TB, s *Store, ds ...*rules.Decision) {
	t.Helper()
	if err := s.Record(context.Background(), ds); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsRecordedIsFoundAgain(t *testing.T) {
	for _, memory := range []bool{true, false} {
		t.Run(fmt.Sprintf("in memory %v", memory), func(t *testing.T) {
			o := where(t)
			if memory {
				o = Options{InMemory: true, Delimiter: "+"}
			}
			s := mustOpen(t, o)
			d := decision("Maria+shops@Example.ORG", 3)
			record(t, s, d, nil, decision(pekka, 3))
			want := *d
			want.MessageID = ""
			got, err := s.Decision(maria, d.ID)
			if err != nil || !reflect.DeepEqual(got, &want) {
				t.Errorf("by id: got %+v, %v", got, err)
			}
			if _, err := s.Decision(pekka, d.ID); !errors.Is(err, ErrNotFound) {
				t.Errorf("another mailbox sees it: %v", err)
			}
			found, err := s.ByMessageID(maria, strings.Trim(d.MessageID, "<>"))
			if err != nil || len(found) != 1 || !reflect.DeepEqual(found[0], d) {
				t.Errorf("by Message-ID: got %+v, %v", found, err)
			}
			d.Outcome = &rules.Outcome{Applied: rules.Promotions, Code: 250}
			if err := s.Outcome(context.Background(), []*rules.Decision{nil, d}); err != nil {
				t.Fatal(err)
			}
			if got, err = s.Decision(maria, d.ID); err != nil || got.Outcome == nil || got.Outcome.Code != 250 {
				t.Errorf("after the outcome: got %+v, %v", got, err)
			}
			all, err := s.Decisions(maria, time.Time{}, time.Time{}, 0)
			if err != nil || len(all) != 1 {
				t.Errorf("list: got %d, %v", len(all), err)
			}
		})
	}
}

func TestSecondOpenerIsToldWhoHoldsTheStore(t *testing.T) {
	o := where(t)
	mustOpen(t, o)
	_, err := Open(o)
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", os.Getpid())) {
		t.Errorf("got %v", err)
	}
}

func TestPersonalMailLeavesAThinDecision(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	personal, long := decision(maria, 1), decision(maria, 1)
	personal.Category = classify.Personal
	personal.Disposition = rules.Inbox
	long.Subject = strings.Repeat("long ", maxValue)
	before := *personal
	record(t, s, personal, long)
	if !reflect.DeepEqual(personal, &before) {
		t.Error("recording changed the decision")
	}
	for _, d := range []*rules.Decision{personal, long} {
		want := &rules.Decision{ID: d.ID, At: d.At, Recipient: maria, Category: d.Category, Disposition: d.Disposition, Because: d.Because}
		if got, err := s.Decision(maria, d.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

func TestFeaturesAreKeptWhereThereIsRoom(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	none, many, personal := decision(maria, 1), decision(maria, 1), decision(maria, 1)
	none.Features = nil // as an usher stored it that kept none
	many.Features = make([]byte, maxValue)
	personal.Category = classify.Personal
	record(t, s, none, many, personal)
	for _, d := range []*rules.Decision{none, many, personal} {
		got, err := s.Decision(maria, d.ID)
		if err != nil || got.Features != nil || got.Category != d.Category {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if got, _ := s.Decision(maria, many.ID); got.Subject != many.Subject {
		t.Error("what is too long with its features should be kept without them, and no thinner")
	}
}

func TestListingIsByTime(t *testing.T) {
	s := mustOpen(t, where(t))
	for n := range 60 {
		record(t, s, decision(maria, n), decision(pekka, n))
	}
	now := time.Now()
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	for _, c := range []struct {
		name         string
		since, until time.Time
		limit, want  int
	}{
		{"without bounds it is all of the mailbox", zero, zero, 0, 60},
		{"since is to the minute, and counts", ago(9), zero, 0, 10},
		{"until counts too", zero, ago(50), 0, 10},
		{"between the two", ago(19), ago(10), 0, 10},
		{"a limit takes the newest", zero, zero, 7, 7},
		{"nothing in a time to come", now.Add(time.Hour), zero, 0, 0},
		{"nothing before all", zero, time.Unix(0, 0), 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := s.Decisions("<MARIA@example.org>", c.since, c.until, c.limit)
			if err != nil || len(ds) != c.want {
				t.Fatalf("got %d, %v; want %d", len(ds), err, c.want)
			}
			for i, d := range ds {
				if d.Recipient != maria || i > 0 && d.At.After(ds[i-1].At) {
					t.Errorf("at %d stands %s of %v", i, d.Recipient, d.At)
				}
			}
		})
	}
}

func TestDecisionsEnd(t *testing.T) {
	s := mustOpen(t, where(t))
	s.now = func() time.Time { return time.Now().Add(-DefaultRetention - time.Minute) }
	old := decision(maria, 0)
	record(t, s, old)
	s.now = time.Now
	d := decision(maria, 0)
	record(t, s, d)
	if _, err := s.Decision(maria, old.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("past its end it is still there: %v", err)
	}
	if _, err := s.ByMessageID(maria, old.MessageID); !errors.Is(err, ErrNotFound) {
		t.Errorf("past its end it is found by Message-ID: %v", err)
	}
	n := 0
	err := s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Seek([]byte(prefixDecision)); it.ValidForPrefix([]byte(prefixDecision)); it.Next() {
			n++
			ends := time.Unix(int64(it.Item().ExpiresAt()), 0)
			if left := time.Until(ends); left > DefaultRetention || left < DefaultRetention-2*time.Minute {
				t.Errorf("%x ends in %v", it.Item().Key(), left)
			}
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("%d keys are left, %v", n, err)
	}
	for name, o := range map[string]Options{
		"a retention over the limit":   {InMemory: true, Retention: MaxRetention + 1},
		"a store on disk without keys": {Dir: t.TempDir()},
		"no folder":                    {},
	} {
		if s, err := Open(o); err == nil {
			s.Close()
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestCountsAreOfDaysAndOfNobody(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	failed := decision(pekka, 0)
	failed.Category, failed.Disposition, failed.Because = "", rules.Inbox, "error"
	record(t, s, decision(maria, 0), nil, failed)
	if err := s.Unjudged(context.Background(), 3); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"recipients/judged": 2, "recipients/unjudged": 3, "category/promotion": 1,
		"disposition/promotions": 1, "disposition/inbox": 1, "error/failed open": 1}
	if got, err := s.Counts(time.Now()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("before they are written: %v, %v", got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	if err := s.Unjudged(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	want["recipients/unjudged"]++
	if got, err := s.Counts(time.Now()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("after a restart: %v, %v", got, err)
	}
	if got, err := s.Counts(time.Now().Add(-24 * time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("of another day: %v, %v", got, err)
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	s := mustOpen(t, where(t))
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			rcpt := fmt.Sprintf("p%d@example.org", w%4)
			for range 20 {
				d := decision(rcpt, 0)
				if err := s.Record(context.Background(), []*rules.Decision{d, decision(maria, 0)}); err != nil {
					t.Error(err)
				}
				if _, err := s.Decision(rcpt, d.ID); err != nil {
					t.Errorf("not there after Record: %v", err)
				}
			}
		})
	}
	all.Wait()
	if ds, err := s.Decisions(maria, zero, zero, 0); err != nil || len(ds) != 320 {
		t.Errorf("got %d, %v; want 320", len(ds), err)
	}
}

func TestAMessageToAThousandIsOneRecord(t *testing.T) {
	s := mustOpen(t, where(t))
	var ds []*rules.Decision
	for i := range 1000 {
		ds = append(ds, decision(fmt.Sprintf("p%d@example.org", i), 0))
	}
	record(t, s, ds...)
	for _, d := range ds {
		if _, err := s.Decision(d.Recipient, d.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABadIDIsAnErrorAndNothingIsStored(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	bad := decision(pekka, 0)
	bad.ID = "not an id"
	if err := s.Record(context.Background(), []*rules.Decision{decision(maria, 0), bad}); err == nil {
		t.Error("it was accepted")
	}
	if ds, err := s.Decisions(maria, zero, zero, 0); err != nil || len(ds) != 0 {
		t.Errorf("half of a message was stored: %d, %v", len(ds), err)
	}
	if _, err := s.Decision(maria, "nor is this"); !errors.Is(err, ErrNotFound) {
		t.Errorf("look-up: %v", err)
	}
}

func TestSiteKeysStayAndDiffer(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	log, retry := s.SiteKey("log"), s.SiteKey("retry")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	if !bytes.Equal(log, s.SiteKey("log")) || bytes.Equal(log, retry) || len(log) != keys.Size {
		t.Error("a key of the site changed, or two uses share one")
	}
}

func TestAnOutcomeIsKeptWithoutWaitingForIt(t *testing.T) {
	o := where(t)
	s := mustOpen(t, o)
	d := decision(maria, 3)
	record(t, s, d)
	outcome := func(code int) {
		t.Helper()
		d.Outcome = &rules.Outcome{Applied: rules.Promotions, Code: code}
		if err := s.Outcome(context.Background(), []*rules.Decision{d}); err != nil {
			t.Fatal(err)
		}
	}
	kept := func(when string, code int) {
		t.Helper()
		found, err := s.ByMessageID(maria, d.MessageID)
		if err != nil || len(found) != 1 || found[0].Outcome == nil || found[0].Outcome.Code != code {
			t.Errorf("%s: got %+v, %v", when, found, err)
		}
	}
	outcome(250)
	kept("read at once", 250)
	outcome(451)
	record(t, s, decision(pekka, 3))
	if n := s.soon.Load(); n != 0 {
		t.Errorf("%d outcomes are held back although a decision was written since", n)
	}
	kept("with the next decision", 451)
	outcome(552)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	kept("after a restart", 552)
}
