package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"usher/corpus"
	"usher/rules"
	"usher/rules/lessons"
)

// Corrections is what the API keeps corrections in; *corpus.Store is one.
type Corrections interface {
	Propose(mailbox, id string, c rules.Correction) (l lessons.Label, same bool, err error)
	Correct(ctx context.Context, mailbox, id string, c rules.Correction) (l lessons.Label, same bool, err error)
	Undo(ctx context.Context, mailbox, id string) (lessons.Label, error)
	Labels(mailbox string) ([]lessons.Label, error)
}

// Corrected is a correction with what it teaches.
type Corrected struct {
	lessons.Label
	Recipient string `json:"recipient"`
	Lesson    string `json:"lesson"`
	InForce   bool   `json:"in_force"`
	Already   bool   `json:"already,omitempty"` // it was in force before
}

// Learnt is a list of corrections, newest first.
type Learnt struct {
	Corrections []Corrected `json:"corrections"`
}

func (s *Server) correctionRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/corrections":          s.getCorrections,
		"POST /v1/corrections":         s.postCorrection,
		"POST /v1/corrections/propose": s.proposeCorrection,
		"POST /v1/corrections/undo":    s.undoCorrection,
	}
}

func (s *Server) getCorrections(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	list := Learnt{Corrections: []Corrected{}}
	for _, box := range boxes {
		all, err := s.Corrections.Labels(box)
		if err != nil {
			return nil, err
		}
		kept := lessons.Kept(all)
		for _, l := range slices.Backward(all) {
			is := slices.ContainsFunc(kept, func(k *lessons.Label) bool { return k.ID == l.ID })
			list.Corrections = append(list.Corrections, Corrected{Label: l, Recipient: box, Lesson: l.Lesson(), InForce: is})
		}
	}
	slices.SortStableFunc(list.Corrections, func(a, b Corrected) int { return cmp.Compare(b.ID, a.ID) })
	return list, nil
}

// proposeCorrection tells what a correction would teach, and keeps nothing.
func (s *Server) proposeCorrection(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	return s.correction(r, who, s.Corrections.Propose)
}

func (s *Server) postCorrection(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	return s.correction(r, who, func(box, id string, c rules.Correction) (lessons.Label, bool, error) {
		return s.Corrections.Correct(r.Context(), box, id, c)
	})
}

// correction has one decision corrected, in whichever of the caller's mailboxes it is.
func (s *Server) correction(r *http.Request, who Whoami, correct func(box, id string, c rules.Correction) (lessons.Label, bool, error)) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	c := rules.Correction{To: r.FormValue("to"), Scope: lessons.Scope(r.FormValue("scope")), Topic: r.FormValue("topic"), Way: cmp.Or(who.Way, "command")}
	for _, box := range boxes {
		l, same, err := correct(box, r.FormValue("id"), c)
		if errors.Is(err, corpus.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, miscorrected(err, c)
		}
		return Learnt{[]Corrected{{Label: l, Recipient: box, Lesson: l.Lesson(), InForce: true, Already: same}}}, nil
	}
	return nil, notFound("no decision of yours with " + cmp.Or(r.FormValue("id"), "no id"))
}

// miscorrected says what to do about a correction that cannot be.
func miscorrected(err error, c rules.Correction) error {
	status, next := http.StatusBadRequest, ""
	switch {
	case errors.Is(err, rules.ErrTarget):
		err, next = fmt.Errorf("%q is neither a place nor a kind of mail", c.To), "say "+lessons.Targets
	case errors.Is(err, rules.ErrScope):
		err, next = fmt.Errorf("%q is no scope", c.Scope), "a scope is kind, message, brand or topic"
	case errors.Is(err, rules.ErrTopic):
		next = "for example: --scope topic --topic 'running shoes'"
	case errors.Is(err, rules.ErrThin):
		status, next = http.StatusConflict, "letters stay in the inbox; of other mail that was taken for one, a line in your file decides: usher intents add 'mute shop.example'"
	default:
		return err
	}
	return &Error{status, err.Error(), next}
}

func (s *Server) undoCorrection(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err == nil && r.FormValue("id") == "" {
		_, err = s.Mailbox(r, who) // the last one of which, is to be said
	}
	if err != nil {
		return nil, err
	}
	for _, box := range boxes {
		l, err := s.Corrections.Undo(r.Context(), box, r.FormValue("id"))
		if errors.Is(err, corpus.ErrNoLabel) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return Learnt{[]Corrected{{Label: l, Recipient: box, Lesson: l.Lesson()}}}, nil
	}
	return nil, &Error{http.StatusNotFound, corpus.ErrNoLabel.Error(), "`usher corrections` shows yours"}
}

// Correct corrects a decision, or, unless it is to be learnt, tells what that would
// teach.
func (c *Client) Correct(ctx context.Context, rcpt, id string, as rules.Correction, learn bool) (Corrected, error) {
	query := url.Values{"id": {id}, "to": {as.To}}
	set(query, "rcpt", rcpt)
	set(query, "scope", string(as.Scope))
	set(query, "topic", as.Topic)
	path := "corrections"
	if !learn {
		path += "/propose"
	}
	return c.corrected(ctx, Question{Method: http.MethodPost, Path: path, Query: query})
}

// Undo takes a correction back, or with id "" the last one.
func (c *Client) Undo(ctx context.Context, rcpt, id string) (Corrected, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	set(query, "id", id)
	return c.corrected(ctx, Question{Method: http.MethodPost, Path: "corrections/undo", Query: query})
}

func (c *Client) corrected(ctx context.Context, q Question) (Corrected, error) {
	var list Learnt
	if err := c.Ask(ctx, q, &list); err != nil {
		return Corrected{}, err
	}
	return list.Corrections[0], nil
}

// Corrections lists corrections with what they teach, newest first.
func (c *Client) Corrections(ctx context.Context, rcpt string) ([]Corrected, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	var list Learnt
	err := c.Ask(ctx, Question{Path: "corrections", Query: query}, &list)
	return list.Corrections, err
}
