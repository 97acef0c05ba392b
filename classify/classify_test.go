package classify_test

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
)

// sound checks what every verdict promises.
func sound(t *testing.T, v *classify.Verdict) {
	t.Helper()
	sum := 0.0
	for _, p := range v.P {
		if p < 0 || p > 1 || math.IsNaN(p) {
			t.Errorf("P = %v is no probability", v.P)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("P sums to %v", sum)
	}
	if v.Confidence < 0 || v.Confidence > 1 {
		t.Errorf("confidence %v", v.Confidence)
	}
	if v.Low() && v.Lowering() < 0.5 {
		t.Errorf("category %s with lowering %v", v.Category, v.Lowering())
	}
	if n := len([]rune(v.Summary)); n > 120 {
		t.Errorf("a summary of %d characters", n)
	}
	for i, e := range v.Evidence {
		if e.Text == "" || strings.Contains(e.Text, "%s") {
			t.Errorf("evidence %s reads %q", e.Code, e.Text)
		}
		if i > 0 && v.Evidence[i-1].Code != "unsure" && math.Abs(e.Weight) > math.Abs(v.Evidence[i-1].Weight) {
			t.Errorf("evidence is not sorted at %s", e.Code)
		}
	}
	for _, k := range v.Knows {
		if k.Level != "seen" && k.Level != "suspected" || strings.Contains(k.Text, "spies") {
			t.Errorf("knows %+v", k)
		}
	}
}

func TestAnEmptyMessageIsNeverLowered(t *testing.T) {
	for name, o := range map[string]*mail.Object{"no object": nil, "no message": {}, "an empty message": {Message: &mail.Message{}}} {
		v := classify.New().Classify(o)
		sound(t, v)
		if v.Low() {
			t.Errorf("%s: lowering %v", name, v.Lowering())
		}
	}
}

func TestStructuredClaimsCountOnlyWhenProven(t *testing.T) {
	m := mail.Message{Subject: "Hello", Text: "Hello", Nodes: []mail.Node{{Type: "DiscountOffer"}, {Type: "Order"}}}
	for how, want := range map[mail.How]string{mail.ByDKIM: "markup_transaction", mail.ByNone: "", mail.BySPF: ""} {
		got := ""
		for _, e := range classify.New().Classify(&mail.Object{Identity: mail.Identity{How: how}, Message: &m}).Evidence {
			if strings.HasPrefix(e.Code, "markup") {
				got += e.Code
			}
		}
		if got != want {
			t.Errorf("identity %s: markup evidence %q, want %q", how, got, want)
		}
	}
}

func TestOurOwnFieldsAreNoSigns(t *testing.T) {
	base := mail.Message{Subject: "x", Text: "y"}
	forged := base
	forged.Fields = []mail.Field{{Name: "Usher-Category", Value: "personal"}}
	a, b := classify.New().Classify(&mail.Object{Message: &base}), classify.New().Classify(&mail.Object{Message: &forged})
	if a.P != b.P {
		t.Errorf("an inbound Usher-Category moved P from %v to %v", a.P, b.P)
	}
}

func TestProviders(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []mail.Field
		want   string
	}{
		{"Klaviyo above SendGrid", []mail.Field{{Name: "X-SG-EID", Value: "a"}, {Name: "X-Kmail-Account", Value: "b"}}, "Klaviyo"},
		{"Proton is not Postmark", []mail.Field{{Name: "X-Pm-Message-ID", Value: "a"}, {Name: "Feedback-ID", Value: "31210263:user:proton"}}, ""},
		{"Postmark by its pool", []mail.Field{{Name: "X-PM-MTA-Pool", Value: "transactional-3"}}, "Postmark"},
		{"Salesforce by its list", []mail.Field{{Name: "List-Id", Value: "<7.xt.local>"}}, "Salesforce"},
		{"SES by its Feedback-ID", []mail.Field{{Name: "Feedback-ID", Value: "1.eu-west-1.abc=:AmazonSES"}}, "Amazon SES"},
		{"none", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := classify.New().Classify(&mail.Object{Message: &mail.Message{Fields: c.fields}}).Provider; got != c.want {
				t.Errorf("provider %q, want %q", got, c.want)
			}
		})
	}
}

