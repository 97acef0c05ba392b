package match_test

import (
	"strings"
	"testing"

	"usher/classify/match"
)

// plain is a tagger that knows no parts of speech.
func plain(text string) (list []match.Tagged) {
	for _, w := range strings.Fields(text) {
		list = append(list, match.Tagged{Text: w})
	}
	return list
}

func index(title, body string) *match.Index {
	b := match.NewIndexer("en")
	b.Add(title, match.InTitle)
	b.Add(body, match.InBody)
	return b.Finish()
}

func TestATitleCountsMoreThanABody(t *testing.T) {
	want := match.Compile(plain, "red bicycle", nil, nil)
	title, body := index("Red bicycles", ""), index("", "We have red bicycles.")
	apart := index("", "Red lamps. "+strings.Repeat("And many more things for your home. ", 10)+"One bicycle.")
	a, b, c := title.Serves(want).Value, body.Serves(want).Value, apart.Serves(want).Value
	if !(a > b && b > c && c > 0) {
		t.Errorf("title %.2f, body %.2f, apart %.2f; want them to fall", a, b, c)
	}
}

func TestWordsThatAreWrittenTogetherMeet(t *testing.T) {
	want := match.Compile(plain, "smart watch", nil, nil)
	if got := index("The new smartwatch", "").Serves(want).Value; got < 0.5 {
		t.Errorf("smart watch against smartwatch scores %.2f", got)
	}
}

func TestNothingMatchesNothing(t *testing.T) {
	x := index("Red bicycles", "")
	for _, i := range []*match.Intent{nil, match.Compile(plain, "", nil, nil), match.Compile(plain, "\xff", nil, nil)} {
		if got := x.Serves(i).Value + x.Sells(i).Value; got != 0 {
			t.Errorf("an empty intent scores %v", got)
		}
	}
	var none *match.Index
	if got := none.Serves(match.Compile(plain, "red", nil, nil)).Value; got != 0 {
		t.Errorf("an empty index scores %v", got)
	}
}
