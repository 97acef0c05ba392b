// Package reports answers an admin, over the command socket, which reports were drawn
// for senders, and asks that for commands. It never draws one.
package reports

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/report"
	"usher/corpus/senders"
)

// Sealed is a report as it was drawn, or that nothing could be published.
type Sealed struct {
	Domain    string         `json:"domain"`
	Begin     time.Time      `json:"begin"`
	End       time.Time      `json:"end"`
	Published bool           `json:"published"`
	Sent      time.Time      `json:"sent,omitzero"`
	Fault     string         `json:"fault,omitempty"` // why it was not sent yet
	Report    *report.Report `json:"report,omitempty"`
}

// List is what senders asked for, and what was drawn, the oldest first.
type List struct {
	Requests []senders.Request `json:"requests"`
	Reports  []Sealed          `json:"reports"`
}

// off says that the site reports to nobody.
var off = &web.Error{Status: http.StatusConflict, Text: "this usher tells senders nothing", Next: "the operator may set reports = true; `usher report sample` shows what one is"}

// Routes are the endpoints on a desk; nil where the site reports to nobody.
func Routes(d *senders.Desk) map[string]web.Answer {
	list := func(_ http.ResponseWriter, r *http.Request, _ web.Whoami) (any, error) {
		if d == nil {
			return nil, off
		}
		asked, err := d.Asking()
		if err != nil {
			return nil, err
		}
		drawn, err := d.Sealed(r.FormValue("domain"))
		if err != nil {
			return nil, err
		}
		all := List{Requests: asked, Reports: []Sealed{}}
		for _, s := range drawn {
			one := sealed(s)
			if r.FormValue("domain") != "" {
				one.Report = s.Report
			}
			all.Reports = append(all.Reports, one)
		}
		return all, nil
	}
	send := func(_ http.ResponseWriter, r *http.Request, _ web.Whoami) (any, error) {
		if d == nil {
			return nil, off
		}
		s, err := d.Send(r.Context(), r.FormValue("domain"))
		switch {
		case errors.Is(err, corpus.ErrNotFound):
			return nil, &web.Error{Status: http.StatusNotFound, Text: "no report on " + r.FormValue("domain") + " was published", Next: "`usher report list` tells what was drawn"}
		case errors.Is(err, senders.ErrNoSigner):
			return nil, &web.Error{Status: http.StatusConflict, Text: "reports are drawn, and not sent", Next: "`usher dkim` makes the keys that sign them; the setting relay names the server that mails them"}
		case err != nil:
			return nil, &web.Error{Status: http.StatusBadGateway, Text: err.Error(), Next: "it is tried again by itself, five times in all"}
		}
		return sealed(s), nil
	}
	return map[string]web.Answer{"GET /v1/site/reports": web.ForAdmin(list), "POST /v1/site/reports/send": web.ForAdmin(send)}
}

func sealed(s senders.Sealed) Sealed {
	return Sealed{Domain: s.Domain, Begin: s.Begin, End: s.End, Published: s.Report != nil, Sent: s.Sent, Fault: s.Fault}
}

// Send has the last report on a sender mailed now.
func Send(ctx context.Context, c *web.Client, domain string) (s Sealed, err error) {
	err = c.Ask(ctx, web.Question{Method: http.MethodPost, Path: "site/reports/send", Query: url.Values{"domain": {domain}}}, &s)
	return s, err
}

// Get asks which reports were drawn: of one sender whole, or with "" of all the list.
func Get(ctx context.Context, c *web.Client, domain string) (all List, err error) {
	q := url.Values{}
	if domain != "" {
		q.Set("domain", domain)
	}
	err = c.Ask(ctx, web.Question{Path: "site/reports", Query: q}, &all)
	return all, err
}
