package show

import (
	"bytes"
	"testing"

	"usher/classify"
	"usher/rules"
)

// terminal is one of so many columns.
type terminal struct {
	bytes.Buffer
	columns int
}

func (t *terminal) Columns() int { return t.columns }

func TestWhatATerminalHasNoRoomForStandsBelow(t *testing.T) {
	rows := [][]string{{"FROM", "GOES TO", "ID"}, {"shop.example", "inbox", "01JD8Q3K0ZC4TN2W8R7M6P5XYB"}}
	for name, c := range map[string]struct {
		columns int
		want    string
	}{
		"a wide one has each record on a line": {60, "FROM          GOES TO  ID\nshop.example  inbox    01JD8Q3K0ZC4TN2W8R7M6P5XYB\n"},
		"a narrow one has the last below":      {40, "FROM          GOES TO\n  ID\nshop.example  inbox\n  01JD8Q3K0ZC4TN2W8R7M6P5XYB\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out := &terminal{columns: c.columns}
			if Records(out, rows); out.String() != c.want {
				t.Errorf("printed:\n%s\nwant:\n%s", out, c.want)
			}
		})
	}
	var piped bytes.Buffer
	if Records(&piped, rows); bytes.Count(piped.Bytes(), []byte("\n")) != len(rows) {
		t.Errorf("a pipe got records in pieces:\n%s", &piped)
	}
}

func TestAListGoesOnBelowItself(t *testing.T) {
	for name, c := range map[string]struct {
		columns int
		want    string
	}{
		"in its column where there is room": {46, "late  of offers with an end; no digest has\n      told you of one yet\n"},
		"on lines of its own where not":     {34, "late\n      of offers with an end; no\n      digest has told you of one\n      yet\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out := &terminal{columns: c.columns}
			List{Rows: [][]string{{"late", "of offers with an end; no digest has told you of one yet"}}}.Print(out)
			if out.String() != c.want {
				t.Errorf("printed:\n%s\nwant:\n%s", out, c.want)
			}
		})
	}
}

func TestACellKeepsTheBlanksBeforeIt(t *testing.T) {
	out := &terminal{columns: 50}
	List{Rows: [][]string{{"30", "want \"boots\""}, {"", "  wants boots that are warm enough for a long winter"}, {"31", ""}}}.Print(out)
	if want := "30  want \"boots\"\n      wants boots that are warm enough for a long\n      winter\n31\n"; out.String() != want {
		t.Errorf("printed:\n%s\nwant:\n%s", out, want)
	}
}

func TestATopicIsToldWhereOneWasFound(t *testing.T) {
	for topic, want := range map[string]string{
		"travel": "promotion (97 %), about travel",
		"other":  "promotion (97 %)",
		"":       "promotion (97 %)",
	} {
		if got := kind(&rules.Decision{Category: classify.Promotion, Confidence: 0.97, Topic: topic}); got != want {
			t.Errorf("topic %q: %q, want %q", topic, got, want)
		}
	}
}
