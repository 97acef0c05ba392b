package pages

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/plain"
	"usher/cmd/usher/show"
	"usher/corpus"
	"usher/corpus/digest/token"
	"usher/rules"
)

// maxRows is how many decisions one page lists.
const maxRows = 200

// spans are how far back a list goes.
var spans = []span{{"1", "1 day", 1}, {"7", "7 days", 7}, {"30", "30 days", 30}}

type span struct {
	Value, Name string
	days        int
}

// menu is what every page has for those who are in.
type menu struct {
	Mailbox string
	Form    secret
	At      string // the page that is shown
}

// row is a decision in a list.
type row struct {
	ID, When, From, Subject, Goes string
	Words, Source                 string // the statement that decided, or what stands for one, and where it stands
}

// decisions lists what became of the mail of the last days, newest first.
func (s *Server) decisions(w http.ResponseWriter, r *http.Request, in visit) {
	chosen := spans[1]
	for _, sp := range spans {
		if sp.Value == r.URL.Query().Get("days") {
			chosen = sp
		}
	}
	since := s.now().AddDate(0, 0, -chosen.days)
	found, err := in.Decisions(r.Context(), in.mailbox, since, time.Time{}, maxRows+1)
	if err != nil {
		s.fail(w, err)
		return
	}
	st, err := in.Intents(r.Context(), in.mailbox)
	if err != nil {
		s.Log.Debug("intents could not be read for a page", "error", err)
	}
	page := struct {
		menu
		Spans  []span
		Chosen span
		Rows   []row
		More   int  // rows are left out beyond so many
		Stated bool // there is an intents file
		LetIn  []letIn
		Lasts  []lapse
	}{menu: menu{in.mailbox, in.form, "decisions"}, Spans: spans, Chosen: chosen, Stated: st.Exists, Lasts: lasting}
	if len(found) > maxRows {
		found, page.More = found[:maxRows], maxRows
	}
	zone := st.Where()
	page.LetIn = s.overrides(r, in, zone)
	for _, d := range found {
		page.Rows = append(page.Rows, rowOf(d, zone))
	}
	s.show(w, http.StatusOK, "decisions.html", page)
}

func rowOf(d *rules.Decision, zone *time.Location) row {
	source, words, _ := strings.Cut(show.Because(d), "  ")
	r := row{d.ID, d.At.In(zone).Format("Mon 2 Jan 15:04"), plain.Text(d.Sender.Brand), plain.Text(d.Subject), string(d.Disposition), plain.Text(words), plain.Text(source)}
	if r.From == "" {
		r.From = plain.Text(d.Sender.Name)
	}
	if r.Subject == "" && r.From == "" {
		r.Subject = "(" + string(d.Category) + ": not kept)"
	}
	r.Subject = cmp.Or(r.Subject, "(no subject)")
	return r
}

// decision shows one decision: the person's own words first.
func (s *Server) decision(w http.ResponseWriter, r *http.Request, in visit) {
	found, err := in.Why(r.Context(), r.PathValue("id"), in.mailbox)
	if errors.Is(err, corpus.ErrNotFound) {
		s.tell(w, http.StatusNotFound, told{Title: "There is no such decision", Text: "Decisions end after a time, and a mailbox without intents gets none.", Next: "See the decisions that there are."})
		return
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	d := found[0]
	st, _ := in.Intents(r.Context(), in.mailbox) // without it, the zone is the server's
	page := struct {
		menu
		Subject string
		Words   []show.Line // where it goes, because of what
		Lines   []show.Line
		Lists   []show.List
		Ends    []show.Line
		Acts    []way
	}{menu: menu{in.mailbox, in.form, "decision"}, Subject: rowOf(d, time.UTC).Subject, Lists: show.Lists(d), Ends: show.Ends(d), Acts: s.ways(in.mailbox, d)}
	if mayComplain(r.Context(), in.Client, in.mailbox, d.ID) {
		page.Acts = append(page.Acts, way{s.Act(token.Act{Mailbox: in.mailbox, Decision: d.ID, To: token.Complain, Until: s.now().Add(token.Lasts)}), "Complain to the sender"})
	}
	first := false
	for _, l := range show.Lines(d, st.Where()) {
		if l.Name != "" { // what has no name goes on with the line above
			first = l.Name == "goes to" || l.Name == "because" || l.Name == "otherwise"
		}
		switch {
		case l.Name == "subject": // it is the title
		case first:
			page.Words = append(page.Words, l)
		default:
			page.Lines = append(page.Lines, l)
		}
	}
	s.show(w, http.StatusOK, "decision.html", page)
}

// way is a page that offers to correct a decision.
type way struct{ URL, Name string }

// ways are the pages that offer to correct a decision, as the links of a digest do.
func (s *Server) ways(mailbox string, d *rules.Decision) (list []way) {
	if d.Category == classify.Personal || d.Because == "error" { // too little of it is kept
		return nil
	}
	for _, w := range []way{{"inbox", "It belongs in my inbox"}, {"receipt", "It is a receipt"}, {"promotions", "It belongs among the promotions"}, {"refuse", "I want none of it"}} {
		if w.URL == string(d.Disposition) {
			continue
		}
		if w.URL = s.Act(token.Act{Mailbox: mailbox, Decision: d.ID, To: w.URL, Until: s.now().Add(token.Lasts)}); w.URL != "" {
			list = append(list, w)
		}
	}
	return list
}
