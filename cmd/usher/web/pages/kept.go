package pages

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/show"
)

// keeping is the page on which a person sees what is kept of them, takes it along,
// and destroys it.
type keeping struct {
	menu
	Kinds []keptKind
	Done  string // what was just done
	Wrong string // what was not
}

// keptKind is one kind of what is kept, and until when.
type keptKind struct{ Name, Holds, Until string }

func (s *Server) kept(w http.ResponseWriter, r *http.Request, in visit) {
	s.showKept(w, r, in, http.StatusOK, keeping{})
}

func (s *Server) showKept(w http.ResponseWriter, r *http.Request, in visit, status int, page keeping) {
	all, err := in.Retention(r.Context())
	if err != nil {
		s.fail(w, err)
		return
	}
	page.menu = menu{in.mailbox, in.form, "kept"}
	for _, k := range all.Kinds {
		if !k.OfPersons {
			continue
		}
		days := k.Days
		if k.Owned || k.Follows {
			days = min(cmp.Or(all.Yours[in.mailbox], k.Days), k.Limit)
		}
		until := "until it is deleted"
		if days > 0 {
			until = show.Count(days, "day")
		}
		page.Kinds = append(page.Kinds, keptKind{k.Kind, k.Holds, until})
	}
	s.show(w, status, "kept.html", page)
}

// export hands over all that is kept, as one archive.
func (s *Server) export(w http.ResponseWriter, r *http.Request, in visit) {
	wait, cancel := context.WithTimeout(r.Context(), waitTime)
	defer cancel()
	leave := s.exports.Take(wait, in.mailbox)
	if leave == nil {
		s.tell(w, http.StatusServiceUnavailable, told{Title: "Not now", Text: "Other archives are being written.", Next: "Try again in a minute.", To: "/kept"})
		return
	}
	defer leave()
	archive := &download{w: w, control: http.NewResponseController(w), name: "usher-" + s.now().Format("2006-01-02") + ".zip"}
	err := in.Export(r.Context(), in.mailbox, false, archive)
	switch {
	case err == nil:
	case archive.begun:
		s.Log.Warn("an export broke off", "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
	default:
		s.fail(w, err)
	}
}

// download is an archive on its way to a browser. Time is short for each piece, not
// for the whole.
type download struct {
	w       http.ResponseWriter
	control *http.ResponseController
	name    string
	begun   bool
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.w.Header().Set("Content-Type", "application/zip")
		d.w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	}
	if err := d.control.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return d.w.Write(p)
}

func (s *Server) forget(w http.ResponseWriter, r *http.Request, in visit) {
	brand := strings.TrimSpace(r.PostFormValue("brand"))
	if brand == "" {
		s.showKept(w, r, in, http.StatusBadRequest, keeping{Wrong: "No brand is named. Write its domain, as in shop.example, or its name as the sender writes it."})
		return
	}
	f, err := in.Forget(r.Context(), in.mailbox, brand)
	if err != nil {
		s.fail(w, err)
		return
	}
	done := fmt.Sprintf("%s of %s forgotten, and all that stood beside them.", show.Count(f.Decisions, "decision"), brand)
	if f.Decisions == 0 {
		done = fmt.Sprintf("No decision was kept of %s.", brand)
	}
	s.showKept(w, r, in, http.StatusOK, keeping{Done: done})
}

// erase destroys everything, for who writes the mailbox out. The session ends with it.
func (s *Server) erase(w http.ResponseWriter, r *http.Request, in visit) {
	if mail.Mailbox(r.PostFormValue("mailbox"), s.Delimiter) != in.mailbox {
		s.showKept(w, r, in, http.StatusBadRequest, keeping{Wrong: "Nothing was erased: to erase everything, write " + in.mailbox + " into the field."})
		return
	}
	e, err := in.Erase(r.Context(), in.mailbox, r.PostFormValue("intents") == "yes")
	if err != nil {
		s.Log.Warn("an erasing did not come to its end", "error", err)
		s.tell(w, http.StatusInternalServerError, told{Title: "Not all is erased", Text: "The erasing did not come to its end. What was begun is ended when usher starts next.", Next: "See what is kept, or sign in again.", To: "/kept"})
		return
	}
	text := "What usher kept of " + in.mailbox + " is destroyed, and nobody can bring it back. You are signed out."
	if e.IsJudged {
		text += " The mail that comes from now on is judged as before, since something is still stated for your mailbox."
	}
	s.setCookie(w, "", -1)
	s.tell(w, http.StatusOK, told{Title: "Erased", Text: text, Next: "Go to the first page."})
}
