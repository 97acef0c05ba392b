package rules

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/features"
)

// stored is a decision as it comes out of a store: printed, and the features.
func stored(t testing.TB, d *Decision, o *mail.Object, v *classify.Verdict) *Decision {
	t.Helper()
	printed, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	back := new(Decision)
	if err := json.Unmarshal(printed, back); err != nil {
		t.Fatal(err)
	}
	if d.Category == classify.Personal {
		back = d.Thin()
	}
	back.Features = features.Keep(o, v, listID(o.Message), maxOffers)
	return back
}

func decideFor(o *mail.Object, v *classify.Verdict, files Files) *Decision {
	return new(Judge).hear(o, v, "maria@example.org", files.Own, files.Site).decision()
}

// TestADecisionMadeAgainIsTheSame decides about each golden case, and about files
// made by lot; what is stored of it must give the same again, under the same files
// and under any others.
func TestADecisionMadeAgainIsTheSame(t *testing.T) {
	mails, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	model := classify.New()
	var cases []goldenCase
	var verdicts []*classify.Verdict
	same := func(name string, was, now *Decision) {
		t.Helper()
		if now.Disposition != was.Disposition || now.Because != was.Because || now.Text != was.Text || now.Nearest != was.Nearest || now.Sender != was.Sender {
			t.Errorf("%s: %s because %s, %q, %q, %+v; again: %s because %s, %q, %q, %+v", name, was.Disposition, was.Because, was.Text, was.Nearest, was.Sender, now.Disposition, now.Because, now.Text, now.Nearest, now.Sender)
		}
	}
	for _, path := range mails {
		stem := strings.TrimSuffix(path, ".eml")
		c := load(t, stem)
		v := *model.Classify(c.object)
		c.judged(t, &v)
		cases, verdicts = append(cases, c), append(verdicts, &v)
		d := decideFor(c.object, &v, Files{c.own, c.site})
		again, err := stored(t, d, c.object, &v).Again(Files{c.own, c.site}, nil)
		if err != nil {
			t.Fatalf("%s: %v", stem, err)
		}
		if d.Category == classify.Personal {
			if again.Disposition != d.Disposition {
				t.Errorf("%s: a personal mail moved", stem)
			}
			continue
		}
		same(filepath.Base(stem), d, again)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 1500 {
		i := r.IntN(len(cases))
		c, v := cases[i], verdicts[i]
		if v.Category == classify.Personal {
			continue
		}
		own, site := parsed(t, statements(r, 5)), parsed(t, statements(r, 2))
		kept := stored(t, decideFor(c.object, v, Files{c.own, c.site}), c.object, v)
		again, err := kept.Again(Files{own, site}, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(filepath.Base(mails[i]), decideFor(c.object, v, Files{own, site}), again)
		if t.Failed() {
			break
		}
	}
}

func TestFeaturesThatCannotBeReadAreToldSo(t *testing.T) {
	c := load(t, "testdata/01-a-want-with-a-price-under-its-bound")
	v := classify.New().Classify(c.object)
	v.Category = classify.Promotion
	whole := stored(t, decideFor(c.object, v, Files{c.own, nil}), c.object, v)
	for n := range whole.Features {
		d := *whole
		d.Features = whole.Features[:n]
		if _, err := d.Again(Files{Own: c.own}, nil); !errors.Is(err, features.ErrVersion) && !errors.Is(err, ErrNoFeatures) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	d := *whole
	d.Features = append([]byte{whole.Features[0] + 1}, whole.Features[1:]...)
	if _, err := d.Again(Files{Own: c.own}, nil); !errors.Is(err, features.ErrVersion) {
		t.Errorf("of another version: %v", err)
	}
}

// TestGoldenMailIsDecidedTheSameAgain holds decisions about the classifier's golden
// mail, as it judges it, against those made again from what was kept.
func TestGoldenMailIsDecidedTheSameAgain(t *testing.T) {
	var lines strings.Builder
	for i, topic := range strings.Fields("shoes books travel museum coffee software security wine garden bicycle hotel phone camera toys music theatre yoga tools chairs lamps Schuhe Reisen Kaffee kengät matkat skor livres zapatos libros vino sale delivery summer course bread paper radio dns privacy databases concert children train") {
		switch i % 4 {
		case 0:
			lines.WriteString("want \"" + topic + "\" route digest\n")
		case 1:
			lines.WriteString("want newsletters about \"" + topic + "\"\n")
		case 2:
			lines.WriteString("refuse \"" + topic + "\"\n")
		default:
			lines.WriteString("mute topic \"" + topic + "\"\n")
		}
	}
	files := Files{Own: parsed(t, lines.String()+"refuse gambling, crypto, perfume, dating, loans\nwant \"winter sale\" off 20%\nwant \"kitchen\" under 50 EUR\nspeak en fi de\n")}
	model := classify.New()
	bulk, cited, differ := 0, 0, 0
	for _, o := range golden(t) {
		v := model.Classify(o)
		if v.Category.Needed() {
			continue
		}
		was := decideFor(o, v, files)
		again, err := stored(t, was, o, v).Again(files, nil)
		if err != nil {
			t.Fatal(err)
		}
		bulk++
		if was.Because != "default" {
			cited++
		}
		if was.Disposition != again.Disposition || was.Because != again.Because {
			differ++
			t.Logf("%q: %s because %s; again %s because %s", o.Message.Subject, was.Disposition, was.Because, again.Disposition, again.Because)
		}
	}
	t.Logf("%d bulk mails, %d decided by a line; %d differ when made again", bulk, cited, differ)
	if bulk < 100 || cited < 10 || differ*50 > bulk {
		t.Errorf("%d of %d bulk mails are decided otherwise again, %d of them by a line: at most 1 in 50", differ, bulk, cited)
	}
}
