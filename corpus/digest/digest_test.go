package digest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/classify/plain"
	"usher/rules"
	"usher/rules/lessons"
)

var (
	helsinki = func() *time.Location {
		l, err := time.LoadLocation("Europe/Helsinki")
		if err != nil {
			panic(err)
		}
		return l
	}()
	until = time.Date(2026, 11, 24, 7, 30, 0, 0, helsinki)
	from  = until.AddDate(0, 0, -3)
)

var shops = []string{"Norlund", "Skalla Outdoor", "Fellwind", "Kirjakauppa Aalto", "Caffè Bergamo", "Hôtel des Dunes", "Verkkokauppa Lumi", "Blumen Hinrichs", "Tarn & Co.", "Пекарня Заря", "靴の森", "Ólafur Ullarvörur"}

var said = []string{
	"Winter running shoes: now 89 EUR", "New arrivals for the cold weeks", "Last chance: 40 % off all lamps", "Your November reading list",
	"Fresh roast, free delivery until Sunday", "Deux nuits pour le prix d'une", "Black week starts here, and it starts early this year for everyone who reads our letters", "Tulpenzwiebeln: 3 für 2", "Autumn clearance", "Свежий хлеб по утрам", "冬の新作が届きました", "Lopapeysa á tilboði",
}

// one makes the nth promotion, filed among the promotions.
func one(n int) *rules.Decision {
	at := until.Add(-time.Duration(n+1) * time.Minute).UTC()
	name, subject := shops[n*7%len(shops)], said[n*5%len(said)]
	return &rules.Decision{
		ID: fmt.Sprintf("01JD%022d", 100_000-n), At: at, Recipient: "maria@example.org", Category: classify.Promotion,
		Sender:  rules.Sender{Brand: fmt.Sprintf("shop%d.example", n*7%len(shops)), Name: name, Aligned: true, How: "dkim"},
		Subject: subject, Summary: name + ": " + subject, Disposition: rules.Promotions, Because: "default", Text: "a promotion on which no other line decides",
		Outcome: &rules.Outcome{Applied: rules.Promotions, Code: 250},
	}
}

// some makes so many promotions, a few of them wanted, unsure, ending and refused.
func some(n int) (ds []*rules.Decision) {
	for i := range n {
		d := one(i)
		set := func(to rules.Disposition) { d.Disposition, d.Outcome.Applied = to, to }
		offer := func(facts, ends string) {
			d.Summary += " — " + facts
			d.Offers = []rules.Offer{{Price: "89", Currency: "EUR", Ends: ends}}
		}
		switch {
		case i == 0 || i%97 == 50:
			set(rules.Digest)
			d.Because = "intents:3"
			d.Relevance = []rules.Relevance{{Source: "intents:3", Score: 0.9, Answer: classify.Yes}}
			d.Text = "serves your want; 89 EUR is under your 120 EUR"
			offer("89 EUR (was 149 EUR) · ends 30 Nov", "2026-11-30T23:59:59+02:00")
		case i == 1 || i%83 == 40:
			set(rules.Digest)
			d.Because = "intents:3"
			d.Relevance = []rules.Relevance{{Source: "intents:3", Score: 0.5, Answer: classify.Unknown}}
			d.Text = "serves your want; no price is told, so 'under 120 EUR' cannot be known"
		case i == 2 || i%71 == 30:
			set(rules.Digest)
			d.Text = "written in sv; you read fi, en"
			offer("40 % off · code LUMI40 · ends 25 Nov", "2026-11-25T23:59:59+02:00")
		case i%11 == 7:
			set(rules.Refuse)
			d.Because = "intents:9"
			d.Text = "about gambling, which you refuse"
		case i%29 == 9:
			offer("from 12.50 EUR · ends 23 Nov", "2026-11-23T20:00:00+02:00")
		}
		ds = append(ds, d)
	}
	return ds
}

func span(ds []*rules.Decision) Span {
	return Span{Mailbox: "maria@example.org", Zone: helsinki, From: from, Until: until, Decisions: ds, Sampled: Sampled{Shown: 24, Wrong: 1}}
}

// composed fails the test where there is nothing to tell.
func composed(t *testing.T, ds ...*rules.Decision) *Edition {
	t.Helper()
	e := Compose(span(ds))
	if e == nil {
		t.Fatal("there is no digest")
	}
	return e
}

