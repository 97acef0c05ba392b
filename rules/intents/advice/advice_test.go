package advice

import (
	"strings"
	"testing"
	"time"

	"usher/rules/intents"
)

// at is the date of every file in these tests, a Sunday.
var at = time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)

func TestWhatDoesNothingIsTold(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"an ended statement", "mute topic tea until 2026-11-21", "1 ended: ended on 2026-11-21 and no longer applies"},
		{"a last day still applies", "mute topic tea until 2026-11-22", ""},
		{"a grant that ends soon", "grant shop.example until 2026-12-10", "1 soon: this grant ends on 2026-12-10"},
		{"a default said twice", "promotions digest\npromotions inbox", "2 shadowed: line 1 says the same or comes first: this line decides nothing"},
		{"a grant for a refused brand", "refuse brand shop.example\ngrant shop.example", "2 dead: line 1, refuse, comes before it"},
		{"a cap on a granted brand", "grant \"Shop\" is shop.example\ncap shop.example 1 per week", "2 note: it bounds mail that only claims this brand: the grant on line 1 comes before it; bound that one with at most 1 per week"},
		{"a cap that leads up", "cap every brand 1 per week then inbox", "1 dead: no mail goes lower by a cap that leads to the inbox"},
		{"a want that is refused", "refuse tea\nwant \"tea\"", `2 dead: line 1, refuse "tea", comes before it`},
		{"a want that is muted", "mute topic Tea\nwant \"hot drinks\" about tea", `2 dead: line 1, mute "Tea", comes before it`},
		{"prices in two currencies", `want "tea" under 5 EUR over 9 USD`, "1 dead: no price is in EUR and in USD: this want answers unknown at best"},
		{"a want of words that every mail holds", `want "some of these things"`, "1 dead: it holds no word by which a mail could be known"},
		{"a want that wants nothing", `want "no fast fashion"`, "1 dead: it wants nothing and only says what not: refuse fast fashion does that"},
		{"a topic of such words", "mute topic of the", `1 dead: "of the" holds no word by which a mail could be known`},
		{"a domain where anybody may write from", "grant gmail.com", "1 dead: no sender is known as gmail.com: anybody may have an address at gmail.com: name a whole one, as ann@gmail.com"},
		{"a domain that lends addresses", "grant \"A letter\" is substack.com", "1 dead: no sender is known as substack.com: substack.com lends an address to each of its writers: name a whole one, as ann@substack.com"},
		{"a domain of a mail provider", `want "tea" from sendgrid.net`, "1 dead: no sender is known as sendgrid.net: sendgrid.net is a mail provider's, which many senders use: name the sender's own domain"},
		{"a domain under which others register", "grant co.uk", "1 dead: no sender is known as co.uk: the domains below co.uk have many owners: name one of them"},
		{"two grants to one domain", "grant \"A\" is a.example, b.example\ngrant b.example", "2 shadowed: line 1 is a grant to b.example too, and decides for it"},
		{"a grant said twice", "grant a.example\ngrant a.example", "2 shadowed: line 1 says the same or comes first: this line decides nothing"},
		{"a topic refused twice", "refuse gambling, crypto\nrefuse Gambling, knives", `2 shadowed: line 1 says refuse "Gambling" already, and comes first`},
		{"a topic muted twice", "mute topic tea\nmute topic cocoa, tea", `2 shadowed: line 1 says mute "tea" already, and comes first`},
		{"a topic refused and then muted", "refuse tea\nmute topic tea", ""},
		{"a topic refused again after the first has ended", "refuse tea until 2026-11-01\nrefuse tea", "1 ended: ended on 2026-11-01 and no longer applies"},
		{"a brand both refused and protected", "protect from *@shop.example\nrefuse brand shop.example", "2 dead: line 1 protects mail from *@shop.example, and protect comes before refuse"},
		{"a price that cannot be", `want "tea" under 5 EUR over 9 EUR`, "1 dead: no price is under 5 EUR and over 9 EUR"},
		{"a comment that sticks to a word", "mute topic C#", `1 note: the # directly after "C" begins a comment; what belongs to the word stands in quotes`},
		{"an assumed currency", `want "tea" under $5`, "1 note: $5 was read as 5 USD"},
		{"a topic that is muted as a name", "mute perfume", `1 note: "perfume" is read as the name of a sender; "mute topic perfume" mutes what mail is about`},
		{"a sender that is refused as a topic", "refuse shop.example", `1 note: "shop.example" is read as a topic that mail is about; "refuse brand shop.example" refuses a sender`},
		{"what is not in force", "feedback yes", "1 note: it is about reports to senders, which blur figures; `usher help senders` says what that is worth"},
		{"a list that is not there", `want "tea" needs disclosure lost.txt`, "1 note: lost.txt could not be read: until it can, this want answers unknown at best"},
		{"a list that is not there, to refuse by", "refuse brands in lost.txt", "1 note: lost.txt could not be read: nothing is refused by it"},
		{"terms of senders", `want "tea" needs terms SD-BASE`, "1 note: a want that needs terms answers no where more was seen than they permit, else unknown: what a sender says of its terms decides nothing"},
		{"words that may not be said", `refuse tea tell sender "write to me@x.example"`, "1 note: tell sender confirms to the sender that the address exists\n" +
			`1 note: the sender is told a fixed sentence instead: plain ASCII without an address, a link or a number may be said`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, errs := intents.Parse("a", []byte(c.text), at)
			if errs != nil {
				t.Fatal(errs)
			}
			f.ReadLists(intents.Beside("a"))
			var got []string
			for _, n := range On(f, at) {
				got = append(got, n.String())
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("noted:\n%s", s)
			}
		})
	}
}

func BenchmarkALongFile(b *testing.B) {
	f, errs := intents.Parse("a", []byte(strings.Repeat("want \"winter running shoes\" about trail, studs not kids under 120 EUR\n", 2_000)), at)
	if errs != nil {
		b.Fatal(errs)
	}
	b.ReportAllocs()
	for b.Loop() {
		if notes := On(f, at); len(notes) != 1_999 {
			b.Fatal(len(notes))
		}
	}
}
