package relation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus/weeks"
	"usher/rules"
	"usher/rules/intents"
)

// now is a Monday.
var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// sold is a promotion of shop.example, so many days ago.
func sold(ago int, change ...func(d *rules.Decision)) *rules.Decision {
	d := &rules.Decision{
		At: now.AddDate(0, 0, -ago), Category: classify.Promotion, Disposition: rules.Promotions,
		Sender: rules.Sender{Brand: "shop.example", Name: "The Shop", How: "dkim"},
	}
	for _, c := range change {
		c(d)
	}
	return d
}

func from(brand, how string) func(d *rules.Decision) {
	return func(d *rules.Decision) { d.Sender = rules.Sender{Brand: brand, How: how} }
}

func kind(c classify.Category, to rules.Disposition) func(d *rules.Decision) {
	return func(d *rules.Decision) { d.Category, d.Disposition = c, to }
}

func served(by string) func(d *rules.Decision) {
	return func(d *rules.Decision) {
		d.Disposition, d.Counts = rules.Inbox, []rules.Count{{Of: "shop.example"}, {Of: by}}
	}
}

// totals adds up decisions as the store does.
func totals(ds ...*rules.Decision) (all []*weeks.Total) {
	at := map[string]*weeks.Total{}
	for _, d := range ds {
		t := weeks.Of(d)
		place := t.Week.String() + t.Key
		if was := at[place]; was != nil {
			was.Add(t)
			continue
		}
		at[place] = t
		all = append(all, t)
	}
	return all
}

