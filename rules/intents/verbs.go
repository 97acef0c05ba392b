package intents

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"usher/classify"
	"usher/rules/intents/names"
	"usher/rules/intents/source"
)

// Kinds are what protect can name, besides senders and lists.
var Kinds = []string{"receipts", "orders", "invoices", "delivery", "security codes", "travel", "tax", "appointments", "people"}

// Trackings are what refuse tracking by can name.
var Trackings = []string{"pixel", "link", "address", "behaviour", "third party"}

// TrackedBy tells which code of what a sender knows is which of Trackings.
var TrackedBy = map[string]string{
	"open_pixel": "pixel", "read_receipt": "pixel",
	"recipient_id_in_url": "link", "link_wrapper": "link", "personal_params": "link",
	"recipient_address_in_url": "address",
	"third_party_beacon":       "third party", "amp": "third party",
	"knows.behaviour": "behaviour",
}

// statement reads what follows the verb.
func (p *parser) statement() Statement {
	switch p.verb {
	case "protect":
		return p.protect()
	case "grant":
		return p.grant()
	case "want":
		return p.want()
	case "refuse":
		return p.refuse()
	case "mute":
		return p.mute()
	case "observe":
		return p.observe()
	case "promotions", "newsletters", "notifications", "unknown":
		return p.fallback()
	}
	return p.setting()
}

func (p *parser) protect() Statement {
	s := &Protect{}
	switch {
	case p.is("list"), p.is("lists"):
		s.Lists = p.listIDs()
	case p.is("from"):
		s.From = p.patterns()
	default:
		for !p.failed {
			for _, e := range p.list("a kind of mail to protect") {
				s.Kinds = append(s.Kinds, p.kinds(e)...)
			}
			if p.peek().Kind == source.EOL {
				break
			}
		}
	}
	return s
}

// kinds reads one item of protect. Kinds without commas between them are
// understood too: their words do not overlap.
func (p *parser) kinds(e entry) (ks []string) {
	words := strings.Fields(strings.ToLower(e.text))
	for i := 0; i < len(words); i++ {
		k := words[i]
		if i+1 < len(words) && slices.Contains(Kinds, k+" "+words[i+1]) {
			i++
			k += " " + words[i]
		}
		if !slices.Contains(Kinds, k) {
			p.failOver(e.from, e.to, fmt.Sprintf("%q is no kind of mail that can be protected; %s are, and \"list\" and \"from\"", e.text, strings.Join(Kinds, ", ")), source.Nearest(e.text, Kinds))
			return nil
		}
		ks = append(ks, k)
	}
	return ks
}

func (p *parser) listIDs() (ids []string) {
	for {
		t := p.next()
		_, ok := names.Domain(t.Text)
		if t.Kind != source.Angle && !(t.Kind == source.Word && ok) {
			p.pos--
			p.fail(t, "a list is named by its List-Id, as <parents.school.example>", "")
			return nil
		}
		if ids = append(ids, strings.ToLower(t.Text)); p.peek().Kind != source.Comma {
			return ids
		}
		p.pos++
		p.is("list")
	}
}

// patterns reads senders: an address in which * stands for anything, or a domain.
func (p *parser) patterns() (ps []string) {
	for _, e := range p.list("a sender") {
		sender, ok := names.Pattern(e.text)
		if !ok {
			p.failOver(e.from, e.to, fmt.Sprintf("%q is no sender: one is an address, in which * stands for anything, as *@city.example, or a domain", e.text), names.Within(e.text))
			return nil
		}
		ps = append(ps, sender)
	}
	return ps
}

func (p *parser) grant() Statement {
	g := &Grant{Brand: p.brand(), Route: Inbox}
	object := p.toks[1]
	if p.peek().Kind == source.Comma {
		p.fail(p.peek(), "a grant names one brand; its other domains stand behind \"is\"", "")
	}
	p.clauses(map[string]func(){
		"is":      func() { g.Brand.Domains = append(g.Brand.Domains, p.domains()...) },
		"for":     func() { g.For = p.topics("a topic") },
		"until":   func() { g.Until = p.date() },
		"because": func() { g.Because, _ = p.text("the reason") },
		"route":   func() { g.Route = p.route() },
		"terms":   func() { g.Terms = p.id(); p.later("terms") },
		"at most": func() { g.AtMost = p.rate() },
	})
	if len(g.Brand.Domains) == 0 && !p.bad {
		p.fail(object, "a grant needs a domain, here or behind \"is\": a name alone can be forged", names.Within(g.Brand.Name))
	}
	return g
}

