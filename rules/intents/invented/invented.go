// Package invented writes whole files of statements as many different people
// might: what it writes is free of mistakes. It never serves but for tests.
package invented

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// File writes a file of up to most statements about the topics and domains given.
func File(r *rand.Rand, most int, topics, domains []string) string {
	w := &writer{r, topics, domains}
	var b strings.Builder
	if r.IntN(8) == 0 {
		b.WriteString("\uFEFF")
	}
	for range 1 + r.IntN(most) {
		if r.IntN(4) == 0 {
			b.WriteString(w.one("", "# a word between", "   # one more, \"in quotes") + "\n")
		}
		b.WriteString(w.layout(w.Statement()) + "\n")
	}
	if r.IntN(6) == 0 {
		return strings.ReplaceAll(b.String(), "\n", "\r\n")
	}
	return b.String()
}

// Protect writes a statement that protects something.
func Protect(r *rand.Rand, domains []string) string {
	w := &writer{r, nil, domains}
	return strings.Join(w.protect(), " ")
}

type writer struct {
	*rand.Rand
	topics, domains []string
}

func (w *writer) one(list ...string) string { return list[w.IntN(len(list))] }

// some gives a list of one item or more.
func (w *writer) some(item func() string) string {
	list := []string{item()}
	for w.IntN(2) == 0 && len(list) < 5 {
		list = append(list, item())
	}
	return strings.Join(list, w.one(", ", ",", " , ", ", ", ",\n  ", ", # more\n\n\t"))
}

func (w *writer) topic() string {
	t := w.one(w.topics...)
	return w.one(t, t, `"`+t+`"`, "“"+t+"”", `"`+t+`, or like it"`)
}

func (w *writer) topicList() string  { return w.some(w.topic) }
func (w *writer) domain() string     { return w.one(w.domains...) }
func (w *writer) domainList() string { return w.some(w.domain) }
func (w *writer) brand() string {
	return w.one(w.domain(), `"`+w.domain()+`"`, `"Some Shop"`, `"Bo & Ann"`)
}

func (w *writer) date() string {
	return w.one("2026-12-24", "24 Dec", "December 24th", "end of June", "spring", "2027-06-30", "tomorrow", "31 March 2028", "Christmas", "2026-11-01")
}

func (w *writer) window() string {
	return w.one("2026-11-01 .. 2026-12-24", "1 Nov .. 24 Dec", "winter", "June", "December .. March", "2026-11-01..Christmas", "1 Oct .. 20 Nov")
}

func (w *writer) money() string {
	return w.one("120 EUR", "€120", "99.95 EUR", "$80", "1 200 kr", "1.200,50 EUR", "0 EUR", "50 GBP", "3000 JPY")
}

func (w *writer) route() string { return w.one("inbox", "promotions", "digest", "refuse") }

func (w *writer) rate() string {
	return fmt.Sprintf("%d per %s", 1+w.IntN(5), w.one("day", "week", "month"))
}

func (w *writer) until() string { return "until " + w.date() }

// clauses picks some of the clauses, in any order.
func (w *writer) clauses(all ...string) (picked []string) {
	w.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:w.IntN(min(len(all), 5)+1)]
}

// Statement gives the object of a statement behind its verb, then its clauses.
func (w *writer) Statement() []string {
	switch w.IntN(9) {
	case 0:
		return w.protect()
	case 1:
		object := "grant " + w.domain()
		all := []string{"for " + w.topicList(), "at most " + w.rate(), w.until(), `because "so it is"`, "terms SD-BASE", "route " + w.route()}
		if w.IntN(2) == 0 {
			return append([]string{`grant "Some Shop"`, "is " + w.domainList()}, w.clauses(all...)...)
		}
		return append([]string{object}, w.clauses(all...)...)
	case 2, 3:
		object := `want "` + w.one(w.topics...) + `"`
		if w.IntN(4) == 0 {
			return append([]string{"want newsletters about " + w.topicList()}, w.clauses("not "+w.topicList(), w.until(), "route "+w.route())...)
		}
		return append([]string{object}, w.clauses("about "+w.topicList(), "not "+w.topicList(), "under "+w.money(), "over "+w.money(), "off 20%",
			"from "+w.domainList(), "when "+w.window(), w.until(), `needs certificate "B Corp" in certified.txt`, "needs disclosure known.txt",
			"route "+w.route(), "at most "+w.rate(), "publish no")...)
	case 4:
		object := "refuse " + w.one(w.topicList(), "brand "+w.some(w.brand), "brands in boycott.txt", "tracking by pixel, third party, behaviour", "unsigned")
		return append([]string{object}, w.clauses(w.until(), `tell sender "not wanted here"`)...)
	case 5:
		return append([]string{"mute " + w.one(w.brand(), "topic "+w.topicList(), "list <talk.example>")}, w.clauses(w.until())...)
	case 6:
		return append([]string{"cap " + w.one("every brand", "all promotions", w.brand()) + " " + w.rate()}, w.clauses("then "+w.route())...)
	case 7:
		return []string{w.one("promotions "+w.route(), "newsletters "+w.route(), "notifications "+w.route(), "unknown digest", "unknown inbox")}
	}
	return []string{w.one("zone Europe/Helsinki", "speak en", "speak fi, sv", "forget decisions after 2 weeks", "digest weekdays 7:30", "digest none",
		"away 1 Nov .. 24 Dec", "terms proffer SD-BASE", "feedback no")}
}

func (w *writer) protect() []string {
	kinds := []string{"receipts", "orders", "invoices", "delivery", "security codes", "travel", "tax", "appointments", "people"}
	return []string{"protect " + w.one(w.some(func() string { return w.one(kinds...) }), "list <talk.example>", "from *@city.example", "from "+w.domainList())}
}

// layout writes a statement on one line or on several. Needs that stand twice
// become one.
func (w *writer) layout(parts []string) string {
	seen := map[string]bool{}
	parts = slices.DeleteFunc(parts, func(p string) bool {
		clause, _, _ := strings.Cut(p, " ")
		again := seen[clause]
		seen[clause] = true
		return again
	})
	var b strings.Builder
	for i, p := range parts {
		if w.IntN(20) == 0 && i == 0 {
			verb, rest, _ := strings.Cut(p, " ")
			p = strings.ToUpper(verb) + w.one(" ", "   ", "\t") + rest
		}
		if i > 0 {
			b.WriteString(w.one(" ", "  ", "\n  ", "\n\t", "  # why\n    ", "\n\n  # between\n "))
		}
		b.WriteString(p)
	}
	b.WriteString(w.one("", "", "", " # a comment", "  "))
	return b.String()
}
