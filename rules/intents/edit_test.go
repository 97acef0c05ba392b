package intents

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"usher/rules/intents/invented"
	"usher/rules/intents/source"

	"usher/rules/intents/first"
)

func TestAnEditChangesOneStatement(t *testing.T) {
	const file = "# mine\nwant \"tea\" # hot\n  under 9 EUR\n\nmute topic cars\npromotions promotions # for now\n"
	cases := []struct{ name, statement, want string }{
		{"a statement goes beside the last of its verb", `want "coffee" until end of June`,
			"# mine\nwant \"tea\" # hot\n  under 9 EUR\nwant \"coffee\" until 2027-06-30\n\nmute topic cars\npromotions promotions # for now\n"},
		{"a new verb goes to the end", `protect travel`, file + "protect travel\n"},
		{"a default is replaced and keeps its comment", `promotions digest`, strings.Replace(file, "promotions promotions", "promotions digest", 1)},
		{"the same want is replaced", `want "Tea" under 12 EUR`, strings.Replace(file, "want \"tea\" # hot\n  under 9 EUR", "want \"Tea\" under 12 EUR # hot", 1)},
		{"a window of relative days is written out", `want "skis" when 24 Dec .. end of March 2027`, strings.Replace(file, "9 EUR\n", "9 EUR\nwant \"skis\" when 2026-12-24 .. 2027-03-31\n", 1)},
		{"a statement of two lines is added whole", "grant shop.example\n  until spring", file + "grant shop.example\n  until 2027-03-01\n"},
		{"what is stated already is not added", `mute topic Cars`, strings.Replace(file, "topic cars", "topic Cars", 1)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, changes, err := Add([]byte(file), c.statement, at)
			if err != nil || len(changes) == 0 {
				t.Fatal(err, changes)
			}
			if string(got) != c.want {
				t.Errorf("became\n%s", got)
			}
			for _, ch := range changes {
				if ch.Added && strings.Split(string(got), "\n")[ch.Line-1] != ch.Text {
					t.Errorf("line %d is not %q", ch.Line, ch.Text)
				}
			}
		})
	}
}

func TestAnEditThatCannotBeIsRefused(t *testing.T) {
	for name, c := range map[string][2]string{
		"a mistake in the statement": {"", "wants tea"},
		"two statements":             {"", "mute topic tea\nmute topic cars"},
		"nothing":                    {"", "# nothing"},
		"a file with mistakes":       {"wants tea\n", "mute topic tea"},
		"what is stated already":     {"mute topic tea\n", "mute topic tea"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, err := Add([]byte(c[0]), c[1], at); err == nil {
				t.Errorf("became %q", got)
			}
		})
	}
	if _, _, err := Remove([]byte("# a comment\n"), 1); err == nil {
		t.Error("a comment was removed")
	}
}

func TestRemoveTakesAStatementAndLeavesComments(t *testing.T) {
	got, changes, err := Remove([]byte("a mistake\nwant \"tea\"\n  # keep me\n  under 9 EUR\nmute topic cars\n"), 4)
	if err != nil || string(got) != "a mistake\n  # keep me\nmute topic cars\n" || len(changes) != 2 {
		t.Errorf("became %q, %v, %v", got, changes, err)
	}
}

func TestFormatWritesAFileTheWayItShouldLook(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"dates are written out", "mute topic tea until  24 Dec  # soon\nwant \"skis\" when winter\n",
			"mute     topic tea until 2026-12-24     # soon\nwant     \"skis\" when 2026-12-01 .. 2027-02-28\n"},
		{"a byte order mark goes, the line ends stay", "\uFEFFMUTE topic tea\r\n\r\n", "mute     topic tea\r\n\r\n"},
		{"clauses stand in a column", "want \"tea\"\n\tunder 9 EUR\n      AT MOST 2 per week # enough\n",
			"want     \"tea\"\n  under    9 EUR\n  at most  2 per week                   # enough\n"},
		{"two blanks end a list of plain words", "refuse gambling , weight loss tell sender “no”\n", "refuse   gambling, weight loss  tell sender \"no\"\n"},
		{"the routes stand in a column of their own", "unknown digest\nnotifications inbox\n", "unknown       digest\nnotifications inbox\n"},
		{"a comment stays where it is, also between the lines of a statement", "# one\nwant \"tea\"   \n   # two\n under 9 EUR\n#three",
			"# one\nwant     \"tea\"\n  # two\n  under    9 EUR\n#three\n"},
		{"several clauses on a line beneath", "want \"tea\"\n under 9 EUR until 2027-01-01 route digest\n", "want     \"tea\"\n  under    9 EUR until 2027-01-01 route digest\n"},
		{"a comma before at most stays", "want \"tea\" route inbox , at most 1 per day\n", "want     \"tea\" route inbox, at most 1 per day\n"},
		{"a list goes on in its column", "want \"tea\"\n about green tea, # cold\n  oolong under 9 EUR\n", "want     \"tea\"\n  about    green tea,                   # cold\n           oolong  under 9 EUR\n"},
		{"an empty file stays empty", "", ""},
	} {
		got, changes, err := Format([]byte(c.text), at)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: became %q, %v", c.name, got, err)
		}
		if (len(changes) > 0) != (c.text != "") {
			t.Errorf("%s: %d changes", c.name, len(changes))
		}
		if again, changes, err := Format(got, at); err != nil || string(again) != c.want || len(changes) > 0 {
			t.Errorf("%s: formatted again it becomes %q, %v", c.name, again, err)
		}
	}
	if _, _, err := Format([]byte("wants tea\n"), at); err == nil {
		t.Error("a file with a mistake was formatted")
	}
}

