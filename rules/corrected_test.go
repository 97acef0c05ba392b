package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/lessons"
)

// unlikely is a notice that is no marketing, as far as can be told.
const unlikely classify.Category = "notification, surely"

// learnt are the lessons of everybody.
type learnt struct{ *lessons.Book }

func (l learnt) Lessons(string) *lessons.Book { return l.Book }

// TestACorrectionHasItsPlaceInTheOrder holds one correction of a brand against what
// was written.
func TestACorrectionHasItsPlaceInTheOrder(t *testing.T) {
	for _, c := range []struct {
		name, file string
		category   classify.Category
		to         string
		claimed    bool
		want       Disposition
		decides    bool // the correction does
	}{
		{"it beats a default", "promotions promotions\n", classify.Promotion, "inbox", false, Inbox, true},
		{"and a cap", "cap every brand 1 per week\n", classify.Promotion, "inbox", false, Inbox, true},
		{"and a want, downward", "want \"coffee\"\n", classify.Promotion, "promotions", false, Promotions, true},
		{"and a grant, downward", "grant shop.example\n", classify.Promotion, "refuse", false, Refuse, true},
		{"but no written refuse", "refuse coffee\n", classify.Promotion, "inbox", false, Refuse, false},
		{"nor a mute", "mute shop.example\n", classify.Promotion, "inbox", false, Promotions, false},
		{"nor what is protected", "protect from shop.example\n", classify.Promotion, "refuse", false, Inbox, false},
		{"nor mail that is needed", "", classify.Transactional, "refuse", false, Inbox, false},
		{"nor a letter", "", classify.Personal, "promotions", false, Inbox, false},
		{"nor a discussion list", "", classify.List, "promotions", false, Inbox, false},
		{"nor a notice that is likely none of marketing", "", unlikely, "digest", false, Inbox, false},
		{"a notice that is likely marketing goes lower", "", classify.Notification, "digest", false, Digest, true},
		{"what is called a promotion goes where promotions go", "promotions refuse\n", classify.Notification, "promotion", false, Refuse, true},
		{"a name that nobody proved is not let in", "", classify.Promotion, "inbox", true, Promotions, false},
		{"but goes lower", "", classify.Promotion, "refuse", true, Refuse, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, errs := intents.Parse("intents", []byte(c.file), time.Now())
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			l := lessons.Label{ID: "01JDAAAAAAAAAAAAAAAAAAAAAA", At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Way: "command", To: c.to, Scope: lessons.Brand, Brand: "shop.example", Proven: true, Category: c.category}
			o := &mail.Object{
				Envelope: mail.Envelope{From: "news@shop.example", To: []string{"maria@example.org"}, Arrived: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)},
				Identity: mail.Identity{Address: "news@shop.example", Domain: "shop.example", OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM},
				Message:  &mail.Message{Subject: "Coffee, roasted yesterday", Text: "Coffee from Huila, 9 EUR.\n"},
			}
			if c.claimed {
				o.Identity.How, o.Identity.SenderKey = mail.ByNone, ""
			}
			v := *classify.New().Classify(o)
			v.Category, v.Kinds = c.category, nil
			if v.P = [6]float64{2: 0.4, 5: 0.6}; c.category == unlikely {
				v.Category, v.P = classify.Notification, [6]float64{2: 0.6, 5: 0.4}
			}
			j := &Judge{Lessons: learnt{lessons.Read([]lessons.Label{l})}}
			d := j.hear(o, &v, "maria@example.org", file, nil).decision()
			if d.Disposition != c.want || (d.ByCorrection() == l.ID) != c.decides {
				t.Errorf("it goes to %s because %s (%s)", d.Disposition, d.Because, d.Text)
			}
			if c.decides && !strings.HasSuffix(d.Text, fmt.Sprintf("mail from shop.example, which you corrected to %s on 23 Nov 2026", c.to)) {
				t.Errorf("told as %q", d.Text)
			}
		})
	}
}
