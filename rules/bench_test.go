package rules

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

// golden are the labelled mails of the classifier, from senders that are proven.
func golden(tb testing.TB) (all []*mail.Object) {
	tb.Helper()
	mails, err := filepath.Glob("../classify/testdata/*.eml")
	if err != nil || len(mails) < 100 {
		tb.Fatal("mails are missing", len(mails), err)
	}
	for _, path := range mails {
		raw, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		o := &mail.Object{Envelope: mail.Envelope{To: []string{"maria@example.org"}, Arrived: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}, Message: mail.Parse(raw)}
		if len(o.Message.From) > 0 {
			from := o.Message.From[0]
			o.Identity = mail.Identity{Address: from.String(), Name: from.Name, Domain: from.Domain, OrgDomain: from.Domain, SenderKey: from.Domain, How: mail.ByDKIM}
		}
		all = append(all, o)
	}
	return all
}

// BenchmarkDecide judges and decides about each golden mail, parsed before,
// for a file of ten wants and as many other lines.
func BenchmarkDecide(b *testing.B) { benchmarkDecide(b, false) }

// BenchmarkDecideAndKeep also keeps what the decisions need to be made again.
func BenchmarkDecideAndKeep(b *testing.B) { benchmarkDecide(b, true) }

func benchmarkDecide(b *testing.B, keep bool) {
	text := `want "winter running shoes" under 120 EUR
want "train trips Helsinki-Tromsø" under 300 EUR
want "flights to Japan" off 20%
want newsletters about Go, databases
want "coffee grinder" under 200 EUR
want "yoga class" under 15 EUR until 2026-11-10
want "wool socks, mittens"
want "road bike" over 500 EUR
want "garden tools" when 2026-03-01 .. 2026-05-31
want "theatre tickets"
grant partio.example for winter boots, repair
grant zalando.example until 2026-11-20
refuse gambling, crypto, weight loss
refuse tracking by behaviour
mute "Verkkokauppa"
mute topic perfume
protect receipts, orders, "security codes"
promotions digest
newsletters promotions
speak en fi
`
	file, errs := intents.Parse("own", []byte(text), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		b.Fatal(errs)
	}
	judge := &Judge{Model: classify.New(), Statements: stated{"maria@example.org": file}, Keep: keep}
	all := golden(b)
	for b.Loop() {
		for _, o := range all {
			if _, err := judge.Decide(context.Background(), o); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(all)), "µs/decision")
}

// BenchmarkAgain makes stored decisions about the golden mails again.
func BenchmarkAgain(b *testing.B) {
	judge := &Judge{Model: classify.New(), Statements: stated{"maria@example.org": parsed(b, "want \"running shoes\" under 120 EUR\nrefuse gambling\n")}, Keep: true}
	files := Files{Own: parsed(b, "want \"winter running shoes\"\nrefuse crypto\nmute topic perfume\ncap every brand 2 per week\n")}
	var kept []*Decision
	for _, o := range golden(b) {
		ds, err := judge.Decide(context.Background(), o)
		if err != nil {
			b.Fatal(err)
		}
		if ds[0].Features != nil {
			kept = append(kept, ds[0])
		}
	}
	for b.Loop() {
		for _, d := range kept {
			if _, err := d.Again(files, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(kept)), "µs/decision")
}
