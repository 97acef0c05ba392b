package rules

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
	"usher/rules/senders"
)

func TestABenefitWantsAProvenSender(t *testing.T) {
	proven := mail.Identity{How: mail.ByDKIM, SenderKey: "shop.example", OrgDomain: "shop.example", Domain: "news.shop.example", Address: "a@news.shop.example"}
	ann := mail.Identity{How: mail.ByDKIM, SenderKey: "ann@freemail.example", OrgDomain: "freemail.example", Domain: "freemail.example", Address: "ann@freemail.example"}
	claimed := proven
	claimed.How, claimed.SenderKey = mail.ByNone, ""
	cases := []struct {
		name         string
		id           mail.Identity
		entry        string
		comes, named bool
	}{
		{"the organisational domain", proven, "shop.example", true, true},
		{"the part that it writes from", proven, "news.shop.example", true, true},
		{"another part", proven, "sale.shop.example", false, false},
		{"a suffix of many", proven, "example", false, false},
		{"a name that ends alike", proven, "op.example", false, false},
		{"a claim bears burdens alone", claimed, "shop.example", false, true},
		{"a person at a freemail domain", ann, "ann@freemail.example", true, true},
		{"another person there", ann, "bob@freemail.example", false, false},
		{"a freemail domain is nobody", ann, "freemail.example", false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := senders.Comes(c.id, []string{c.entry}); got != c.comes {
				t.Errorf("comes: %v", got)
			}
			if got := senders.Named(c.id, intents.Brand{Domains: []string{c.entry}}); got != c.named {
				t.Errorf("named: %v", got)
			}
		})
	}
}

func TestAPatternNamesSenders(t *testing.T) {
	for _, c := range []struct {
		pattern, address string
		want             bool
	}{
		{"*@city.example", "events@city.example", true},
		{"*@city.example", "events@water.city.example", false},
		{"*@*.city.example", "events@water.city.example", true},
		{"ann*@x.example", "anna.b@x.example", true},
		{"a*a@x.example", "a@x.example", false},
		{"city.example", "a@water.city.example", true},
		{"city.example", "a@city.example.evil.example", false},
		{"*.city.example", "a@city.example", false},
	} {
		_, domain, _ := strings.Cut(c.address, "@")
		if got := senders.Sends(c.pattern, c.address, domain); got != c.want {
			t.Errorf("%s names %s: %v", c.pattern, c.address, got)
		}
	}
}

// stated holds files by mailbox.
type stated map[string]*intents.File

func (s stated) For(_ context.Context, mailbox string) (own, site *intents.File, err error) {
	return s[mailbox], s["site"], nil
}

func parsed(t testing.TB, text string) *intents.File {
	t.Helper()
	f, errs := intents.Parse("intents", []byte(text), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		t.Fatal(errs)
	}
	return f
}

