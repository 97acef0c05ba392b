package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/rules"
	"usher/rules/moves"
)

// maxMove bounds a report of a move, in bytes.
const maxMove = 4 << 10

// movesPattern is the one thing that the delegate may ask.
const movesPattern = "POST /v1/moves"

// Moves is what the API keeps reported moves in; *corpus.Store is one.
type Moves interface {
	Moved(ctx context.Context, mailbox, id string, move corpus.Move) error
}

// Move is a report: a person moved a message from one folder to another.
type Move struct {
	Mailbox   string `json:"mailbox"`
	MessageID string `json:"message_id"`
	From      string `json:"from"` // folders, as the mail server names them
	To        string `json:"to"`
}

func (s *Server) moveRoutes() map[string]Answer {
	return map[string]Answer{movesPattern: s.postMove}
}

// postMove takes a report from the delegate, for any mailbox, or from an owner.
// What has no decision is answered alike, whether or not there is such a mailbox.
func (s *Server) postMove(w http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	body, err := read(w, r, maxMove)
	if err != nil {
		return nil, err
	}
	var m Move
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&m); err != nil || m.Mailbox == "" || m.MessageID == "" || m.From == "" || m.To == "" {
		return nil, Wrong("a move names mailbox, message_id, from and to")
	}
	box := mail.Mailbox(m.Mailbox, s.Delimiter)
	if !who.Delegate && !who.Owns(box) {
		return nil, notYours(who, m.Mailbox)
	}
	if !s.moving.Enter(box, time.Now()) {
		return nil, &Error{http.StatusTooManyRequests, "too many moves were reported in this minute", "report the rest in a minute"}
	}
	unknown := &Error{http.StatusNotFound, "no decision on that message", "a move is noted while the decision on the message is kept"}
	found, err := s.Store.ByMessageID(box, m.MessageID)
	if errors.Is(err, corpus.ErrNotFound) || err == nil && found[0].Category == classify.Personal {
		return nil, unknown // what people do with letters is not noted
	}
	if err != nil {
		return nil, err
	}
	now := time.Now()
	from, to := moves.Folder(m.From), moves.Folder(m.To)
	err = s.Moves.Moved(r.Context(), box, found[0].ID, corpus.Move{From: from, To: to, At: now})
	if errors.Is(err, corpus.ErrNotFound) {
		return nil, unknown
	}
	if err == nil {
		s.auditOften(r.Context(), who, audit.Moved, box, "ok")
		err = s.learnMove(r.Context(), found[0], moved{box, from, to, now})
	}
	return struct{}{}, err
}

// moved is a move whose folders are known.
type moved struct {
	box, from, to string
	at            time.Time
}

// learnMove makes a correction of a move that says something, and takes it back when
// the message is moved back. The first of a selection are learnt before anybody can
// know that more will follow: what they taught is taken back then.
func (s *Server) learnMove(ctx context.Context, d *rules.Decision, m moved) error {
	byHand, back := s.hands.Move(m.box, m.at)
	for _, id := range back {
		if err := s.unlearn(ctx, m.box, id); err != nil {
			return err
		}
	}
	said, says := moves.Between(m.from, m.to)
	if !says || !byHand || !s.Arrivals.Settled(d.ID, m.at) {
		return nil
	}
	if m.to == moves.FiledIn(d) { // where usher had it: nothing is to be learnt but that an earlier move was not meant
		return s.unlearn(ctx, m.box, d.ID)
	}
	l, _, err := s.Corrections.Correct(ctx, m.box, d.ID, rules.Correction{To: said.To, Scope: said.Scope, Way: byMove})
	if errors.Is(err, rules.ErrThin) || err == nil && l.Way != byMove {
		return nil // it cannot be corrected, or was said before by other means
	}
	if err == nil && !s.hands.Taught(m.box, l.ID) {
		err = s.unlearn(ctx, m.box, l.ID)
	}
	return err
}

// byMove is the way of a label that a move made.
const byMove = "move"

// unlearn takes back what moves taught, by the id of a label or of their decision: no
// correction that was made by other means.
func (s *Server) unlearn(ctx context.Context, box, id string) error {
	all, err := s.Corrections.Labels(box)
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(all) { // the last word first: else the one before it would teach again
		if l.Way != byMove || l.Undone || l.ID != id && l.Decision != id {
			continue
		}
		if _, err := s.Corrections.Undo(ctx, box, l.ID); err != nil && !errors.Is(err, corpus.ErrNoLabel) {
			return err
		}
	}
	return nil
}

// Moved reports that a person moved a message.
func (c *Client) Moved(ctx context.Context, m Move) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return c.Ask(ctx, Question{Method: http.MethodPost, Path: "moves", Body: body}, &struct{}{})
}
