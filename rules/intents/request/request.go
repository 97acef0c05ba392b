// Package request writes one want of a person as a request that they may post where
// they like. It never sends it, and never names the person, their mailbox or what else
// they state.
package request

import (
	"errors"
	"fmt"
	"strings"

	"usher/classify/mail"
	"usher/rules/intents"
)

// Request is a want as others may read it. The field names are a contract.
type Request struct {
	Version  string   `json:"version"`
	Product  string   `json:"product"` // in the person's words
	About    []string `json:"about,omitempty"`
	Not      []string `json:"not,omitempty"`
	Only     []string `json:"only,omitempty"`
	Over     *Money   `json:"at_least,omitempty"`
	Under    *Money   `json:"at_most,omitempty"` // the cap
	Off      int      `json:"percent_off,omitempty"`
	Code     bool     `json:"with_code,omitempty"`
	From     []string `json:"from,omitempty"` // domains or names; absent: anybody
	Window   *Window  `json:"window,omitempty"`
	Needs    []string `json:"needs,omitempty"` // criteria, without the lists that the person chose
	AnswerTo string   `json:"answer_to"`       // the alias that the person gives
}

// Money is an amount as a decimal.
type Money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// Window are the days in which the person is in the market, both included.
type Window struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

const version = "1.0"

// Errors of Of.
var (
	ErrNewsletters = errors.New("it is about newsletters, and no product")
	ErrPrivate     = errors.New("it says publish no")
	ErrEnded       = errors.New("it has ended")
	ErrAlias       = errors.New("that is no address")
	ErrOwn         = errors.New("that address tells who you are")
)

// Of writes a want as a request that is answered to an alias. The alias may not be of
// the mailbox itself; "" as the mailbox, where it is not known.
func Of(w *intents.Want, alias, mailbox string, day intents.Date) (Request, error) {
	switch {
	case w.Newsletters:
		return Request{}, ErrNewsletters
	case w.Unpublished:
		return Request{}, ErrPrivate
	case w.Ended(day) || w.When != nil && w.When.To.Before(day):
		return Request{}, ErrEnded
	}
	if err := check(alias, mailbox); err != nil {
		return Request{}, err
	}
	r := Request{
		Version: version, Product: w.Wanted, About: w.About, Not: w.Not, Off: w.Off, Code: w.Code,
		Over: money(w.Over), Under: money(w.Under), From: append(w.From[:len(w.From):len(w.From)], w.Names...),
		Window: window(w), AnswerTo: alias,
	}
	for _, t := range w.Only {
		r.Only = append(r.Only, t.Text)
	}
	for _, n := range w.Needs { // the name of a file on the person's machine is nobody's business
		r.Needs = append(r.Needs, strings.TrimSpace(n.Kind+" "+n.Name))
	}
	return r, nil
}

// check reports what is wrong with an alias. One that holds the mailbox's own name, as a
// detail behind a plus does, would say whose request it is.
func check(alias, mailbox string) error {
	local, domain, ok := mail.SplitAddress(alias)
	if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsFunc(alias, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%q: %w", alias, ErrAlias)
	}
	own, home, ok := mail.SplitAddress(mailbox)
	if !ok {
		return nil
	}
	if strings.EqualFold(domain, home) && strings.HasPrefix(strings.ToLower(local), strings.ToLower(own)) {
		return fmt.Errorf("%s: %w", alias, ErrOwn)
	}
	return nil
}

func money(m *mail.Money) *Money {
	if m == nil {
		return nil
	}
	return &Money{intents.Amount(*m), m.Currency}
}

// window is that of a want, which its last day may end earlier.
func window(w *intents.Want) *Window {
	var to Window
	if w.When != nil {
		to = Window{w.When.From.String(), w.When.To.String()}
	}
	if w.Until != nil && (w.When == nil || w.Until.Before(w.When.To)) {
		to.To = w.Until.String()
	}
	if to == (Window{}) {
		return nil
	}
	return &to
}

// Find gives the want on a line, or the one whose words are what, or hold it; nil if there is none,
// or several.
func Find(f *intents.File, line int, what string) *intents.Want {
	var found *intents.Want
	several := false
	for _, w := range f.Wants {
		holds := strings.Contains(strings.ToLower(w.Wanted), strings.ToLower(what))
		switch {
		case line >= w.Line && line <= w.End, line == 0 && strings.EqualFold(w.Wanted, what):
			return w
		case line > 0 || !holds || several:
		case found != nil:
			found, several = nil, true
		default:
			found = w
		}
	}
	return found
}
