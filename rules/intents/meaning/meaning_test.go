package meaning

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/rules/intents"
)

// TestLinesAreUnderstoodAsPeopleMeanThem reads testdata/lines.txt. The order of
// what is understood does not matter.
func TestLinesAreUnderstoodAsPeopleMeanThem(t *testing.T) {
	text, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	right, all := 0, 0
	line := ""
	for row := range strings.Lines(string(text)) {
		row = strings.TrimRight(row, "\n")
		meant, is := strings.CutPrefix(row, "  ")
		if !is {
			line = row
			continue
		}
		all++
		t.Run(line, func(t *testing.T) {
			f, errs := intents.Parse("lines", []byte(line+"\n"), at)
			if len(errs) > 0 || len(f.All) != 1 {
				t.Fatalf("not read: %v", errs)
			}
			got, want := strings.Split(Of(f.All[0]), "; "), strings.Split(meant, "; ")
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("understood as %q\nwhat is meant is %q", Of(f.All[0]), meant)
			} else {
				right++
			}
			again, errs := intents.Parse("lines", []byte(f.String()), at)
			if len(errs) > 0 || again.String() != f.String() {
				t.Errorf("read again, %q is %q: %v", f.String(), again.String(), errs)
			}
		})
	}
	t.Logf("%d of %d lines right", right, all)
	if all < 60 {
		t.Errorf("only %d lines were read", all)
	}
}

func TestItIsToldWhichWordsAreKnownByMeaning(t *testing.T) {
	f, errs := intents.Parse("lines", []byte(`want "running shoes"
want "Wanderschuhe, mindestens 30 % Rabatt"
want newsletters about Go, databases
want "sofas until it snows"
refuse crypto
`), time.Unix(1795000000, 0))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	want := []string{
		"all its words are known by meaning",
		"matched by words only: meanings are known of English words",
		"known by meaning: databases; matched as written: Go",
		"all its words are known by meaning",
		"",
	}
	for n, l := range Lines(f) {
		if got := l.Matching(); got != want[n] {
			t.Errorf("%s: %q, want %q", l.Text, got, want[n])
		}
	}
	if got := Lines(f)[3].Unread; len(got) != 1 || got[0] != "until it snows: this is no day, and nothing is asked" {
		t.Errorf("not understood: %q", got)
	}
}

// BenchmarkAWantIsRead shows what a line costs when it is edited: parsing, and
// its words read once.
func BenchmarkAWantIsRead(b *testing.B) {
	line := []byte(`want "cheap flights to Lisbon or Porto but not via London, under 120 EUR" until 2026-12-24` + "\n")
	for b.Loop() {
		f, _ := intents.Parse("lines", line, time.Unix(1795000000, 0))
		if Of(f.All[0]) == "" {
			b.Fatal("nothing was understood")
		}
	}
}
