package intents

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"usher/rules/intents/calendar"
	"usher/rules/intents/names"
	"usher/rules/intents/source"
)

func (p *parser) refuse() Statement {
	r := &Refuse{}
	switch {
	case p.is("brands", "in"):
		r.BrandsIn = p.listed()
	case p.is("brand"), p.is("brands"):
		for _, e := range p.list("a brand") {
			r.Brands = append(r.Brands, brandOf(e.text))
		}
	case p.is("tracking", "by"):
		r.Tracking = p.trackings()
	case p.is("tracking"):
		p.fail(p.peek(), `"by" and a way of tracking are missing here`, `"refuse tracking by pixel"`)
	case p.is("unsigned"):
		r.Unsigned = true
	default:
		r.Topics = p.topics("a topic")
		p.unrefused(r.Topics)
		for _, t := range r.Topics {
			if _, ok := names.Domain(t.Text); ok {
				p.notice("%s is read as a topic that mail is about; \"refuse brand %s\" refuses a sender", quote(t.Text), t.Text)
			}
		}
	}
	p.clauses(map[string]func(){
		"until": func() { r.Until = p.date() },
		"tell sender": func() {
			r.Told, r.Tell = p.text("what the sender is told")
			p.notice("tell sender confirms to the sender that the address exists")
			if r.Tell && Sayable(r.Told) == "" {
				p.notice("the sender is told a fixed sentence instead: plain ASCII without an address, a link or a number may be said")
			}
		},
	})
	return r
}

// Sayable returns the text as it may be said to a sender: printable ASCII of at
// most 200 bytes without quotes, an address, a link or five digits in a row; else "".
func Sayable(text string) string {
	odd := strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
	if text == "" || odd || len(text) > 200 || strings.ContainsAny(text, `"@`) || strings.Contains(text, "://") || hasNumber(text) {
		return ""
	}
	return text
}

// hasNumber reports five digits in a row: a telephone number, a postcode.
func hasNumber(text string) bool {
	run := 0
	for _, r := range text {
		if run++; r < '0' || r > '9' {
			run = 0
		}
		if run == 5 {
			return true
		}
	}
	return false
}

func (p *parser) trackings() (ts []string) {
	for _, e := range p.list("a way of tracking") {
		t := strings.ToLower(e.text)
		if t == "behavior" {
			t = "behaviour"
		}
		if !slices.Contains(Trackings, t) {
			p.failOver(e.from, e.to, fmt.Sprintf("%q is no way of tracking; %s are", e.text, strings.Join(Trackings, ", ")), source.Nearest(t, Trackings))
			return nil
		}
		ts = append(ts, t)
	}
	return ts
}

func (p *parser) mute() Statement {
	m := &Mute{}
	switch {
	case p.is("topic"), p.is("topics"):
		m.Topics = p.topics("a topic")
	case p.is("list"):
		if ids := p.listIDs(); len(ids) == 1 {
			m.List = ids[0]
		} else if len(ids) > 1 {
			p.fail(p.toks[1], "one mute names one list; write a line for each", "")
		}
	default:
		object := p.peek()
		b := p.brand()
		if m.Brand = &b; p.peek().Kind == source.Comma {
			p.fail(p.peek(), "one mute names one brand; write a line for each", `"mute topic …" for topics`)
		}
		if object.Kind == source.Word && b.Name != "" && b.Name == strings.ToLower(b.Name) {
			p.notice("%s is read as the name of a sender; \"mute topic %s\" mutes what mail is about", quote(b.Name), b.Name)
		}
	}
	p.clauses(map[string]func(){"until": func() { m.Until = p.date() }})
	return m
}

// setting reads the verbs that concern no single mail.
func (p *parser) setting() Statement {
	switch p.verb {
	case "cap":
		return p.cap()
	case "digest":
		return p.times()
	case "away":
		if t := p.peek(); p.is("until") {
			p.fail(t, "away asks for its first and its last day", quote(p.today.String()+" .. "+p.today.Plus(14).String()))
			return nil
		}
		if w := p.window(); w != nil {
			return &Away{Window: *w}
		}
	case "zone":
		e, ok := p.entry("a time zone")
		z, err := calendar.Zone(e.text)
		if ok && err != nil {
			p.failOver(e.from, e.to, fmt.Sprintf("no time zone is named %q; one is named Europe/Helsinki", e.text), calendar.ZoneNear(e.text))
		}
		return &Zone{Location: z}
	case "speak":
		return &Speak{Languages: p.languages()}
	case "forget":
		return p.forget()
	case "terms":
		p.notice("only the site's own terms are published, by `usher terms write`")
		if !p.is("proffer") {
			p.fail(p.peek(), `"proffer" is missing here`, `"terms proffer SD-BASE"`)
		}
		return &Terms{ID: p.id()}
	case "feedback":
		yes := p.is("yes")
		if !yes && !p.is("no") {
			p.fail(p.peek(), "feedback is yes or no", "")
		}
		p.notice("it is about reports to senders, which blur figures; `usher help senders` says what that is worth")
		return &Feedback{Yes: yes}
	}
	return nil
}

// cap reads "every brand 1 per week then promotions".
func (p *parser) cap() Statement {
	c := &Cap{Then: Promotions}
	switch {
	case p.is("every", "brand"):
		c.Every = true
	case p.is("all", "promotions"):
		c.All = true
	default:
		b := p.cappedBrand()
		c.Brand = &b
	}
	if p.peek().Kind == source.EOL && p.pos+1 < len(p.toks) {
		p.pos++ // the count may stand beneath
	}
	p.is("at", "most")
	if r := p.rate(); r != nil {
		c.Rate = *r
	}
	p.clauses(map[string]func(){"then": func() { c.Then = p.route() }})
	return c
}

