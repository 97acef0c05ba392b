package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/senders"
)

// goods and kinds make things that people are in the market for.
var (
	kinds = strings.Fields(`red blue winter summer wooden leather woollen electric small large folding used vintage organic waterproof
		light heavy silent children's ladies' men's garden kitchen office travel camping racing trail mountain city`)
	goods = strings.Fields(`shoes boots jacket coat socks mittens gloves hat scarf bicycle helmet tent rucksack lamp chair table desk sofa
		bed mattress kettle grinder pan knife oven fridge freezer dishwasher camera lens tripod phone tablet laptop monitor keyboard
		mouse printer router speaker headphones guitar piano violin drum novel atlas dictionary cookbook calendar pen pencil paint
		brush canvas drill saw hammer ladder wheelbarrow rake spade seeds roses tomatoes coffee tea chocolate cheese wine olive
		honey flights trains ferries hotels cabins tickets concerts theatre museum yoga pilates swimming skis skates snowboard
		sledge kayak canoe oars sails anchor fishing rod bait binoculars telescope microscope drone kite puzzle dolls blocks`)
)

// wanting states n different wants, each about three words, as people write them.
func wanting(tb testing.TB, n int) *intents.File {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for i := range n {
		thing := func() string { return kinds[r.IntN(len(kinds))] + " " + goods[r.IntN(len(goods))] }
		switch i % 4 {
		case 0:
			fmt.Fprintf(&text, "want \"%s\" under %d EUR\n", thing(), 20+i)
		case 1:
			fmt.Fprintf(&text, "want \"%s\"\n  about %s, %s\n  not %s\n", thing(), thing(), thing(), goods[r.IntN(len(goods))])
		case 2:
			fmt.Fprintf(&text, "want \"%s model %d\" off 20%% until 2026-12-24\n", thing(), i)
		case 3:
			fmt.Fprintf(&text, "want newsletters about %s, %s\n", thing(), goods[r.IntN(len(goods))])
		}
	}
	f, errs := intents.Parse("own", []byte(text.String()), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		tb.Fatal(errs)
	}
	return f
}

// selling are the golden mails that wants are asked about.
func selling(tb testing.TB) (all []*mail.Object) {
	model := classify.New()
	for _, o := range golden(tb) {
		if model.Classify(o).Low() {
			all = append(all, o)
		}
	}
	return all
}

