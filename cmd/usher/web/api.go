package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/rules"
	"usher/rules/intents/shelf"
)

// Error is what a command is told: what went wrong, then what to do.
type Error struct {
	Status int    `json:"-"` // HTTP status; 0 where the daemon did not answer
	Text   string `json:"error"`
	Next   string `json:"hint,omitempty"`
}

func (e *Error) Error() string { return e.Text }

// Hint says what to do next.
func (e *Error) Hint() string { return e.Next }

// Is lets callers ask errors.Is(err, corpus.ErrNotFound) on either side.
func (e *Error) Is(target error) bool {
	return target == corpus.ErrNotFound && e.Status == http.StatusNotFound ||
		target == shelf.ErrChanged && e.Status == http.StatusPreconditionFailed ||
		target == ErrNotRunning && e.Status == 0 && strings.HasPrefix(e.Text, ErrNotRunning.Error())
}

// Answer is what an endpoint has to say: a value for JSON, or an error.
type Answer func(w http.ResponseWriter, r *http.Request, who Whoami) (any, error)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, a := range s.answers() {
		mux.HandleFunc(pattern, s.answer(a))
	}
	return mux
}

// answers are all that there are, by the pattern of what is asked.
func (s *Server) answers() map[string]Answer {
	all := map[string]Answer{}
	for _, routes := range []map[string]Answer{
		s.decisionRoutes(),
		s.intentsRoutes(),
		s.overrideRoutes(),
		s.correctionRoutes(),
		s.digestRoutes(),
		s.replayRoutes(),
		s.brandRoutes(),
		s.moveRoutes(),
		s.ledgerRoutes(),
		s.keptRoutes(),
		s.siteRoutes(),
		s.More,
	} {
		maps.Copy(all, routes)
	}
	return all
}

func (s *Server) decisionRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/status":    s.getStatus,
		"GET /v1/whoami":    s.getWhoami,
		"GET /v1/decisions": s.getDecisions,
		"GET /v1/why":       s.getWhy,
		"/":                 s.unknown,
	}
}

// answer tells the caller, and writes what comes of it.
func (s *Server) answer(a Answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// What is asked stands in the address. Else net/http would look for it in the
		// body of whoever calls it a form, and keep that in memory and on the disk.
		r.Form = r.URL.Query()
		who, err := s.caller(r)
		var value any
		if err == nil && who.Delegate && r.Pattern != movesPattern {
			err = refusal{told: &Error{http.StatusForbidden, "the delegate reports moves, and may ask nothing else", "ask as the system user to whom the mailbox belongs"}}
		}
		if err == nil {
			value, err = a(w, r, who)
		}
		var refused refusal
		if errors.As(err, &refused) {
			s.refused(r, who, refused.of)
		}
		if long, is := value.(streamed); is && err == nil {
			s.stream(w, r, long)
			return
		}
		status := http.StatusOK
		if err != nil {
			e := s.told(r, err)
			value, status = e, e.Status
		}
		body, err := json.Marshal(value)
		if err != nil {
			body, status = []byte(`{"error":"the answer cannot be written"}`), http.StatusInternalServerError
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		w.Write(append(body, '\n'))
	}
}

// told turns an error into what a person reads. What is ours alone goes to the
// log, without the query and the errors around the innermost: those name messages.
func (s *Server) told(r *http.Request, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, corpus.ErrNotFound) {
		return notFound("no such decision")
	}
	s.log().Warn("a command failed", "path", r.URL.Path, "error", shelf.Cause(err))
	return &Error{http.StatusInternalServerError, "usher could not answer: " + err.Error(), "the daemon's log names the cause"}
}

func notFound(text string) *Error {
	return &Error{http.StatusNotFound, text,
		"decisions end after the retention that the operator set; mail to a mailbox without intents gets none; `usher decisions` lists yours"}
}