func TestKnows(t *testing.T) {
	link := func(url string) mail.Message { return mail.Message{Links: []mail.Link{{URL: url, Host: "x.example"}}} }
	pixel := mail.Image{URL: "https://x.example/o.gif", Host: "x.example", Width: 1, Height: 1}
	for _, c := range []struct {
		name string
		m    mail.Message
		code string
		want bool
	}{
		{"a remote picture of one dot", mail.Message{Images: []mail.Image{pixel}}, "open_pixel", true},
		{"one of none by none", mail.Message{Images: []mail.Image{{URL: "https://x.example/o", Host: "x.example"}}}, "open_pixel", true},
		{"a hidden one of any size", mail.Message{Images: []mail.Image{{URL: "https://x.example/o", Host: "x.example", Width: -1, Height: -1, Hidden: true}}}, "open_pixel", true},
		{"an embedded picture", mail.Message{Images: []mail.Image{{URL: "cid:a", Width: 1, Height: 1}}}, "open_pixel", false},
		{"a spacer used twice", mail.Message{Images: []mail.Image{pixel, pixel}}, "open_pixel", false},
		{"the address in a link", link("https://x.example/?e=maria%40example.org"), "recipient_address_in_url", true},
		{"another's address", link("https://x.example/?e=ann%40example.org"), "recipient_address_in_url", false},
		{"a parameter of one person", link("https://x.example/?mc_eid=ab12"), "personal_params", true},
		{"a parameter of the campaign", link("https://x.example/?utm_source=ab12"), "personal_params", false},
		{"a third party's picture", mail.Message{Images: []mail.Image{{URL: "https://ad.doubleclick.net/x", Host: "ad.doubleclick.net", Width: 9, Height: 9}}}, "third_party_beacon", true},
		{"a receipt asked for", mail.Message{Fields: []mail.Field{{Name: "Disposition-Notification-To", Value: "a@x.example"}}}, "read_receipt", true},
		{"a part that loads", mail.Message{Layout: mail.Layout{AMP: true}}, "amp", true},
		{"a basket left", mail.Message{Text: "You left something in your cart."}, "knows.behaviour", true},
		{"a blank left unfilled", mail.Message{Layout: mail.Layout{MergeFields: true}}, "merge_field", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &mail.Object{Envelope: mail.Envelope{From: "a@x.example", To: []string{"maria@example.org", "eino@example.org"}}, Message: &c.m}
			got := false
			for _, k := range classify.New().Classify(o).Knows {
				got = got || k.Code == c.code
				if strings.Contains(k.Text, "maria") || strings.Contains(k.Text, "eino") {
					t.Errorf("%q names a recipient", k.Text)
				}
			}
			if got != c.want {
				t.Errorf("%s: %v, want %v", c.code, got, c.want)
			}
		})
	}
}

// TestHostileTextTakesLinearTime judges texts of 1 MiB that would take minutes,
// and so run into the test's time limit, were anything quadratic in them.
func TestHostileTextTakesLinearTime(t *testing.T) {
	intent := classify.Compile("winter running shoes", []string{"gambling"}, []string{"kids"})
	for name, unit := range map[string]string{
		"one character": "a", "short words": "a ", "digits": "1", "brackets": ")", "quotes": ">", "percents": "1% ", "codes": "code ",
		"lines that quote": "-----\n", "sums": "1.", "Thai": "ก", "unsubscribe": "unsubscribe ", "order numbers": "order number ", "empty lines": "\n",
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat(unit, 1<<20/len(unit))
			v := classify.New().Classify(&mail.Object{Message: &mail.Message{Subject: text, Text: text}})
			sound(t, v)
			v.Serves(intent)
			v.Sells(intent)
		})
	}
	t.Run("links", func(t *testing.T) {
		links := make([]mail.Link, mail.MaxLinks)
		for i := range links {
			links[i] = mail.Link{URL: "https://x.example/" + strings.Repeat("a1", 1000), Host: "x.example", Text: strings.Repeat("buy now ", 20)}
		}
		sound(t, classify.New().Classify(&mail.Object{Message: &mail.Message{Links: links}}))
	})
}

func TestSummaryKeepsToTheFacts(t *testing.T) {
	o := &mail.Object{Message: &mail.Message{
		From:    []mail.Address{{Name: "Nordic Run", Domain: "run.example"}},
		Subject: "The trail sale", Text: "Now 149.95 EUR, was 199.95 EUR. 25% off with code TRAIL, until 24.11.",
		Offers: []mail.Offer{{
			Price: &mail.Money{Minor: 14995, Currency: "EUR"}, Was: &mail.Money{Minor: 19995, Currency: "EUR"},
			Discount: 25, Code: "TRAIL", Ends: time.Date(2026, 11, 24, 23, 59, 0, 0, time.UTC),
		}},
	}}
	want := "Nordic Run: The trail sale — 149.95 EUR (was 199.95 EUR) · 25 % off · code TRAIL · ends 24 Nov"
	if got := classify.New().Classify(o).Summary; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	o.Message.Text = "Nothing of the kind is said here."
	if got := classify.New().Classify(o).Summary; got != "Nordic Run: The trail sale" {
		t.Errorf("summary %q says what the mail does not", got)
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\nSubject: 20% off\r\nList-Unsubscribe: <x>\r\n\r\nUse code A1B2. Order now."))
	f.Add([]byte("Subject: =?utf-8?q?=E2=80=8B?=\r\n\r\n>\n-----\n%\xff"))
	model := classify.New()
	intent := classify.Compile("running shoes", []string{"casino"}, []string{"kids"})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mail.Parse(raw)
		v := model.Classify(&mail.Object{Envelope: mail.Envelope{To: []string{"a@b.example"}}, Message: m})
		sound(t, v)
		for _, r := range []classify.Relevance{v.Serves(intent), v.Sells(intent)} {
			if r.Score < 0 || r.Score > 1 || math.IsNaN(r.Score) {
				t.Errorf("score %v", r.Score)
			}
		}
		if again := model.Classify(&mail.Object{Envelope: mail.Envelope{To: []string{"a@b.example"}}, Message: m}); again.P != v.P {
			t.Error("the same message was judged twice, differently")
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	raw, err := os.ReadFile("testdata/34-a-sale-in-english.eml")
	if err != nil {
		b.Fatal(err)
	}
	m := mail.Parse(raw)
	m.Text = strings.Repeat("Trail shoes that hold on wet rock, now in three colours for the winter season. ", 20<<10/80) + m.Text
	model, o := classify.New(), &mail.Object{Message: m}
	b.Run("judge 20 kB of text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			model.Classify(o)
		}
	})
	intent := classify.Compile("winter running shoes", nil, nil)
	b.Run("judge and match one want", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			model.Classify(o).Serves(intent)
		}
	})
	v := model.Classify(o)
	b.Run("match one want more", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Serves(intent)
		}
	})
}
