package match_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"usher/classify/match"
)

// Words of which wants and mail are made.
var (
	kinds = strings.Fields(`red blue winter summer wooden leather woollen electric small large folding used vintage organic waterproof
		children's light heavy quiet cheap trail road city garden kitchen travel office camping knitted ceramic`)
	goods = strings.Fields(`shoes boots jacket coat socks mittens gloves hat scarf bicycle helmet tent rucksack lamp chair table desk sofa
		bed mattress pillow blanket knife pan kettle grinder coffee tea wine cheese bread honey camera laptop phone headphones keyboard
		piano guitar violin drums skis skates racket ball kayak canoe rope novel cookbook atlas seeds tulips roses shovel rake hammer
		drill saw paint brush carpet curtain mirror clock watch ring necklace perfume soap shampoo towel flights cruise hotel museum`)
)

func wants(n int) (list []*match.Intent) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		text := kinds[r.IntN(len(kinds))] + " " + goods[r.IntN(len(goods))]
		if i%3 == 0 {
			text += " for " + goods[r.IntN(len(goods))]
		}
		list = append(list, match.Compile(plain, text, nil, nil))
	}
	return list
}

// newsletter is a mail of some 4 KB of text, a line a thing.
func newsletter() (title, body string) {
	r := rand.New(rand.NewPCG(7, 8))
	rest := strings.Fields(`our friends at the workshop have been busy all through autumn and this week we finally show what came of it
		every piece is made by hand from local materials finished with natural oil and packed without plastic delivery takes three days
		orders above fifty go out free of charge returns within sixty days visit us on saturday when the bakery next door opens early
		musicians play upstairs while visitors taste soup meet neighbours learn about repair swap stories plant bulbs and warm themselves
		beside an iron stove that once heated the railway station photographs from last year hang along the corridor with captions`)
	var b strings.Builder
	for b.Len() < 4<<10 {
		b.WriteString(kinds[r.IntN(10)] + " " + goods[r.IntN(20)]) // of few kinds and goods, as a shop has them
		for range 12 {
			b.WriteString(" " + rest[r.IntN(len(rest))])
		}
		b.WriteString(".\n")
	}
	return "New in the workshop: lamps and leather boots", b.String()
}

// BenchmarkServesWants holds a mail of 4 KB, whose words are read, against many
// wants: how well it serves each.
func BenchmarkServesWants(b *testing.B) {
	title, body := newsletter()
	distinct := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(title + " " + body)) {
		distinct[strings.Trim(w, ".:")] = true
	}
	for _, n := range []int{10, 100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			list := wants(n)
			finder := match.NewFinder(list)
			x := index(title, body)
			served := 0
			b.ReportAllocs()
			for b.Loop() {
				served = 0
				for range x.Near(finder).Serving() {
					served++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(distinct)), "ns/word")
			b.ReportMetric(float64(served), "served")
		})
	}
}

// BenchmarkRead reads the words of a mail of 4 KB, and what they mean.
func BenchmarkRead(b *testing.B) {
	title, body := newsletter()
	b.ReportAllocs()
	for b.Loop() {
		index(title, body).Serves(match.Compile(plain, "shoes", nil, nil))
	}
}

// BenchmarkNewFinder compiles 1,000 wants; what is near their words is remembered.
func BenchmarkNewFinder(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		match.NewFinder(wants(1000))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*1000), "µs/want")
}
