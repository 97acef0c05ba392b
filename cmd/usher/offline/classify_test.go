package offline

import (
	"testing"

	"usher/classify"
)

func TestTheReasonOfALineIsNeverEmptyWhereThereIsEvidence(t *testing.T) {
	for _, c := range []struct {
		why      string
		evidence []classify.Evidence
		want     string
	}{
		{"what speaks for the kind", []classify.Evidence{
			{For: classify.Promotion, Weight: -2, Text: "nothing in it sells"},
			{For: classify.Notification, Weight: 1, Text: "written by a machine"},
		}, "written by a machine"},
		{"nothing speaks for it, so what speaks against the others", []classify.Evidence{
			{For: classify.Notification, Weight: -1, Text: "it is a letter"},
			{For: classify.Newsletter, Weight: 2, Text: "List-Unsubscribe header"},
			{For: classify.Promotion, Weight: -1, Text: "nothing in it sells"},
		}, "nothing in it sells"},
		{"chosen to be safe", []classify.Evidence{{Code: classify.Unsure, Text: "too close to call"}}, "too close to call"},
	} {
		if got := strongest(&judgedLine{Category: classify.Notification, Evidence: c.evidence}); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
