package rules

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
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