func TestABrandIsAddedUpFromItsWeeks(t *testing.T) {
	for _, c := range []struct {
		why  string
		ds   []*rules.Decision
		want string
	}{
		{"two weeks of one brand", []*rules.Decision{sold(10), sold(3), sold(0)}, "shop.example proven 3 1.9 map[promotions:3] all 3 2026-11-13..2026-11-23"},
		{"a first week counts as whole", []*rules.Decision{sold(1), sold(0)}, "shop.example proven 2 2.0 map[promotions:2] all 2 2026-11-22..2026-11-23"},
		{"the thirtieth day is recent, the one before is not", []*rules.Decision{sold(30), sold(29)}, "shop.example proven 1 0.2 map[promotions:1] all 2 2026-10-24..2026-10-25"},
		{"a claim is apart", []*rules.Decision{sold(0), sold(0, from("shop.example", "none")), sold(0, from("shop.example", "spf"))},
			"shop.example claimed 2 2.0 map[promotions:2] all 2 2026-11-23..2026-11-23; shop.example proven 1 1.0 map[promotions:1] all 1 2026-11-23..2026-11-23"},
		{"personal mail, lists and mail of nobody are no brand's", []*rules.Decision{sold(0, kind(classify.Personal, rules.Inbox)), sold(0, kind(classify.List, rules.Inbox)), sold(0, from("", "none"))}, ""},
		{"addresses made for one use are one", []*rules.Decision{sold(0, from("a-8f31c09a7b2e@freemail.example", "dkim")), sold(0, from("a-1c22d09f8e31@freemail.example", "dkim"))},
			"a-*@freemail.example proven 2 2.0 map[promotions:2] all 2 2026-11-23..2026-11-23"},
	} {
		t.Run(c.why, func(t *testing.T) {
			var got []string
			for _, b := range Brands("maria@example.org", totals(c.ds...), Files{}, now) {
				how := "claimed"
				if b.Proven {
					how = "proven"
				}
				got = append(got, fmt.Sprintf("%s %s %d %.1f %v all %d %s..%s", b.Brand, how, b.Mails, b.PerWeek, b.Routes, b.All, b.First, b.Last))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestWhatIsStatedOfABrandIsTold(t *testing.T) {
	for _, c := range []struct{ why, file, how, states, needs string }{
		{"nothing", "promotions digest", "dkim", "", "would need a grant, or a want that it serves"},
		{"a grant", "grant shop.example", "dkim", "intents:1", ""},
		{"a grant by a further domain", "grant \"The Shop\" is shop-mail.example, shop.example", "dkim", "intents:1", ""},
		{"a grant that ended", "grant shop.example until 2026-11-22", "dkim", "intents:1 ended", "would need a new grant: yours ended on 2026-11-22"},
		{"a grant does nothing for a claim", "grant shop.example", "none", "intents:1", "would need to prove itself by DKIM: until then no grant and no want applies"},
		{"a claim on a grant that ended", "grant shop.example until 2026-11-22", "none", "intents:1 ended", "would need to prove itself by DKIM: until then no grant and no want applies; would need a new grant: yours ended on 2026-11-22"},
		{"burdens, caps and wants that name it", "mute \"The Shop\"\ncap shop.example 1 per week\nwant \"lamps\" from shop.example\nwant \"chairs\"\nrefuse brand other.example", "dkim", "intents:1, intents:2, intents:3", "would need a grant, or a want that it serves"},
	} {
		t.Run(c.why, func(t *testing.T) {
			file, errs := intents.Parse("x", []byte(c.file+"\n"), now.AddDate(0, -1, 0))
			if errs != nil {
				t.Fatal(errs)
			}
			d := sold(0)
			d.Sender.How = c.how
			b := Brands("maria@example.org", totals(d), Files{Own: file}, now)[0]
			var states []string
			for _, l := range b.States {
				if l.Ended {
					l.Source += " ended"
				}
				states = append(states, l.Source)
			}
			if got := strings.Join(states, ", "); got != c.states {
				t.Errorf("states %q, want %q", got, c.states)
			}
			if got := strings.Join(b.Needs, "; "); got != c.needs {
				t.Errorf("needs %q, want %q", got, c.needs)
			}
		})
	}
}

func TestTheDomainsOfAGrantAreOneBrand(t *testing.T) {
	file, errs := intents.Parse("x", []byte("grant \"The Shop\" is shop.example, shop-mail.example until 2026-11-01\n"), now.AddDate(0, -1, 0))
	if errs != nil {
		t.Fatal(errs)
	}
	ds := totals(sold(9), sold(1, from("shop-mail.example", "dkim")), sold(0, from("shop-mail.example", "none")))
	for name, files := range map[string]Files{"her own": {Own: file}, "the site's": {Site: file}} {
		all := Brands("maria@example.org", ds, files, now)
		if len(all) != 2 || all[0].Brand != "shop.example" || all[0].Mails != 2 || !all[0].Is("Shop-mail.example") || !all[0].Is("the shop") || all[1].Proven || all[1].Mails != 1 {
			t.Errorf("%s: %+v", name, all)
		}
		if all[0].Granted || !strings.Contains(all[0].Needs[0], "a new grant: yours ended on 2026-11-01") {
			t.Errorf("%s: %+v", name, all[0])
		}
	}
	if all := Brands("maria@example.org", ds, Files{}, now); len(all) != 3 || all[0].Domains != nil {
		t.Errorf("without the grant: %+v", all)
	}
}

func TestTheFiveNumbers(t *testing.T) {
	s := StatsOf("maria@example.org", totals(
		sold(8), // not of this week
		sold(6), sold(3, kind(classify.Newsletter, rules.Digest)), sold(0, served("grant shop.example")), sold(0, served("want lamps")),
		sold(1, kind(classify.Personal, rules.Inbox)), sold(1, kind(classify.Transactional, rules.Inbox)), sold(2, kind(classify.Notification, rules.Refuse)), sold(0, kind(classify.List, rules.Inbox)),
	), 7, now)
	if s.From != "2026-11-17" || s.To != "2026-11-23" || s.Mails != 8 || s.SetAside != 3 || s.Marketing != 4 {
		t.Errorf("got %+v", s)
	}
	if *s.RoutedAway != 0.375 || *s.Pressure != 4 || *s.Useful != 0.5 || s.Wrong != nil || s.Late != nil {
		t.Errorf("routed away %v, pressure %v, useful %v, wrong %v, late %v", *s.RoutedAway, *s.Pressure, *s.Useful, s.Wrong, s.Late)
	}
	if none := StatsOf("maria@example.org", nil, 7, now); none.RoutedAway != nil || none.Pressure != nil || none.Useful != nil {
		t.Errorf("of nothing something is told: %+v", none)
	}
}
