package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"usher/rules"
	"usher/rules/intents"
	"usher/rules/replay"
)

const (
	replayTime = answerTime / 2
	countedFor = 31 * 24 * time.Hour // before a replay, decisions count for caps: the longest period is 30 days
)

// Replayed is what a new file would have done with the mail of a mailbox.
type Replayed struct {
	Mailbox string `json:"mailbox"`
	replay.Result
}

func (s *Server) replayRoutes() map[string]Answer {
	return map[string]Answer{"POST /v1/replay": s.postReplay}
}

// postReplay holds the file that is sent against the one in force, on the stored
// decisions since a time. Nothing is changed.
func (s *Server) postReplay(w http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.Mailbox(r, who)
	if err != nil {
		return nil, err
	}
	since, err := moment(r, "since")
	if err != nil {
		return nil, err
	}
	text, err := readSoon(w, r, intents.MaxBytes)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), replayTime)
	defer cancel()
	leave := s.testing(ctx, who)
	if leave == nil {
		return nil, &Error{http.StatusServiceUnavailable, "other messages are being tested", "try again in a minute"}
	}
	defer leave()
	other, errs := s.Intents.Would(box, text, time.Now())
	if len(errs) > 0 {
		return nil, &Error{http.StatusUnprocessableEntity, errs.Error(), "mend the new file; the one in force is as it was"}
	}
	own, site, err := s.Intents.For(ctx, box)
	if err != nil {
		return nil, err
	}
	held := replay.New(rules.Files{Own: own, Site: site}, rules.Files{Own: other, Site: site}, since)
	from := since
	if !from.IsZero() {
		from = from.Add(-countedFor)
	}
	err = s.Overrides.EachDecision(box, from, time.Time{}, func(d *rules.Decision) bool {
		held.Take(d)
		return ctx.Err() == nil
	})
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, &Error{http.StatusServiceUnavailable, "so many decisions take longer than " + replayTime.String(), "replay fewer: --last 7d"}
	}
	return Replayed{box, held.Done()}, nil
}

// Replay asks what a new file would have done with the mail since a time.
func (c *Client) Replay(ctx context.Context, rcpt string, since time.Time, text []byte) (got Replayed, err error) {
	query := url.Values{"since": {since.Format(time.RFC3339)}}
	set(query, "rcpt", rcpt)
	err = c.Ask(ctx, Question{Method: http.MethodPost, Path: "replay", Query: query, Body: text}, &got)
	return got, err
}
