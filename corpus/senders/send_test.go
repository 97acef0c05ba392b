package senders

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestALookThatFindsNothingCostsNothing: every delivery is looked at once a day, and the
// reports that were drawn only when one is due.
func TestALookThatFindsNothingCostsNothing(t *testing.T) {
	s := open(t, asking())
	s.knows()
	s.lived(80, 60*day)
	for i := range 80 {
		s.got(box(i), s.now)
	}
	s.Sign = func(letter []byte) ([]byte, error) { return letter, nil }
	s.Mail = func(context.Context, string, []byte) error { return nil }
	s.nextDay()
	s.now = s.now.Truncate(day).Add(lateActs) // no report is due yet, however soon
	s.sealOver(context.Background())
	if all, err := s.Sealed("shop.example"); err != nil || len(all) != 1 || s.done.IsZero() {
		t.Fatalf("%d reports, %v", len(all), err)
	}
	s.send(context.Background())
	due := s.later
	if all, _ := s.Sealed(""); len(all) != 1 || !due.Equal(all[0].Due) {
		t.Errorf("it looks again at %v for %d reports, the first due at %v", due, len(all), all[0].Due)
	}
	if s.now = due; true {
		s.send(context.Background())
	}
	if all, _ := s.Sealed("shop.example"); all[0].Sent.IsZero() || !s.later.After(due) {
		t.Errorf("sent at %v, and it looks again at %v", all[0].Sent, s.later)
	}
	if other, err := s.Sealed("other.example"); err != nil || len(other) != 0 {
		t.Errorf("of another: %+v, %v", other, err)
	}
	if err := s.Begin(); err != nil { // the next start
		t.Fatal(err)
	}
	if all, err := s.Sealed("shop.example"); err != nil || len(all) != 1 {
		t.Errorf("after the next start: %+v, %v", all, err)
	}
}

func TestEachDestinationGetsAReportOnce(t *testing.T) {
	const hook = "https://in.shop.example/rel"
	z := asking()
	z["_relevance.shop.example"] = []string{"v=RELRPT1; rua=mailto:rel@shop.example," + hook}
	s := open(t, z)
	s.knows()
	s.lived(80, 60*day)
	for i := range 80 {
		s.got(box(i), s.now)
	}
	s.nextDay()
	drawn := s.sealed()[0]
	got := map[string]int{}
	var posted []byte
	var fails error = errors.New("the host answered 503")
	s.Sign = func(letter []byte) ([]byte, error) { return append([]byte("DKIM-Signature: x\r\n"), letter...), nil }
	s.Mail = func(_ context.Context, to string, _ []byte) error { got[to]++; return nil }
	s.Post = func(_ context.Context, uri string, letter []byte) error {
		if fails == nil {
			got[uri]++
			posted = letter
		}
		return fails
	}
	s.now = drawn.Due
	s.send(context.Background())
	if all, _ := s.Sealed("shop.example"); got["rel@shop.example"] != 1 || got[hook] != 0 || !all[0].Sent.IsZero() || all[0].Tries != 1 {
		t.Errorf("%v, %+v", got, all[0])
	}
	fails, s.now = nil, s.now.Add(between)
	s.send(context.Background())
	all, _ := s.Sealed("shop.example")
	if got["rel@shop.example"] != 1 || got[hook] != 1 || all[0].Sent.IsZero() || all[0].Fault != "" || string(posted) != string(all[0].Letter) {
		t.Errorf("%v, %+v", got, all[0])
	}
	if _, err := s.Send(context.Background(), "shop.example"); err != nil || got[hook] != 2 || got["rel@shop.example"] != 2 || string(posted) != string(all[0].Letter) {
		t.Errorf("sent anew by hand: %v, %v", got, err)
	}
	s.Mail = nil
	if last, err := s.Send(context.Background(), "shop.example"); !errors.Is(err, ErrNoRelay) || got[hook] != 3 || !strings.Contains(last.Fault, "relay") {
		t.Errorf("without a relay: %v, %v, %+v", got, err, last)
	}
}