// has gives the title under which a decision stands, "" for none.
func has(e *Edition, d *rules.Decision) string {
	for _, s := range e.Sections {
		for _, x := range s.Entries {
			if x.ID == d.ID {
				return s.Title
			}
		}
	}
	return ""
}

func TestEachMailStandsWhereItBelongs(t *testing.T) {
	wants := func(a classify.Answer) func(d *rules.Decision) {
		return func(d *rules.Decision) {
			d.Outcome.Applied, d.Relevance = rules.Digest, []rules.Relevance{{Answer: a}}
		}
	}
	ends := func(to rules.Disposition, at string) func(d *rules.Decision) {
		return func(d *rules.Decision) {
			d.Outcome.Applied, d.Offers = to, []rules.Offer{{Price: "9", Currency: "EUR", Ends: at}}
		}
	}
	for name, c := range map[string]struct {
		make func(d *rules.Decision)
		want string
	}{
		"what serves a want":                       {wants(classify.Yes), wanted},
		"what may serve a want":                    {wants(classify.Unknown), unsure},
		"what serves none":                         {wants(classify.No), byBrand},
		"an offer that ends tomorrow":              {ends(rules.Digest, "2026-11-25T12:00:00+02:00"), ending},
		"one of which only the count was asked":    {ends(rules.Promotions, "2026-11-25T12:00:00+02:00"), byBrand},
		"an offer that ends in a month":            {ends(rules.Digest, "2026-12-24T12:00:00+02:00"), byBrand},
		"an offer that ended in the night":         {ends(rules.Digest, "2026-11-23T23:59:59+02:00"), ended},
		"one of two offers goes on":                {func(d *rules.Decision) { d.Offers = []rules.Offer{{Ends: "2026-11-23T23:59:59+02:00"}, {Price: "9"}} }, byBrand},
		"what was refused":                         {func(d *rules.Decision) { d.Outcome.Applied = rules.Refuse }, refused},
		"what was to be refused, and was filed":    {func(d *rules.Decision) { d.Disposition = rules.Refuse }, byBrand},
		"what is muted":                            {func(d *rules.Decision) { d.Statement = "mute \"Norlund\"" }, ""},
		"what went to the inbox":                   {func(d *rules.Decision) { d.Outcome.Applied = rules.Inbox }, ""},
		"what the next hop did not take":           {func(d *rules.Decision) { d.Outcome.Code = 451 }, ""},
		"what has not been passed on yet":          {func(d *rules.Decision) { d.Outcome = nil }, ""},
		"what came before":                         {func(d *rules.Decision) { d.At = from.Add(-time.Minute) }, ""},
		"what comes in the very moment of sending": {func(d *rules.Decision) { d.At = until }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(0)
			c.make(d)
			e := Compose(span([]*rules.Decision{d}))
			if c.want == "" {
				if e != nil {
					t.Errorf("there is a digest: %s", e.Text(How{}))
				}
				return
			}
			if e == nil || has(e, d) != c.want {
				t.Errorf("it stands elsewhere: %+v", e)
			}
		})
	}
}

func TestAnImpostorIsNotRepeated(t *testing.T) {
	d := one(0)
	d.Subject, d.Summary = "Your parcel waits: pay 2 EUR", "Norlund: Your parcel waits — 2 EUR"
	d.Sender = rules.Sender{Brand: "norIund.example", Name: "Norlund"}
	d.Evidence = []classify.Evidence{{Code: rules.LooksLike, Text: "looks like norlund.example, which you granted, and is not"}}
	e := composed(t, d)
	html, err := e.HTML(How{Link: func(int, string) string { return "https://mail.example.org/x" }})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{e.Text(How{}), html} {
		if strings.Contains(text, "parcel") || strings.Contains(text, "2 EUR") || strings.Contains(text, "https://") {
			t.Errorf("its words or links are there:\n%s", text)
		}
		if !strings.Contains(text, "norIund.example") || !strings.Contains(text, "looks like norlund.example") {
			t.Errorf("who it is, and why, is not told:\n%s", text)
		}
	}
	if len(e.Numbered()) != 0 {
		t.Error("a number would let it in")
	}
}

