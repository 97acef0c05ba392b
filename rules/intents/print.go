package intents

import (
	"fmt"
	"strings"

	"usher/classify/mail"
)

// String gives all statements as understood, one a line.
func (f *File) String() string {
	var b strings.Builder
	for _, s := range f.All {
		b.WriteString(s.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Understanding is one statement as understood.
type Understanding struct {
	Line int
	Text string
}

// Understood returns every statement as understood, in the file's order: dates
// absolute, money with its currency, topics quoted.
func (f *File) Understood() []Understanding {
	us := make([]Understanding, len(f.All))
	for i, s := range f.All {
		us[i] = Understanding{s.Source().Line, s.String()}
	}
	return us
}

// sentence joins the parts of a statement that are there.
type sentence []string

func (s *sentence) add(words string, when bool) {
	if when {
		*s = append(*s, words)
	}
}

func (s *sentence) until(d *Date) {
	if d != nil {
		*s = append(*s, "until "+d.String())
	}
}

func (s *sentence) list(name string, texts []string) {
	if len(texts) > 0 {
		*s = append(*s, strings.TrimSpace(name+" "+strings.Join(texts, ", ")))
	}
}

func (s *sentence) route(r Route, rate *Rate) {
	s.add("route "+string(r), r != Inbox)
	if rate != nil {
		*s = append(*s, "at most "+rate.String())
	}
}

func (s sentence) String() string { return strings.Join(s, " ") }

// quote puts quotes around a text; a text read from a file holds none.
func quote(s string) string { return `"` + s + `"` }

func quoteAll(texts []string) (out []string) {
	for _, t := range texts {
		out = append(out, quote(t))
	}
	return out
}

func topicTexts(ts []Topic) (out []string) {
	for _, t := range ts {
		out = append(out, quote(t.Text))
	}
	return out
}

// String gives the first domain, or the name in quotes.
func (b Brand) String() string {
	if b.Name != "" || len(b.Domains) == 0 {
		return quote(b.Name)
	}
	return b.Domains[0]
}

// others are the domains that stand behind is.
func (b Brand) others() []string {
	if b.Name == "" && len(b.Domains) > 0 {
		return b.Domains[1:]
	}
	return b.Domains
}

// String gives "2 per month".
func (r Rate) String() string { return fmt.Sprintf("%d per %s", r.N, r.Period) }

func (s *Protect) String() string {
	out := sentence{"protect"}
	out.list("", s.Kinds)
	var ids []string
	for _, l := range s.Lists {
		ids = append(ids, "<"+l+">")
	}
	out.list("list", ids)
	out.list("from", quoteAll(s.From))
	return out.String()
}

func (s *Grant) String() string {
	out := sentence{"grant", s.Brand.String()}
	out.list("is", s.Brand.others())
	out.list("for", topicTexts(s.For))
	out.until(s.Until)
	out.add("because "+quote(s.Because), s.Because != "")
	out.add("terms "+s.Terms, s.Terms != "")
	out.route(s.Route, s.AtMost)
	return out.String()
}

func (s *Want) String() string {
	out := sentence{"want"}
	out.add("newsletters", s.Newsletters)
	out.add(quote(s.Wanted), !s.Newsletters)
	out.list("about", quoteAll(s.About))
	out.list("not", quoteAll(s.Not))
	if s.Under != nil {
		out = append(out, "under "+s.Under.String())
	}
	if s.Over != nil {
		out = append(out, "over "+s.Over.String())
	}
	out.add(fmt.Sprintf("off %d%%", s.Off), s.Off > 0)
	out.list("from", s.From)
	if s.When != nil {
		out = append(out, "when "+s.When.String())
	}
	out.until(s.Until)
	var needs []string
	for _, n := range s.Needs {
		needs = append(needs, n.String())
	}
	out.list("needs", needs)
	out.route(s.Route, s.AtMost)
	out.add("publish no", s.Unpublished)
	return out.String()
}

// String gives `certificate "B Corp" in FILE`.
func (n Need) String() string {
	switch n.Kind {
	case "certificate":
		return "certificate " + quote(n.Name) + " in " + quote(n.List.Name)
	case "disclosure":
		return "disclosure " + quote(n.List.Name)
	}
	return n.Kind + " " + quote(n.Name)
}

func (s *Refuse) String() string {
	out := sentence{"refuse"}
	out.list("", topicTexts(s.Topics))
	if s.BrandsIn != nil {
		out = append(out, "brands in "+quote(s.BrandsIn.Name))
	} else if len(s.Brands) > 0 {
		var brands []string
		for _, b := range s.Brands {
			brands = append(brands, b.String())
		}
		out.list("brand", brands)
	}
	out.list("tracking by", s.Tracking)
	out.add("unsigned", s.Unsigned)
	out.until(s.Until)
	out.add("tell sender "+quote(s.Told), s.Tell)
	return out.String()
}

func (s *Mute) String() string {
	out := sentence{"mute"}
	if s.Brand != nil {
		out = append(out, s.Brand.String())
	}
	out.list("topic", topicTexts(s.Topics))
	out.add("list <"+s.List+">", s.List != "")
	out.until(s.Until)
	return out.String()
}

func (s *Cap) String() string {
	whose := "every brand"
	switch {
	case s.All:
		whose = "all promotions"
	case s.Brand != nil:
		whose = quote(strings.Trim(s.Brand.String(), `"`))
	}
	return fmt.Sprintf("cap %s %s then %s", whose, s.Rate, s.Then)
}

func (s *Default) String() string { return s.Verb + " " + string(s.Route) }

func (s *Times) String() string {
	if s.None {
		return "digest none"
	}
	var times []string
	for _, t := range s.At {
		times = append(times, fmt.Sprintf("%s %02d:%02d", t.Days, t.Minute/60, t.Minute%60))
	}
	return "digest " + strings.Join(times, ", ")
}

func (s *Away) String() string { return "away " + s.Window.String() }

func (s *Observe) String() string { return "observe until " + s.Until.String() }

func (s *Zone) String() string { return "zone " + s.Location.String() }

func (s *Speak) String() string { return "speak " + strings.Join(s.Languages, " ") }

func (s *Forget) String() string { return fmt.Sprintf("forget decisions after %d days", s.Days) }

func (s *Terms) String() string { return "terms proffer " + s.ID }

func (s *Feedback) String() string {
	if s.Yes {
		return "feedback yes"
	}
	return "feedback no"
}

// Amount writes an amount without its currency, as a decimal: "149.95", "120".
func Amount(m mail.Money) string {
	return strings.TrimSpace(strings.TrimSuffix(m.String(), m.Currency))
}
