package pages

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"usher/cmd/usher/web"
	"usher/rules/intents"
	"usher/rules/intents/advice"
	"usher/rules/intents/first"
	"usher/rules/intents/meaning"
)

// maxMistakes is how many mistakes one page shows.
const maxMistakes = 50

// editor is the page on which a person states what they want.
type editor struct {
	menu
	Text       string // as it stands in the page
	Hash       string // of the file that it began from
	Exists     bool   // there is a file
	Checked    bool
	Stored     bool   // just now
	Fault      string // why the last good version is in force instead of the file
	Errors     []mistake
	More       int // mistakes beyond these
	Notes      []advice.Note
	Understood []meaning.Line
	Other      *other // the file was changed meanwhile

	unread []string // lists that the file names and that could not be read
}

// mistake is one error of a text, with the caret under what is wrong.
type mistake struct {
	Place, Shown string
}

// other is what somebody else, or another window, stored meanwhile.
type other struct {
	Lines []line
	Fresh bool // some of its lines are not in this version
}

// line is a line of the other version; Fresh, if it is not in this one.
type line struct {
	No    int
	Text  string
	Fresh bool
}

// intents shows the file, or a first one to begin with.
func (s *Server) intents(w http.ResponseWriter, r *http.Request, in visit) {
	st, ok := s.stated(w, r, in)
	if !ok {
		return
	}
	page := s.editor(in, st)
	page.Stored = r.URL.Query().Has("stored")
	if st.Exists {
		page.check(st.Text, s.now())
	}
	s.show(w, http.StatusOK, "intents.html", page)
}

func (s *Server) editor(in visit, st web.Stated) *editor {
	page := &editor{menu: menu{in.mailbox, in.form, "intents"}, Text: st.Text, Hash: st.Hash, Exists: st.Exists, Fault: st.Fault, unread: st.Unread}
	if !st.Exists {
		page.Text = string(first.File(in.mailbox))
	}
	return page
}

// stated reads the file, and answers by itself where a browser cannot show it as it is.
func (s *Server) stated(w http.ResponseWriter, r *http.Request, in visit) (web.Stated, bool) {
	st, err := in.Intents(r.Context(), in.mailbox)
	switch {
	case err != nil:
		s.fail(w, err)
	case !st.Whole() || strings.ContainsRune(st.Text, 0):
		s.tell(w, http.StatusConflict, told{Title: "Your file cannot be shown here", Text: "It holds bytes that are no text in UTF-8, and a browser would change them.", Next: "Ask whoever runs your mail to mend it, then open this page again.", To: "/intents"})
	default:
		return st, true
	}
	return st, false
}

// stateIntents checks a text, or stores it.
func (s *Server) stateIntents(w http.ResponseWriter, r *http.Request, in visit) {
	now, ok := s.stated(w, r, in)
	if !ok {
		return
	}
	page := s.editor(in, now)
	page.Text, page.Hash = received(r.PostFormValue("text"), now.Text), r.PostFormValue("hash")
	if len(page.Text) > intents.MaxBytes {
		s.tell(w, http.StatusRequestEntityTooLarge, told{Title: "That was too long", Text: "An intents file holds at most 256 KiB; nothing was changed.", Next: "Go back, make it shorter and send it again.", To: "/intents"})
		return
	}
	well := page.check(page.Text, s.now())
	page.Checked = true
	status := http.StatusOK
	switch {
	case !well:
		status = http.StatusUnprocessableEntity
	case r.PostFormValue("do") == "save":
		err := page.save(r, in)
		if err != nil {
			s.fail(w, err)
			return
		}
		if page.Other == nil {
			http.Redirect(w, r, "/intents?stored", http.StatusSeeOther)
			return
		}
		status = http.StatusConflict
	}
	s.show(w, status, "intents.html", page)
}

func (s *Server) showManual(w http.ResponseWriter, _ *http.Request, in visit) {
	s.show(w, http.StatusOK, "manual.html", struct {
		menu
		Text string
	}{menu{in.mailbox, in.form, "manual"}, s.manual})
}

// check reads a text as the daemon would, and reports whether it is free of
// mistakes.
func (e *editor) check(text string, now time.Time) bool {
	file, errs := intents.Parse("intents", []byte(text), now)
	e.More = max(0, len(errs)-maxMistakes)
	for _, m := range errs[:len(errs)-e.More] {
		_, shown, _ := strings.Cut(m.Error(), "\n")
		e.Errors = append(e.Errors, mistake{fmt.Sprintf("Line %d, column %d: %s", m.Line, m.Column, m.Message), outdented(shown)})
	}
	if len(errs) > 0 {
		return false
	}
	file.MissLists(e.unread)
	e.Notes, e.Understood = advice.On(file, now), meaning.Lines(file)
	return true
}

// outdented takes away what stands before every line.
func outdented(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "    ")
	}
	return strings.Join(lines, "\n")
}

// save stores the text, if the file is still the one that it began from. Else it
// finds what the file says now, and the next save replaces that.
func (e *editor) save(r *http.Request, in visit) error {
	_, err := in.PutIntents(r.Context(), web.Stated{Mailbox: in.mailbox, Text: e.Text, Hash: e.Hash})
	if told, is := asError(err); !is || told.Status != http.StatusPreconditionFailed {
		return err
	}
	now, err := in.Intents(r.Context(), in.mailbox)
	if err != nil || now.Text == e.Text { // sent twice
		return err
	}
	e.Hash, e.Exists, e.Fault = now.Hash, now.Exists, now.Fault
	e.Other = compared(now.Text, e.Text)
	return nil
}

// compared gives the lines of a text, and which of them another text lacks.
func compared(text, with string) *other {
	known := map[string]bool{"": true}
	for l := range strings.Lines(with) {
		known[strings.TrimRight(l, "\r\n")] = true
	}
	o := new(other)
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		o.Lines = append(o.Lines, line{len(o.Lines) + 1, l, !known[l]})
		o.Fresh = o.Fresh || !known[l]
	}
	return o
}

// received undoes what browsers do to a text: every line of a form ends CRLF, as
// the lines of few files do.
func received(text, stored string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if strings.Contains(stored, "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if text != "" && !strings.HasSuffix(text, "\n") && (stored == "" || strings.HasSuffix(stored, "\n")) {
		text += "\n"
	}
	return text
}
