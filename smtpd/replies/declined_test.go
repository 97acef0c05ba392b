package replies

import (
	"regexp"
	"strings"
	"testing"
)

func TestDeclinedSaysWhatIsStatedAndNoMore(t *testing.T) {
	words, url := strings.Repeat("w", 200), "https://example.net/"+strings.Repeat("t", 180)
	for _, c := range []struct {
		name  string
		d     Declined
		taken int
		want  string
	}{
		{"no words, no terms", Declined{Why: "not-wanted", Ref: "7K2Q9DXB"}, 0,
			"[relevance=declined why=not-wanted ref=7K2Q9DXB] The recipient declines this mail."},
		{"tracking, with terms", Declined{Why: "tracking", Ref: "7K2Q9DXB", Terms: "https://example.net/t"}, 0,
			"[relevance=declined why=tracking ref=7K2Q9DXB] The recipient declines tracked mail. Terms: https://example.net/t"},
		{"unsigned, in words", Declined{Why: "unsigned", Words: "not wanted here", Ref: "7K2Q9DXB"}, 0,
			`[relevance=declined why=unsigned ref=7K2Q9DXB] The recipient declines this mail: "not wanted here".`},
		{"a decision of an earlier version has no reason", Declined{Ref: "7K2Q9DXB"}, 0,
			"[relevance=declined why=not-wanted ref=7K2Q9DXB] The recipient declines this mail."},
		{"a line end in the words ends no line", Declined{Why: "not-wanted", Words: "no\r\n250 yes", Ref: "7K2Q9DXB"}, 0,
			`[relevance=declined why=not-wanted ref=7K2Q9DXB] The recipient declines this mail: "no??250 yes".`},
		{"all of it fits", Declined{Why: "not-wanted", Words: words, Ref: "7K2Q9DXB", Terms: url[:190]}, 0,
			`[relevance=declined why=not-wanted ref=7K2Q9DXB] The recipient declines this mail: "` + words + `". Terms: ` + url[:190]},
		{"too long, the terms go first", Declined{Why: "not-wanted", Words: words, Ref: "7K2Q9DXB", Terms: url}, 60,
			`[relevance=declined why=not-wanted ref=7K2Q9DXB] The recipient declines this mail: "` + words + `".`},
		{"beside a long recipient the words go too", Declined{Why: "not-wanted", Words: words, Ref: "7K2Q9DXB", Terms: url}, 300,
			"[relevance=declined why=not-wanted ref=7K2Q9DXB] The recipient declines this mail."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.d.Reply(c.taken)
			if r.Message != c.want || r.Code != 550 {
				t.Errorf("it says %d %q, want %q", r.Code, r.Message, c.want)
			}
			if line := Text(r); len(line)+c.taken > 512 || strings.Count(line, "\n") != 1 {
				t.Errorf("it takes %d bytes beside %d: %q", len(line), c.taken, line)
			}
		})
	}
}

func TestAReferenceIsReadAsPeopleWriteIt(t *testing.T) {
	for range 1000 {
		ref := NewRef()
		if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{8}$`).MatchString(ref) || Ref(ref) != ref {
			t.Fatalf("%q is no reference, or is read as %q", ref, Ref(ref))
		}
	}
	for text, want := range map[string]string{
		"7k2q-9dxb": "7K2Q9DXB", "7K2Q 9DXO": "7K2Q9DX0", "il000000": "11000000",
		"": "", "7K2Q9DX": "", "7K2Q9DXBB": "", "7K2Q9DXU": "", "maria@example.org": "",
	} {
		if got := Ref(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}
