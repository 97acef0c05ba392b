package intents

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents/amount"
	"usher/rules/intents/names"
	"usher/rules/intents/source"
)

// clause returns the clause of the present verb that begins at the next words,
// and how many words name it; "" if none does.
func (p *parser) clause() (name string, n int) {
	for _, c := range clauses[p.verb] {
		words := strings.Fields(c)
		at := p.pos
		if p.is(words...) {
			p.pos = at
			return c, len(words)
		}
	}
	return "", 0
}

// clauses reads what follows the object, each clause once, on the statement's
// line and on those below it.
func (p *parser) clauses(read map[string]func()) {
	seen := map[string]bool{}
	for !p.done() {
		t := p.peek()
		if t.Kind == source.EOL {
			p.pos++
			p.failed = false
			continue
		}
		if p.failed {
			p.pos++
			continue
		}
		if t.Kind == source.Comma {
			p.pos++ // "route inbox, at most 1 per day"
		}
		name, n := p.clause()
		if name == "" && t.Kind == source.Comma {
			p.pos--
		}
		if name == "" {
			p.unexpected(p.next())
			continue
		}
		p.pos += n
		if seen[name] {
			message := fmt.Sprintf("%q is said twice in this statement", name)
			if slices.Contains([]string{"is", "for", "about", "not", "from"}, name) {
				message += "; its list is split at commas, and inside an item the word wants quotes"
			}
			p.fail(t, message, "")
			continue
		}
		seen[name] = true
		read[name]()
	}
}

// entry is one item of a list, or one text.
type entry struct {
	text     string
	from, to source.Token
}

// list reads entries to the end of the line or the next clause. What is what
// should stand here.
func (p *parser) list(what string) (es []entry) {
	for {
		e, ok := p.entry(what)
		if !ok {
			return nil
		}
		es = append(es, e)
		if p.peek().Kind != source.Comma {
			return es
		}
		at := p.pos
		p.pos++
		if p.peek().Kind == source.EOL && p.pos+1 < len(p.toks) {
			p.pos++ // the list goes on beneath
		}
		if name, _ := p.clause(); name != "" || p.peek().Kind == source.EOL {
			p.pos = at
			if name == "at most" && p.toks[at+1].Kind != source.EOL {
				return es
			}
			p.fail(p.peek(), "a list ends without a comma", "")
			return nil
		}
	}
}

// entry reads a quoted text, or words up to a comma, a clause or the line's end.
func (p *parser) entry(what string) (entry, bool) {
	t := p.peek()
	if name, _ := p.clause(); name != "" || t.Kind == source.EOL || t.Kind == source.Comma {
		p.fail(t, what+" is missing here", "")
		return entry{}, false
	}
	if t.Kind == source.Quoted {
		p.pos++
		if n := p.peek(); n.Kind != source.Comma && n.Kind != source.EOL && p.verb != "protect" {
			name, _ := p.clause()
			switch {
			case name != "":
			case p.isForeign(n):
				p.fail(n, fmt.Sprintf("%q is no clause of %q; it takes %s", n.Text, p.verb, strings.Join(clauses[p.verb], ", ")), "")
				return entry{}, false
			default:
				p.fail(n, "a comma, a clause or the end of the line follows a quoted text", source.Nearest(n.Text, clauses[p.verb]))
				return entry{}, false
			}
		}
		return entry{t.Text, t, t}, true
	}
	e := entry{from: t}
	var words []string
	var odd *source.Token
	for ; p.peek().Kind == source.Word; p.pos++ {
		if name, _ := p.clause(); name != "" {
			break
		}
		w := p.peek()
		words, e.to = append(words, w.Text), w
		if odd == nil && slices.Contains(grammar, strings.ToLower(w.Text)) {
			odd = &w
		}
		if near := p.slip(w); near != "" && len(words) > 1 {
			p.fail(w, fmt.Sprintf("%q stands before a number as a clause does, and is none; an item that means it wants quotes", w.Text), near)
			return e, false
		}
	}
	e.text = strings.Join(words, " ")
	switch k := p.peek(); {
	case odd != nil && slices.Contains(verbs, strings.ToLower(odd.Text)):
		p.fail(*odd, fmt.Sprintf("%q begins a statement, and a statement begins a line; inside an item it wants quotes", odd.Text), "")
		return e, false
	case odd != nil:
		p.misplaced(*odd, words)
		return e, false
	case k.Kind == source.Quoted && p.verb == "protect":
	case k.Kind != source.Comma && k.Kind != source.EOL && k.Kind != source.Word:
		p.fail(k, "this cannot stand in "+what+" without quotes", "")
		return e, false
	}
	return e, true
}

// text reads a quoted text. Words that end one help to tell what wanted quotes.
func (p *parser) text(what string, ends ...string) (string, bool) {
	t := p.peek()
	if t.Kind == source.Quoted {
		p.pos++
		return t.Text, true
	}
	if name, _ := p.clause(); name != "" || t.Kind != source.Word {
		p.fail(t, what+" is missing here; it stands in quotes", "")
		return "", false
	}
	end, words := t, []string{}
	for at := p.pos; p.peek().Kind == source.Word; p.pos++ {
		name, _ := p.clause()
		short := name == "for" || name == "is" // as likely a word of the text
		if name != "" && !short || p.pos > at && slices.Contains(ends, strings.ToLower(p.peek().Text)) {
			break
		}
		end = p.peek()
		words = append(words, end.Text)
	}
	p.failOver(t, end, what+" stands in quotes", `"`+strings.Join(words, " ")+`"`)
	return "", false
}

