package senders

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/report"
	"usher/corpus/senders"
)

// schema is what the JSON of a report is like.
func schema(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/schema+json")
	_, err := w.Write(report.Schema)
	return err
}

// sealed lists the reports on a domain that were published, the newest first.
func (a *Answers) sealed(domain string) (all []senders.Sealed, err error) {
	list, err := a.Reports.Sealed(domain)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Report != nil {
			all = append(all, list[i])
		}
	}
	return all, err
}

// named is a report in a list.
type named struct {
	ID    string    `json:"report_id"`
	Begin time.Time `json:"begin"`
	End   time.Time `json:"end"`
	Path  string    `json:"path"` // with .json, .txt or .eml behind it
}

func (a *Answers) list(w http.ResponseWriter, r *http.Request) error {
	domain, err := a.who(r)
	if err != nil {
		return err
	}
	if want := r.FormValue("domain"); want != "" && mail.Domain(want) != domain {
		return corpus.ErrNotFound
	}
	list, err := a.sealed(domain)
	if err != nil {
		return err
	}
	all := []named{}
	for _, s := range list {
		id := s.Report.Metadata.ID
		all = append(all, named{id, s.Begin, s.End, mail.PathRelevance + "reports/" + word(id)})
	}
	if isPage(r) {
		return a.show(w, http.StatusOK, "list", listed{domain, a.Host, all, a.Reports.Stopped(domain)})
	}
	writeJSON(w, http.StatusOK, struct {
		Domain  string  `json:"domain"`
		Reports []named `json:"reports"`
	}{domain, all})
	return nil
}

// word is what of a report's id tells it from others here.
func word(id string) string { return cmp.Or(strings.SplitN(id, "@", 2)[0], id) }

func (a *Answers) report(w http.ResponseWriter, r *http.Request) error {
	domain, err := a.who(r)
	if err != nil {
		return err
	}
	list, err := a.sealed(domain)
	if err != nil {
		return err
	}
	for _, s := range list {
		kind, is := strings.CutPrefix(r.PathValue("name"), word(s.Report.Metadata.ID))
		switch {
		case is && kind == ".json":
			writeJSON(w, http.StatusOK, s.Report)
		case is && kind == ".txt":
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			io.WriteString(w, s.Report.Text())
		case is && kind == ".eml" && s.Letter != nil:
			w.Header().Set("Content-Type", "message/rfc822")
			w.Write(s.Letter)
		case is && kind == "":
			return a.show(w, http.StatusOK, "report", shown{s.Report, s.Letter != nil, word(s.Report.Metadata.ID)})
		default:
			continue
		}
		return nil
	}
	return corpus.ErrNotFound
}