func (s *Server) unknown(_ http.ResponseWriter, r *http.Request, _ Whoami) (any, error) {
	return nil, &Error{http.StatusNotFound, r.Method + " " + r.URL.Path + " is not known here",
		"command and daemon may be of different versions: `usher version`, and restart the daemon"}
}

func (s *Server) getStatus(_ http.ResponseWriter, _ *http.Request, who Whoami) (st any, err error) {
	if s.Status == nil {
		return Status{}, nil
	}
	now := s.Status()
	if who.Admin && s.Site != nil {
		now.Site, err = s.siteStatus()
	}
	return now, err
}

func (s *Server) getWhoami(_ http.ResponseWriter, _ *http.Request, who Whoami) (any, error) {
	return who, nil
}

// Listing is a list of decisions, newest first.
type Listing struct {
	Decisions []*rules.Decision `json:"decisions"`
}

func (s *Server) getDecisions(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	since, err := moment(r, "since")
	if err != nil {
		return nil, err
	}
	until, err := moment(r, "until")
	if err != nil {
		return nil, err
	}
	limit := corpus.MaxDecisions
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, Wrong("limit %q is no number from 1 on", text)
		}
		limit = min(n, limit)
	}
	list := Listing{Decisions: []*rules.Decision{}}
	for _, box := range boxes {
		found, err := s.Store.Decisions(box, since, until, limit)
		if err != nil {
			return nil, err
		}
		list.Decisions = append(list.Decisions, found...)
	}
	newestFirst(list.Decisions)
	list.Decisions = list.Decisions[:min(limit, len(list.Decisions))]
	return list, nil
}

func (s *Server) getWhy(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	id, messageID := r.FormValue("id"), r.FormValue("message-id")
	if (id == "") == (messageID == "") {
		return nil, Wrong("say either id or message-id")
	}
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	list := Listing{Decisions: []*rules.Decision{}}
	for _, box := range boxes {
		var found []*rules.Decision
		if id == "" {
			found, err = s.Store.ByMessageID(box, messageID)
		} else {
			var d *rules.Decision
			d, err = s.Store.Decision(box, id)
			found = []*rules.Decision{d}
		}
		if errors.Is(err, corpus.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list.Decisions = append(list.Decisions, found...)
	}
	if len(list.Decisions) == 0 {
		return nil, notFound("no decision of yours with " + cmp.Or(id, messageID))
	}
	newestFirst(list.Decisions)
	return list, nil
}

func newestFirst(ds []*rules.Decision) {
	slices.SortStableFunc(ds, func(a, b *rules.Decision) int { return cmp.Compare(b.ID, a.ID) })
}

// Mailboxes gives the one that rcpt names, or all that the caller has.
func (s *Server) Mailboxes(r *http.Request, who Whoami) ([]string, error) {
	if rcpt := r.FormValue("rcpt"); rcpt != "" {
		box := mail.Mailbox(rcpt, s.Delimiter)
		if !who.Owns(box) {
			return nil, notYours(who, rcpt)
		}
		if who.Admin && !slices.Contains(who.Mailboxes, box) {
			s.auditOften(r.Context(), who, audit.Looked, box, whatOf(r))
		}
		return []string{box}, nil
	}
	boxes := who.Single()
	if len(boxes) == 0 {
		if len(who.Mailboxes) > 0 {
			return nil, Wrong("you have all of %s: say which mailbox, with --rcpt", strings.Join(who.Mailboxes, ", "))
		}
		return nil, notYours(who, "")
	}
	return boxes, nil
}

// Mailbox is Mailboxes where there can be but one.
func (s *Server) Mailbox(r *http.Request, who Whoami) (string, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return "", err
	}
	if len(boxes) > 1 {
		return "", Wrong("you have %s: say which mailbox, with --rcpt", strings.Join(boxes, ", "))
	}
	return boxes[0], nil
}

func Wrong(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)}
}

func moment(r *http.Request, name string) (time.Time, error) {
	text := r.FormValue(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, Wrong("%s %q is no time: write it as 2026-11-24T08:00:00Z", name, text)
	}
	return at, nil
}
