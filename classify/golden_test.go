package classify_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

var update = flag.Bool("update", false, "rewrite the .want files; review the difference")

// TestGoldenMail holds each written message against its category, its kinds,
// the provider and the strongest evidence.
func TestGoldenMail(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(paths) < 67 {
		t.Fatalf("%d golden messages, error %v", len(paths), err)
	}
	model := classify.New()
	for _, path := range paths {
		t.Run(strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".eml"), "-", " "), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			v := model.Classify(&mail.Object{Message: mail.Parse(raw)})
			m := mail.Parse(raw)
			for _, number := range strings.FieldsFunc(v.Summary, func(c rune) bool { return !strings.ContainsRune("0123456789.", c) }) {
				if !strings.Contains(digits(m.Subject+" "+m.Text), digits(number)) {
					t.Errorf("the summary %q says %s, which the mail does not", v.Summary, number)
				}
			}
			got := golden(v)
			name := strings.TrimSuffix(path, ".eml") + ".want"
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s\ngot:\n%swant:\n%s", path, got, want)
			}
		})
	}
}

func golden(v *classify.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "category: %s\n", v.Category)
	fmt.Fprintf(&b, "language: %s\n", v.Language)
	fmt.Fprintf(&b, "provider: %s\n", v.Provider)
	fmt.Fprintf(&b, "kinds: %s\n", strings.Join(v.Kinds, ", "))
	fmt.Fprintf(&b, "summary: %s\n", v.Summary)
	for _, e := range v.Evidence[:min(3, len(v.Evidence))] {
		fmt.Fprintf(&b, "%s %+.1f %s: %s\n", e.For, e.Weight, e.Code, e.Text)
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
