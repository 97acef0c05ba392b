package bounces

import (
	"fmt"
	"testing"
	"time"

	"usher/corpus"
)

func TestNoticesOfLettersThatWereNeverSentAreNotKept(t *testing.T) {
	now := time.Now().UTC()
	d := open(t, &now)
	for i := range 200 { // anybody can write these
		d.comes("", fmt.Sprintf("bounce+%s@mail.example.org", d.detail(fmt.Sprintf("%d@guess", i))[:12]+"aaaa"), notice("failed"))
	}
	d.comes("", "bounce+"+d.detail("x@guess")[:16]+"aaaaaaaa@mail.example.org", notice("failed"))
	kept, err := corpus.Notes[rest](d.Store, d.Address(), corpus.PrefixSilence)
	held := 0
	d.alone.Range(func(any, any) bool { held++; return true })
	if err != nil || len(kept) != 0 || held != 0 {
		t.Errorf("%d notes and %d in memory of addresses that are nobody's, %v", len(kept), held, err)
	}
	now = now.Add(2 * Rest)
	held = 0
	begun(t, d)
	d.alone.Range(func(any, any) bool { held++; return true })
	if held != 0 {
		t.Errorf("%d that are over are held in memory yet", held)
	}
}