func (p *parser) topics(what string) (ts []Topic) {
	for _, e := range p.list(what) {
		ts = append(ts, Topic{e.text, classify.Compile("", []string{e.text}, nil)})
	}
	return ts
}

// maxTopics is how many topics of one clause a want is read with.
const maxTopics = 50

func (p *parser) wantTopics() (ss []string) {
	for i, e := range p.list("a topic") {
		if i == maxTopics {
			p.failOver(e.from, e.to, fmt.Sprintf("this is topic %d of a clause that has room for %d; another want takes the others", i+1, maxTopics), "")
			return nil
		}
		ss = append(ss, e.text)
	}
	return ss
}

// domains reads a list of domains, or of whole addresses at freemail domains.
func (p *parser) domains() (ds []string) {
	for _, e := range p.list("a domain") {
		d, ok := names.Domain(e.text)
		if !ok {
			near := names.Within(e.text)
			message := fmt.Sprintf("%q is no domain; a name alone proves nobody", e.text)
			if near != "" {
				message = "a domain stands here, without what belongs to a link or an address"
			}
			p.failOver(e.from, e.to, message, near)
			return nil
		}
		ds = append(ds, d)
	}
	return ds
}

// brand reads a name or a domain.
func (p *parser) brand() Brand {
	e, ok := p.entry("a brand")
	if !ok {
		return Brand{}
	}
	return brandOf(e.text)
}

func brandOf(s string) Brand {
	if d, ok := names.Domain(s); ok {
		return Brand{Domains: []string{d}}
	}
	return Brand{Name: s}
}

// route reads where mail goes.
func (p *parser) route() Route {
	t := p.peek()
	r := Route(strings.ToLower(t.Text))
	routes := []Route{Inbox, Promotions, Digest, Refused}
	if t.Kind == source.Word && slices.Contains(routes, r) {
		p.pos++
		return r
	}
	if t.Kind == source.EOL {
		p.fail(t, "a route is missing here: inbox, promotions, digest or refuse", "")
		return Inbox
	}
	suggestion := source.Nearest(t.Text, []string{"inbox", "promotions", "digest", "refuse"})
	if r == "reject" || r == "refused" {
		suggestion = `"refuse"`
	}
	p.fail(t, fmt.Sprintf("%q is no route; inbox, promotions, digest and refuse are", t.Text), suggestion)
	return Inbox
}

// rate reads "2 per month".
func (p *parser) rate() *Rate {
	t := p.next()
	n, err := strconv.Atoi(t.Text)
	if t.Kind != source.Word || err != nil || n < 1 || n > 1_000_000 {
		p.pos--
		p.fail(t, `a count is missing here: "2 per month"`, p.counted(strings.ToLower(t.Text)))
		return nil
	}
	if !p.is("per") {
		suggestion := fmt.Sprintf(`"%d per month"`, n)
		if p.is("a") || p.is("each") || p.is("every") {
			p.pos--
			suggestion = fmt.Sprintf(`"%d per"`, n)
		}
		p.fail(p.peek(), `"per" and a period are missing here`, suggestion)
		return nil
	}
	t = p.peek()
	period := strings.ToLower(t.Text)
	if periods := []string{"day", "week", "month"}; t.Kind != source.Word || !slices.Contains(periods, period) {
		suggestion := source.Nearest(period, periods)
		if period == "year" || period == "hour" {
			suggestion = ""
		}
		p.fail(t, "a period is day, week or month", suggestion)
		return nil
	}
	p.pos++
	return &Rate{n, period}
}

// counted gives the number that was meant by a word in its place.
func (p *parser) counted(word string) string {
	if n := slices.Index([]string{"once", "twice"}, word); n >= 0 {
		return fmt.Sprintf(`"%d"`, n+1)
	}
	if n := slices.Index(strings.Fields("one two three four five six seven eight nine ten"), word); n >= 0 {
		return fmt.Sprintf(`"%d"`, n+1)
	}
	return ""
}

// words takes the words to the next clause, comma or mark, as one phrase.
func (p *parser) words() (s string, from, to source.Token) {
	from = p.peek()
	to = from
	var ws []string
	for ; p.peek().Kind == source.Word; p.pos++ {
		if name, _ := p.clause(); name != "" {
			break
		}
		to = p.peek()
		ws = append(ws, to.Text)
	}
	return strings.Join(ws, " "), from, to
}

func (p *parser) money() *mail.Money {
	s, from, to := p.words()
	if s == "" {
		p.fail(from, `an amount is missing here: "120 EUR"`, "")
		return nil
	}
	m, message := amount.Read(s, p.file.Zone)
	if message != "" {
		suggestion := ""
		if strings.Trim(s, "0123456789., ") == "" {
			suggestion = `"` + s + ` EUR"`
		}
		p.failOver(from, to, message, suggestion)
		return nil
	}
	if m.Assumed {
		p.notice("%s was read as %s", s, m.String())
	}
	return &m
}
