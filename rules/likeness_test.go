package rules

import (
	"fmt"
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

func TestALikenessStandsBeforeAllOtherEvidence(t *testing.T) {
	f := parsed(t, "grant northwind.example")
	v := &classify.Verdict{Category: classify.Promotion}
	for i := range 3 * maxEvidence {
		v.Evidence = append(v.Evidence, classify.Evidence{Code: fmt.Sprint("sign", i)})
	}
	o := &mail.Object{
		Identity: mail.Identity{Name: "Northwind", Domain: "outdoors.example", OrgDomain: "outdoors.example", SenderKey: "outdoors.example", How: mail.ByDKIM},
		Message:  &mail.Message{},
	}
	d := new(Judge).hear(o, v, "maria@example.org", f, nil).decision()
	if len(d.Evidence) != maxEvidence || d.Evidence[0].Code != LooksLike || d.Evidence[1].Code != "sign0" {
		t.Errorf("%d reasons, first %v", len(d.Evidence), d.Evidence[:2])
	}
}

func TestWhoIsTakenForWhom(t *testing.T) {
	for _, c := range []struct {
		why, statement, name, domain string
		want                         bool
	}{
		{"a subdomain of the brand's is the brand", "grant northwind.example", "Northwind", "news.northwind.example", false},
		{"a part that was granted belongs to the whole", "grant news.northwind.example", "Northwind", "mail.northwind.example", false},
		{"one of several domains of a brand", `grant "Northwind" is northwind.example, nw-mail.example`, "Northwind", "nw-mail.example", false},
		{"the name as the person wrote it", `grant "Nordic Run" is nrun.example`, "NordicRun", "run.example", true},
		{"an address shows the domain of another", "grant northwind.example", "news@northwind.example", "run.example", true},
		{"an address at a domain that many share names no brand by it", "grant ann@mailbox.example", "Mailbox", "run.example", false},
		{"that very address is itself", "grant ann@mailbox.example", "Ann", "mailbox.example", false},
		{"no name, another domain", "grant northwind.example", "", "run.example", false},
		{"no sender at all", "grant northwind.example", "", "", false},
		{"a topic is no brand", `want "northwind"`, "Northwind", "run.example", false},
		{"a refused brand gains nothing for whoever looks like it", "refuse northwind.example", "Northwind", "run.example", false},
	} {
		h := &hearing{own: parsed(t, c.statement), sender: mail.Identity{Name: c.name, Address: "ann@" + c.domain, Domain: c.domain}}
		if h.sender.OrgDomain = c.domain; strings.Count(c.domain, ".") == 2 {
			_, h.sender.OrgDomain, _ = strings.Cut(c.domain, ".")
		}
		if got := h.resembles(); (got.by != nil) != c.want {
			t.Errorf("%s: %q of %s, %q: %q", c.why, c.name, c.domain, c.statement, got.text)
		}
	}
}

func BenchmarkALikenessAmongFiftyBrands(b *testing.B) {
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "grant \"Brand %d\" is brand%d.example\n", i, i)
	}
	h := &hearing{own: parsed(b, text.String()), sender: mail.Identity{Name: "Nordic Run", Domain: "news.run.example", OrgDomain: "run.example"}}
	b.ReportAllocs()
	for b.Loop() {
		if h.resembles().by != nil {
			b.Fatal("alike")
		}
	}
}
