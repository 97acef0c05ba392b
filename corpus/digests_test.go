package corpus

import (
	"context"
	"testing"
	"time"
)

func TestDigestsThatWereSentAreKnown(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	first, second := time.Date(2026, 11, 23, 5, 30, 0, 0, time.UTC), time.Date(2026, 11, 24, 5, 30, 0, 0, time.UTC)
	for _, sent := range []Sent{{Until: second, Numbered: []string{"A", "B"}, Samples: []string{"B"}}, {Until: first}, {Until: first, Numbered: []string{"C"}}} {
		if err := s.SentDigest(context.Background(), maria, sent); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Digests("Maria+x@example.org")
	if err != nil || len(list) != 2 || list[0].Numbered[0] != "C" || !list[1].Until.Equal(second) || list[1].Samples[0] != "B" {
		t.Errorf("known are %+v, %v", list, err)
	}
	if list, err := s.Digests(pekka); err != nil || len(list) != 0 {
		t.Errorf("another has %+v, %v", list, err)
	}
}
