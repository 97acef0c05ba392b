package caller

import (
	"strings"
	"testing"
	"time"

	"usher/corpus/audit"
)

func TestTheSameRefusalIsOneEntryAnHour(t *testing.T) {
	var o Often
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	entry := func(uid int64, object string) audit.Entry {
		return audit.Entry{Actor: audit.Actor{Role: audit.Other, UID: uid}, Event: audit.Refused, Object: object}
	}
	written := 0
	for i := range 100 {
		if o.Enter(entry(1000, "a"), now.Add(time.Duration(i)*time.Second)) {
			written++
		}
	}
	if written != 1 || !o.Enter(entry(1000, "b"), now) || !o.Enter(entry(1001, "a"), now) {
		t.Errorf("written %d times; another object or user is another entry", written)
	}
	for i := range 200 {
		if o.Enter(entry(1002, strings.Repeat("c", i+1)), now) {
			written++
		}
	}
	if written != 1+maxOften[audit.Refused] {
		t.Errorf("one user has %d entries in an hour", written-1)
	}
	if !o.Enter(entry(1000, "a"), now.Add(time.Hour)) {
		t.Error("an hour later it is an entry again")
	}
}
