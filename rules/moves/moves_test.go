package moves

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"usher/rules/lessons"
)

func TestWhatAMoveSays(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		want           string // target and scope
	}{
		{"out of the promotions it belongs in the inbox", "Promotions", "INBOX", "inbox kind"},
		{"out of the refused too", "Refused", "inbox", "inbox kind"},
		{"into the promotions", "INBOX", "Promotions", "promotions kind"},
		{"into the refused", "INBOX", "INBOX.Refused", "refuse kind"},
		{"from the refused to the promotions", "INBOX/Refused", "INBOX/Promotions", "promotions kind"},
		{"thrown away", "Promotions", "Trash", ""},
		{"thrown away where Outlook does", "INBOX", "Deleted Items", ""},
		{"put away", "INBOX", "Archive", ""},
		{"called spam: the filter before us learns that", "INBOX", "Junk", ""},
		{"taken back from the trash", "Trash", "INBOX", ""},
		{"into a folder of one's own", "Promotions", "Shops I like", ""},
		{"out of a folder of one's own", "Shops I like", "INBOX", ""},
		{"nowhere", "INBOX", "INBOX", ""},
		{"wanted", "Promotions", "Usher/Want", "inbox kind"},
		{"wanted, from wherever", "Shops I like", "Usher.Want", "inbox kind"},
		{"no more of it", "INBOX", "INBOX.Usher.Stop", "refuse brand"},
		{"only this one", "Refused", "Usher/Only this one", "inbox message"},
		{"a folder that only begins so", "INBOX", "Usher/Wanted", ""},
	} {
		s, ok := Between(Folder(c.from), Folder(c.to))
		got := ""
		if ok {
			got = s.To + " " + string(s.Scope)
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
		if _, known := lessons.Target(s.To); ok && !known {
			t.Errorf("%s: nobody reads %q", c.name, s.To)
		}
	}
}

func TestASelectionTeachesNothing(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	// each gives the seconds at which messages are moved, and which of them teach in
	// the end.
	for _, c := range []struct {
		name    string
		seconds []float64
		teach   []int
	}{
		{"one", []float64{0}, []int{0}},
		{"one after another", []float64{0, 3, 6, 9, 12, 15, 18, 21}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"as many as a hand may", []float64{0, 0, 0, 0, 0}, []int{0, 1, 2, 3, 4}},
		{"one more", []float64{0, 0, 0, 0, 0, 0}, nil},
		{"a long selection, slowly reported", []float64{0, 1, 2, 3, 4, 5, 8, 11, 14, 17, 20, 23}, nil},
		{"one by hand, then a selection, then one by hand", []float64{0, 12, 12, 12, 12, 12, 12, 13, 30}, []int{0, 8}},
		{"by hand, and at once a selection", []float64{0, 9, 11, 11, 11, 11, 11, 11}, []int{0}},
	} {
		var h Hands
		taught := map[string]bool{}
		for i, s := range c.seconds {
			now := at.Add(time.Duration(s * float64(time.Second)))
			byHand, back := h.Move("maria@example.org", now)
			for _, l := range back {
				delete(taught, l)
			}
			if byHand && h.Taught("maria@example.org", fmt.Sprint(i)) {
				taught[fmt.Sprint(i)] = true
			}
			if other, _ := h.Move(fmt.Sprintf("other%d@example.org", i), now); !other {
				t.Errorf("%s: another mailbox is counted in", c.name)
			}
		}
		var got []int
		for i := range c.seconds {
			if taught[fmt.Sprint(i)] {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, c.teach) {
			t.Errorf("%s: %v teach, not %v", c.name, got, c.teach)
		}
	}
}

func TestWhatJustArrivedHasNotSettled(t *testing.T) {
	var a Arrivals
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i := range maxArrivals + 10 {
		a.Note(fmt.Sprint(i), at.Add(time.Duration(i)*time.Millisecond))
	}
	last := at.Add((maxArrivals + 9) * time.Millisecond)
	for _, c := range []struct {
		name, id string
		now      time.Time
		want     bool
	}{
		{"just now", fmt.Sprint(maxArrivals + 9), last.Add(time.Second), false},
		{"nearly long enough ago", fmt.Sprint(maxArrivals + 9), last.Add(Settled - 1), false},
		{"long enough ago", fmt.Sprint(maxArrivals + 9), last.Add(Settled), true},
		{"long ago", "3", last, true},
		{"before the start", "another", last, true},
	} {
		if got := a.Settled(c.id, c.now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if len(a.at) > maxArrivals {
		t.Errorf("%d are held", len(a.at))
	}
}

func TestReportsOfMovesAreBounded(t *testing.T) {
	var m Flood
	now := time.Unix(1_800_000_000, 0)
	n := 0
	for i := range 2 * maxReports {
		if m.Enter(fmt.Sprint(i%3), now) {
			n++
		}
	}
	if n != 3*maxOfOne {
		t.Errorf("%d of three mailboxes were taken, want %d", n, 3*maxOfOne)
	}
	for i := range 2 * maxReports {
		if m.Enter(fmt.Sprint("other", i), now) {
			n++
		}
	}
	if n != maxReports || len(m.of) > maxReports {
		t.Errorf("%d were taken of %d mailboxes, want %d", n, len(m.of), maxReports)
	}
	if !m.Enter("0", now.Add(time.Minute)) {
		t.Error("none is taken a minute later")
	}
}
