package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/cmd/letters"
)

// wanted makes things that people are in the market for, two words each.
var wanted = [2][]string{
	strings.Fields(`red blue winter summer wooden leather woollen electric small large folding used vintage organic waterproof light
		heavy silent garden kitchen office travel camping racing trail mountain city oak linen steel`),
	strings.Fields(`shoes boots jacket coat socks gloves hat scarf bicycle helmet tent rucksack lamp chair table desk sofa bed kettle
		grinder pan knife oven freezer camera tripod phone tablet laptop monitor keyboard printer mouse router speaker`),
}

const manyWants = 1000

// measureWants prints what it costs to hold a message against many wants, beside
// what it costs to judge it at all: promotions and newsletters of about 4 KB of text.
func measureWants(o options, out io.Writer) error {
	raws, real, err := letters.Read(o.archive)
	if err != nil {
		return err
	}
	if !real {
		raws = letters.Sized(5<<10, 40)
	}
	model := classify.New()
	var objects []*mail.Object
	words := 0
	for _, raw := range raws {
		m := mail.Parse(raw)
		object := &mail.Object{Message: m}
		if n := len(m.Text); n < 3<<10 || n > 5<<10 || real && !model.Classify(object).Low() {
			continue
		}
		objects = append(objects, object)
		words += distinct(m.Text)
	}
	if len(objects) == 0 {
		fmt.Fprintln(out, "\nNo message of 3 to 5 KB of text: what wants cost is not measured.")
		return nil
	}
	var intents []*classify.Intent
	for n := range manyWants {
		intents = append(intents, classify.Compile(wanted[0][n%len(wanted[0])]+" "+wanted[1][n/len(wanted[0])], nil, nil))
	}
	finder := classify.NewFinder(intents)
	judge := func(i int) *classify.Verdict { return model.Classify(objects[i]) }
	first := func(v *classify.Verdict) { v.Serves(intents[0]) }
	all := func(v *classify.Verdict) {
		listed := 0
		for n := range v.Near(finder).Serving() {
			if listed++; listed <= 20 { // as many as a decision lists, with the words
				v.Serves(intents[n])
			}
		}
	}
	first(judge(0))
	all(judge(0)) // what is read once is read
	var alone, one, many []time.Duration
	for range lookedOver {
		alone = append(alone, cpuOf(o.time/3, len(objects), func(i int) { judge(i) }))
		one = append(one, cpuOf(o.time/3, len(objects), func(i int) { first(judge(i)) }))
		many = append(many, cpuOf(o.time/3, len(objects), func(i int) { all(judge(i)) }))
	}
	middle := func(rounds []time.Duration) time.Duration { return slices.Sorted(slices.Values(rounds))[lookedOver/2] }
	read, cost, mean := max(0, middle(one)-middle(alone)), max(0, middle(many)-middle(one)), float64(words)/float64(len(objects))
	fmt.Fprintf(out, "\nWants, µs a message beyond its judgement (%d of 3 to 5 KB of text, %.0f distinct words on average):\n", len(objects), mean)
	fmt.Fprintf(out, "  words read and held against 1 want %.1f; against %d wants %.1f more, which is %.2f a distinct word\n", micros(read), manyWants, micros(cost), micros(cost)/mean)
	tell(out, fmt.Sprintf("against %d wants", manyWants), milliseconds(cost), "<=", 0.25)
	return nil
}

func distinct(text string) int {
	list := strings.Fields(strings.ToLower(text))
	slices.Sort(list)
	return len(slices.Compact(list))
}
