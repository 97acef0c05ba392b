package pages

import (
	"cmp"
	"context"
	"crypto/subtle"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"usher/cmd/usher/web"
	"usher/rules/intents"
)

// Bounds of forms. Whoever came in may send an intents file of which every byte is
// written in three, and what stands beside it; all others a small one, since 256
// of them may come at once.
const (
	maxForm      = 3*intents.MaxBytes + 8<<10 // bytes
	maxSmallForm = 64 << 10                   // bytes
	maxForms     = 8                          // read at a time, of those who came in
	maxExports   = 4                          // archives written at a time
	maxOfPerson  = 2                          // of the forms, that one mailbox's sessions send
	waitTime     = 10 * time.Second           // for a place among those
)

// policy lets a browser load our style sheet, send forms to us, and nothing else.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed *.html
var texts embed.FS

var pages = template.Must(template.ParseFS(texts, "*.html"))

//go:embed style.css
var sheet []byte

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(sheet)
}

// guard stands before every page: it answers under our own name alone, takes forms
// from our own pages alone, and tells browsers to keep nothing.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		// A name that somebody else's DNS gives this address would let their page
		// read ours.
		if !strings.EqualFold(r.Host, s.url.Host) {
			s.tell(w, http.StatusMisdirectedRequest, told{Title: "This is not the address of usher here", Text: "usher was asked for under a name that is not its own.",
				Next: "Open it under its own address, " + s.URL(), To: s.URL()})
			return
		}
		if err := s.origin.Check(r); err != nil {
			s.tell(w, http.StatusForbidden, told{Title: "That came from another site", Text: "A page that is not ours sent this form; nothing was done.", Next: "Go on from the first page."})
			return
		}
		if r.Method == http.MethodPost {
			err := s.read(w, r)
			if errors.Is(err, errNoPlace) {
				s.tell(w, http.StatusServiceUnavailable, told{Title: "Not now", Text: "Other forms are being read; nothing was done.", Next: "Go back, and send it again in a minute."})
				return
			}
			if err != nil {
				s.tell(w, http.StatusRequestEntityTooLarge, told{Title: "That was too long", Text: "The form could not be read, or it holds more than it may; nothing was done.", Next: "Go back, make it shorter and send it again."})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// public answers what anybody may ask for; all else is the guard's.
func (s *Server) public(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range s.Public {
		mux.HandleFunc(pattern, answer)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

// errNoPlace is the error of a form that waited for others in vain.
var errNoPlace = errors.New("other forms are being read")

// read takes a form in, within its bounds.
func (s *Server) read(w http.ResponseWriter, r *http.Request) error {
	limit := int64(maxSmallForm)
	if in, _, is := s.who(r); is {
		limit = maxForm
		// Who leaves before the form is read is not noticed.
		wait, cancel := context.WithTimeout(r.Context(), waitTime)
		defer cancel()
		leave := s.forms.Take(wait, in.mailbox)
		if leave == nil {
			return errNoPlace
		}
		defer leave()
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return r.ParseForm()
}

// cookie is the name of the cookie. Behind TLS a browser takes one of that name
// from nobody but us.
func (s *Server) cookie() string {
	if s.url.Scheme == "https" {
		return "__Host-usher"
	}
	return "usher"
}

func (s *Server) setCookie(w http.ResponseWriter, value secret, age int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookie(), Value: string(value), Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.url.Scheme == "https"})
}

// who finds the session of a request.
func (s *Server) who(r *http.Request) (session, secret, bool) {
	c, err := r.Cookie(s.cookie())
	if err != nil {
		return session{}, "", false
	}
	in, is := s.logins.find(secret(c.Value), s.now())
	return in, secret(c.Value), is
}

// visit is a request of somebody who came in.
type visit struct {
	session
	*web.Client // asks for the session's mailbox, and no other
}

// known lets those through who came in, and of their forms only those that our
// own pages gave to them.
func (s *Server) known(page func(http.ResponseWriter, *http.Request, visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		in, _, is := s.who(r)
		if !is {
			s.tell(w, http.StatusUnauthorized, told{Title: "You are not signed in", Text: "A session ends when you leave, after half an hour without a click, and after eight hours. Nothing was changed.", Next: "Have a new link mailed to you.", Kept: r.PostFormValue("text")})
			return
		}
		if r.Method == http.MethodPost && subtle.ConstantTimeCompare([]byte(r.PostFormValue("form")), []byte(in.form)) != 1 {
			s.tell(w, http.StatusForbidden, told{Title: "That form is out of date", Text: "It was made for another session; nothing was done.", Next: "Open the page again, and send it from there.", Kept: r.PostFormValue("text")})
			return
		}
		page(w, r, visit{in, s.as(in.mailbox)})
	}
}

// as asks for one mailbox.
func (s *Server) as(mailbox string) *web.Client {
	return s.As(web.Whoami{User: mailbox, UID: web.NoUID, Mailboxes: []string{mailbox}})
}

// told is a page that says one thing, and what to do next.
type told struct {
	Title, Text, Next string
	To                string // where Next leads; "": the first page
	Kept              string // what somebody wrote and would lose
}

func (s *Server) tell(w http.ResponseWriter, status int, t told) {
	t.To = cmp.Or(t.To, "/")
	s.show(w, status, "told.html", t)
}

// fail tells what one of our own answers was.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if e, is := asError(err); is && e.Status != 0 && e.Status < http.StatusInternalServerError {
		s.tell(w, e.Status, told{Title: "That did not work", Text: e.Text, Next: "Go on from the first page."})
		return
	}
	s.Log.Warn("a page could not be shown", "error", err)
	s.tell(w, http.StatusInternalServerError, told{Title: "usher could not answer", Text: "Something went wrong; nothing was changed.", Next: "Try again in a minute."})
}

// show writes a page whole, or none.
func (s *Server) show(w http.ResponseWriter, status int, page string, value any) {
	var b strings.Builder
	if err := pages.ExecuteTemplate(&b, page, value); err != nil {
		s.Log.Error("a page could not be written", "page", page, "error", err)
		http.Error(w, "usher could not write this page.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(b.String()))
}
