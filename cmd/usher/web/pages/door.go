package pages

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/web"
	source "usher/cmd/usher/web/from"
	"usher/rules/people"
)

// front is the way in, or for those who are in, their decisions.
func (s *Server) front(w http.ResponseWriter, r *http.Request) {
	if in, _, is := s.who(r); is {
		s.decisions(w, r, visit{in, s.as(in.mailbox)})
		return
	}
	s.show(w, http.StatusOK, "front.html", asked{})
}

// asked is what somebody typed for a mailbox.
type asked struct {
	Mailbox string
	Wrong   string // what is wrong with it
	Minutes int    // that a link may be used
}

// login takes the wish for a link. Its answer comes at once and says the same,
// whether or not there is such a mailbox: whatever depends on that happens after.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.PostFormValue("mailbox"))
	local, domain, ok := mail.SplitAddress(text)
	box := mail.Mailbox(text, s.Delimiter)
	if !ok || local == "" || domain == "" || !typed(text) || !typed(box) || people.Path(box) == "" {
		s.show(w, http.StatusBadRequest, "front.html", asked{Mailbox: text, Wrong: "This is no mail address. Write it as maria@example.org."})
		return
	}
	from, now := source.Address(r), s.now()
	mailed, why := s.flood.enter(box, from, now)
	if why == "" && mailed {
		select {
		case s.letters <- request{box, place(from), now}:
		default:
			why = tooManyOfAll
		}
	}
	if why != "" {
		s.tell(w, http.StatusTooManyRequests, told{Title: "Not now", Text: why + " No link was mailed.", Next: "Try again in an hour."})
		return
	}
	s.show(w, http.StatusOK, "sent.html", asked{Mailbox: box, Minutes: int(linkTime.Minutes())})
}

// place says where somebody asked from.
func place(from netip.Addr) string {
	if !from.IsValid() || from.IsLoopback() {
		return "the mail server itself"
	}
	return from.Unmap().WithZone("").String()
}

// invite shows what a link is for. It uses nothing up: mail scanners and previews
// open every link.
func (s *Server) invite(w http.ResponseWriter, r *http.Request) {
	link := secret(r.URL.Query().Get("link"))
	box := s.links.look(link, s.now())
	if box == "" {
		s.expired(w)
		return
	}
	s.show(w, http.StatusOK, "in.html", struct {
		Mailbox string
		Link    secret
	}{box, link})
}

func (s *Server) expired(w http.ResponseWriter) {
	s.tell(w, http.StatusGone, told{Title: "This link is no longer good", Text: "A link works once, and for 15 minutes. Perhaps a newer one is in your mailbox.", Next: "Have a new link mailed to you."})
}

// enter uses a link up, and begins a session.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	box := s.links.use(secret(r.PostFormValue("link")), s.now())
	if box == "" {
		s.expired(w)
		return
	}
	if _, old, is := s.who(r); is {
		s.logins.drop(old)
	}
	s.Log.Info("somebody came in by a link", "mailbox", s.shown(box))
	s.setCookie(w, s.logins.add(box, s.now()), int(sessionAll.Seconds()))
	if s.Entered != nil {
		s.Entered(r.Context(), box)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request, _ visit) {
	if _, in, is := s.who(r); is {
		s.logins.drop(in)
	}
	s.setCookie(w, "", -1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// zone is the zone that a person's file states, else this machine's.
func (s *Server) zone(ctx context.Context, mailbox string) *time.Location {
	st, err := s.as(mailbox).Intents(ctx, "")
	if err != nil {
		return time.Local
	}
	return st.Where()
}

// asError finds the error that the API gave.
func asError(err error) (*web.Error, bool) {
	var e *web.Error
	return e, errors.As(err, &e)
}
