package order

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
)

const ours = "relevance-reports@mail.example.net"

// desk is a box, and a clock that is set by hand.
type desk struct {
	*Box
	now time.Time
	log strings.Builder
}

func open() *desk {
	d := &desk{now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	d.Box = (&Box{Address: ours, Delimiter: "+", Verbs: []string{"REPORT", "STOP"}, Now: func() time.Time { return d.now }, Log: slog.New(slog.NewTextHandler(&d.log, nil))}).Open()
	return d
}

// letter is one that is signed for shop.example.
func (d *desk) letter(subject, id string) *mail.Object {
	raw := "From: Ann <ann@news.shop.example>\r\nTo: Relevance-Reports+x@mail.example.net\r\nSubject: " + subject + "\r\nDate: " + d.now.Format(time.RFC1123Z) + "\r\nMessage-ID: <" + id + "@shop.example>\r\n\r\nplease\r\n"
	return &mail.Object{
		Envelope: mail.Envelope{From: "ann@news.shop.example", To: []string{"maria@example.org", ours}}, Message: mail.Parse([]byte(raw)),
		Identity: mail.Identity{Address: "ann@news.shop.example", Domain: "news.shop.example", OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM,
			Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: []string{"date", "from", "message-id", "subject", "to"}}}},
	}
}

// takes shows it a letter, and gives what is to be done.
func (d *desk) takes(o *mail.Object) (done []Order) {
	d.log.Reset()
	d.Observe(context.Background(), o, nil)
	over := make(chan time.Time, 1)
	for {
		select {
		case one := <-d.wait:
			d.wait <- one
			ctx, cancel := context.WithCancel(context.Background())
			d.Do(ctx, over, func(_ context.Context, o Order) { done = append(done, o); cancel() })
		default:
			return done
		}
	}
}

func TestALetterThatIsProvenOrders(t *testing.T) {
	for subject, want := range map[string]string{
		"REPORT shop.example": "REPORT shop.example", "report  Shop.Example.": "REPORT shop.example", "=?utf-8?Q?REPORT_shop.example?=": "REPORT shop.example",
		"Stop": "STOP ", "Re: STOP": "STOP ", "REPORT bücher.example": "REPORT xn--bcher-kva.example",
	} {
		d := open()
		done := d.takes(d.letter(subject, "1"))
		if len(done) != 1 || done[0].Verb+" "+done[0].About != want || done[0].From != "ann@news.shop.example" || done[0].Domain != "shop.example" || done[0].ID != "<1@shop.example>" {
			t.Errorf("%q: %+v %s", subject, done, d.log.String())
		}
	}
	d := open()
	o := d.letter("STOP", "1")
	o.Identity.SenderKey = "ann@news.shop.example" // many strangers share its domain
	if done := d.takes(o); len(done) != 1 || done[0].Domain != "" {
		t.Errorf("of a mail provider's customer: %+v", done)
	}
}

func TestALetterThatProvesNothingOrdersNothing(t *testing.T) {
	signature := func(change func(*mail.Signature)) func(*desk, *mail.Object) {
		return func(_ *desk, o *mail.Object) { change(&o.Identity.Signatures[0]) }
	}
	subject := func(text string) func(*desk, *mail.Object) {
		return func(_ *desk, o *mail.Object) { o.Message.Subject = text }
	}
	field := func(name, value string) func(*desk, *mail.Object) {
		return func(_ *desk, o *mail.Object) {
			o.Message.Fields = append(o.Message.Fields, mail.Field{Name: name, Value: value})
		}
	}
	uncovered := func(name string) func(*desk, *mail.Object) {
		return signature(func(s *mail.Signature) {
			s.Covers = strings.Fields(strings.Replace(" "+strings.Join(s.Covers, " ")+" ", " "+name+" ", " ", 1))
		})
	}
	from := func(address string) func(*desk, *mail.Object) {
		return func(_ *desk, o *mail.Object) { o.Identity.Address = address }
	}
	for _, c := range []struct {
		name   string
		change func(*desk, *mail.Object)
		why    error
	}{
		{"no signature", func(_ *desk, o *mail.Object) { o.Identity.How, o.Identity.Signatures = mail.ByNone, nil }, errUnproven},
		{"proven by SPF alone", func(_ *desk, o *mail.Object) { o.Identity.How = mail.BySPF }, errUnproven},
		{"proven by another server", func(_ *desk, o *mail.Object) { o.Identity.How = mail.ByAR }, errUnproven},
		{"of nobody in particular", func(_ *desk, o *mail.Object) { o.Identity.SenderKey, o.Identity.OrgDomain = "", "" }, errUnproven},
		{"another verb", subject("SEND shop.example"), errVerb},
		{"more words", subject("REPORT shop.example now"), errVerb},
		{"no words", subject(""), errVerb},
		{"a subject that holds a line end", subject("REPORT x\x00Bcc:b@evil.example"), errVerb},
		{"From not signed", uncovered("from"), errUnsigned},
		{"To not signed", uncovered("to"), errUnsigned},
		{"Subject not signed", uncovered("subject"), errUnsigned},
		{"Date not signed", uncovered("date"), errUnsigned},
		{"Message-ID not signed", uncovered("message-id"), errUnsigned},
		{"a Cc that is not signed", field("Cc", ours), errUnsigned},
		{"a signature that is not valid", signature(func(s *mail.Signature) { s.Valid = false }), errUnsigned},
		{"a signature of another domain", signature(func(s *mail.Signature) { s.Aligned = false }), errUnsigned},
		{"two signatures that cover it together", func(_ *desk, o *mail.Object) {
			s := o.Identity.Signatures[0]
			s.Covers = []string{"from", "to"}
			o.Identity.Signatures[0].Covers = []string{"from", "subject", "date", "message-id"}
			o.Identity.Signatures = append(o.Identity.Signatures, s)
		}, errUnsigned},
		{"no Message-ID", func(_ *desk, o *mail.Object) { o.Message.MessageID = "" }, errUnsigned},
		{"written to somebody else", func(_ *desk, o *mail.Object) { o.Message.To = []mail.Address{{Local: "list", Domain: "shop.example"}} }, errNotTo},
		{"written two hours ago", func(d *desk, o *mail.Object) { o.Message.Date = d.now.Add(-2 * time.Hour) }, errStale},
		{"written in the future", func(d *desk, o *mail.Object) { o.Message.Date = d.now.Add(2 * time.Hour) }, errStale},
		{"without a date", func(_ *desk, o *mail.Object) { o.Message.Date = time.Time{} }, errStale},
		{"a bounce", func(_ *desk, o *mail.Object) { o.Envelope.From = "" }, errProgram},
		{"an answering machine's", field("Auto-Submitted", "auto-replied"), errProgram},
		{"from a list", field("List-Id", "<x.shop.example>"), errProgram},
		{"from our own address", from("relevance-reports+x@mail.example.net"), errAddress},
		{"from an address with a line end", from("a\r\nBcc: b@evil.example"), errAddress},
		{"from two addresses in one", from(`"a@evil.example,b"@shop.example`), errAddress},
		{"from an address that is too long", from(strings.Repeat("a", 250) + "@shop.example"), errAddress},
		{"what is not allowed", func(d *desk, _ *mail.Object) { d.Allowed = func(Order) error { return errors.ErrUnsupported } }, errors.ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open()
			o := d.letter("REPORT shop.example", "1")
			c.change(d, o)
			if _, err := d.read(o); !errors.Is(err, c.why) {
				t.Errorf("it is refused as %v, want %v", err, c.why)
			}
			if done := d.takes(o); len(done) != 0 || !strings.Contains(d.log.String(), "passed on and not answered") {
				t.Errorf("it orders %+v: %s", done, d.log.String())
			}
		})
	}
	d := open()
	o := d.letter("REPORT shop.example", "1")
	o.Envelope.To = []string{"maria@mail.example.net"}
	if done := d.takes(o); len(done) != 0 || d.log.String() != "" {
		t.Errorf("a letter to somebody else orders %+v: %s", done, d.log.String())
	}
}

