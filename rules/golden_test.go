package rules

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The golden cases stand in testdata as NN-name.eml, a mail; NN-name.intents,
// a person's file, and NN-name.site, the site's, of which one may be absent;
// NN-name.before, what was counted before, as package comment of history_test.go
// tells; and NN-name.want, the decision. Line 1 of the first file is a comment with
// what a case takes as given, since it is about rules: "#: key=value …" with
// how, org and at for identity and arrival, and category, kinds,
// language and knows for the verdict; and override for a brand, or all, let in
// by command from an hour before until two hours after. Where they are not said:
// dkim, the From domain, 22 November 2026, and a promotion without doubt.
func TestADecisionIsAsInItsCase(t *testing.T) {
	mails, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(mails) < 40 {
		t.Fatal("cases are missing", len(mails), err)
	}
	model := classify.New()
	for _, path := range mails {
		stem := strings.TrimSuffix(path, ".eml")
		t.Run(filepath.Base(stem), func(t *testing.T) {
			c := load(t, stem)
			v := *model.Classify(c.object)
			c.judged(t, &v)
			j := &Judge{Overrides: c.overrides(), History: before(t, stem+".before")}
			d := j.decide(t.Context(), j.hear(c.object, &v, "maria@example.org", c.own, c.site))
			if j.History == nil {
				d.Counts = nil // cases without a before are not about counting
			}
			compare(t, stem+".want", show(d))
		})
	}
}

// forced are overrides that a case takes as given.
type forced []Override

func (f forced) InForce(_ string, at time.Time) (in []Override) {
	for _, o := range f {
		if o.InForce(at) {
			in = append(in, o)
		}
	}
	return in
}

func (c goldenCase) overrides() Overrides {
	brand := c.given["override"]
	if brand == "" {
		return nil
	}
	at := c.object.Envelope.Arrived
	o := Override{ID: "01JDA0000000000000000000V0", From: at.Add(-time.Hour), Until: at.Add(2 * time.Hour), Brand: strings.TrimPrefix(brand, "all")}
	return forced{{ID: "01JDA0000000000000000000V1", From: at.Add(-2 * time.Hour), Until: at.Add(-time.Minute)}, o}
}

type goldenCase struct {
	object    *mail.Object
	own, site *intents.File
	given     map[string]string
}

func load(t *testing.T, stem string) goldenCase {
	t.Helper()
	c := goldenCase{given: map[string]string{"how": "dkim", "at": "2026-11-22T10:00:00Z", "category": "promotion"}}
	c.own, c.site = c.statements(t, stem+".intents"), c.statements(t, stem+".site")
	raw, err := os.ReadFile(stem + ".eml")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, c.given["at"])
	if err != nil {
		t.Fatal(err)
	}
	m := mail.Parse(raw)
	id := mail.Identity{Address: m.From[0].String(), Name: m.From[0].Name, Domain: m.From[0].Domain, How: mail.How(c.given["how"])}
	if id.OrgDomain = c.given["org"]; id.OrgDomain == "" {
		id.OrgDomain = id.Domain
	}
	if id.Proven() {
		id.SenderKey = id.OrgDomain
		id.Signatures = []mail.Signature{{Domain: id.OrgDomain, Valid: true, Aligned: true}}
	}
	c.object = &mail.Object{
		Envelope: mail.Envelope{From: "bounce@" + id.Domain, To: []string{"maria@example.org"}, Arrived: at},
		Identity: id, Message: m,
	}
	return c
}

// statements reads one file of a case, nil if there is none.
func (c goldenCase) statements(t *testing.T, path string) *intents.File {
	t.Helper()
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	f, errs := intents.Parse(path, text, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		t.Fatal(errs)
	}
	f.ReadLists(list)
	first, _, _ := strings.Cut(string(text), "\n")
	if given, ok := strings.CutPrefix(first, "#:"); ok {
		for _, pair := range strings.Fields(given) {
			k, v, _ := strings.Cut(pair, "=")
			c.given[k] = v
		}
	}
	return f
}

// list reads a list of testdata/lists, as it was on the first of May.
func list(name string) ([]byte, time.Time, error) {
	text, err := os.ReadFile(filepath.Join("testdata/lists", name))
	return text, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), err
}

// judged puts in the verdict what the case takes as given.
func (c goldenCase) judged(t *testing.T, v *classify.Verdict) {
	t.Helper()
	v.Category, v.Confidence, v.P = classify.Category(c.given["category"]), 0.97, [6]float64{}
	for i, k := range classify.Categories {
		if k == v.Category {
			v.P[i] = 0.97
		}
	}
	v.Kinds = strings.FieldsFunc(c.given["kinds"], func(r rune) bool { return r == ',' })
	v.Language, v.Knows = "en", nil
	if l := c.given["language"]; l != "" {
		v.Language = l
	}
	if code, level, ok := strings.Cut(c.given["knows"], ":"); ok {
		v.Knows = []classify.Knows{{Code: code, Level: level, Text: "as the case says"}}
	}
}

// show prints what a case is about.
func show(d *Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s because %s\nstatement: %s\ntext: %s\n", d.Disposition, d.Because, d.Statement, d.Text)
	if d.Nearest != "" {
		fmt.Fprintf(&b, "nearest: %s\n", d.Nearest)
	}
	if d.WouldBe != "" {
		fmt.Fprintf(&b, "would be: %s\n", d.WouldBe)
	}
	if d.Declined != "" {
		fmt.Fprintf(&b, "tell: %s: %s\n", d.Declined, d.TellSender)
	}
	for _, a := range d.Also {
		fmt.Fprintf(&b, "also %s: %s: %s: %s\n", a.Source, a.Answer, a.Statement, a.Text)
	}
	for _, e := range d.Evidence {
		if e.Code == LooksLike {
			fmt.Fprintf(&b, "beware: %s\n", e.Text)
		}
	}
	for _, c := range d.Counts {
		if c.Over {
			c.Of += ", over"
		}
		fmt.Fprintf(&b, "counts as %s\n", c.Of)
	}
	for _, r := range d.Relevance {
		fmt.Fprintf(&b, "want %s: %s\n", r.Source, r.Answer)
	}
	return b.String()
}

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
		t.Errorf("%s differs; run with -update and review the difference\ngot:\n%s", path, got)
	}
}
