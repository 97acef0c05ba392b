package senders

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/corpus/report"
	"usher/smtpd/order"
)

// posted is a desk whose letters are kept by address.
type posted struct {
	*site
	letters map[string][]string
	n       int
}

func openPosted(t *testing.T) *posted {
	p := &posted{site: open(t, asking()), letters: map[string][]string{}}
	p.Answer = func(_ context.Context, to string, letter []byte) error {
		p.letters[to] = append(p.letters[to], string(letter))
		return nil
	}
	if err := p.Begin(); err != nil {
		t.Fatal(err)
	}
	return p
}

// drawn keeps a report as if it had been drawn for a day so long ago.
func (p *posted) drawn(domain string, ago int, published bool) *Sealed {
	p.t.Helper()
	begin := p.now.Truncate(day).AddDate(0, 0, -ago)
	s := &Sealed{Domain: domain, Begin: begin, End: begin.Add(day)}
	if published {
		r, err := report.Sample(p.sampler(), begin)
		if err != nil {
			p.t.Fatal(err)
		}
		r.Metadata.ID, r.Policy.Domain = fmt.Sprintf("%s.Zk3r9QxW@mail.example.net", begin.Format(time.DateOnly)), domain
		s.Report = r
	}
	if err := p.keep(context.Background(), s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

const ann = "ann@news.shop.example"

// orders has a letter of somebody come, whose signature proves a domain, and gives what
// they are mailed.
func (p *posted) orders(subject, from, domain string) []string {
	p.t.Helper()
	clear(p.letters)
	p.n++
	raw := fmt.Sprintf("From: <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@%s>\r\n\r\nplease\r\n", from, p.Site, subject, p.now.Format(time.RFC1123Z), p.n, domain)
	p.Box().Observe(context.Background(), &mail.Object{
		Envelope: mail.Envelope{From: from, To: []string{p.Site}}, Message: mail.Parse([]byte(raw)),
		Identity: mail.Identity{Address: from, Domain: domain, OrgDomain: domain, SenderKey: domain, How: mail.ByDKIM,
			Signatures: []mail.Signature{{Domain: domain, Valid: true, Aligned: true, Covers: []string{"date", "from", "message-id", "subject", "to"}}}},
	}, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := p.Box().Do(ctx, nil, func(_ context.Context, o order.Order) { p.do(context.Background(), o); cancel() })
	if !errors.Is(err, context.Canceled) {
		p.t.Fatalf("%q is not done: %v", subject, err)
	}
	return p.letters[from]
}

func TestASignedLetterIsAnsweredByTheLastReport(t *testing.T) {
	p := openPosted(t)
	p.drawn("shop.example", 3, true)
	want := p.drawn("shop.example", 2, true)
	p.drawn("shop.example", 1, false)
	p.drawn("other.example", 1, true)
	for range 2 {
		got := p.orders("REPORT shop.example", ann, "shop.example")
		if len(got) != 1 || len(p.letters) != 1 {
			t.Fatalf("it is answered by %q", p.letters)
		}
		r, err := report.Read([]byte(got[0]))
		if err != nil || r.Metadata.ID != want.Report.Metadata.ID || !strings.Contains(got[0], "\r\nTo: "+ann+"\r\n") || strings.Contains(got[0], "other.example") {
			t.Errorf("%v\n%s", err, got[0])
		}
	}
	for _, o := range []order.Order{{Verb: verbReport, About: "other.example", Domain: "shop.example"}, {Verb: verbReport, Domain: "shop.example"}, {Verb: verbReport}} {
		if err := allowed(o); err == nil {
			t.Errorf("%+v is allowed", o)
		}
	}
}

func TestWhoHasNoReportYetIsToldWhy(t *testing.T) {
	p := openPosted(t)
	p.drawn("shop.example", 1, false)
	for _, want := range []string{`  _relevance.shop.example. TXT "v=RELRPT1; rua=mailto:` + ann + `"`, "only where 29 mailboxes or more"} {
		got := p.orders("REPORT shop.example", ann, "shop.example")
		if len(got) != 1 || !strings.Contains(strings.ReplaceAll(got[0], "\r\n", " "), want) {
			t.Fatalf("lacks %q: %q", want, got)
		}
		p.knows()
	}
}

func TestReportsEndByALetter(t *testing.T) {
	z := asking()
	z["_relevance.shop.example"] = []string{"v=RELRPT1; rua=mailto:rel@shop.example,mailto:Rel@esp.example"}
	z["_relevance.other.example"] = []string{"v=RELRPT1; rua=mailto:rel@esp.example"}
	z["_dmarc.other.example"] = z["_dmarc.shop.example"]
	z["shop.example._report._relevance.esp.example"] = []string{"v=RELRPT1"}
	z["other.example._report._relevance.esp.example"] = []string{"v=RELRPT1"}
	for _, c := range []struct {
		name, subject, from, domain string
		told, shop, other           string
	}{
		{"one address, by itself, for all domains", "STOP", "rel@esp.example", "esp.example", "go to rel@esp.example, on other.example, shop.example", "mailto:rel@shop.example", ""},
		{"one address, for one domain", "STOP other.example", "rel@esp.example", "esp.example", "go to rel@esp.example, on other.example.", "mailto:rel@shop.example mailto:Rel@esp.example", ""},
		{"the domain, for all addresses", "STOP shop.example", ann, "shop.example", "No more reports on shop.example are sent", "", "mailto:rel@esp.example"},
		{"somebody who gets none", "STOP", ann, "shop.example", "nothing was done", "mailto:rel@shop.example mailto:Rel@esp.example", "mailto:rel@esp.example"},
		{"somebody of another domain", "STOP shop.example", "eve@evil.example", "evil.example", "nothing was done", "mailto:rel@shop.example mailto:Rel@esp.example", "mailto:rel@esp.example"},
		{"a domain that asks for none", "STOP quiet.example", "a@quiet.example", "quiet.example", "nothing to stop", "mailto:rel@shop.example mailto:Rel@esp.example", "mailto:rel@esp.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openPosted(t)
			p.DNS = z
			for _, domain := range []string{"shop.example", "other.example"} {
				p.wants(domain)
			}
			p.ask(context.Background())
			got := p.orders(c.subject, c.from, c.domain)
			if len(got) != 1 || !strings.Contains(strings.ReplaceAll(got[0], "\r\n", " "), c.told) {
				t.Errorf("told is %q, want %q", got, c.told)
			}
			for _, step := range []string{"at once", "after a start", "after the DNS was asked again"} {
				for domain, want := range map[string]string{"shop.example": c.shop, "other.example": c.other} {
					to, err := p.Destinations(context.Background(), domain)
					if err != nil || strings.Join(to, " ") != want {
						t.Errorf("%s: reports on %s go to %q, %v; want %s", step, domain, to, err, want)
					}
				}
				switch step {
				case "at once":
					if err := p.Begin(); err != nil {
						t.Fatal(err)
					}
				default:
					p.now = p.now.Add(25 * time.Hour)
					p.wants("shop.example")
					p.wants("other.example")
					p.ask(context.Background())
				}
			}
		})
	}
}

func TestATokenIsMailedWhereItCanBeUsed(t *testing.T) {
	p := openPosted(t)
	until := p.now.AddDate(0, 0, 30)
	p.Token = func(_ context.Context, domain string) (Token, error) {
		return Token{"bearer-of-" + domain, "https://mail.example.net/relevance/v1/", until}, nil
	}
	if err := p.Begin(); err != nil {
		t.Fatal(err)
	}
	got := p.orders("TOKEN shop.example", ann, "shop.example")
	if len(got) != 1 || !strings.Contains(got[0], "\r\n  bearer-of-shop.example\r\n") || !strings.Contains(got[0], "\r\n  https://mail.example.net/relevance/v1/\r\n") || !strings.Contains(got[0], until.Format("2 January 2006")) {
		t.Errorf("it is answered by %q", got)
	}
	if err := allowed(order.Order{Verb: verbToken, About: "other.example", Domain: "shop.example"}); err == nil {
		t.Error("another's token is mailed")
	}
}