// BenchmarkDecideWants decides about each golden promotion and newsletter,
// parsed before, for one person who wants so many things.
func BenchmarkDecideWants(b *testing.B) {
	all := selling(b)
	for _, n := range []int{1, 10, 100, 1000} {
		judge := &Judge{Model: classify.New(), Statements: stated{"maria@example.org": wanting(b, n)}}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for _, o := range all { // what is read once is read
				if _, err := judge.Decide(context.Background(), o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := judge.Decide(context.Background(), all[i%len(all)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkColdFile parses a file of so many wants, reads them, and decides
// about one golden promotion.
func BenchmarkColdFile(b *testing.B) {
	all := selling(b)
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				judge := &Judge{Model: classify.New(), Statements: stated{"maria@example.org": wanting(b, n)}}
				if _, err := judge.Decide(context.Background(), all[i%len(all)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// burdened states wants, and as many burdens and grants by topic.
func burdened(tb testing.TB, n int) *intents.File {
	tb.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	var text strings.Builder
	for _, s := range wanting(tb, n).All {
		fmt.Fprintln(&text, s)
	}
	topic := func() string {
		return []string{goods[r.IntN(len(goods))], kinds[r.IntN(len(kinds))] + " " + goods[r.IntN(len(goods))], "gambling", "perfume"}[r.IntN(4)]
	}
	for i := range n {
		fmt.Fprintf(&text, "refuse %s, %s until 2026-12-24\nmute topic %s\ngrant shop%d.example for %s\n", topic(), topic(), topic(), i, topic())
	}
	f, errs := intents.Parse("own", []byte(text.String()), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		tb.Fatal(errs)
	}
	return f
}

// TestManyAreDecidedAsIfEachWereAsked holds decisions by the look-up against
// those that ask every want and every topic.
func TestManyAreDecidedAsIfEachWereAsked(t *testing.T) {
	own, site := burdened(t, 400), wanting(t, 30)
	for i := range 10 { // what serves some
		own.Wants = append(own.Wants, wanting(t, 40+i).Wants[39])
	}
	judge := &Judge{Model: classify.New()}
	answered := 0
	for _, o := range golden(t) {
		v := judge.classify(o)
		looked, asked := judge.hear(o, v, "maria@example.org", own, site), judge.hear(o, v, "maria@example.org", own, site)
		asked.near = map[*intents.File]*classify.Near{own: nil, site: nil}
		got, want := looked.decision(), asked.decision()
		got.ID = want.ID
		if a, b := written(t, got), written(t, want); a != b {
			t.Fatalf("%s: looked up\n%s\nasked\n%s", o.Message.Subject, a, b)
		}
		if len(got.Relevance) > maxRelevance {
			t.Errorf("%s: %d wants are listed", o.Message.Subject, len(got.Relevance))
		}
		for _, r := range got.Relevance {
			if r.Answer != classify.No {
				answered++
			}
		}
	}
	if answered < 10 {
		t.Errorf("only %d wants answered: nothing is compared", answered)
	}
}

func written(t *testing.T, d *Decision) string {
	t.Helper()
	b, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheWantsThatAnsweredAreListedFirst(t *testing.T) {
	f := wanting(t, 50)
	h := &hearing{own: f}
	for i, w := range f.Wants {
		r := relevance{f, &w.Head, 0.3 - float64(i)/1000, classify.No}
		if i >= 45 {
			r.score, r.answer = 0.1, classify.Unknown
		}
		h.relevance = append(h.relevance, r)
	}
	list := h.relevant()
	if len(list) != maxRelevance || list[0].Source != h.cite(f, &f.Wants[0].Head) || list[19].Source != h.cite(f, &f.Wants[49].Head) || list[15].Answer != classify.Unknown {
		t.Errorf("listed: %v", list)
	}
}

func TestMailDoesNotWaitForIntentsToBeRead(t *testing.T) {
	f := parsed(t, `want "winter running shoes"`)
	d := of(f)
	d.read.Do(func() {}) // somebody reads them, and does not come to an end
	judge := &Judge{Model: classify.New(), Statements: stated{"maria@example.org": f}}
	decide := func(why string) *Decision {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		if d.finder != nil {
			ctx = t.Context()
		}
		ds, err := judge.Decide(ctx, selling(t)[0])
		if err != nil {
			t.Fatal(why, err)
		}
		return ds[0]
	}
	if d := decide("unread"); d.Disposition != Inbox || d.Because != "error" || d.Category.Needed() || !strings.Contains(d.Text, "still being read") {
		t.Errorf("decided %s because %s: %s", d.Disposition, d.Because, d.Text)
	}
	d.finder = classify.NewFinder(intentsOf(f))
	close(d.ready)
	if d := decide("read"); d.Because == "error" {
		t.Errorf("once they are read, it is decided because %s: %s", d.Because, d.Text)
	}
}

// unknowable is what was stated, on a disk that does not answer.
type unknowable struct{}

func (unknowable) For(ctx context.Context, _ string) (own, site *intents.File, err error) {
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

func TestMailDoesNotWaitForADisk(t *testing.T) {
	judge := &Judge{Model: classify.New(), Statements: unknowable{}}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	o := *selling(t)[0]
	o.Envelope.To = []string{"maria@example.org", "otto@example.org"}
	ds, err := judge.Decide(ctx, &o)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range ds {
		if d.Disposition != Inbox || d.Because != "error" || d.Recipient != o.Envelope.To[i] {
			t.Errorf("%s: decided %s because %s: %s", d.Recipient, d.Disposition, d.Because, d.Text)
		}
	}
}

// TestABurdenThatIsOnASenderIsFound holds the look-up of brands against asking
// each.
func TestABurdenThatIsOnASenderIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	domain := func() string {
		return one("", "news.", "a.news.", "shop.") + one("shop.example", "northwind.example", "Northwind.example", "mailbox.example", "co.example")
	}
	found := 0
	for range 5000 {
		id := mail.Identity{
			Name: one("", "North Wind", "northwind", "Shop!", "Ätna"), Address: one("ann@", "Ann@") + domain(), Domain: strings.ToLower(domain()),
			OrgDomain: one("", "shop.example", "northwind.example"), SenderKey: one("", "shop.example", "ann@mailbox.example", "mailbox.example"),
			How: mail.How(one(string(mail.ByDKIM), string(mail.ByNone))),
		}
		brand := intents.Brand{Name: one("", "Northwind", "shop", "ätna", "!"), Domains: []string{strings.ToLower(domain()), one("ann@mailbox.example", "shop.example")}}
		c := &intents.Mute{Brand: &brand}
		h := &hearing{own: &intents.File{Mutes: []*intents.Mute{c}}, sender: id}
		if senders.Named(id, brand) {
			found++
			if !h.mayName(&c.Head) {
				t.Fatalf("%+v names %+v, and is not found", brand, id)
			}
		}
	}
	if found < 500 {
		t.Errorf("%d are named: nothing is compared", found)
	}
}
