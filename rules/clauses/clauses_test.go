package clauses

import (
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

func eur(minor int64) *mail.Money { return &mail.Money{Minor: minor, Currency: "EUR"} }

func usd(minor int64) *mail.Money { return &mail.Money{Minor: minor, Currency: "USD"} }

// The answers.
const (
	yes     = classify.Yes
	no      = classify.No
	unknown = classify.Unknown
)

func TestAClauseAnswersYesNoOrUnknown(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	day := intents.DateOf(now)
	window := func(from, to int) *intents.Window { return &intents.Window{From: day.Plus(from), To: day.Plus(to)} }
	for _, c := range []struct {
		name string
		got  Finding
		want classify.Answer
		text string
	}{
		{"no bound is met by anything", Under(mail.Offer{}, nil), yes, ""},
		{"a lower price", Under(mail.Offer{Price: eur(8900)}, eur(12000)), yes, "89 EUR is under your 120 EUR"},
		{"the bound itself", Under(mail.Offer{Price: eur(12000)}, eur(12000)), yes, "120 EUR is just your 120 EUR"},
		{"a higher price", Under(mail.Offer{Price: eur(14995)}, eur(12000)), no, "149.95 EUR is over your 120 EUR"},
		{"no price", Under(mail.Offer{}, eur(12000)), unknown, "no price is told, so 'under 120 EUR' cannot be known"},
		{"another currency", Under(mail.Offer{Price: usd(100)}, eur(12000)), unknown, "1 USD cannot be held against your 120 EUR"},
		{"free, in whatever currency", Under(mail.Offer{Price: &mail.Money{}}, eur(12000)), yes, "free is under your 120 EUR"},
		{"a price from", Under(mail.Offer{Price: eur(100), FromLow: true}, eur(12000)), yes, "from 1 EUR is under your 120 EUR"},
		{"at least a price, and it is more", Over(mail.Offer{Price: eur(14995)}, eur(12000)), yes, "149.95 EUR is over your 120 EUR"},
		{"at least a price, and it is less", Over(mail.Offer{Price: eur(8900)}, eur(12000)), no, "89 EUR is under your 120 EUR"},
		{"at least a price, and none is told", Over(mail.Offer{}, eur(12000)), unknown, "no price is told, so 'over 120 EUR' cannot be known"},

		{"a discount of more", Off(mail.Offer{Discount: 30}, 20), yes, "30% off is more than your 20%"},
		{"a discount of as much", Off(mail.Offer{Discount: 20}, 20), yes, "20% off is just your 20%"},
		{"a discount of less", Off(mail.Offer{Discount: 19}, 20), no, "19% off is less than your 20%"},
		{"no discount", Off(mail.Offer{}, 20), unknown, "no discount is told, so 'off 20%' cannot be known"},
		{"up to more is weaker", Off(mail.Offer{Discount: 50, UpTo: true}, 20), unknown, "up to 50% off is weaker than your 20%: on what is not told"},
		{"up to less", Off(mail.Offer{Discount: 10, UpTo: true}, 20), no, "up to 10% off is less than your 20%"},
		{"a discount with a condition", Off(mail.Offer{Discount: 50, If: "2 for"}, 20), unknown, "its discount has a condition: 2 for"},
		{"from the price before", Off(mail.Offer{Price: eur(8000), Was: eur(10000)}, 20), yes, "20% off is just your 20%"},
		{"from the price before, a cent too little", Off(mail.Offer{Price: eur(8001), Was: eur(10000)}, 20), no, "19% off is less than your 20%"},
		{"prices in two currencies", Off(mail.Offer{Price: eur(1), Was: usd(9)}, 20), unknown, "no discount is told, so 'off 20%' cannot be known"},

		{"a code", Code(mail.Offer{Code: "RUN20"}, true), yes, "with the code RUN20"},
		{"no code, which may stand behind a link", Code(mail.Offer{}, true), unknown, "no code is told"},
		{"no code is asked for", Code(mail.Offer{}, false), yes, ""},

		{"an end that is not told", Live(mail.Offer{}, now), yes, ""},
		{"an end to come", Live(mail.Offer{Ends: now}, now), yes, ""},
		{"an end that has passed", Live(mail.Offer{Ends: now.Add(-time.Second)}, now), no, "the offer ended on 2026-11-23"},
		{"a window under way", Within(window(-1, 1), day), yes, ""},
		{"a window to come", Within(window(1, 2), day), no, "its window begins on 2026-11-24"},
		{"a window that has passed", Within(window(-2, -1), day), no, "its window ended on 2026-11-22"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.got.Answer != c.want || c.got.Text != c.text {
				t.Errorf("answers %s: %q; want %s: %q", c.got.Answer, c.got.Text, c.want, c.text)
			}
		})
	}
}

