package site

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/corpus"
	"usher/rules"
)

func store(t testing.TB) *corpus.Store {
	t.Helper()
	s, err := corpus.Open(corpus.Options{InMemory: true, Delimiter: "+", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var serial uint64

// mail is a decision on a proven promotion of a domain's.
func mail(rcpt, domain string, at time.Time) *rules.Decision {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at))
	serial++
	binary.BigEndian.PutUint64(id[8:], serial)
	return &rules.Decision{ID: id.String(), At: at, Recipient: rcpt, MessageID: fmt.Sprintf("<%d@example.net>", serial), Sender: rules.Sender{Brand: domain, Aligned: true},
		Category: classify.Promotion, Disposition: rules.Promotions, Because: "default"}
}

func record(t testing.TB, s *corpus.Store, ds ...*rules.Decision) {
	t.Helper()
	if err := s.Record(context.Background(), ds); err != nil {
		t.Fatal(err)
	}
}

func TestASenderIsNamedOnceTenMailboxesHadIt(t *testing.T) {
	s := store(t)
	now := time.Now()
	for i := range 10 {
		box := fmt.Sprintf("p%d@example.org", i)
		record(t, s, mail(box, "ten.example", now), mail(box, "ten.example", now)) // twice is one mailbox
		if i < 9 {
			record(t, s, mail(box, "nine.example", now), mail(box, "nine.example", now))
		}
		claimed, letter, old := mail(box, "claimed.example", now), mail(box, "letter.example", now), mail(box, "old.example", now.AddDate(0, 0, -8))
		claimed.Sender.Aligned, letter.Category = false, classify.Personal
		record(t, s, claimed, letter, old)
	}
	for i := range 12 {
		record(t, s, mail(fmt.Sprintf("q%d@example.org", i), "twelve.example", now))
	}
	got, err := Senders(context.Background(), s, now.AddDate(0, 0, -7))
	if want := []Sender{{"twelve.example", 12}, {"ten.example", 10}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if all, err := Senders(context.Background(), s, time.Time{}); err != nil || len(all) != 3 {
		t.Errorf("of all time: %+v, %v", all, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if list, err := Senders(ended, s, time.Time{}); err == nil {
		t.Errorf("it goes on for nobody: %+v", list)
	}
}

func TestAMailboxAndWeekAreOneNumber(t *testing.T) {
	s := store(t)
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) // a Wednesday
	for _, at := range []string{"2026-11-25T11:00:00Z", "2026-11-23T00:00:00Z", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-15T23:59:59Z", "2026-10-01T00:00:00Z"} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		record(t, s, mail("maria@example.org", "shop.example", when))
	}
	record(t, s, mail("pekka@example.org", "shop.example", now))
	want := []Week{{"2026-11-23", 2}, {"2026-11-16", 2}, {"2026-11-09", 1}}
	for _, mailbox := range []string{"Maria+x@example.org", s.TagOf("maria@example.org")} {
		if got, err := Weeks(s, mailbox, now, 3); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", mailbox, got, err, want)
		}
	}
	if got, err := Weeks(s, "nobody@example.org", now, 1); err != nil || !slices.Equal(got, []Week{{"2026-11-23", 0}}) {
		t.Errorf("of nobody: %+v, %v", got, err)
	}
	sunday := time.Date(2026, 11, 29, 23, 59, 59, 0, time.UTC)
	if got, err := Weeks(s, "pekka@example.org", sunday, 1); err != nil || !slices.Equal(got, []Week{{"2026-11-23", 1}}) {
		t.Errorf("on a Sunday: %+v, %v", got, err)
	}
}

// BenchmarkSenders counts the senders of 10,000 decisions in 1,000 mailboxes.
func BenchmarkSenders(b *testing.B) {
	s := store(b)
	now := time.Now()
	for i := range 1000 {
		var ds []*rules.Decision
		for n := range 10 {
			ds = append(ds, mail(fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("shop%d.example", n), now))
		}
		record(b, s, ds...)
	}
	for b.Loop() {
		if list, err := Senders(context.Background(), s, time.Time{}); err != nil || len(list) != 10 {
			b.Fatal(len(list), err)
		}
	}
}
