package senders

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"usher/corpus/report"
)

//go:embed pages.html style.css
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"starred": func() string { return report.Starred }, "day": func(t time.Time) string { return t.UTC().Format("2 Jan 2006") }}).ParseFS(files, "pages.html"))

// fronted is the page that anybody sees.
type fronted struct{ Host, Letters string }

// told is a page that says one thing.
type told struct {
	Title, Text string
	Fault       fault
}

// listed is the page of the reports on a domain.
type listed struct {
	Domain, Host string
	Reports      []named
	Stopped      []string
}

// Last is the last day of a report.
func (n named) Last() time.Time { return n.End.AddDate(0, 0, -1) }

// shown is the page of one report.
type shown struct {
	*report.Report
	Signed bool
	Path   string
}

// When is the span of a report in words.
func (s shown) When() string {
	first, last := s.Metadata.Range.Begin.UTC(), s.Metadata.Range.End.UTC().AddDate(0, 0, -1)
	if !last.After(first) {
		return first.Format("2 January 2006")
	}
	return fmt.Sprintf("%s to %s", first.Format("2 January"), last.Format("2 January 2006"))
}

// show writes a page whole, or none.
func (a *Answers) show(w http.ResponseWriter, status int, page string, value any) error {
	var b strings.Builder
	if err := pages.ExecuteTemplate(&b, page, value); err != nil {
		return fmt.Errorf("write the page %s: %w", page, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(b.String()))
	return nil
}

func (a *Answers) front(w http.ResponseWriter, r *http.Request) error {
	return a.show(w, http.StatusOK, "front", fronted{a.Host, a.Letters})
}

func style(w http.ResponseWriter, _ *http.Request) error {
	sheet, err := files.ReadFile("style.css")
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(sheet)
	return err
}