func TestWhatHasEndedIsNeverShownAsOpen(t *testing.T) {
	d := one(0)
	d.Summary += " — 89 EUR · ends 23 Nov"
	d.Offers = []rules.Offer{{Ends: "2026-11-23T20:00:00+02:00"}, {Price: "120", Currency: "EUR"}}
	if text := composed(t, d).Text(How{}); strings.Contains(text, "89 EUR ·") || strings.Contains(text, "ends 23") {
		t.Errorf("an end that has passed is told:\n%s", text)
	}
	away := span([]*rules.Decision{d, one(1)})
	away.Away = true
	d.Offers = d.Offers[:1]
	if e := Compose(away); has(e, d) != "" || !strings.HasPrefix(e.Since(), "While you were away") {
		t.Errorf("after an absence: %s", e.Text(How{}))
	}
}

func TestHoweverMuchCameADigestIsShort(t *testing.T) {
	for _, n := range []int{3, 60, 600, 5000} {
		e := composed(t, some(n)...)
		raw, err := e.Message(sender, How{Replies: true, Link: func(n int, act string) string { return fmt.Sprintf("https://mail.example.org/do?n=%d&act=%s", n, act) }})
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > 100_000 {
			t.Errorf("of %d promotions it has %d bytes", n, len(raw))
		}
		for _, line := range strings.Split(e.Text(How{Replies: true}), "\n") {
			if plain.Columns(line) > columns {
				t.Errorf("a line of %d columns: %s", plain.Columns(line), line)
			}
		}
		ids := e.Numbered()
		if e.Mails != min(n, 3*24*60) || len(ids) == 0 || len(ids) > 6*maxBrands {
			t.Errorf("of %d promotions %d are counted, %d numbered", n, e.Mails, len(ids))
		}
		if again := composed(t, some(n)...); strings.Join(again.Numbered(), " ") != strings.Join(ids, " ") {
			t.Error("made again, the numbers stand for others")
		}
	}
}

var sender = From{Address: "usher@mail.example.org", Host: "mail.example.org", Key: []byte("key"), Mark: func(mailbox, id string) string { return "01JD " + mailbox + id }}

func TestTheMessageIsWhatItSays(t *testing.T) {
	e := composed(t, some(60)...)
	raw, err := e.Message(sender, How{Replies: true})
	if err != nil {
		t.Fatal(err)
	}
	again, _ := composed(t, some(60)...).Message(sender, How{Replies: true})
	if !bytes.Equal(raw, again) {
		t.Error("made twice, it differs")
	}
	m := mail.Parse(raw)
	if m.Subject != e.Subject() || m.MessageID != sender.MessageID(e) || NameIn(m.MessageID) == "" || len(m.From) != 1 || m.From[0].Name != "usher" {
		t.Errorf("read again: %q %s %v", m.Subject, m.MessageID, m.From)
	}
	if got, want := strings.Fields(m.Text), strings.Fields(e.Text(How{Replies: true})); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("its text is read as\n%s", m.Text)
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for _, want := range []string{"Auto-Submitted: auto-generated", "List-Id: usher digest <digest.mail.example.org>", "Expires: Tue, 01 Dec 2026 07:30:00 +0200", "Usher-Digest: 01JD maria@example.org<digest.", "Date: Tue, 24 Nov 2026 07:30:00 +0200"} {
		if !strings.Contains(head, want) {
			t.Errorf("the header has no %q:\n%s", want, head)
		}
	}
	for i, line := range strings.Split(string(raw), "\n") {
		if i < strings.Count(string(raw), "\n") && !strings.HasSuffix(line, "\r") || len(line) > 998 {
			t.Fatalf("line %d is no line of a message: %q", i, line)
		}
	}
	for _, what := range []string{"<script", "<img", "http://", "https://", "url(", "@import"} {
		if html, _ := e.HTML(How{}); strings.Contains(html, what) {
			t.Errorf("the page has %s", what)
		}
	}
	if letter := sender.LetterID(NameIn(m.MessageID), []byte("x")); letter == m.MessageID || NameIn(letter) != NameIn(m.MessageID) {
		t.Errorf("a letter about it is called %s", letter)
	}
	pekkas, later := *e, *e
	pekkas.Mailbox, later.Until = "pekka@example.org", until.Add(time.Hour)
	if sender.MessageID(&pekkas) == m.MessageID || sender.MessageID(&later) == m.MessageID {
		t.Error("another digest has the same Message-ID")
	}
}

