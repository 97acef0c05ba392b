package relevance

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"usher/classify"
)

// put writes files under a new folder.
func put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// pack writes files as an archive.
func pack(t *testing.T, name string, files [][2]string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	for _, file := range files {
		if err := w.WriteHeader(&tar.Header{Name: file[0], Mode: 0o600, Size: int64(len(file[1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, close := range []func() error{w.Close, z.Close, f.Close} {
		if err := close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPairsAreReadInEachOfTheirForms(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       Text
		grade      float64
	}{
		{"a text", `{"intent":"boots","text":"Boots","grade":2}`, Text{Body: "Boots"}, 2},
		{"a title and a text", `{"intent":"boots","title":"Sale","text":"Boots","grade":2}`, Text{Title: "Sale", Body: "Boots"}, 2},
		{"a subject is a title", `{"intent":"boots","subject":"Sale","text":"Boots","grade":0}`, Text{Title: "Sale", Body: "Boots"}, 0},
		{"a message", `{"intent":"boots","path":"mail/1.eml","grade":1}`, Text{Raw: "Subject: Boots\n\nBoots"}, 1},
		{"a product, three raters", `{"query":"boots","title":"Trail boots","name":"T","description":"For trails","supplier":"S","raters":[3,3,3],"price_usd":9.5,"final":3}`, Text{Title: "Trail boots", Body: "T\nS\nFor trails"}, 3},
		{"a product title, mean of raters", `{"query":"boots","title":"Trail boots","relevance":2.67}`, Text{Title: "Trail boots"}, 2.67},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := put(t, map[string]string{"pairs.jsonl": "\n" + c.line + "\n", "mail/1.eml": "Subject: Boots\n\nBoots"})
			sets, err := Read(filepath.Join(dir, "pairs.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			p := sets[0].Pairs[0]
			if p.Intent != "boots" || p.Grade != c.grade || p.Line != 2 || sets[0].Texts[p.Text] != c.want {
				t.Errorf("read %+v, %+v", p, sets[0].Texts[p.Text])
			}
		})
	}
}

func TestAnArchiveIsReadWithTheMailBesideIt(t *testing.T) {
	dir := t.TempDir()
	pack(t, filepath.Join(dir, "graded.tar.gz"), [][2]string{
		{"graded/one.jsonl", `{"intent":"boots","path":"a/1.eml","grade":1}` + "\n" + `{"intent":"boots","path":"b/2.eml","grade":0}`},
		{"graded/two.jsonl", `{"query":"lamp","title":"Lamp","final":3}`},
		{"graded/a/1.eml", "Subject: Boots\n\n"},
	})
	pack(t, filepath.Join(dir, "mail-dev.tar.gz"), [][2]string{{"./mail/b/2.eml", "Subject: Lamps\n\n"}})
	sets, err := Read(filepath.Join(dir, "graded.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if len(sets) != 2 || sets[0].Name != "one.jsonl" || sets[1].Name != "two.jsonl" || sets[0].Texts[0].Name() != "Boots" || sets[0].Texts[1].Name() != "Lamps" {
		t.Errorf("read %+v", sets)
	}
}

func TestABadLineIsToldWithItsNumber(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"no JSON", `intent, text, grade`, "pairs.jsonl:2: invalid character 'i'"},
		{"no intent", `{"text":"Boots","grade":2}`, "pairs.jsonl:2: there is no intent; a line is"},
		{"an empty intent", `{"intent":" ","text":"Boots","grade":2}`, "there is no intent"},
		{"no text", `{"intent":"boots","grade":2}`, "neither a text nor a path"},
		{"no grade", `{"intent":"boots","text":"Boots"}`, "there is no grade"},
		{"a grade in words", `{"intent":"boots","text":"Boots","grade":"good"}`, "a line is"},
		{"a grade under zero", `{"intent":"boots","text":"Boots","grade":-1}`, "not from 0 to 100"},
		{"a text and a path", `{"intent":"boots","text":"Boots","path":"1.eml","grade":1}`, "leave one out"},
		{"a path that leads nowhere", `{"intent":"boots","path":"1.eml","grade":1}`, "message 1.eml"},
		{"half of a contrast", `{"intent":"boots","good":"Boots"}`, "a good and a bad text are wanted"},
		{"a contrast among pairs", `{"intent":"boots","good":"Boots","bad":"Reboot"}`, "part them into two files"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := put(t, map[string]string{"pairs.jsonl": `{"intent":"boots","text":"Boots","grade":2}` + "\n" + c.line})
			_, err := Read(filepath.Join(dir, "pairs.jsonl"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("told %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := Read(filepath.Join(put(t, map[string]string{"empty.jsonl": "\n"}), "empty.jsonl")); err == nil || !strings.Contains(err.Error(), "no pair is in it") {
		t.Errorf("an empty file: %v", err)
	}
}

func TestTextsAreHeldAgainstTheWantsOfOthers(t *testing.T) {
	dir := put(t, map[string]string{"pairs.jsonl": `
{"intent":"running shoes","text":"Running shoes for winter","grade":1}
{"intent":"winter shoe","text":"Slippers","grade":0}
{"intent":"sneakers","text":"Running shoes for winter","grade":1}
{"intent":"desk lamp","text":"A lamp","grade":1}`})
	sets, err := Read(filepath.Join(dir, "pairs.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	j := Judge(classify.New(), sets[0], BarsOf(sets[0]), nil)
	var got []string
	for _, c := range j.cross {
		got = append(got, j.queries[c.own]+" / "+j.queries[c.other])
	}
	// Shoes are shared with "winter shoe", and the text with "sneakers".
	want := "running shoes / desk lamp, sneakers / winter shoe, sneakers / desk lamp, desk lamp / running shoes, desk lamp / winter shoe, desk lamp / sneakers"
	if strings.Join(got, ", ") != want {
		t.Errorf("held\n%s, want\n%s", strings.Join(got, ", "), want)
	}
	m := j.Take(10)
	if m.Pairs != 4 || m.Intents != 4 || m.Good != 3 || m.Bad != 1 || m.CrossPairs != 6 || m.Rounds != 10 {
		t.Errorf("measured %+v", m)
	}
	if again := j.Take(10); again.Better[BM25] != m.Better[BM25] {
		t.Errorf("drawn again: %+v, then %+v", m.Better[BM25], again.Better[BM25])
	}
}

func TestAGoodPairStandsAboveTheBadOfItsWant(t *testing.T) {
	dir := put(t, map[string]string{"pairs.jsonl": `
{"intent":"desk lamp","text":"A desk lamp","grade":2}
{"intent":"desk lamp","text":"Nothing of the kind","grade":0}
{"intent":"boots","text":"Nothing of the kind","grade":2}
{"intent":"boots","text":"Boots","grade":0}
{"intent":"rope","text":"Rope","grade":2}`})
	sets, err := Read(filepath.Join(dir, "pairs.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	m := Judge(classify.New(), sets[0], BarsOf(sets[0]), nil).Take(10)
	if m.Stands.Above != 1 || m.Stands.Of != 2 || len(m.Stands.Missed) != 1 || m.Stands.Missed[0].Line != 4 {
		t.Errorf("%d of %d stand above, missed %+v; want 1 of 2, and line 4", m.Stands.Above, m.Stands.Of, m.Stands.Missed)
	}
}

func TestContrastsAreCountedByKindAndLanguage(t *testing.T) {
	dir := put(t, map[string]string{"tricky.jsonl": `
{"intent":"desk lamp","good":"A desk lamp\nBright.","bad":"Boots","kind":"plain","language":"en","why":"words"}
{"intent":"boots","good":"Rain","bad":"Boots\nWarm.","kind":"wrong","language":"en","why":"turned round"}`})
	sets, err := Read(filepath.Join(dir, "tricky.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	totals := Judge(classify.New(), sets[0], Bars{}, nil).Count()
	if totals.All != (Total{2, 1, 1, 1}) || totals.Kinds["plain"] != (Total{1, 1, 1, 1}) || totals.Kinds["wrong"] != (Total{Of: 1}) || totals.Languages["en"] != totals.All {
		t.Errorf("counted %+v", totals)
	}
}
