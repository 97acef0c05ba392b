package intents

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/rules/intents/source"

	"usher/rules/intents/first"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// at is the date of every file in these tests, a Sunday.
var at = time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -golden and review the difference\ngot:\n%s", path, got)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAWholeFileIsUnderstood(t *testing.T) {
	f, errs := Parse("maria.intents", read(t, "maria.intents"), at)
	if errs != nil {
		t.Fatal(errs)
	}
	var b strings.Builder
	for _, u := range f.Understood() {
		b.WriteString(u.Text + "\n")
	}
	for _, s := range f.All {
		for _, n := range s.Source().Notices {
			b.WriteString("note: " + n + "\n")
		}
	}
	compare(t, "testdata/maria.understood", b.String())
}

// TestWhatIsWrongIsTold reads each file of testdata/wrong, which is named for its
// one fault, and compares what its owner is told.
func TestWhatIsWrongIsTold(t *testing.T) {
	paths, err := filepath.Glob("testdata/wrong/*.intents")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d wrong files (%v), fewer than 40", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".intents")
		f, errs := Parse("maria.intents", text, at)
		if len(errs) == 0 {
			t.Errorf("%s: nothing is found wrong", name)
			continue
		}
		compare(t, strings.TrimSuffix(path, ".intents")+".error", errs.Error()+"\n")
		lines := map[int]bool{}
		for _, e := range errs {
			if lines[e.Line] || e.Column < 1 || e.Line < 1 || e.Source == "" {
				t.Errorf("%s: line %d, column %d is told twice, or has no place", name, e.Line, e.Column)
			}
			lines[e.Line] = true
		}
		for _, s := range f.All {
			if lines[s.Source().Line] {
				t.Errorf("%s: a statement with a mistake is kept", name)
			}
		}
	}
}

