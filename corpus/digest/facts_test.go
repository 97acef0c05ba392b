package digest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/rules/intents"
)

// all has everybody's promotions filed.
type all struct{ *intents.File }

func (a all) For(context.Context, string) (own, site *intents.File, err error) {
	return a.File, nil, nil
}

// numbers are those of a text, without the zeros before them, each between blanks; what
// may part thousands is left out as well.
func numbers(text string) string {
	plain := strings.NewReplacer(",", "", ".", "", "'", "", "’", "", " ", "", "\u00a0", "", "\u202f", "").Replace(text)
	digits := func(s string) (list []string) {
		for _, n := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) {
			list = append(list, strings.TrimLeft(n, "0"))
		}
		return list
	}
	return " " + strings.Join(append(digits(text), digits(plain)...), " ") + " "
}

// TestADigestSaysOnlyWhatTheMailSays: every number of a fact, and every code, stands in
// the subject or the text of its mail.
func TestADigestSaysOnlyWhatTheMailSays(t *testing.T) {
	mails, err := filepath.Glob("../../classify/testdata/*.eml")
	if err != nil || len(mails) < 100 {
		t.Fatal("mails are missing", len(mails), err)
	}
	file, errs := intents.Parse("intents", []byte("promotions digest\nnewsletters digest\n"), until)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	judge := &rules.Judge{Model: classify.New(), Statements: all{file}}
	said := 0
	s := Span{Mailbox: "maria@example.org", Zone: time.UTC, From: from, Until: until}
	for _, name := range mails {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := mail.Parse(raw)
		arrived := m.Date
		if arrived.IsZero() {
			arrived = from
		}
		ds, err := judge.Decide(t.Context(), &mail.Object{Envelope: mail.Envelope{To: []string{s.Mailbox}, Arrived: arrived}, Message: m})
		if err != nil || ds[0] == nil {
			t.Fatal(name, err)
		}
		ds[0].Sender = rules.Sender{Brand: filepath.Base(name)} // a brand each, so that each is named
		ds[0].Outcome = &rules.Outcome{Applied: ds[0].Disposition, Code: 250}
		one := s
		one.Decisions, one.From, one.Until = ds, arrived.Add(-time.Hour), arrived.Add(time.Hour)
		e := Compose(one)
		if e == nil {
			continue
		}
		for _, section := range e.Sections {
			for _, x := range section.Entries {
				known := numbers(m.Subject + "\n" + m.Text)
				for number := range strings.FieldsSeq(numbers(x.Facts)) {
					if said++; !strings.Contains(known, " "+number+" ") && !strings.Contains(known, " "+strings.TrimSuffix(number, "00")+" ") {
						t.Errorf("%s: %q says %s, which the mail does not", name, x.Facts, number)
					}
				}
				if _, code, ok := strings.Cut(x.Facts, "code "); ok {
					if code, _, _ = strings.Cut(code, " "); !strings.Contains(m.Subject+m.Text, code) {
						t.Errorf("%s: the code %s is not in the mail", name, code)
					}
				}
			}
		}
	}
	if said < 30 {
		t.Errorf("only %d numbers are said: nothing is tested", said)
	}
}
