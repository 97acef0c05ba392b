package rules

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/rules/intents"
	"usher/rules/intents/invented"
)

// heard is a golden mail with the verdict on it.
type heard struct {
	goldenCase
	verdict classify.Verdict
}

// mails are the golden mails, and the domains that they come from.
func mails(t *testing.T) (list []heard, domains []string) {
	t.Helper()
	paths, err := filepath.Glob("testdata/[1-9][0-9]-*.eml")
	if err != nil || len(paths) < 40 {
		t.Fatal("mails are missing", len(paths), err)
	}
	model := classify.New()
	for _, path := range paths {
		c := load(t, strings.TrimSuffix(path, ".eml"))
		v := *model.Classify(c.object)
		c.judged(t, &v)
		list = append(list, heard{c, v})
		domains = append(domains, c.object.Identity.Domain)
	}
	return list, domains
}

var someTopics = []string{"running shoes", "winter running shoes", "perfume", "boots", "gambling", "databases", "trail", "delivery"}

// under is where a mail goes by two files, of which the site's may be "".
func (m heard) under(t *testing.T, own, site string) *Decision {
	t.Helper()
	read := func(text string) *intents.File {
		if text == "" {
			return nil
		}
		f, errs := intents.Parse("a", []byte(text), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		if errs != nil {
			t.Fatal(errs)
		}
		f.ReadLists(list)
		return f
	}
	v := m.verdict
	j := &Judge{}
	return j.decide(t.Context(), j.hear(m.object, &v, "maria@example.org", read(own), read(site)))
}

// TestNeededMailIsNeverLowered holds mail that is needed, and mail of a kind that
// its file protects, against files that nobody would think of.
func TestNeededMailIsNeverLowered(t *testing.T) {
	list, domains := mails(t)
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		m := list[r.IntN(len(list))]
		own := invented.File(r, 15, someTopics, domains)
		site := invented.File(r, 5, someTopics, domains)
		if r.IntN(2) == 0 {
			m.verdict.Category = []classify.Category{classify.Personal, classify.Transactional}[r.IntN(2)]
		} else {
			kind := intents.Kinds[r.IntN(len(intents.Kinds)-1)] // people are known by their category
			m.verdict.Kinds = append([]string{kind}, m.verdict.Kinds...)
			own += "\nprotect " + kind + "\n"
		}
		if d := m.under(t, own, site); d.Disposition != Inbox {
			t.Fatalf("%s %v goes to %s because %s\n%s\n# the site\n%s", m.verdict.Category, m.verdict.Kinds, d.Disposition, d.Because, own, site)
		}
	}
}

// TestProtectingNeverLowers adds one protect to a file, wherever it may stand.
func TestProtectingNeverLowers(t *testing.T) {
	list, domains := mails(t)
	r := rand.New(rand.NewPCG(7, 8))
	raised := 0
	for range 400 {
		m := list[r.IntN(len(list))]
		m.verdict.Kinds = []string{intents.Kinds[r.IntN(len(intents.Kinds))]}
		own := invented.File(r, 15, someTopics, domains)
		more := invented.Protect(r, append(domains, m.object.Identity.Domain))
		before := m.under(t, own, "")
		for _, text := range []string{own + "\n" + more + "\n", more + "\n" + strings.TrimPrefix(own, "\uFEFF")} {
			after := m.under(t, text, "")
			if after.Disposition.rank() > before.Disposition.rank() {
				t.Fatalf("from %s to %s, because %s, by %s\nadded to\n%s", before.Disposition, after.Disposition, after.Because, more, own)
			}
			if after.Disposition != before.Disposition {
				raised++
			}
		}
	}
	if raised == 0 {
		t.Error("no protect did anything")
	}
}
