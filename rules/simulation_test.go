package rules

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/lessons"
)

// letter is a golden mail, as a reader and as usher sees it.
type letter struct {
	object  *mail.Object
	verdict *classify.Verdict
	truth   classify.Category
}

// needed reports mail that nobody may miss.
func (l letter) needed() bool {
	return l.truth == classify.Personal || l.truth == classify.Transactional
}

// letters are the golden mails with what a reader says they are.
func letters(t *testing.T) (needed, selling []letter) {
	t.Helper()
	names, err := filepath.Glob("../classify/testdata/*.want")
	all := golden(t)
	if err != nil || len(names) != len(all) {
		t.Fatal("mails and what they are do not match", len(names), len(all), err)
	}
	model := classify.New()
	for i, o := range all {
		raw, err := os.ReadFile(names[i])
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(raw), "\n")
		l := letter{o, model.Classify(o), classify.Category(strings.TrimPrefix(first, "category: "))}
		switch l.truth {
		case classify.Promotion, classify.Newsletter:
			if o.Identity.Domain != "" {
				selling = append(selling, l)
			}
		default:
			needed = append(needed, l)
		}
	}
	return needed, selling
}

// liking is where one person wants mail of a brand and kind.
type liking map[string]Disposition

func (w liking) of(r *rand.Rand, l letter) Disposition {
	if l.truth != classify.Promotion && l.truth != classify.Newsletter {
		return Inbox
	}
	key := l.object.Identity.Domain + string(l.truth)
	if w[key] == "" {
		w[key] = []Disposition{Inbox, Inbox, Promotions, Promotions, Refuse}[r.IntN(5)]
	}
	return w[key]
}

// week counts what went where in one week of all people.
type week struct{ mails, selling, wrong, needed, lowered, notices, corrections, mistaken int }

// Bounds of the simulation: people, weeks, and mails a week.
const simPeople, simWeeks, simMails = 20, 10, 50

// TestLearningNeverLowersNeededMail has people correct what went wrong, one time in
// twenty wrongly, over 10,000 messages: what is wrong falls week by week, and nothing
// that is needed ever leaves the inbox, even where the receipts of a shop come from
// where its promotions do. `go test -v -run Learning ./rules` shows the curves.
func TestLearningNeverLowersNeededMail(t *testing.T) {
	needed, selling := letters(t)
	for _, shared := range []bool{false, true} {
		for _, scope := range []lessons.Scope{lessons.Kind, lessons.Brand, "all"} {
			t.Run(fmt.Sprintf("scope %s, shops write receipts %v", scope, shared), func(t *testing.T) {
				r := rand.New(rand.NewPCG(11, 23))
				var all [simWeeks]week
				for range simPeople {
					mine := r.Perm(len(selling))[:12] // whose letters this person gets
					p := person{r: r, scope: scope, likes: liking{}}
					for _, n := range mine {
						p.selling = append(p.selling, selling[n])
					}
					p.needed = needed
					if shared {
						p.needed = ofShops(r, needed, p.selling)
					}
					p.live(t, &all)
				}
				judgeWeeks(t, all)
			})
		}
	}
}

// ofShops has shops send what no person wrote.
func ofShops(r *rand.Rand, needed, shops []letter) (list []letter) {
	for _, l := range needed {
		if l.truth != classify.Personal && l.object.Identity.Domain != "" {
			o := *l.object
			o.Identity = shops[r.IntN(len(shops))].object.Identity
			l.object = &o
		}
		list = append(list, l)
	}
	return list
}

// person is one who gets mail, and corrects some of it.
type person struct {
	r               *rand.Rand
	scope           lessons.Scope // "all" is any
	likes           liking
	needed, selling []letter
	labels          []lessons.Label
}

// live gets mail for all weeks.
func (p *person) live(t *testing.T, all *[simWeeks]week) {
	file, errs := intents.Parse("intents", []byte("promotions promotions\nnewsletters promotions\n"), time.Now())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for w := range all {
		for range simMails {
			l := p.needed[p.r.IntN(len(p.needed))]
			if p.r.IntN(10) < 6 {
				l = p.selling[p.r.IntN(len(p.selling))]
			}
			j := &Judge{Lessons: learnt{lessons.Read(p.labels)}}
			d := j.hear(l.object, l.verdict, "maria@example.org", file, nil).decision()
			right := p.likes.of(p.r, l)
			all[w].count(l, d.Disposition, right)
			said := says(p.r, d.Disposition, right)
			if said == "" {
				continue
			}
			all[w].corrections++
			if said != right {
				all[w].mistaken++
			}
			scope := p.scope
			if scope == "all" {
				scope = []lessons.Scope{lessons.Kind, lessons.Message, lessons.Brand}[p.r.IntN(3)]
			}
			at := time.Date(2026, 11, 22, 10, 0, len(p.labels), 0, time.UTC)
			if label, err := d.Label(Correction{To: string(said), Way: "move", Scope: scope}, at); err == nil { // of a letter too little is kept
				label.ID = fmt.Sprintf("%026d", len(p.labels))
				p.labels = append(p.labels, label)
			}
		}
	}
}

// judgeWeeks shows the curve, and fails where it is not as it must be.
func judgeWeeks(t *testing.T, all [simWeeks]week) {
	t.Log("week  selling  wrong        needed  lowered  notices lowered  corrections  mistaken")
	for n, w := range all {
		share := float64(w.wrong) / float64(w.selling)
		t.Logf("%4d  %7d  %4.1f %% %-6s %6d  %7d  %15d  %11d  %8d", n+1, w.selling, 100*share, strings.Repeat("▇", int(10*share+.5)), w.needed, w.lowered, w.notices, w.corrections, w.mistaken)
		if w.lowered > 0 {
			t.Errorf("in week %d %d needed mails left the inbox", n+1, w.lowered)
		}
		if n > 0 && float64(w.wrong)/float64(w.selling) > float64(all[0].wrong)/float64(all[0].selling) {
			t.Errorf("in week %d more is wrong than in the first", n+1)
		}
	}
	first, last := float64(all[0].wrong)/float64(all[0].selling), float64(all[simWeeks-1].wrong)/float64(all[simWeeks-1].selling)
	if last > first/2 {
		t.Errorf("%.0f %% were wrong at first, and %.0f %% still are", 100*first, 100*last)
	}
}

func (w *week) count(l letter, went, right Disposition) {
	w.mails++
	if l.truth == classify.Promotion || l.truth == classify.Newsletter {
		if w.selling++; went != right {
			w.wrong++
		}
		return
	}
	if l.needed() {
		w.needed++
	}
	switch {
	case went == Inbox:
	case l.needed():
		w.lowered++
	default:
		w.notices++
	}
}

// says is what a person says of a mail: of half of what went wrong where it belongs,
// and, one time in twenty as often, anything of any mail.
func says(r *rand.Rand, went, right Disposition) Disposition {
	switch {
	case went != right && r.IntN(2) == 0:
		if r.IntN(20) > 0 {
			return right
		}
		fallthrough
	case r.IntN(400) == 0:
		return []Disposition{Inbox, Promotions, Digest, Refuse}[r.IntN(4)]
	}
	return ""
}
