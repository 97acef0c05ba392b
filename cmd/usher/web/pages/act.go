package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"usher/cmd/usher/web"
	"usher/cmd/usher/web/complain"
	"usher/cmd/usher/web/lists"
	"usher/corpus/complaints"
	"usher/corpus/digest/answer"
	"usher/corpus/digest/token"
	"usher/corpus/leaving"
	"usher/rules"
	"usher/rules/lessons"
)

// byLink is the way of a label that a link made.
const byLink = "link"

// Act is the address of the page that offers to do something; "" if it cannot be
// written. Whoever has it may do that one thing, once, without coming in.
func (s *Server) Act(a token.Act) string {
	word, err := a.Seal(s.Key)
	if err != nil {
		s.Log.Error("a link could not be made", "error", err)
		return ""
	}
	return s.url.String() + "/do?" + url.Values{"word": {word}}.Encode()
}

// offered is what a page offers to do.
type offered struct {
	Title, Lesson, Word, Button string
	Done                        bool
	Mail                        quoted // the one that it is about, if that is known still
}

// quoted is a mail as far as its digest named it.
type quoted struct{ From, Subject, When string }

// asks are the questions of a page, by what the link says.
var asks = map[string]string{"inbox": "To your inbox?", "receipt": "Was it a receipt?", "refuse": "Never again?"}

// offer shows what a link would do, and does nothing: mail scanners and previews open
// every link.
func (s *Server) offer(w http.ResponseWriter, r *http.Request) {
	word := r.URL.Query().Get("word")
	a, as, ok := s.opened(w, r, word)
	if !ok {
		return
	}
	if a.To == token.Undo {
		s.show(w, http.StatusOK, "act.html", offered{Title: "Take it back?", Lesson: "What this correction taught is forgotten. What it took the place of holds again.", Word: word, Button: "Take it back"})
		return
	}
	if more := map[string]func(http.ResponseWriter, *http.Request, *web.Client, token.Act){answer.Leave: s.leaving, token.Complain: s.complaining}[a.To]; more != nil {
		more(w, r, as, a)
		return
	}
	c, err := as.Correct(r.Context(), a.Mailbox, a.Decision, rules.Correction{To: a.To, Scope: lessons.Scope(a.Scope)}, false)
	if err != nil {
		s.fail(w, err)
		return
	}
	s.show(w, http.StatusOK, "act.html", offered{Title: cmp.Or(asks[a.To], "Is that what you want?"), Lesson: c.Lesson, Word: word, Button: "Yes, learn that", Mail: s.quote(r, as, a)})
}

// act does what a link offers.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	a, as, ok := s.opened(w, r, r.PostFormValue("word"))
	if !ok {
		return
	}
	if a.To == token.Undo {
		if _, err := as.Undo(r.Context(), a.Mailbox, a.Decision); err != nil {
			s.fail(w, err)
			return
		}
		s.show(w, http.StatusOK, "act.html", offered{Title: "Taken back", Lesson: "It is as it was before.", Done: true})
		return
	}
	if more := map[string]func(http.ResponseWriter, *http.Request, *web.Client, token.Act){answer.Leave: s.leaving, token.Complain: s.complaining}[a.To]; more != nil {
		more(w, r, as, a)
		return
	}
	c, err := as.Correct(r.Context(), a.Mailbox, a.Decision, rules.Correction{To: a.To, Scope: lessons.Scope(a.Scope)}, true)
	if err != nil {
		s.fail(w, err)
		return
	}
	told := offered{Title: "Done", Lesson: c.Lesson, Done: true, Mail: s.quote(r, as, a)}
	if c.Already {
		told.Title = "So it is already"
	} else {
		undo := token.Act{Mailbox: a.Mailbox, Decision: c.ID, To: token.Undo, Until: s.now().Add(token.Lasts)}
		if told.Word, err = undo.Seal(s.Key); err != nil {
			s.fail(w, err)
			return
		}
		told.Button = "Take it back"
	}
	s.Log.Info("a link of a digest was used", "mailbox", s.shown(a.Mailbox))
	s.show(w, http.StatusOK, "act.html", told)
}

// leaving shows what would go where for a list to be left, or by POST has it go.
func (s *Server) leaving(w http.ResponseWriter, r *http.Request, as *web.Client, a token.Act) {
	list, err := lists.Ask(r.Context(), as, a.Mailbox, a.Decision, r.Method == http.MethodPost)
	if err != nil {
		s.fail(w, err)
		return
	}
	told := offered{Title: "Leave this list?", Lesson: list[0].Sentence(s.zone(r.Context(), a.Mailbox)), Word: r.FormValue("word"), Button: "Leave it", Mail: s.quote(r, as, a)}
	switch list[0].State {
	case leaving.Proposed:
		told.Lesson += " It goes out within a day, at a random moment."
	case leaving.Failed:
		told.Title, told.Word, told.Done = "This list is left by hand", "", true
		told.Lesson += " To have its mail filed away instead, say “Never again” in the digest."
	default:
		told.Title, told.Word, told.Done = "You leave this list", "", true
	}
	s.show(w, http.StatusOK, "act.html", told)
}

