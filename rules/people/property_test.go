package people

import (
	"math/rand/v2"
	"strings"
	"testing"

	"usher/rules/intents/invented"
)

// TestAFileThatIsNotUnderstoodChangesNothing breaks files that nobody would think of.
func TestAFileThatIsNotUnderstoodChangesNothing(t *testing.T) {
	h := newHouse(t)
	r := rand.New(rand.NewPCG(9, 10))
	topics, domains := []string{"tea", "Go", "running shoes"}, []string{"shop.example", "tea.example"}
	faults := []string{"wont tea", "want tea", "grant Shop", "unknown refuse", "  until 5", "mute \"tea", "want \"tea\" under 5", "\xff"}
	held := 0
	for range 100 {
		good := invented.File(r, 10, topics, domains)
		h.write(hers, good)
		before, _ := h.InForce(maria)
		if h.Fault(maria) != nil || before == nil {
			t.Fatalf("%v\n%s", h.Fault(maria), good)
		}
		lines := strings.SplitAfter(invented.File(r, 10, topics, domains), "\n")
		at := r.IntN(len(lines))
		bad := strings.Join(lines[:at], "") + faults[r.IntN(len(faults))] + "\n" + strings.Join(lines[at:], "")
		h.write(hers, bad)
		after, _ := h.InForce(maria)
		if h.Fault(maria) == nil {
			continue // a clause found a statement to stand beneath
		}
		if after.String() != before.String() || after.Sum != before.Sum {
			t.Fatalf("in force is\n%s\nafter\n%s", after, bad)
		}
		held++
	}
	if held < 90 {
		t.Errorf("%d files were broken", held)
	}
}
