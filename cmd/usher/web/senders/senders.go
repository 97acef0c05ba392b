// Package senders answers those who send mail here: whoever proves a domain reads the
// reports on its mail, as pages or as JSON. It never computes a report, never shows one
// to anybody else, and tells of a domain that is not proven nothing, not even whether it
// has any.
package senders

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/web/from"
	"usher/corpus"
	"usher/corpus/proofs"
	"usher/corpus/senders"
)

// Bounds of what one network may ask in an hour, and of a request.
const (
	mostEnrols = 10 // challenges and confirmations
	mostWrong  = 10 // tokens that are none
	mostReads  = 600
	maxBody    = 1 << 10 // bytes
	maxToken   = 200     // bytes
)

// Answers is what answers.
type Answers struct {
	Proofs  *proofs.Desk
	Reports *senders.Desk
	Host    string // whose reports they are
	Letters string // the address that mails a token to who asks by a signed letter; "": none does
	Secure  bool   // browsers come by https
	Now     func() time.Time
	Log     *slog.Logger

	enrols, wrong, reads from.Counter
	origin               *http.CrossOriginProtection
}

// Routes are what is answered, by pattern.
func (a *Answers) Routes() map[string]http.HandlerFunc {
	a.enrols.Most, a.wrong.Most, a.reads.Most = mostEnrols, mostWrong, mostReads
	a.origin = http.NewCrossOriginProtection()
	all := map[string]http.HandlerFunc{}
	for pattern, of := range map[string]func(w http.ResponseWriter, r *http.Request) error{
		"GET {$}": a.front, "POST enrol": a.enrol, "POST enrol/confirm": a.confirm, "POST in": a.enter, "POST out": a.leave,
		"GET reports": a.list, "GET reports/{name}": a.report, "POST stop": a.stop, "GET style.css": style, "GET schema.json": schema,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		all[method+" "+mail.PathRelevance+path] = a.guarded(of)
	}
	all[mail.PathRelevance] = a.guarded(func(_ http.ResponseWriter, r *http.Request) error {
		if _, is := all["POST "+r.URL.Path]; is && r.Method != http.MethodPost {
			return fault{http.StatusMethodNotAllowed, "that is done by POST alone", "looking changes nothing here"}
		}
		return fault{http.StatusNotFound, "there is nothing at this address", "GET " + mail.PathRelevance + " leads on"}
	})
	return all
}

// policy lets a browser load our style sheet, send forms to us, and nothing else.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// fault is an error as its sender reads it.
type fault struct {
	Status int    `json:"-"`
	Text   string `json:"error"`
	Hint   string `json:"hint"`
}

func (f fault) Error() string { return f.Text }

// guarded stands before every answer.
func (a *Answers) guarded(of func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Vary": "Accept, Authorization, Cookie",
		} {
			w.Header().Set(name, value)
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err := a.origin.Check(r)
		switch {
		case err != nil:
			err = fault{http.StatusForbidden, "that came from another site", "send it from a page of ours, or from no browser"}
		case !a.reads.Enter(from.Address(r), a.Now()):
			err = fault{http.StatusTooManyRequests, "your network asked often enough for an hour", "ask again in an hour: a report changes once a day at most"}
		default:
			err = of(w, r)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	}
}

// fail tells what went wrong.
func (a *Answers) fail(w http.ResponseWriter, r *http.Request, err error) {
	var f fault
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &f):
	case errors.As(err, &long):
		f = fault{http.StatusRequestEntityTooLarge, "that was too long", `send {"domain":"shop.example"}, at most 1 KiB`}
	case errors.Is(err, proofs.ErrDomain):
		f = fault{http.StatusBadRequest, err.Error(), "name the domain of your From addresses that you registered: shop.example, not news.shop.example"}
	case errors.Is(err, proofs.ErrExpired):
		f = fault{http.StatusGone, err.Error(), "ask for a new one, by POST to " + mail.PathRelevance + "enrol"}
	case errors.Is(err, proofs.ErrUnproven):
		f = fault{http.StatusConflict, err.Error(), "DNS takes a while: look with `dig TXT`, and confirm again"}
	case errors.Is(err, proofs.ErrDNS), errors.Is(err, proofs.ErrFull):
		a.Log.Warn("a sender was not answered", "error", err)
		f = fault{http.StatusServiceUnavailable, "your proof could not be taken now", "try again in a while"}
	case errors.Is(err, proofs.ErrToken):
		f = fault{http.StatusUnauthorized, err.Error(), "prove the domain at " + mail.PathRelevance}
	case errors.Is(err, corpus.ErrNotFound):
		f = fault{http.StatusNotFound, "there is no such report", "GET " + mail.PathRelevance + "reports lists yours"}
	default:
		a.Log.Warn("a sender was not answered", "error", err)
		f = fault{http.StatusInternalServerError, "usher could not answer", "try again in a minute"}
	}
	if isPage(r) {
		a.show(w, f.Status, "told", told{Title: "That did not work", Fault: f})
		return
	}
	writeJSON(w, f.Status, f)
}

// isPage reports whether a browser asks.
func isPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

// asked is what a body holds, of a form or as JSON.
type asked struct {
	Domain string `json:"domain"`
	Token  string `json:"token"`
}