func TestOneStatementIsUnderstood(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"a clause may stand beneath", "want \"tea\"\n\tunder 9 EUR\n  until 2026-12-24", `want "tea" under 9 EUR until 2026-12-24`},
		{"smart quotes are quotes", "want “tea” not „green tea‟, «bags»", `want "tea" not "green tea", "bags"`},
		{"a typographic apostrophe is plain", "mute topic children’s boots", `mute topic "children's boots"`},
		{"CRLF and a byte order mark are nothing", "\uFEFFmute topic perfume\r\n", `mute topic "perfume"`},
		{"capitals are accepted in verbs and clauses", "WANT \"Tea\" Under 9 eur ROUTE Digest", `want "Tea" under 9 EUR route digest`},
		{"a hash in quotes is no comment", `want newsletters about "C#", Go # and a comment`, `want newsletters about "C#", "Go"`},
		{"a quoted item may hold a comma and the grammar", `refuse "cars, for men", boats`, `refuse "cars, for men", "boats"`},
		{"kinds need no commas", `protect receipts orders "security codes" travel`, "protect receipts, orders, security codes, travel"},
		{"a domain is told by its A-labels", "grant BÜCHER.example", "grant xn--bcher-kva.example"},
		{"a quoted domain is a domain", `grant "shop.example" until 2027-01-01`, "grant shop.example until 2027-01-01"},
		{"a mark before the number", "want \"tea\" under €1.200,50", `want "tea" under 1200.50 EUR`},
		{"thousands by a blank, kr by the zone", "want \"tea\" under 1 200 kr", `want "tea" under 1200 SEK`},
		{"a dollar is taken for the American one", "want \"tea\" under $1,200", `want "tea" under 1200 USD`},
		{"yen have no smaller unit", "want \"tea\" over 3000 JPY", `want "tea" over 3000 JPY`},
		{"a day without a year is the next one", "mute topic tea until 24 Dec", `mute topic "tea" until 2026-12-24`},
		{"a day that has passed is next year's", "mute topic tea until November 1st", `mute topic "tea" until 2027-11-01`},
		{"the end of a month", "mute topic tea until end of February", `mute topic "tea" until 2027-02-28`},
		{"a season begins", "mute topic tea until spring", `mute topic "tea" until 2027-03-01`},
		{"Christmas is a day", "mute topic tea until Christmas", `mute topic "tea" until 2026-12-25`},
		{"a leap day is waited for", "mute topic tea until 29 Feb", `mute topic "tea" until 2028-02-29`},
		{"an American date with a comma", "mute topic tea until December 24, 2027", `mute topic "tea" until 2027-12-24`},
		{"a window of a season spans the year's end", `want "skis" when winter`, `want "skis" when 2026-12-01 .. 2027-02-28`},
		{"a window without blanks", `want "skis" when 2026-11-01..24 Dec`, `want "skis" when 2026-11-01 .. 2026-12-24`},
		{"a window to a month runs to its end", `want "skis" when December .. March`, `want "skis" when 2026-12-01 .. 2027-03-31`},
		{"at most may follow a comma", `want "tea" route digest, at most 1 per day`, `want "tea" route digest at most 1 per day`},
		{"criteria name their lists", `want "tea" needs certificate "B Corp" in certified.txt, terms SD-BASE`, `want "tea" needs certificate "B Corp" in "certified.txt", terms "SD-BASE"`},
		{"a cap's count may stand beneath", "cap Zalando\n  2 per month then digest", `cap "Zalando" 2 per month then digest`},
		{"times without days are daily", "digest 07:30, 18.00", "digest daily 07:30, daily 18:00"},
		{"a list is named in brackets", "mute list <Talk.Lists.example>", "mute list <talk.lists.example>"},
		{"languages stand with commas or without", "speak fi, EN", "speak fi en"},
		{"weeks are counted in days", "forget decisions after 2 weeks", "forget decisions after 14 days"},
		{"a person at a freemail domain is a brand", "grant Ann@mail.example", "grant ann@mail.example"},
		{"a list goes on beneath its comma", "want \"tea\" about green tea, # comment\n  white tea,\n\n  oolong\n  until 2026-12-24", `want "tea" about "green tea", "white tea", "oolong" until 2026-12-24`},
		{"a comma may stand before a clause", "grant shop.example route digest, at most 2 per month, until 2027-06-30", "grant shop.example until 2027-06-30 route digest at most 2 per month"},
		{"a window that is under way", `want "skis" when 1 Nov .. 24 Dec`, `want "skis" when 2026-11-01 .. 2026-12-24`},
		{"a window that is over comes again", `want "skis" when 1 Oct .. 20 Nov`, `want "skis" when 2027-10-01 .. 2027-11-20`},
		{"a window over the year's end that is under way", `want "skis" when 1 Oct .. March`, `want "skis" when 2026-10-01 .. 2027-03-31`},
		{"a window of which the end names its year", `want "skis" when 1 Nov .. 2027-01-31`, `want "skis" when 2026-11-01 .. 2027-01-31`},
		{"a window of which the start names its year", `want "skis" when 2027-11-01 .. 31 Jan`, `want "skis" when 2027-11-01 .. 2028-01-31`},
		{"a window that was", `want "skis" when 1 Nov .. 2025-12-24`, `want "skis" when 2025-11-01 .. 2025-12-24`},
		{"newsletters in the singular", "want newsletter about Go", `want newsletters about "Go"`},
		{"lists by the word for each", "protect list <a.example>, list <b.example>", "protect list <a.example>, <b.example>"},
		{"several days share a time", "digest mondays, thursdays at 18:00, every sunday 9:30", "digest monday 18:00, thursday 18:00, sunday 09:30"},
		{"a cap may say at most", "cap every brand at most 1 per week", "cap every brand 1 per week then promotions"},
		{"percent in words", `want "tea" off 20 percent`, `want "tea" off 20%`},
		{"nothing is published", `want "tea" publish no`, `want "tea" publish no`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, errs := Parse("a", []byte(c.text), at)
			if errs != nil {
				t.Fatal(errs)
			}
			if got := strings.TrimSuffix(f.String(), "\n"); got != c.want {
				t.Errorf("understood as %s", got)
			}
		})
	}
}

