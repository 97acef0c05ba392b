package intents

import (
	"slices"
	"strings"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents/amount"
	"usher/rules/intents/calendar"
	"usher/rules/intents/names"
	"usher/rules/intents/said"
	"usher/rules/intents/source"
)

// said takes from the words of a want what they ask for beside the thing, as if it
// stood in clauses, and returns the words that say the thing. A clause outside the
// quotes holds where both say the same.
func (p *parser) said(w *Want) string {
	s := said.Read(w.Wanted, said.Reader{Money: p.amount, Day: p.day, From: names.Domain})
	take(p, &s.Under, &w.Under, "a highest price")
	take(p, &s.Over, &w.Over, "a lowest price")
	take(p, &s.Off, &w.Off, "a percentage")
	take(p, &s.Until, &w.Until, "a last day")
	if len(w.From) == 0 {
		w.From = s.Domains
	} else {
		s.Domains = nil
	}
	for _, only := range s.Only {
		w.Only = append(w.Only, Topic{only, classify.Compile(only, nil, nil)})
	}
	if s.Rest == "" { // nothing but clauses: they are all there is to look for
		s.Rest, s.Topics = w.Wanted, w.Wanted
	}
	w.Names, w.Code, w.Unread = s.Names, s.Code, s.Unread
	if s.Until != nil {
		p.write([2]source.Token{p.toks[1], p.toks[1]}, quote(s.Rest)+s.Behind())
	}
	w.Wanted = s.Rest
	return s.Topics
}

// take has what is said inside the quotes hold, unless a clause says it too.
func take[T comparable](p *parser, inside, clause *T, what string) {
	var none T
	switch {
	case *inside == none:
	case *clause == none:
		*clause = *inside
	default:
		*inside = none
		p.notice("%s is said inside the quotes and behind them; the clause behind them holds", what)
	}
}

func (p *parser) amount(text string) (*mail.Money, string) {
	m, message := amount.Read(text, p.file.Zone)
	if message != "" {
		return nil, message
	}
	return &m, ""
}

// day reads a last day as until does.
func (p *parser) day(text string) (*Date, bool) {
	phrase, bad := calendar.Read(text, p.today)
	if bad != nil {
		return nil, false
	}
	w, ok := phrase.Next(p.today, func(w Window) bool { return !w.From.Before(p.today) })
	return &w.From, ok && w.From.Year <= 2999
}

// unrefused tells of a refuse whose topics begin with "no": they are what is
// refused, for nothing else could be meant.
func (p *parser) unrefused(ts []Topic) {
	for i, t := range ts {
		first, rest, _ := strings.Cut(strings.TrimSpace(t.Text), " ")
		if !slices.Contains([]string{"no", "not", "kein", "keine", "pas", "ei", "geen", "inga"}, strings.ToLower(first)) || rest == "" {
			continue
		}
		ts[i].Intent = classify.Compile("", []string{rest}, nil)
		p.notice("%q is read as %q: a refusal says what it refuses", t.Text, rest)
	}
}