func (p *parser) want() Statement {
	w := &Want{Route: Inbox}
	if p.is("newsletters") || p.is("newsletter") {
		w.Newsletters = true
		if c, _ := p.clause(); c != "about" && p.peek().Kind != source.EOL {
			p.fail(p.peek(), `"about" and its topics are missing here`, `"want newsletters about databases"`)
		}
	} else {
		w.Wanted, _ = p.text("what is wanted")
	}
	if p.peek().Kind == source.Comma && !w.Newsletters {
		p.fail(p.peek(), `a want names one thing; what else it is called stands behind "about", and another thing has a line of its own`, "")
	}
	p.wantClauses(w)
	if w.Newsletters && len(w.About) == 0 && !p.bad {
		p.fail(p.toks[1], `"want newsletters" asks for "about" and topics`, `"want newsletters about databases"`)
	}
	if !p.bad {
		w.Intent = classify.Compile(p.said(w), w.About, w.Not)
	}
	return w
}

func (p *parser) wantClauses(w *Want) {
	p.clauses(map[string]func(){
		"about":   func() { w.About = p.wantTopics() },
		"not":     func() { w.Not = p.wantTopics() },
		"under":   func() { w.Under = p.money() },
		"over":    func() { w.Over = p.money() },
		"off":     func() { w.Off = p.percent() },
		"from":    func() { w.From = p.domains() },
		"when":    func() { w.When = p.window() },
		"until":   func() { w.Until = p.date() },
		"route":   func() { w.Route = p.route() },
		"needs":   func() { w.Needs = p.needs() },
		"at most": func() { w.AtMost = p.rate() },
		"publish": func() {
			if w.Unpublished = p.is("no"); !w.Unpublished {
				p.fail(p.peek(), `"no" is the only answer that publish knows in this version`, `"publish no"`)
			}
			p.notice("nothing is published in this version: publish no holds already")
		},
	})
}

func (p *parser) percent() int {
	s, from, to := p.words()
	if words, ok := strings.CutSuffix(strings.ToLower(s), "percent"); ok {
		s = words + "%"
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(s, "%")))
	if err != nil || n < 1 || n > 100 || !strings.HasSuffix(s, "%") {
		suggestion := ""
		if err == nil && n >= 1 && n <= 100 {
			suggestion = fmt.Sprintf(`"off %d%%"`, n)
		}
		p.failOver(from, to, "off asks for a percentage from 1% to 100%", suggestion)
		return 0
	}
	return n
}

// needs reads criteria: certificate "B Corp" in FILE, disclosure FILE, terms ID.
func (p *parser) needs() (ns []Need) {
	for {
		n := Need{}
		switch {
		case p.is("certificate"):
			n.Kind = "certificate"
			n.Name, _ = p.text("the certificate's name", "in")
			if !p.failed && !p.is("in") {
				p.fail(p.peek(), `"in" and a file are missing here`, "")
			}
			n.List = p.listed()
		case p.is("disclosure"):
			n.Kind, n.List = "disclosure", p.listed()
		case p.is("terms"):
			n.Kind, n.Name = "terms", p.id()
			p.notice("a want that needs terms answers no where more was seen than they permit, else unknown: what a sender says of its terms decides nothing")
		default:
			p.fail(p.peek(), "needs asks for certificate, disclosure or terms", source.Nearest(p.peek().Text, []string{"certificate", "disclosure", "terms"}))
		}
		ns = append(ns, n)
		if p.failed || p.peek().Kind != source.Comma {
			return ns
		}
		p.pos++
	}
}

// listed reads the name of a file of brands that stands beside the intents file.
func (p *parser) listed() *List {
	t := p.peek()
	if t.Kind == source.EOL {
		p.fail(t, "a file is missing here: one that stands beside this one and lists a brand a line", "")
		return nil
	}
	if t.Kind != source.Word && t.Kind != source.Quoted || !names.IsFile(t.Text) {
		p.fail(t, "a file is named without a folder: it stands beside this one, and is no intents file", "")
		return nil
	}
	p.pos++
	return &List{Name: t.Text}
}

// id reads the identifier of terms, one of names.Agreements.
func (p *parser) id() string {
	t := p.peek()
	id := strings.ToUpper(t.Text)
	if t.Kind != source.Word && t.Kind != source.Quoted || !slices.Contains(names.Agreements, id) {
		p.fail(t, "the name of terms is missing here: "+strings.Join(names.Agreements, ", "), source.Nearest(id, names.Agreements))
		return ""
	}
	p.pos++
	return id
}

func (p *parser) observe() Statement {
	o := &Observe{}
	p.clauses(map[string]func(){"until": func() { o.Until = p.date() }})
	if o.Until == nil && !p.bad {
		p.fail(p.toks[0], "observe asks for its last day", `"observe until 2026-12-01"`)
	}
	return o
}

// fallback reads promotions, newsletters, notifications and unknown.
func (p *parser) fallback() Statement {
	d := &Default{}
	at := p.peek()
	d.Route = p.route()
	if p.verb == "unknown" && d.Route == Refused {
		p.fail(at, "what is not known is never refused", `"unknown digest"`)
	}
	return d
}
