package offers

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsFoundIsHeldAgainstWhatIsThere(t *testing.T) {
	told := []Told{
		{Price: "49 EUR", Was: "89 EUR", Item: "Parka"},
		{Discount: 20, Code: "X20"},
	}
	for _, c := range []struct {
		name  string
		found []Told
		want  Count
	}{
		{"all of it", told, Count{Told: 5, Found: 5, Right: 5}},
		{"in another order", []Told{told[1], told[0]}, Count{Told: 5, Found: 5, Right: 5}},
		{"nothing", nil, Count{Told: 5}},
		{"a name that holds the other", []Told{{Price: "49 EUR", Item: "the PARKA of wool"}}, Count{Told: 5, Found: 2, Right: 2}},
		{"the old price as a price of its own", []Told{{Price: "49 EUR"}, {Price: "89 EUR"}}, Count{Told: 5, Found: 2, Right: 1}},
		{"another percent", []Told{{Discount: 25, Code: "X20"}}, Count{Told: 5, Found: 2, Right: 1}},
		{"one that is right, and one that is there twice", []Told{told[1], {Discount: 20}}, Count{Told: 5, Found: 3, Right: 2}},
	} {
		if got := Compare(Case{Offers: told}, c.found).All(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestFiguresAreThoseOfTheBook(t *testing.T) {
	c := Count{Told: 8, Found: 5, Right: 4}
	if p, r, f := c.Precision(), c.Recall(), c.F1(); p != 0.8 || r != 0.5 || math.Abs(f-2*0.8*0.5/1.3) > 1e-9 {
		t.Errorf("precision %v, recall %v, F1 %v", p, r, f)
	}
	if none := (Count{}); none.F1() != 1 {
		t.Errorf("where nothing is there and nothing was found, F1 is %v", none.F1())
	}
}

func TestWhatCannotBeReadIsTold(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"a field that is none":     {"a.jsonl", `{"subject":"s","price":"1"}`, "a.jsonl:1: json: unknown field"},
		"no JSON":                  {"a.jsonl", "{}x", "a.jsonl:1: "},
		"a line that says nothing": {"a.jsonl", "\n{\"offers\":[]}", "a.jsonl:2: neither subject nor text"},
		"an end that is no day":    {"a.jsonl", `{"subject":"s","offers":[{"ends":"soon"}]}`, `ends on "soon"`},
		"a mail without its truth": {"a.eml", "Subject: s\n\n", "should stand in"},
		"an empty folder":          {"a.txt", "", "neither lines"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// floors are what the scanner reached; tune is what it was made with, held what
// nobody who made it looked at.
var floors = map[string]float64{"tune": 0.96, "held": 0.87}

func TestOffersAreFoundInMailThatWasSetApart(t *testing.T) {
	for half, floor := range floors {
		cases, err := Read(filepath.Join("..", "..", "..", "classify", "offer", "testdata", half))
		if err != nil {
			t.Fatal(err)
		}
		var list []Result
		for _, c := range cases {
			list = append(list, Judge(c))
		}
		r := Take(list)
		t.Logf("%s: F1 %.3f (precision %.3f, recall %.3f) of %d slots in %d messages; floor %.3f", half, r.All.F1, r.All.Precision, r.All.Recall, r.All.Told, r.Messages, floor)
		for _, slot := range Slots {
			t.Logf("%s: %-9s F1 %.3f of %d", half, slot, r.Slots[slot].F1, r.Slots[slot].Told)
		}
		if r.All.F1 < floor {
			t.Errorf("%s: F1 %.3f is under the floor of %.3f", half, r.All.F1, floor)
		}
	}
}