func TestSendersWordsStayWords(t *testing.T) {
	d := one(0)
	d.Subject = "</li><script>alert(1)</script>\x1b[31m red\u202e \r\nBcc: x"
	d.Sender.Name = "<b>Norlund</b>"
	e := composed(t, d)
	html, err := e.HTML(How{})
	if err != nil || strings.Contains(html, "<script") || strings.Contains(html, "<b>Norlund") {
		t.Errorf("the page has the sender's markup, %v", err)
	}
	for _, text := range []string{e.Text(How{}), html} {
		if strings.ContainsAny(text, "\x1b\u202e\r") {
			t.Error("there are control characters")
		}
	}
}

func TestWhatWasLearntIsTold(t *testing.T) {
	s := span([]*rules.Decision{one(0)})
	s.Learnt = []lessons.Label{
		{ID: "01", To: "inbox", Scope: lessons.Kind, Brand: "norlund.example", Proven: true, Category: classify.Promotion},
		{ID: "02", To: "inbox", Scope: lessons.Message, Brand: "skalla.example"},
		{ID: "03", To: "refuse", Scope: lessons.Brand, Brand: "tarn.example", Undone: true},
	}
	text := Compose(s).Text(How{})
	if !strings.Contains(text, "Promotions from norlund.example go to the inbox") || strings.Contains(text, "skalla") || strings.Contains(text, "tarn") {
		t.Errorf("told is:\n%s", text)
	}
	s = Span{Mailbox: "maria@example.org", From: from, Until: until, Fault: "intents:3:1: unknown verb \"wnat\""}
	if e := Compose(s); e == nil || !strings.Contains(e.Text(How{}), "unknown verb \"wnat\"") || e.Subject() != "usher cannot read your intents file" {
		t.Error("a file that cannot be read is not told")
	}
	s.Fault = ""
	if Compose(s) != nil {
		t.Error("a lull is told")
	}
}

func TestHowSureTheSamplesAre(t *testing.T) {
	for _, c := range []struct {
		Sampled
		least, most float64
	}{{Sampled{}, 1, 1}, {Sampled{24, 0}, .08, .12}, {Sampled{24, 1}, .13, .18}, {Sampled{1000, 10}, .014, .018}, {Sampled{2, 2}, .99, 1}} {
		if got := c.AtMost(); got < c.least || got > c.most {
			t.Errorf("%+v: at most %.3f", c.Sampled, got)
		}
	}
}

func TestTheSubjectCountsWhatIsNotListedToo(t *testing.T) {
	ds := some(600)
	wants, unsures := 0, 0
	for _, d := range ds {
		if answered(d, classify.Yes) {
			wants++
		} else if answered(d, classify.Unknown) {
			unsures++
		}
	}
	e := composed(t, ds...)
	if want := fmt.Sprintf("Your digest: %d you wanted, %d not sure, ", wants, unsures); unsures <= maxListed || !strings.HasPrefix(e.Subject(), want) || !strings.HasSuffix(e.Subject(), "600 mails set aside") {
		t.Errorf("%q, want %q", e.Subject(), want)
	}
	html, err := e.HTML(How{})
	if err != nil || !strings.Contains(html, fmt.Sprintf("<h1>%d you wanted", wants)) || !strings.Contains(html, fmt.Sprintf("and %d more", unsures-maxListed)) {
		t.Errorf("the page does not say so, %v", err)
	}
}

// TestPictures writes pages to look at to the folder DIGESTS.
func TestPictures(t *testing.T) {
	dir := os.Getenv("DIGESTS")
	if dir == "" {
		t.Skip("DIGESTS names no folder to write pages to")
	}
	for _, n := range []int{1, 3, 60, 600} {
		e := composed(t, some(n)...)
		e.Learnt = []string{"Promotions from norlund.example go to the inbox from now on. A refuse or mute in your file still comes first."}
		how := How{Replies: true, Leave: true, Link: func(n int, act string) string { return fmt.Sprintf("https://mail.example.org/do?n=%d&act=%s", n, act) }}
		html, err := e.HTML(how)
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{fmt.Sprintf("%d.html", n): html, fmt.Sprintf("%d.txt", n): e.Subject() + "\n\n" + e.Text(how)} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