// The example of the language, and the first file that a person gets, look the way
// files should.
func TestTheExampleFormatsToItself(t *testing.T) {
	for name, text := range map[string][]byte{"example": read(t, "example.intents"), "first": first.File("maria@example.org")} {
		out, changes, err := Format(text, at)
		if err != nil || string(out) != string(text) || len(changes) > 0 {
			t.Errorf("%s: %d lines change (%v): %v", name, len(changes), err, changes)
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, name := range []string{"example.intents", "maria.intents"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("want \"running shoes (no heels) until Christmas, 30% off or more, from shop.example, remote only\" under 5 EUR\nwant \"between 5 and 9 EUR jouluun asti\""))
	f.Add([]byte("want “tea”  under 1 200 kr #x\n\n  # y\n\tuntil end of June"))
	for i := range uint64(20) {
		f.Add([]byte(invented.File(rand.New(rand.NewPCG(i, i)), 6, someTopics, someDomains)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before, errs := Parse("a", text, at)
		out, _, err := Format(text, at)
		if errs != nil {
			if err == nil {
				t.Fatal("a file with mistakes was formatted")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(source.Lines(out)) > len(source.Lines(text))+1 {
			t.Fatalf("%q has more lines than %q", out, text)
		}
		after, errs := Parse("a", out, at)
		if errs != nil || after.String() != before.String() {
			t.Fatalf("%q says %s, and formatted as %q %s (%v)", text, before, out, after, errs)
		}
		for i, s := range after.All {
			if s.Source().Line != before.All[i].Source().Line {
				t.Fatalf("line %d became line %d", before.All[i].Source().Line, s.Source().Line)
			}
		}
		if again, changes, err := Format(out, at); err != nil || len(changes) > 0 {
			t.Fatalf("%q is formatted again: %q (%v)", out, again, err)
		}
	})
}

func TestAFirstFileIsClean(t *testing.T) {
	f, errs := Parse("init", first.File("maria@example.org\n"), at)
	if errs != nil || len(f.All) == 0 {
		t.Errorf("%v", errs)
	}
	if f.Default("newsletters").Route != Inbox {
		t.Error("newsletters leave the inbox unasked")
	}
}

func FuzzEdit(f *testing.F) {
	whole, err := os.ReadFile("testdata/maria.intents")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, `want "tea" until 24 Dec`)
	f.Add([]byte("mute topic tea"), "mute topic cars")
	f.Add([]byte("\uFEFF# mine\r\n"), "protect travel # always")
	f.Add([]byte(""), "grant shop.example\n # mine\n until spring")
	f.Fuzz(func(t *testing.T, text []byte, statement string) {
		out, changes, err := Add(text, statement, at)
		if err != nil {
			return
		}
		for _, c := range changes {
			if !c.Added {
				return // it replaced a statement
			}
		}
		rows := source.Lex([]byte(strings.TrimSpace(statement)))
		for _, r := range rows {
			if len(r.Toks) == 0 || strings.HasSuffix(string(text), "\r") || strings.HasSuffix(statement, "\r") {
				return // a comment of its own stays
			}
		}
		back, _, err := Remove(out, changes[0].Line)
		if err != nil {
			t.Fatal(err)
		}
		if string(back) != string(text) {
			t.Fatalf("added %q to %q, removed it, and got %q", statement, text, back)
		}
	})
}