func TestAStatementKnowsItsLines(t *testing.T) {
	f, errs := Parse("a", []byte("# one\n\nwant  \"tea\"   # hot\n  # milk\n\n  under 9 EUR\nmute topic tea\n"), at)
	if errs != nil {
		t.Fatal(errs)
	}
	h := f.Wants[0].Source()
	if h.Line != 3 || h.End != 6 || h.Text != `want "tea"` {
		t.Errorf("lines %d to %d, cited as %q", h.Line, h.End, h.Text)
	}
}

func TestBoundsAreErrorsOfTheirOwn(t *testing.T) {
	for name, text := range map[string]string{
		"a file too long":          strings.Repeat("#", MaxBytes+1),
		"a file of too many lines": strings.Repeat("mute topic tea\n", MaxStatements+1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := Parse("a", []byte(text), at); len(errs) != 1 || !strings.Contains(errs[0].Message, "at most") {
				t.Errorf("errors: %v", errs)
			}
		})
	}
}

func TestDatesAreReadInThePersonsZone(t *testing.T) {
	late := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC) // the 23rd in Helsinki
	f, errs := Parse("a", []byte("mute topic tea until 22 Nov\nzone Europe/Helsinki\n"), late)
	if errs != nil || f.Mutes[0].Until.String() != "2027-11-22" {
		t.Errorf("%v %v", f.Mutes[0].Until, errs)
	}
}

func TestAMistakeOnATerminalIsHarmless(t *testing.T) {
	_, errs := Parse("a", []byte("want\x1b[2J "+strings.Repeat("ä", 300)+" \"tea\n"), at)
	for _, r := range errs.Error() {
		if r < ' ' && r != '\n' {
			t.Fatalf("prints a control character: %q", errs.Error())
		}
	}
}

func BenchmarkTheWorstFiles(b *testing.B) {
	for name, text := range map[string]string{
		"lines of mistakes": "want \"tea\"\n" + strings.Repeat(" a\n", 87_000),
		"one long list":     "want \"tea\" about " + strings.Repeat("a,", 130_000) + "a",
		"one long topic":    "mute topic " + strings.Repeat("a ", 130_000),
		"one long money":    "want \"tea\" under " + strings.Repeat("1 ", 130_000) + "EUR",
		"many wants":        strings.Repeat("want \"winter running shoes\" about trail, studs not kids under 120 EUR\n", 2_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, errs := Parse("a", []byte(text), at)
				_, _ = f.String(), errs.Error()
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/wrong/*.intents")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range append(paths, "testdata/maria.intents", "testdata/example.intents") {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add(first.File("maria@example.org"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, errs := Parse("a", text, at)
		ls := source.Lines(text)
		for _, e := range errs {
			if e.Line < 1 || e.Line > len(ls) || e.Column < 1 || e.Column > len([]rune(ls[e.Line-1]))+1 || e.Message == "" {
				t.Fatalf("no place in the file: %+v", e)
			}
			_ = e.Error()
		}
		if errs != nil {
			return
		}
		printed := file.String()
		again, errs := Parse("b", []byte(printed), at)
		if errs != nil {
			t.Fatalf("what was printed has mistakes:\n%v", errs)
		}
		if got := again.String(); got != printed {
			t.Fatalf("printed\n%s\nread again\n%s", printed, got)
		}
	})
}

func TestAFileThatIsNoneOfOursIsToldInShort(t *testing.T) {
	_, errs := Parse("notes.txt", []byte(strings.Repeat("buy bread\n", 30)), at)
	if text := errs.Error(); len(errs) != 30 || strings.Count(text, "unknown verb") != 20 || !strings.HasSuffix(text, "\nand 10 more") {
		t.Errorf("%d mistakes, told so:\n%s", len(errs), text)
	}
}
