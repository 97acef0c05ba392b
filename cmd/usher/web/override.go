package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"usher/corpus"
	"usher/rules"
	"usher/rules/intents"
)

// Overrides is what the API keeps overrides in; *corpus.Store is one.
type Overrides interface {
	Override(ctx context.Context, mailbox, brand string, lasts time.Duration) (rules.Override, error)
	EndOverride(ctx context.Context, mailbox, id string) ([]rules.Override, error)
	Overrides(mailbox string) ([]rules.Override, error)
	EachDecision(mailbox string, since, until time.Time, visit func(*rules.Decision) bool) error
}

// Reported is an override with what it did.
type Reported struct {
	rules.Override
	Recipient string                    `json:"recipient"`
	InForce   bool                      `json:"in_force"`
	LetIn     int                       `json:"let_in"`             // mails
	WouldBe   map[rules.Disposition]int `json:"would_be,omitempty"` // where they would have gone
}

// Reports is a list of overrides, newest first.
type Reports struct {
	Overrides []Reported `json:"overrides"`
}

func (s *Server) overrideRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/overrides":      s.getOverrides,
		"POST /v1/overrides":     s.postOverride,
		"POST /v1/overrides/end": s.endOverride,
	}
}

func (s *Server) getOverrides(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	list := Reports{Overrides: []Reported{}}
	for _, box := range boxes {
		found, err := s.Overrides.Overrides(box)
		if err != nil {
			return nil, err
		}
		reports, err := s.report(box, found)
		if err != nil {
			return nil, err
		}
		list.Overrides = append(list.Overrides, reports...)
	}
	return list, nil
}

func (s *Server) postOverride(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.Mailbox(r, who)
	if err != nil {
		return nil, err
	}
	lasts, err := time.ParseDuration(r.FormValue("for"))
	if err != nil {
		return nil, Wrong("for %q is no time: write it as 2h", r.FormValue("for"))
	}
	brand := ""
	if text := r.FormValue("brand"); text != "" {
		if brand, err = letInBrand(text); err != nil {
			return nil, err
		}
	}
	made, err := s.Overrides.Override(r.Context(), box, brand, lasts)
	switch {
	case errors.Is(err, corpus.ErrOverrideTime):
		return nil, &Error{http.StatusBadRequest, err.Error(), "for example: usher override --for 2h"}
	case errors.Is(err, corpus.ErrOverrides):
		return nil, &Error{http.StatusConflict, err.Error(), "end one first: usher override end ID"}
	case err != nil:
		return nil, err
	}
	return Reports{[]Reported{{Override: made, Recipient: box, InForce: true}}}, nil
}

// letInBrand reads a brand as a grant does: it is let in by what proves it.
func letInBrand(text string) (string, error) {
	f, errs := intents.Parse("brand", fmt.Appendf(nil, "grant \"%s\"\n", strings.Trim(text, `"`)), time.Now())
	if len(errs) == 0 && len(f.Grants) == 1 && len(f.Grants[0].Brand.Domains) == 1 {
		return f.Grants[0].Brand.Domains[0], nil
	}
	return "", &Error{http.StatusBadRequest, fmt.Sprintf("%q is no domain, and a name alone proves nothing", text),
		"name the brand by its domain, as in --brand shop.example, or leave --brand out to let in all mail"}
}

func (s *Server) endOverride(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	list := Reports{Overrides: []Reported{}}
	for _, box := range boxes {
		ended, err := s.Overrides.EndOverride(r.Context(), box, r.FormValue("id"))
		if errors.Is(err, corpus.ErrNoOverride) {
			continue
		}
		if err != nil {
			return nil, err
		}
		reports, err := s.report(box, ended)
		if err != nil {
			return nil, err
		}
		list.Overrides = append(list.Overrides, reports...)
	}
	if len(list.Overrides) == 0 {
		return nil, &Error{http.StatusNotFound, corpus.ErrNoOverride.Error(), "`usher override list` shows yours"}
	}
	return list, nil
}

// report tells what overrides of a mailbox did, as far as their decisions are kept.
func (s *Server) report(box string, list []rules.Override) ([]Reported, error) {
	if len(list) == 0 {
		return nil, nil
	}
	reports := make([]Reported, len(list))
	byID := map[string]*Reported{}
	since, until := list[0].From, list[0].Until
	for i, o := range list {
		reports[i] = Reported{Override: o, Recipient: box, InForce: o.InForce(time.Now()), WouldBe: map[rules.Disposition]int{}}
		byID[o.ID] = &reports[i]
		if o.From.Before(since) {
			since = o.From
		}
		if o.Until.After(until) {
			until = o.Until
		}
	}
	err := s.Overrides.EachDecision(box, since, until, func(d *rules.Decision) bool {
		if o := byID[d.ByOverride()]; o != nil {
			o.LetIn++
			o.WouldBe[d.WouldBe]++
		}
		return true
	})
	return reports, err
}

// Override lets mail of a mailbox into the inbox for so long; brand "" is all.
func (c *Client) Override(ctx context.Context, rcpt, brand string, lasts time.Duration) (Reported, error) {
	query := url.Values{"for": {lasts.String()}}
	set(query, "rcpt", rcpt)
	set(query, "brand", brand)
	var list Reports
	if err := c.Ask(ctx, Question{Method: http.MethodPost, Path: "overrides", Query: query}, &list); err != nil {
		return Reported{}, err
	}
	return list.Overrides[0], nil
}

// Overrides lists overrides with what they did, newest first.
func (c *Client) Overrides(ctx context.Context, rcpt string) ([]Reported, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	var list Reports
	err := c.Ask(ctx, Question{Path: "overrides", Query: query}, &list)
	return list.Overrides, err
}

// EndOverride ends one override, or with id "" all that are in force.
func (c *Client) EndOverride(ctx context.Context, rcpt, id string) ([]Reported, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	set(query, "id", id)
	var list Reports
	err := c.Ask(ctx, Question{Method: http.MethodPost, Path: "overrides/end", Query: query}, &list)
	return list.Overrides, err
}