func TestALetterOrdersOnceAndADomainNotTooOften(t *testing.T) {
	d := open()
	once := d.letter("STOP", "once")
	if n := len(d.takes(once)); n != 1 {
		t.Fatalf("%d orders", n)
	}
	for _, later := range []time.Duration{0, 30 * time.Minute, 59 * time.Minute} {
		d.now = once.Message.Date.Add(later)
		if done := d.takes(once); len(done) != 0 || !strings.Contains(d.log.String(), errRepeated.Error()) {
			t.Errorf("after %v it orders again: %+v", later, done)
		}
	}
	taken := 0
	for i := range 3 * MostDaily {
		taken += len(d.takes(d.letter("STOP", fmt.Sprint(i))))
	}
	if taken != MostDaily-1 {
		t.Errorf("%d more are taken in a day, want %d", taken, MostDaily-1)
	}
	d.now = d.now.Add(day)
	if n := len(d.takes(d.letter("STOP", "tomorrow"))); n != 1 {
		t.Errorf("a day later %d", n)
	}
	for i := range mostKnown + 10 {
		o := d.letter("STOP", "x")
		o.Identity.OrgDomain = fmt.Sprintf("s%d.example", i)
		o.Identity.SenderKey = o.Identity.OrgDomain
		d.takes(o)
	}
	if n := len(d.known); n != mostKnown {
		t.Errorf("%d letters are known again, want %d", n, mostKnown)
	}
	d = open()
	for i := range mostWait + 10 { // nobody does them
		o := d.letter("STOP", "x")
		o.Identity.OrgDomain = fmt.Sprintf("s%d.example", i)
		o.Identity.SenderKey = o.Identity.OrgDomain
		d.Observe(context.Background(), o, nil)
	}
	if len(d.wait) != mostWait || len(d.known) != mostWait {
		t.Errorf("%d wait, %d are known", len(d.wait), len(d.known))
	}
}

func TestAReplyHoldsNothingThatWasNotOrdered(t *testing.T) {
	d := open()
	for _, id := range []string{"1", "a\tb", strings.Repeat("x", 300)} {
		o := d.letter("STOP", "1")
		o.Message.MessageID = "<" + id + "@shop.example>"
		order, err := d.read(o)
		if err != nil {
			t.Fatal(err)
		}
		raw := string(d.Reply(order, "01J@mail.example.net", strings.Repeat("word ", 40), "  a. TXT \""+strings.Repeat("x", 100)+"\""))
		m := mail.Parse([]byte(raw))
		if m.Subject != "Re: STOP" || m.From[0].Local != "relevance-reports" || m.Get("Auto-Submitted") != "auto-replied" || len(m.Notes) != 0 || m.Has("In-Reply-To") != (id == "1") {
			t.Errorf("%q: %+v %v", id, m.Fields, m.Notes)
		}
		for _, l := range strings.Split(raw, "\r\n") {
			if len(l) > columns && !strings.HasPrefix(l, "  ") {
				t.Errorf("a line of %d: %s", len(l), l)
			}
		}
	}
}
