package complaints

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestWhoWasNotToldIsToldAlthoughAnotherSaidStop(t *testing.T) {
	s := open(t)
	id := s.arrives(maria, "news", "a@shop.example", "b@shop.example", "c@shop.example")
	s.makes(maria, id)
	down := true
	told := map[string]int{}
	s.Send = func(_ context.Context, to string, _ []byte) (bool, error) {
		if down && to == "c@shop.example" {
			return false, errors.New("down")
		}
		told[to]++
		return true, nil
	}
	s.passes(31 * time.Minute)
	if err := s.silence(context.Background(), "a@shop.example"); err != nil {
		t.Fatal(err)
	}
	s.passes(time.Hour + time.Minute) // c fails again, and is to be tried again
	down = false
	for range 3 {
		s.passes(time.Hour + time.Minute)
	}
	if told["c@shop.example"] != 1 {
		t.Errorf("%v, %+v", told, s.last(maria))
	}
}

func TestAHundredADayCountWhatWaitsForAnother(t *testing.T) {
	s := open(t)
	told := map[string]int{}
	s.Send = func(_ context.Context, to string, _ []byte) (bool, error) {
		if to == "dead@shop.example" {
			return false, errors.New("down")
		}
		told[to]++
		return true, nil
	}
	for i := range 300 {
		box := fmt.Sprintf("p%d@example.org", i)
		s.makes(box, s.arrives(box, "news", "a@shop.example", "dead@shop.example"))
		if i%50 == 49 {
			s.passes(31 * time.Minute)
		}
	}
	if told["a@shop.example"] > mostDaily {
		t.Errorf("%v within three hours", told)
	}
}

func TestWhatNobodyWasToldCanBeTakenBack(t *testing.T) {
	s := open(t)
	id := s.arrives(maria, "news", fbl)
	s.makes(maria, id)
	s.sent, s.err = false, errors.New("connection refused")
	s.passes(31 * time.Minute)
	c := s.last(maria)
	if _, err := s.Cancel(context.Background(), maria, id); err != nil {
		t.Errorf("%q, told %v: %v", c.State, c.Told, err)
	}
	s.sent, s.err, s.to = true, nil, nil
	s.passes(2 * time.Hour)
	if len(s.to) > 0 {
		t.Errorf("told %v", s.to)
	}
}

func TestNothingIsKeptOfWhoIsErasedWhileAComplaintIsSent(t *testing.T) {
	s := open(t)
	id := s.arrives(maria, "news", fbl)
	s.makes(maria, id)
	s.Send = func(ctx context.Context, _ string, _ []byte) (bool, error) {
		_, err := s.Store.Erase(ctx, maria)
		return true, err
	}
	s.passes(31 * time.Minute)
	all, err := s.Complaints(maria)
	if err != nil || len(all) > 0 {
		t.Errorf("%+v %v", all, err)
	}
}
