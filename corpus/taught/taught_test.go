package taught

import (
	"testing"

	"usher/corpus/keys"
	"usher/rules/lessons"
)

func TestNobodyWaitsForTheCorrectionsOfAnother(t *testing.T) {
	var s Shelf
	slow, quick := keys.Tag{1}, keys.Tag{2}
	s.Changed(slow)
	s.Changed(quick)
	begun, goOn, done := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		s.Of(slow, func() ([]lessons.Label, error) {
			close(begun)
			<-goOn
			return nil, nil
		})
		close(done)
	}()
	<-begun
	reads := 0
	for range 2 {
		if b, err := s.Of(quick, func() ([]lessons.Label, error) { reads++; return nil, nil }); b == nil || err != nil {
			t.Errorf("another has %v, %v", b, err)
		}
	}
	if reads != 1 {
		t.Errorf("they were read %d times", reads)
	}
	s.Changed(slow) // while they are read
	close(goOn)
	<-done
	if b, _ := s.Of(slow, func() ([]lessons.Label, error) { reads++; return nil, nil }); b == nil || reads != 2 {
		t.Errorf("what changed while it was read is not read again: %d readings", reads)
	}
	s.Forget(slow)
	if b, _ := s.Of(slow, nil); b != nil || len(s.boxes) != 1 || s.read != 1 {
		t.Errorf("who was forgotten is still there: %d mailboxes, %d read", len(s.boxes), s.read)
	}
}

func TestSoManyLessonsAreInMemory(t *testing.T) {
	var s Shelf
	for i := range most + 100 {
		box := keys.Tag{byte(i), byte(i >> 8)}
		s.Changed(box)
		if _, err := s.Of(box, func() ([]lessons.Label, error) { return nil, nil }); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, p := range s.boxes {
		if p.book != nil {
			n++
		}
	}
	if n != most || s.read != most || len(s.boxes) != most+100 {
		t.Errorf("%d are in memory, %d are counted, of %d", n, s.read, len(s.boxes))
	}
}