func verdict(subject, text string, offers ...mail.Offer) *classify.Verdict {
	v := classify.New().Classify(&mail.Object{Message: &mail.Message{Subject: subject, Text: text}})
	v.Offers, v.Language = offers, "en"
	return v
}

func TestACodeIsForAllThatAMailOffers(t *testing.T) {
	w := &intents.Want{Intent: classify.Compile("running shoes", nil, nil), Code: true, Under: eur(12000)}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	price := mail.Offer{Price: eur(9900), Source: "subject"}
	if got := Offered(w, verdict("Running shoes", "", price, mail.Offer{Code: "RUN20"}), now); got.Answer != yes || got.Text != "99 EUR is under your 120 EUR, with the code RUN20" {
		t.Errorf("answers %v", got)
	}
	if got := Offered(w, verdict("Running shoes", "", price, mail.Offer{Code: "RUN20", Ends: now.Add(-time.Hour)}), now); got.Answer != unknown {
		t.Errorf("of a code that has ended: %v", got)
	}
}

func TestTheSenderOrTheMailBearsAName(t *testing.T) {
	nike := mail.Identity{How: mail.ByDKIM, SenderKey: "nike.example", Domain: "nike.example", OrgDomain: "nike.example"}
	wolf := mail.Identity{How: mail.ByDKIM, SenderKey: "jack-wolfskin.example", Domain: "jack-wolfskin.example", OrgDomain: "jack-wolfskin.example"}
	mall := mail.Identity{How: mail.ByDKIM, SenderKey: "mall.example", Domain: "mall.example", OrgDomain: "mall.example", Name: "The Mall"}
	posing := mall
	posing.Name = "Nike Outlet"
	long := "We have shoes of many makers, for all that you do, in every size and for every day of the year. Come and see them all."
	for _, c := range []struct {
		name  string
		asked string
		id    mail.Identity
		v     *classify.Verdict
		want  classify.Answer
		text  string
	}{
		{"the sender's domain", "Nike", nike, verdict("Shoes", long), yes, "from nike.example"},
		{"a name of two words", "Jack Wolfskin", wolf, verdict("Jackets", long), yes, "from jack-wolfskin.example"},
		{"a mail about it", "Nike", mall, verdict("Nike shoes at the mall", long), yes, "it names Nike"},
		{"an offer of the brand", "Nike", mall, verdict("Shoes", long, mail.Offer{Brand: "Nike"}), yes, "it names Nike"},
		{"a word in an offer", "Nike", mall, verdict("Shoes", long, mail.Offer{Item: "Nike Pegasus"}), yes, "it names Nike"},
		{"who calls itself so", "Nike", posing, verdict("Shoes", long), unknown, "mall.example calls itself Nike Outlet"},
		{"a mention", "Nike", mall, verdict("Shoes", long+" "+long+" Among them is Nike too."), unknown, "it only mentions Nike"},
		{"neither", "Nike", mall, verdict("Shoes", long), no, "neither from Nike nor about it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := From([]string{c.asked}, c.id, c.v); got.Answer != c.want || got.Text != c.text {
				t.Errorf("answers %s: %q; want %s: %q", got.Answer, got.Text, c.want, c.text)
			}
		})
	}
}