func read(r *http.Request) (q asked, err error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		body := json.NewDecoder(r.Body)
		body.DisallowUnknownFields()
		if err = body.Decode(&q); err == nil {
			if _, err = body.Token(); errors.Is(err, io.EOF) {
				return q, nil
			}
		}
	} else if err = r.ParseForm(); err == nil {
		return asked{r.PostForm.Get("domain"), r.PostForm.Get("token")}, nil
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return q, err
	}
	return q, fault{http.StatusBadRequest, "that cannot be read", `send {"domain":"shop.example"} as application/json`}
}

// often is an error where a network enrolled often enough.
func (a *Answers) often(r *http.Request) error {
	if !a.enrols.Enter(from.Address(r), a.Now()) {
		return fault{http.StatusTooManyRequests, "your network tried ten times within an hour", "try again in an hour"}
	}
	return nil
}

func (a *Answers) enrol(w http.ResponseWriter, r *http.Request) error {
	if err := a.often(r); err != nil {
		return err
	}
	q, err := read(r)
	if err != nil {
		return err
	}
	c, err := a.Proofs.Enrol(q.Domain)
	if err != nil {
		return err
	}
	if isPage(r) {
		return a.show(w, http.StatusOK, "enrol", c)
	}
	writeJSON(w, http.StatusOK, c)
	return nil
}

func (a *Answers) confirm(w http.ResponseWriter, r *http.Request) error {
	if err := a.often(r); err != nil {
		return err
	}
	q, err := read(r)
	if err != nil {
		return err
	}
	bearer, err := a.Proofs.Confirm(r.Context(), q.Domain, q.Token)
	if errors.Is(err, proofs.ErrUnproven) && isPage(r) {
		return a.show(w, http.StatusConflict, "wait", q)
	}
	if err != nil {
		return err
	}
	if isPage(r) {
		a.setCookie(w, bearer)
		return a.show(w, http.StatusOK, "proven", asked{q.Domain, bearer})
	}
	writeJSON(w, http.StatusOK, struct {
		Domain string `json:"domain"`
		Bearer string `json:"bearer"`
	}{q.Domain, bearer})
	return nil
}

const cookie = "usher-sender"

func (a *Answers) cookie() string {
	if a.Secure {
		return "__Secure-" + cookie
	}
	return cookie
}

// setCookie has a browser keep a token until it is closed; "" takes it back.
func (a *Answers) setCookie(w http.ResponseWriter, bearer string) {
	c := &http.Cookie{Name: a.cookie(), Value: bearer, Path: mail.PathRelevance, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: a.Secure}
	if bearer == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// bearer is the token that a request brings.
func (a *Answers) bearer(r *http.Request) string {
	if word, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is {
		return word
	}
	if c, err := r.Cookie(a.cookie()); err == nil {
		return c.Value
	}
	return ""
}

// who tells whose token a request brings. Guessing is slowed by network.
func (a *Answers) who(r *http.Request) (domain string, err error) {
	return a.whose(r.Context(), r, a.bearer(r))
}

func (a *Answers) whose(ctx context.Context, r *http.Request, bearer string) (domain string, err error) {
	if bearer == "" || len(bearer) > maxToken {
		return "", fault{http.StatusUnauthorized, "which domain is yours is not proven", "send Authorization: Bearer and the token that " + mail.PathRelevance + "enrol leads to"}
	}
	if a.wrong.Full(from.Address(r), a.Now()) {
		return "", fault{http.StatusTooManyRequests, "your network tried ten wrong tokens within an hour", "try again in an hour"}
	}
	domain, err = a.Proofs.Who(ctx, bearer)
	if errors.Is(err, proofs.ErrToken) {
		a.wrong.Enter(from.Address(r), a.Now())
		err = fault{http.StatusUnauthorized, "that token is none of ours, or it ended", "prove the domain anew at " + mail.PathRelevance}
	}
	return domain, err
}

// enter has a browser keep a token that its person has.
func (a *Answers) enter(w http.ResponseWriter, r *http.Request) error {
	q, err := read(r)
	if err != nil {
		return err
	}
	q.Token = strings.TrimSpace(q.Token)
	if _, err = a.whose(r.Context(), r, q.Token); err != nil {
		return err
	}
	a.setCookie(w, q.Token)
	http.Redirect(w, r, mail.PathRelevance+"reports", http.StatusSeeOther)
	return nil
}

// leave ends a token.
func (a *Answers) leave(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.who(r); err != nil {
		return err
	}
	if err := a.Proofs.End(r.Context(), a.bearer(r)); err != nil {
		return err
	}
	a.setCookie(w, "")
	if isPage(r) {
		return a.show(w, http.StatusOK, "told", told{Title: "Your token is ended", Text: "Nobody reads your reports by it any more. Your record in the DNS may go, too."})
	}
	writeJSON(w, http.StatusOK, struct{}{})
	return nil
}

// stop has no more reports sent where the domain's record leads.
func (a *Answers) stop(w http.ResponseWriter, r *http.Request) error {
	domain, err := a.who(r)
	if err != nil {
		return err
	}
	err = a.Reports.Stop(r.Context(), domain)
	if errors.Is(err, corpus.ErrNotFound) {
		return fault{http.StatusConflict, "no reports are asked for, by a record at " + mail.LabelRelevance + "." + domain, "there is nothing to stop"}
	}
	if err != nil {
		return err
	}
	if isPage(r) {
		return a.show(w, http.StatusOK, "told", told{Title: "No more reports are sent", Text: "They are kept here for you to read. To have them sent again, change rua in your record at " + mail.LabelRelevance + "." + domain + "."})
	}
	writeJSON(w, http.StatusOK, struct {
		Stopped []string `json:"stopped"`
	}{a.Reports.Stopped(domain)})
	return nil
}