// quote gives the mail that a link is about; nothing where it was forgotten since.
func (s *Server) quote(r *http.Request, as *web.Client, a token.Act) quoted {
	found, err := as.Why(r.Context(), a.Decision, a.Mailbox)
	if err != nil || len(found) == 0 {
		return quoted{}
	}
	row := rowOf(found[0], s.zone(r.Context(), a.Mailbox))
	return quoted{row.From, row.Subject, row.When}
}

// complaining tells whom a complaint would tell what, or by POST makes it.
func (s *Server) complaining(w http.ResponseWriter, r *http.Request, as *web.Client, a token.Act) {
	c, err := complain.Complain(r.Context(), as, complain.Message{Rcpt: a.Mailbox, ID: a.Decision}, r.Method == http.MethodPost)
	if err != nil {
		s.fail(w, err)
		return
	}
	told := offered{Title: "Complain to the sender?", Lesson: c.Warning(), Word: r.FormValue("word"), Button: "Complain", Mail: s.quote(r, as, a)}
	if c.State != complaints.Proposed {
		told = offered{Title: "You complain of this message", Lesson: "The complaint to " + c.From + " " + c.Stands(s.zone(r.Context(), a.Mailbox)) + ".", Done: true, Mail: s.quote(r, as, a)}
	}
	s.show(w, http.StatusOK, "act.html", told)
}

// mayComplain reports whether a message's sender would be told.
func mayComplain(ctx context.Context, as *web.Client, mailbox, id string) bool {
	c, err := complain.Complain(ctx, as, complain.Message{Rcpt: mailbox, ID: id}, false)
	return err == nil && c.State == complaints.Proposed
}

// opened reads the word of a link, and tells why where nothing may be done by it.
func (s *Server) opened(w http.ResponseWriter, r *http.Request, word string) (a token.Act, as *web.Client, ok bool) {
	a, err := token.Open(s.Key, word, s.now())
	const again, signIn = "You can answer the digest instead.", "Sign in to see what went where"
	switch {
	case errors.Is(err, token.ErrExpired):
		s.tell(w, http.StatusGone, told{Title: "This link is too old", Text: "Links of a digest are good for 30 days. Nothing was done. " + again, Next: signIn})
		return a, nil, false
	case err != nil:
		s.tell(w, http.StatusBadRequest, told{Title: "This link is not whole", Text: "It was cut short or altered on its way, or is none of ours. Nothing was done. Open it from the digest itself, or answer the digest.", Next: signIn})
		return a, nil, false
	}
	if in, _, is := s.who(r); is && in.mailbox != a.Mailbox {
		s.tell(w, http.StatusForbidden, told{Title: "This link is for another mailbox", Text: "You are signed in for " + in.mailbox + ", and this link came to somebody else. Nothing was done.", Next: "Sign out first, if that mailbox is yours too."})
		return a, nil, false
	}
	as = s.As(web.Whoami{User: a.Mailbox, UID: web.NoUID, Mailboxes: []string{a.Mailbox}, Way: byLink})
	used, err := wasUsed(r.Context(), as, a)
	if err != nil {
		s.fail(w, err)
		return a, nil, false
	}
	if !used.IsZero() {
		s.tell(w, http.StatusGone, told{Title: "This link was used", Text: "It did what it says on " + used.In(s.zone(r.Context(), a.Mailbox)).Format("2 Jan 2006 15:04") + ", and works once. Nothing more was done. " + again, Next: signIn})
		return a, nil, false
	}
	return a, as, true
}

// wasUsed tells when a link did what it says, whatever became of that; the zero time
// if it did not. The corrections themselves know it: nothing else is kept.
func wasUsed(ctx context.Context, as *web.Client, a token.Act) (at time.Time, err error) {
	all, err := as.Corrections(ctx, a.Mailbox)
	if err != nil {
		return at, err
	}
	to, _ := lessons.Target(a.To)
	for _, c := range all {
		if a.To == token.Undo && c.ID == a.Decision && c.Undone || a.To != token.Undo && c.Way == byLink && c.Decision == a.Decision && c.To == to {
			return c.At, nil
		}
	}
	return at, nil
}
