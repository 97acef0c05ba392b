package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"usher/cmd/usher/web"
	"usher/corpus/digest/token"
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
}

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
	c, err := as.Correct(r.Context(), a.Mailbox, a.Decision, rules.Correction{To: a.To, Scope: lessons.Scope(a.Scope)}, false)
	if err != nil {
		s.fail(w, err)
		return
	}
	s.show(w, http.StatusOK, "act.html", offered{Title: "Is that what you want?", Lesson: c.Lesson, Word: word, Button: "Yes, learn that"})
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
	c, err := as.Correct(r.Context(), a.Mailbox, a.Decision, rules.Correction{To: a.To, Scope: lessons.Scope(a.Scope)}, true)
	if err != nil {
		s.fail(w, err)
		return
	}
	told := offered{Title: "Done", Lesson: c.Lesson, Done: true}
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

// opened reads the word of a link, and tells why where nothing may be done by it.
func (s *Server) opened(w http.ResponseWriter, r *http.Request, word string) (a token.Act, as *web.Client, ok bool) {
	a, err := token.Open(s.Key, word, s.now())
	again := "Come in by a link to your mailbox, or answer the digest instead."
	switch {
	case errors.Is(err, token.ErrExpired):
		s.tell(w, http.StatusGone, told{Title: "This link is too old", Text: "Links of a digest are good for 30 days. Nothing was done.", Next: again})
		return a, nil, false
	case err != nil:
		s.tell(w, http.StatusBadRequest, told{Title: "This link is not whole", Text: "It was cut short or altered on its way, or is none of ours. Nothing was done.", Next: "Open it from the digest itself, or answer the digest."})
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
		s.tell(w, http.StatusGone, told{Title: "This link was used", Text: "It did what it says on " + used.In(s.zone(r.Context(), a.Mailbox)).Format("2 Jan 2006 15:04") + ", and works once. Nothing more was done.", Next: again})
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