// cappedBrand takes the words up to the count.
func (p *parser) cappedBrand() Brand {
	t := p.peek()
	if t.Kind == source.Quoted {
		p.pos++
		return brandOf(t.Text)
	}
	var ws []string
	for ; p.peek().Kind == source.Word; p.pos++ {
		if _, err := strconv.Atoi(p.peek().Text); err == nil {
			break
		}
		ws = append(ws, p.peek().Text)
	}
	switch first := strings.ToLower(t.Text); {
	case len(ws) == 0:
		p.fail(t, `a brand, "every brand" or "all promotions" is missing here`, "")
	case first == "all", first == "every", first == "each", first == "any":
		suggestion := `"every brand"`
		if first == "all" {
			suggestion = `"all promotions"`
		}
		p.fail(t, `a cap is on a brand, on "every brand" or on "all promotions"; a brand of such a name wants quotes`, suggestion)
	}
	return brandOf(strings.Join(ws, " "))
}

// times reads "weekdays 07:30, saturday 10:00". Times without days are daily.
func (p *parser) times() Statement {
	s := &Times{}
	if p.is("none") {
		s.None = true
		return s
	}
	days := []string{"daily"}
	for {
		if named := p.days(); len(named) > 0 {
			days = named
		}
		p.is("at")
		t := p.peek()
		minute, ok := calendar.Minute(t.Text)
		if t.Kind != source.Word || !ok {
			near := calendar.TimeNear(t.Text)
			if said := strings.ToLower(t.Text); said == "never" || said == "no" || said == "off" {
				near = `"digest none"`
			}
			p.fail(t, `a time of day is missing here: "weekdays 07:30"`, near)
			return s
		}
		p.pos++
		for _, d := range days {
			s.At = append(s.At, DayTime{d, minute})
		}
		if p.peek().Kind == source.Comma {
			p.pos++
		} else if p.peek().Kind == source.EOL {
			return s
		}
	}
}

// days takes names of days: "saturday", "mon", "every day", "mondays, fridays".
func (p *parser) days() (ds []string) {
	for {
		if p.is("every", "day") {
			ds = append(ds, "daily")
			continue
		}
		if p.is("every") {
			continue
		}
		if len(ds) > 0 && p.peek().Kind == source.Comma {
			p.pos++
			continue
		}
		t := strings.ToLower(p.peek().Text)
		i := slices.IndexFunc(calendar.DayNames, func(d string) bool {
			return t == d || t == d+"s" || t+"s" == d || len(t) == 3 && strings.HasPrefix(d, t)
		})
		if p.peek().Kind != source.Word || i < 0 {
			return ds
		}
		ds = append(ds, calendar.DayNames[i])
		p.pos++
	}
}

var languageNames = map[string]string{
	"english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt", "dutch": "nl", "danish": "da",
	"swedish": "sv", "norwegian": "no", "finnish": "fi", "suomi": "fi", "estonian": "et", "polish": "pl", "czech": "cs", "russian": "ru",
	"ukrainian": "uk", "turkish": "tr", "japanese": "ja", "chinese": "zh", "korean": "ko", "deutsch": "de", "eesti": "et",
}

// languages reads ISO 639-1 codes, with or without commas.
func (p *parser) languages() (ls []string) {
	for {
		t := p.peek()
		l := strings.ToLower(t.Text)
		switch code := languageNames[l]; {
		case t.Kind == source.Comma && len(ls) > 0:
		case t.Kind == source.Word && len(l) == 2 && l[0] >= 'a' && l[0] <= 'z' && l[1] >= 'a' && l[1] <= 'z':
			if !slices.Contains(ls, l) {
				ls = append(ls, l)
			}
		case t.Kind == source.EOL && len(ls) > 0:
			return ls
		case code == "" && len(l) == 5 && l[2] == '-':
			p.fail(t, "a language is named by its two letters, without a country", quote(l[:2]))
			return ls
		case code != "":
			p.fail(t, "a language is named by its two letters", `"`+code+`"`)
			return ls
		default:
			p.fail(t, `a language is named by its two letters: "fi en"`, "")
			return ls
		}
		p.pos++
	}
}

// maxForget is corpus.MaxRetention, in days.
const maxForget = 180

// forget reads "decisions after 30 days".
func (p *parser) forget() Statement {
	f := &Forget{}
	if !p.is("decisions", "after") {
		p.fail(p.peek(), `"decisions after" and a time are missing here`, `"forget decisions after 30 days"`)
		return f
	}
	t := p.next()
	n, err := strconv.Atoi(t.Text)
	if err != nil || n < 1 || n > 10_000 {
		p.pos--
		p.fail(t, "a number of days is missing here", `"forget decisions after 30 days"`)
		return f
	}
	units := map[string]int{"day": 1, "week": 7, "month": 30, "year": 365}
	u := p.peek()
	f.Days = n * units[strings.TrimSuffix(strings.ToLower(u.Text), "s")]
	if u.Kind != source.Word || f.Days == 0 {
		p.fail(u, "the time is counted in days, weeks, months or years", source.Nearest(u.Text, []string{"days", "weeks", "months", "years"}))
		return f
	}
	p.pos++
	if f.Days > maxForget {
		p.notice("decisions are kept for %d days at most, and for less where the admin set so", maxForget)
	}
	return f
}