func TestEachRecipientIsDecidedByTheirOwnFile(t *testing.T) {
	j := &Judge{Model: classify.New(), Delimiter: "+", Statements: stated{"maria@example.org": parsed(t, "protect from *@shop.example"), "otto@example.org": parsed(t, "refuse brand shop.example")}}
	o := &mail.Object{
		Envelope: mail.Envelope{To: []string{"Maria+shop@Example.org", "nobody@example.org", "otto@example.org"}, Arrived: time.Date(2026, 11, 22, 10, 7, 9, 0, time.UTC)},
		Identity: mail.Identity{Address: "a@shop.example", Domain: "shop.example", OrgDomain: "shop.example"},
		Message:  mail.Parse([]byte("From: a@shop.example\nSubject: Sale, 50% off\nList-Unsubscribe: <https://shop.example/u>\n\nSale! 50% off. Order now for 9 EUR.\n")),
	}
	ds, err := j.Decide(context.Background(), o)
	if err != nil || len(ds) != 3 || ds[1] != nil {
		t.Fatal(ds, err)
	}
	if d := ds[0]; d.Recipient != "maria@example.org" || d.Because != "intents:1" || d.Disposition != Inbox || d.Intents == "" || d.At.Second() != 0 {
		t.Errorf("Maria: %+v", d)
	}
	if ds[0].ID >= ds[2].ID || len(ds[0].ID) != 26 {
		t.Errorf("IDs out of order: %s, %s", ds[0].ID, ds[2].ID)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := j.Decide(ended, o); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
	o.Message = nil
	if _, err := j.Decide(context.Background(), o); err != nil {
		t.Errorf("a message that could not be read: %v", err)
	}
}

func TestAListOfBrandsIsRefused(t *testing.T) {
	f := parsed(t, "refuse brands in boycott.txt")
	f.ReadLists(func(string) ([]byte, time.Time, error) {
		return []byte("# mine\nshop.example\n"), time.Now(), nil
	})
	h := &hearing{own: f, verdict: &classify.Verdict{Category: classify.Promotion}, sender: mail.Identity{Domain: "shop.example", OrgDomain: "shop.example"}}
	if got := h.refuses(f.Refuses[0]); got.Answer != classify.Yes || !strings.HasSuffix(got.Text, "in your list boycott.txt") {
		t.Errorf("%v", got)
	}
}

func TestAThinDecisionTellsNothingOfTheMail(t *testing.T) {
	d := &Decision{ID: "1", Recipient: "maria@example.org", Category: classify.Personal, Disposition: Inbox, Because: "default",
		Subject: "Lunch?", MessageID: "<1@x>", Sender: Sender{Brand: "friends.example"}, Summary: "lunch", Text: "t", Offers: []Offer{{Item: "x"}}}
	got := d.Thin()
	if got.Subject+got.MessageID+got.Sender.Brand+got.Summary+got.Text != "" || got.Offers != nil || got.ID != "1" || got.Because != "default" {
		t.Errorf("%+v", got)
	}
}

func TestTheTopicIsOfBulkMailAlone(t *testing.T) {
	model := classify.New()
	for _, c := range []struct{ name, mail, want string }{
		{"a promotion", "From: news@shop.example\nSubject: 20 % off all boots\nList-Unsubscribe: <https://shop.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n\n" +
			"Winter boots, coats and scarves: now 20 % off with code SNOW.\nShop the sale\nUnsubscribe\n", "apparel"},
		{"one that sells nothing that is named", "From: news@shop.example\nSubject: 20 % off everything\nList-Unsubscribe: <https://shop.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n\n" +
			"Now 20 % off everything with code SNOW.\nShop the sale\nUnsubscribe\n", "other"},
		{"a letter", "From: ann@friends.example\nTo: maria@example.org\nSubject: boots\n\nHi Maria,\n\nyour boots and your scarf are still at my place. Shall I bring them on Sunday?\n\nAnn\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &mail.Object{Message: mail.Parse([]byte(c.mail))}
			v := model.Classify(o)
			d := decideFor(o, v, Files{Own: new(intents.File)})
			if d.Topic != c.want {
				t.Fatalf("%s of %q, want %q", d.Category, d.Topic, c.want)
			}
			again, err := stored(t, d, o, v).Again(Files{Own: new(intents.File)}, nil)
			if err != nil || again.Topic != c.want {
				t.Errorf("made again: %q, %v", again.Topic, err)
			}
		})
	}
}

func TestFailureIsTheInbox(t *testing.T) {
	o := &mail.Object{Envelope: mail.Envelope{To: []string{"A@Example.org"}}}
	if d := Failed(o, 0, "out of time"); d.Disposition != Inbox || d.Because != "error" || d.Recipient != "a@example.org" || d.ID == "" {
		t.Errorf("%+v", d)
	}
}

func TestIDsKeepTheirOrderWithinAMinute(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 7, 9, 0, time.UTC)
	var ids []string
	for i := range 1000 {
		ids = append(ids, NewID(at.Add(time.Duration(i%50)*time.Second)))
	}
	if !slices.IsSorted(ids) {
		t.Error("out of order")
	}
	if ids[0][:10] != NewID(at.Truncate(time.Minute))[:10] {
		t.Error("tells more than the minute")
	}
}
