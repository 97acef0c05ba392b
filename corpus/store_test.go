package corpus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/rules"
)

const maria, pekka = "maria@example.org", "pekka@example.org"

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

// entropy makes ids differ; their times are given.
var entropy = ulid.Monotonic(strings.NewReader(strings.Repeat("usher", 100000)), 0)

func newID(at time.Time) string {
	return ulid.MustNew(ulid.Timestamp(at.Truncate(time.Minute)), entropy).String()
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
