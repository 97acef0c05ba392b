package classify_test

import (
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

func verdict(subject, text string) *classify.Verdict {
	return classify.New().Classify(&mail.Object{Message: &mail.Message{Subject: subject, Text: text}})
}

func TestServes(t *testing.T) {
	for _, c := range []struct {
		name          string
		intent        string
		about, not    []string
		subject, text string
		want          classify.Answer
	}{
		{"the words in the subject", "winter running shoes", nil, nil, "Running shoes for winter", "New colours.", classify.Yes},
		{"another form of the words", "running shoe", nil, nil, "Shoes to run in", "New colours.", classify.Yes},
		{"another thing", "winter running shoes", nil, nil, "Garden chairs", "Sit well all summer.", classify.No},
		{"one faint word alone", "cheap flights or holiday deals", nil, nil, "Deals on drills", "Drills at great prices.", classify.No},
		{"either side of or", "cheap flights or holiday deals", nil, nil, "Flights to Rome", "From 49 EUR.", classify.Yes},
		{"an exclusion in the subject", "running shoes", nil, []string{"kids"}, "Running shoes for kids", "Small sizes.", classify.No},
		{"an exclusion in the intent", "running shoes, no sandals", nil, nil, "Sandals and running shoes", "For sandals we have the best.", classify.No},
		{"an exclusion only mentioned", "running shoes", nil, []string{"kids"}, "Running shoes", "For men and women. No kids sizes yet.", classify.Yes},
		{"a language by its name", "Go, databases", nil, nil, "What is new in Go 1.26", "The new release of Go is out.", classify.Yes},
		{"the common word is not the name", "Go", nil, nil, "Ready to go?", "Let us go to the beach.", classify.No},
		{"a German compound", "Schuhe", nil, nil, "Laufschuhe für den Herbst", "Jetzt neu bei uns.", classify.Yes},
		{"Finnish inflection", "juoksukengät", nil, nil, "Juoksukengät talveen", "Uudet juoksukengät ovat nyt kaupassa ja verkossa.", classify.Yes},
		{"words only in the footer", "gardening", nil, nil, "Lamps", "Lamps for all rooms of the house, in many sizes.\n\nMore lamps here.\nYou are receiving this because you like gardening.", classify.No},
		{"further topics alone", "", []string{"trail running"}, nil, "Trail running camp", "In June.", classify.Yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := verdict(c.subject, c.text).Serves(classify.Compile(c.intent, c.about, c.not))
			if r.Answer() != c.want {
				t.Errorf("%q against %q: %s (%.2f, %v), want %s", c.intent, c.subject, r.Answer(), r.Score, r.Terms, c.want)
			}
		})
	}
}

func TestSells(t *testing.T) {
	long := strings.Repeat("Our city council met on Monday and spoke about the new bridge over the river. ", 20)
	for _, c := range []struct {
		name, topic, subject, text string
		want                       classify.Answer
	}{
		{"a casino", "gambling", "100 free spins at our online casino", "Play roulette and blackjack now.", classify.Yes},
		{"a casino in Finnish", "gambling", "Ilmaiskierrokset odottavat", "Nettikasino tarjoaa sinulle nyt myös kasinobonuksen, joka on voimassa tänään.", classify.Yes},
		{"a casino in Turkish", "gambling", "Bahis bonusu", "Yeni üyelere bahis için bir hediye ve çok daha fazlası var.", classify.Yes},
		{"a mention in a newsletter", "gambling", "News of the town", long + "A man was fined for gambling. " + long, classify.No},
		{"a denial", "gambling", "A quiet games night", "Board games only. No gambling, no casino, no betting.", classify.No},
		{"a denial in the subject", "gambling", "No gambling ads here", "We carry notices of the town.", classify.No},
		{"drinks without alcohol", "alcohol", "Alcohol-free drinks for the summer", "Juices and teas.", classify.No},
		{"what it is free of", "perfume", "New detergent", "Gentle on skin, free of perfume and dyes. Buy two, get one.", classify.No},
		{"a freebie of it", "perfume", "Perfume week", "A free perfume with each order. Our perfumes last all day.", classify.Yes},
		{"coins", "crypto", "Bitcoin presale ends tonight", "Buy tokens with your crypto wallet.", classify.Yes},
		{"losing weight", "weight loss", "Lose weight by Friday", "Burn fat fast.", classify.Yes},
		{"a word of the same stem", "dating", "Dates for the meeting", "Which date suits you? Send me your dates and I will book the date.", classify.No},
		{"losing another thing", "weight loss", "Lose the paperwork", "File your papers online.", classify.No},
		{"a topic of one's own", "fast fashion", "Fast fashion from 4 EUR", "New every day.", classify.Yes},
		{"its words apart", "fast fashion", "Fast trains to Paris", "See the fashion museum there, and then the towers, and the river.", classify.No},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := verdict(c.subject, c.text).Sells(classify.Compile(c.topic, nil, nil))
			if r.Answer() != c.want {
				t.Errorf("%q against %q: %s (%.2f, %v), want %s", c.topic, c.subject, r.Answer(), r.Score, r.Terms, c.want)
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("winter running shoes, not kids", "trail", "fashion")
	f.Add("\xff's n't", strings.Repeat(")", 900), "")
	f.Add("gambling", "Go", "no no no")
	v := verdict("Running shoes", "For the trail.")
	f.Fuzz(func(t *testing.T, text, about, not string) {
		i := classify.Compile(text, []string{about}, []string{not})
		if s := v.Serves(i).Score; !(s >= 0 && s <= 1) {
			t.Errorf("Serves scores %v", s)
		}
		if s := v.Sells(i).Score; !(s >= 0 && s <= 1) {
			t.Errorf("Sells scores %v", s)
		}
	})
}
