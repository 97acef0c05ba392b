package pages

import (
	"net/http"
	"time"

	"usher/cmd/usher/show"
)

// lasting is how long an override may be asked for here.
var lasting = []lapse{{"2h", "2 hours"}, {"24h", "a day"}, {"168h", "a week"}}

type lapse struct{ Value, Name string }

// letIn is an override in force.
type letIn struct{ ID, What, Until, Mails string }

// overrides are what a person lets in at present.
func (s *Server) overrides(r *http.Request, in visit, zone *time.Location) (list []letIn) {
	found, err := in.Overrides(r.Context(), in.mailbox)
	if err != nil {
		s.Log.Warn("overrides could not be read for a page", "error", err)
	}
	for _, o := range found {
		if !o.InForce {
			continue
		}
		what := "all mail"
		if o.Brand != "" {
			what = "mail of " + o.Brand
		}
		list = append(list, letIn{o.ID, what, o.Until.In(zone).Format("Mon 2 Jan 15:04"), show.Count(o.LetIn, "mail")})
	}
	return list
}

// override lets mail in for a time.
func (s *Server) override(w http.ResponseWriter, r *http.Request, in visit) {
	lasts, err := time.ParseDuration(r.PostFormValue("for"))
	if err != nil {
		s.tell(w, http.StatusBadRequest, told{Title: "Nothing was let in", Text: "The form does not say for how long.", Next: "Go on from the first page."})
		return
	}
	_, err = in.Override(r.Context(), in.mailbox, r.PostFormValue("brand"), lasts)
	if e, is := asError(err); is && e.Status < http.StatusInternalServerError {
		s.tell(w, e.Status, told{Title: "Nothing was let in", Text: e.Text + ".", Next: "Name the brand by its domain, as in shop.example, or leave it out; of those in force, end one first."})
		return
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// endOverride ends one override before its time.
func (s *Server) endOverride(w http.ResponseWriter, r *http.Request, in visit) {
	id := r.PostFormValue("id")
	if id == "" {
		s.tell(w, http.StatusBadRequest, told{Title: "Nothing was ended", Text: "The form names nothing that is let in.", Next: "Go on from the first page."})
		return
	}
	if _, err := in.EndOverride(r.Context(), in.mailbox, id); err != nil {
		if e, is := asError(err); !is || e.Status != http.StatusNotFound { // over by now
			s.fail(w, err)
			return
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