func TestWhatIsAskedForOnlyMustBeSaid(t *testing.T) {
	remote := []intents.Topic{{Text: "remote", Intent: classify.Compile("remote", nil, nil)}}
	if got := Only(remote, verdict("Go jobs, remote", "Work from home.")); got.Answer != yes || got.Text != "it says remote" {
		t.Errorf("answers %v", got)
	}
	if got := Only(remote, verdict("Go jobs", "In our office in Turku.")); got.Answer != unknown || got.Text != "'only remote' cannot be known: it is not told" {
		t.Errorf("answers %v", got)
	}
	if got := Only(nil, verdict("Go jobs", "")); got != met {
		t.Errorf("answers %v", got)
	}
}

func TestThePriceOfWhatIsWantedCounts(t *testing.T) {
	named := func(item string, minor int64) mail.Offer { return mail.Offer{Item: item, Price: eur(minor)} }
	shoes := named("Running shoes Pacer", 15000)
	for _, c := range []struct {
		name   string
		offers []mail.Offer
		want   classify.Answer
		text   string
	}{
		{"the socks say nothing of the shoes", []mail.Offer{named("Wool socks", 900), shoes}, no, "150 EUR is over your 120 EUR"},
		{"one of two such shoes suffices", []mail.Offer{named("Wool socks", 900), shoes, named("Running shoes Strider", 9900)}, yes, "99 EUR is under your 120 EUR"},
		{"one price counts, whatever it is named", []mail.Offer{named("Pacer 3", 9900), {Discount: 20}}, yes, "99 EUR is under your 120 EUR"},
		{"a price without a name, beside one of another thing", []mail.Offer{named("Wool socks", 900), {Price: eur(15000)}}, no, "150 EUR is over your 120 EUR"},
		{"the headline's price, beside one of the text", []mail.Offer{{Price: eur(12900), Source: "subject"}, {Price: eur(990), Source: "text"}}, no, "129 EUR is over your 120 EUR"},
		{"one of the text, where the headline has none", []mail.Offer{{Discount: 20, Source: "subject"}, {Price: eur(9900), Source: "text"}}, yes, "99 EUR is under your 120 EUR"},
		{"an amount off is no price", []mail.Offer{{Off: eur(6000), Source: "subject"}, {Price: eur(18900)}}, no, "189 EUR is over your 120 EUR"},
		{"the polish beside the shoes, both without a name", []mail.Offer{{Price: eur(18900)}, {Price: eur(900)}}, unknown, "of prices from 9 EUR to 189 EUR, which is for your want is not told"},
		{"things of a kind, without names", []mail.Offer{{Price: eur(14900)}, {Price: eur(8900)}}, yes, "89 EUR is under your 120 EUR"},
		{"names that tell nothing, all under", []mail.Offer{named("Pacer", 9900), named("Strider", 8900)}, yes, "99 EUR is under your 120 EUR"},
		{"names that tell nothing, all over", []mail.Offer{named("Pacer", 14900), named("Strider", 15000)}, no, "149 EUR is over your 120 EUR"},
		{"names that tell nothing, on both sides", []mail.Offer{named("Socks", 900), named("Pacer", 14900)}, unknown, "of prices from 9 EUR to 149 EUR, which is for your want is not told"},
		{"nothing is offered", nil, unknown, "no price is told, so 'under 120 EUR' cannot be known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &intents.Want{Intent: classify.Compile("running shoes", nil, nil), Under: eur(12000)}
			if got := Offered(w, verdict("Running shoes", "", c.offers...), time.Time{}); got.Answer != c.want || got.Text != c.text {
				t.Errorf("answers %s: %q; want %s: %q", got.Answer, got.Text, c.want, c.text)
			}
		})
	}
}
