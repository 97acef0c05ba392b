package classify_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

var update = flag.Bool("update", false, "rewrite the .why files; review the difference")

// golden is a written message: NAME.eml, the truth about it by a reader in
// NAME.want, and what usher says of it in NAME.why.
type golden struct {
	name                               string
	category, language, provider, kind string // of the truth
	message                            *mail.Message
	verdict                            *classify.Verdict
}

func readGolden(t *testing.T) (all []golden) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(paths) < 120 {
		t.Fatalf("%d golden messages, error %v", len(paths), err)
	}
	model := classify.New()
	for _, path := range paths {
		g := golden{name: strings.TrimSuffix(path, ".eml")}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(g.name + ".want")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(want)) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
			into := map[string]*string{"category": &g.category, "language": &g.language, "provider": &g.provider, "kinds": &g.kind}[key]
			if !ok || into == nil {
				t.Fatalf("%s.want: %q is no line of a .want", g.name, line)
			}
			*into = strings.TrimSpace(value)
		}
		if !slices.Contains(classify.Categories[:], classify.Category(g.category)) {
			t.Fatalf("%s.want: %q is no category", g.name, g.category)
		}
		g.message = mail.Parse(raw)
		g.verdict = model.Classify(&mail.Object{Message: g.message})
		all = append(all, g)
	}
	return all
}

// TestGoldenMail holds the words in which each written message is judged
// against its .why.
func TestGoldenMail(t *testing.T) {
	for _, g := range readGolden(t) {
		t.Run(strings.ReplaceAll(filepath.Base(g.name), "-", " "), func(t *testing.T) {
			got := words(g.verdict)
			if *update {
				if err := os.WriteFile(g.name+".why", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			why, err := os.ReadFile(g.name + ".why")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(why) {
				t.Errorf("%s\ngot:\n%swant:\n%s", g.name, got, why)
			}
		})
	}
}

// TestSummariesSayOnlyWhatTheMailSays holds every number of a summary against
// the mail.
func TestSummariesSayOnlyWhatTheMailSays(t *testing.T) {
	for _, g := range readGolden(t) {
		for _, number := range strings.FieldsFunc(g.verdict.Summary, func(c rune) bool { return !strings.ContainsRune("0123456789.", c) }) {
			if !strings.Contains(digits(g.message.Subject+" "+g.message.Text), digits(number)) {
				t.Errorf("%s: the summary %q says %s, which the mail does not", g.name, g.verdict.Summary, number)
			}
		}
	}
}

// TestTheTruthOfGoldenMail holds the verdicts against what a reader said. No
// needed mail may be lowered; for the rest there is a floor.
func TestTheTruthOfGoldenMail(t *testing.T) {
	var found, category, language, provider, kinds share
	for _, g := range readGolden(t) {
		bulk := g.category == string(classify.Newsletter) || g.category == string(classify.Promotion)
		switch {
		case !bulk && g.verdict.Low():
			t.Errorf("%s is needed (%s), and is called %s", g.name, g.category, g.verdict.Category)
		case bulk:
			found.add(t, g.verdict.Low(), "%s is %s, and is called %s: %.3f", g.name, g.category, g.verdict.Category, g.verdict.Lowering())
		}
		category.add(t, g.category == string(g.verdict.Category), "%s is %s, and is called %s", g.name, g.category, g.verdict.Category)
		language.add(t, g.language == g.verdict.Language, "%s is written in %q, told %q", g.name, g.language, g.verdict.Language)
		provider.add(t, g.provider == g.verdict.Provider, "%s came by %q, told %q", g.name, g.provider, g.verdict.Provider)
		kinds.add(t, g.kind == strings.Join(g.verdict.Kinds, ", "), "%s is about %q, told %q", g.name, g.kind, strings.Join(g.verdict.Kinds, ", "))
	}
	for _, floor := range []struct {
		what  string
		got   share
		least float64
	}{
		{"newsletters and promotions found", found, 0.90},
		{"category right", category, 0.85},
		{"language right", language, 0.90},
		{"provider right", provider, 0.95},
		{"kinds right", kinds, 0.75},
	} {
		t.Logf("%s: %s", floor.what, floor.got)
		if float64(floor.got.k) < floor.least*float64(floor.got.n) {
			t.Errorf("%s: %s; %.0f %% is the least", floor.what, floor.got, 100*floor.least)
		}
	}
}

// share counts k of n.
type share struct{ k, n int }

func (s share) String() string { return fmt.Sprintf("%d of %d", s.k, s.n) }

// add counts one case, and tells of it if it missed.
func (s *share) add(t *testing.T, hit bool, format string, args ...any) {
	s.n++
	if hit {
		s.k++
		return
	}
	t.Logf(format, args...)
}

// words is a verdict as a .why holds it.
func words(v *classify.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %.2f; newsletter or promotion %.2f\n", v.Category, v.Confidence, v.Lowering())
	fmt.Fprintf(&b, "language: %s\nprovider: %s\nkinds: %s\nsummary: %s\n", v.Language, v.Provider, strings.Join(v.Kinds, ", "), v.Summary)
	for _, e := range v.Evidence[:min(6, len(v.Evidence))] {
		fmt.Fprintf(&b, "%+.1f %s: %s (%s)\n", e.Weight, e.For, e.Text, e.Code)
	}
	for _, k := range v.Knows {
		fmt.Fprintf(&b, "%s, %s: %s\n", k.Code, k.Level, k.Text)
	}
	return b.String()
}

// digits drops all but the digits of a text, and what parts words.
func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '.' || c == ',' {
			return -1
		}
		return c
	}, s)
}
