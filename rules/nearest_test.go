package rules

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

// asked is one decision with all that it was made from, so that it can be
// changed and made again.
type asked struct {
	object    *mail.Object
	verdict   *classify.Verdict
	own, site string // text of the files; "" is none
	past      past   // what was counted before
}

var yearStart = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func (a asked) decide(t *testing.T) *Decision {
	t.Helper()
	read := func(name, text string) *intents.File {
		if text == "" {
			return nil
		}
		f, errs := intents.Parse(name, []byte(text), yearStart)
		if errs != nil {
			t.Fatalf("%v\n%s", errs, text)
		}
		return f
	}
	j := &Judge{History: a.past}
	return j.decide(t.Context(), j.hear(a.object, a.verdict, "maria@example.org", read("own", a.own), read("site", a.site)))
}

// edits do to a text, or to the message, what a sentence says.
var edits = []struct {
	says *regexp.Regexp
	do   func(a *asked, line func(n, site string, edit func(string) string), m []string)
}{
	{regexp.MustCompile(`^had line (\d+)(.*?) said (under|over|off) (.*)$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return replaced(s, m[3]+` \S+( [A-Z]{3})?`, m[3]+" "+m[4]) })
	}},
	{regexp.MustCompile(`^had line (\d+)(.*?) said (?:at most )?(\d+ per \w+)$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return replaced(s, `\d+ per \w+`, m[3]) })
	}},
	{regexp.MustCompile(`^had line (\d+)(.*?) lasted (\d+) days? longer$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return moved(s, `until (\S+)`, m[3]) })
	}},
	{regexp.MustCompile(`^had the window of line (\d+)(.*?) lasted (\d+) days? longer$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return moved(s, `\.\. (\S+)`, m[3]) })
	}},
	{regexp.MustCompile(`^had the window of line (\d+)(.*?) begun (\d+) days? earlier$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return moved(s, `when (\S+)`, "-"+m[3]) })
	}},
	{regexp.MustCompile(`^had line (\d+)(.*?) named no topics$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return replaced(s, ` for .*$`, "") })
	}},
	{regexp.MustCompile(`^had line (\d+)(.*?) named (\S+\.example)$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		line(m[1], m[2], func(s string) string { return replaced(s, ` from `, " from "+m[3]+", ") })
	}},
	{regexp.MustCompile(`^had it named a price of at most (\d+) ([A-Z]+)$`), func(a *asked, _ func(n, site string, edit func(string) string), m []string) {
		n, _ := strconv.Atoi(m[1])
		v := *a.verdict
		v.Offers = slices.Clone(v.Offers)
		if len(v.Offers) == 0 {
			v.Offers = []mail.Offer{{}}
		}
		for i := range v.Offers {
			v.Offers[i].Price = &mail.Money{Minor: int64(n) * 100, Currency: m[2]}
		}
		a.verdict = &v
	}},
	{regexp.MustCompile(`^had a signature proven that it is from (\S+)$`), func(a *asked, _ func(n, site string, edit func(string) string), m []string) {
		o := *a.object
		o.Identity.How, o.Identity.SenderKey = mail.ByDKIM, m[1]
		o.Identity.Signatures = []mail.Signature{{Domain: m[1], Valid: true, Aligned: true}}
		a.object = &o
	}},
	{regexp.MustCompile(`^without (.*)$`), func(_ *asked, line func(n, site string, edit func(string) string), m []string) {
		for part := range strings.SplitSeq(strings.ReplaceAll(m[1], " of the site's file", "@"), " and line") {
			site := ""
			if strings.HasSuffix(part, "@") {
				site = " of the site's file"
			}
			for _, n := range regexp.MustCompile(`\d+`).FindAllString(part, -1) {
				line(n, site, func(string) string { return "" })
			}
		}
	}},
}

func textOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "" // there is no such file
	}
	return string(text)
}

func replaced(s, pattern, by string) string {
	return regexp.MustCompile(pattern).ReplaceAllLiteralString(s, by)
}

// moved moves a date by so many days.
func moved(s, pattern, days string) string {
	at := regexp.MustCompile(pattern).FindStringSubmatchIndex(s)
	day, _ := time.Parse(time.DateOnly, s[at[2]:at[3]])
	n, _ := strconv.Atoi(days)
	return s[:at[2]] + day.AddDate(0, 0, n).Format(time.DateOnly) + s[at[3]:]
}

// promised does what a decision's sentence says, decides again, and wants the
// disposition that it promised.
func (a asked) promised(t *testing.T, d *Decision) {
	t.Helper()
	change, to, ok := strings.Cut(d.Nearest, ", it would have gone to ")
	if !ok {
		t.Fatalf("no sentence: %q", d.Nearest)
	}
	was := a
	line := func(n, site string, edit func(string) string) {
		text := &a.own
		if site != "" {
			text = &a.site
		}
		at, _ := strconv.Atoi(n)
		lines := strings.Split(*text, "\n")
		end := at
		for end < len(lines) && strings.HasPrefix(lines[end], " ") {
			end++ // its clauses
		}
		said := edit(strings.Join(lines[at-1:end], "\n"))
		if said == "" {
			said = strings.Repeat("#\n", end-at) + "#"
		}
		lines = slices.Concat(lines[:at-1], strings.Split(said, "\n"), lines[end:])
		*text = strings.Join(lines, "\n")
	}
	done := false
	for _, e := range edits {
		if m := e.says.FindStringSubmatch(change); m != nil && !done {
			e.do(&a, line, m)
			done = true
		}
	}
	if !done {
		t.Fatalf("the test does not know what to do with %q", d.Nearest)
	}
	if got := a.decide(t); got.Disposition.place() != to {
		t.Errorf("%s\nand it went to %s: %s\n--- own\n%s\n--- site\n%s\n--- changed\n%s\n%s", d.Nearest, got.Disposition.place(), got.Text, was.own, was.site, a.own, a.site)
	}
}

// pool are statements of which files are made by lot.
var pool = []string{
	`want "winter running shoes" under 120 EUR`, `want "winter running shoes" under 60 EUR route digest`, `want "running shoes" over 200 EUR`,
	`want "winter running shoes" until 2026-11-20`, `want "winter running shoes" under 90 EUR until 2026-11-10 route promotions`,
	`want "running shoes" when 2026-11-01 .. 2026-11-20`, `want "running shoes" when 2026-11-25 .. 2026-12-20`,
	`want "running shoes" from southrun.example`, `want "running shoes" off 30%`, `want "flights to Japan" off 20%`, `want newsletters about databases`,
	`grant nordicrun.example`, `grant nordicrun.example until 2026-11-10`, `grant nordicrun.example for perfume`, `grant partio.example for sledges`,
	`grant nordicrum.example`, `grant partio.example route digest`, `refuse running shoes`, `refuse gambling tell sender "no"`, `refuse unsigned`,
	`refuse brand nordicrun.example`, `refuse tracking by pixel`, `mute "Nordic Run"`, `mute topic shoes`, `mute list <parents.school.example>`, `mute nordicrun.example until 2026-11-21`,
	`protect from nordicrun.example`, `protect receipts`, `protect list <parents.school.example>`, `promotions digest`, `promotions refuse`, `promotions inbox`,
	`cap every brand 1 per week`, `cap nordicrun.example 2 per month then refuse`, `cap all promotions 1 per day then digest`, `cap partio.example 1 per week then digest`,
	`grant nordicrun.example at most 1 per week`, `grant nordicrun.example for perfume at most 1 per week`, `want "running shoes" under 80 EUR at most 1 per day`,
	`newsletters inbox`, `unknown promotions`, `unknown inbox`, `speak fi`, `speak en`, `notifications promotions`, `zone Pacific/Auckland`,
}

func statements(r *rand.Rand, most int) string {
	var b strings.Builder
	seen := map[string]bool{}
	for range r.IntN(most + 1) {
		s := pool[r.IntN(len(pool))]
		verb, _, _ := strings.Cut(s, " ")
		if single := !slices.Contains([]string{"want", "grant", "refuse", "mute", "protect", "cap"}, verb); single && seen[verb] {
			continue
		}
		seen[verb] = true
		b.WriteString(s + "\n")
	}
	return b.String()
}

// cameBefore makes up what was counted before.
func cameBefore(r *rand.Rand, at time.Time) (p past) {
	for range r.IntN(6) {
		names := []Count{{Of: []string{"nordicrun.example", "claimed nordicrun.example", "partio.example"}[r.IntN(3)], Over: r.IntN(3) == 0}, {Of: allPromotions}}
		if r.IntN(3) == 0 {
			names = append(names, Count{Of: []string{"grant nordicrun.example", "want running shoes"}[r.IntN(2)]})
		}
		p = append(p, counted{at.Add(-time.Duration(r.IntN(40*24)) * time.Hour), names})
	}
	return p
}

// TestTheNearestChangeIsTrue takes every golden case, and files made by lot, and
// does what the sentence says.
func TestTheNearestChangeIsTrue(t *testing.T) {
	mails, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	var all []asked
	model := classify.New()
	for _, path := range mails {
		stem := strings.TrimSuffix(path, ".eml")
		c := load(t, stem)
		v := *model.Classify(c.object)
		c.judged(t, &v)
		a := asked{object: c.object, verdict: &v, own: textOf(stem + ".intents"), site: textOf(stem + ".site")}
		a.past, _ = before(t, stem+".before").(past)
		all = append(all, a)
		if d := a.decide(t); d.Nearest != "" {
			t.Run(filepath.Base(stem), func(t *testing.T) { a.promised(t, d) })
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	said := map[string]int{}
	for range 3000 {
		a := all[r.IntN(len(all))]
		a.own, a.site = statements(r, 5), statements(r, 2)
		if a.own == "" && a.site == "" {
			continue
		}
		if r.IntN(4) == 0 {
			o := *a.object
			o.Identity.How, o.Identity.SenderKey, o.Identity.Signatures = mail.ByNone, "", nil
			a.object = &o
		}
		a.past = cameBefore(r, a.object.Envelope.Arrived)
		d := a.decide(t)
		if d.Nearest == "" {
			continue
		}
		a.promised(t, d)
		said[regexp.MustCompile(`[0-9].*|a\.example`).ReplaceAllString(d.Nearest, "…")]++
		if t.Failed() {
			break
		}
	}
	t.Log(said)
	if len(said) < 6 {
		t.Errorf("only %d kinds of sentence were tried: %v", len(said), said)
	}
}
