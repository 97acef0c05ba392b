package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/plain"
	"usher/classify/topic"
	"usher/rules"
	"usher/rules/claim"
)

// Because is the source of a decision with the statement it names.
func Because(d *rules.Decision) string {
	if d.Text == "" && d.Because == "default" && d.Category == classify.Personal {
		// Of a personal letter nothing more is kept than that it is one.
		return "default  personal mail always reaches the inbox"
	}
	if d.ByOverride() != "" {
		return d.Because
	}
	if d.Statement == "" || d.Because == "default" {
		return strings.TrimSpace(d.Because + "  " + d.Text)
	}
	return d.Because + "  " + d.Statement
}

// proof says who sent a mail, as far as it was proven.
func proof(s rules.Sender) string {
	switch {
	case s.How == Assumed:
		return s.Brand + ", taken as proven (--assume-aligned)"
	case s.Brand == "":
		return "no sender that could be proven"
	case s.Aligned && s.How == "ar":
		return s.Brand + ", proven by DKIM, as your mail server found"
	case s.Aligned:
		return fmt.Sprintf("%s, proven by %s", s.Brand, strings.ToUpper(s.How))
	case s.How == "spf":
		return fmt.Sprintf("claims %s, SPF alone: no grant and no want applies", s.Brand)
	}
	return fmt.Sprintf("claims %s, unproven: no grant and no want applies", s.Brand)
}

// Line is one thing that a decision says: what it is called, and the words. Words
// without a name go on with the line above.
type Line struct{ Name, Text string }

// List is what stands below a decision's lines.
type List struct {
	Title  string
	Widths []int // terminal cells of a column; 0 is no bound
	Rows   [][]string
}

// Decision prints one decision for a person: what, why, and what else mattered.
func Decision(w io.Writer, d *rules.Decision, zone *time.Location) {
	write := func(l Line) {
		for _, part := range plain.Wrap(l.Text, Width-13) {
			fmt.Fprintf(w, "%-12s %s\n", l.Name, part)
			l.Name = ""
		}
	}
	for _, l := range Lines(d, zone) {
		write(l)
	}
	for _, l := range Lists(d) {
		fmt.Fprintln(w, l.Title)
		l.indented().Print(w)
	}
	for _, l := range Ends(d) {
		write(l)
	}
}

// Lines are what a decision says, in the order in which a person asks: what came,
// where it went, because of which of their words, what would have changed that,
// and only then what kind of mail it was taken for. They are safe to show.
func Lines(d *rules.Decision, zone *time.Location) (lines []Line) {
	line := func(name, value string) {
		if value = plain.Text(value); value != "" {
			lines = append(lines, Line{name, value})
		}
	}
	line("to", d.Recipient)
	line("subject", d.Subject)
	if thin(d) {
		line("kept", "no more than this, of a personal letter")
	} else {
		line("sender", strings.TrimPrefix(d.Sender.Name+" · "+proof(d.Sender), " · "))
	}
	for _, e := range d.Evidence {
		if e.Code == rules.LooksLike {
			line("beware", e.Text)
		}
	}
	if !d.At.IsZero() {
		line("arrived", d.At.In(zone).Format("Mon 2 Jan 2006 15:04 MST"))
	}
	line("goes to", goes(d))
	line("because", Because(d))
	if !strings.HasSuffix(Because(d), d.Text) {
		line("", d.Text)
	}
	line("otherwise", d.Nearest)
	line("is", kind(d))
	if d.Terms != nil && d.Terms.Claim != nil {
		line("terms", claimed(d.Terms))
	}
	if d.Summary != d.Subject && d.Summary != d.Sender.Name+": "+d.Subject {
		line("summary", d.Summary)
	}
	return lines
}

// thin reports whether it is a stored decision about a personal letter.
func thin(d *rules.Decision) bool {
	return d.Category == classify.Personal && d.ID != "" && d.Subject == "" && d.Sender.Brand == "" && len(d.Evidence) == 0
}

// claimed words what a sender says of terms, as no more than that.
func claimed(t *claim.Terms) string {
	text := "its sender claims: " + t.Claim.String()
	switch {
	case t.Claim.Against != "":
		text += "; but " + t.Claim.Against
	case t.Needs != "":
		text += "; what was seen would need " + t.Needs
	}
	return text
}

// kind says what kind of mail it is, and how surely.
func kind(d *rules.Decision) string {
	for _, e := range d.Evidence {
		if e.Code == classify.Unsure {
			return string(d.Category) + ", to be safe: " + e.Text
		}
	}
	if d.Confidence == 0 { // of a personal letter it is not kept
		return string(d.Category)
	}
	text := fmt.Sprintf("%s (%s)", d.Category, Sureness(d.Confidence))
	if d.Topic != "" && d.Topic != topic.Other {
		text += ", about " + d.Topic
	}
	return text
}

// Sureness prints a probability as a percentage; what was judged is never
// certain, so there is no 100 %.
func Sureness(p float64) string { return fmt.Sprintf("%.0f %%", min(99, 100*p)) }

// goes says where a message goes and, where the word alone is not plain, what that means.
func goes(d *rules.Decision) string {
	switch d.Disposition {
	case rules.Digest:
		return "digest (filed among the promotions and summed up)"
	case rules.Refuse:
		return "refuse (filed among the refused)"
	case rules.Reject:
		return "reject (or refuse, where the wire may not reject)"
	}
	return string(d.Disposition)
}

func outcome(d *rules.Decision) string {
	s := fmt.Sprintf("the next hop answered %d", d.Outcome.Code)
	if d.Outcome.Applied == rules.Reject {
		s = fmt.Sprintf("no: usher itself answered %d", d.Outcome.Code)
		if d.Outcome.Ref != "" {
			s += ", reference " + d.Outcome.Ref
		}
	}
	if d.Outcome.Applied != "" && d.Outcome.Applied != d.Disposition {
		s += fmt.Sprintf("; %s was applied instead", d.Outcome.Applied)
	}
	if d.Outcome.Why != "" {
		s += ": " + d.Outcome.Why
	}
	if n := d.Outcome.Changed; n > 0 {
		s += fmt.Sprintf("; %d of its line ends were not CRLF, and were made so", n)
	}
	return s
}

// Lists are what else mattered, safe to show.
func Lists(d *rules.Decision) (lists []List) {
	list := func(title string, widths []int, rows [][]string) {
		if len(rows) > 0 {
			lists = append(lists, List{title, widths, rows})
		}
	}
	var rows [][]string
	for _, a := range d.Also {
		rows = append(rows, []string{a.Source, string(a.Answer), plain.Text(a.Statement), plain.Text(a.Text)})
	}
	list("also looked at", []int{0, 0, 44, 60}, rows)
	var agrees, argues [][]string
	for _, e := range d.Evidence {
		row := []string{fmt.Sprintf("%+.1f", e.Weight), string(e.For), plain.Text(e.Text)}
		switch {
		case e.Code == rules.LooksLike || e.Code == classify.Unsure: // said above
		case (e.For == d.Category) == (e.Weight > 0):
			agrees = append(agrees, row)
		default:
			argues = append(argues, row)
		}
	}
	list("evidence that it is this kind of mail: for it (+), against others (-)", []int{0, 0, 80}, agrees)
	list("evidence that argued the other way", []int{0, 0, 80}, argues)
	rows = nil
	for _, k := range d.Knows {
		rows = append(rows, []string{k.Level, plain.Text(k.Text)})
	}
	list("what it seems to know", []int{0, 90}, rows)
	return lists
}

// Print prints the rows in columns. On a terminal the last goes on below itself, or
// begins on a line of its own where the others leave it too little room.
func (l List) Print(w io.Writer) {
	const enough = 30
	rows := l.Rows
	width := widths(rows)
	last := len(width) - 1
	before := 0
	for _, n := range width[:last] {
		before += n + 2
	}
	wide := Columns(w)
	own := wide-before < enough
	if own {
		before = 6
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row[:last] {
			line.WriteString(plain.Pad(cell, width[i]) + "  ")
		}
		if own {
			fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
			if line.Reset(); row[last] == "" {
				continue
			}
		}
		for _, part := range fitted(row[last], wide-before) {
			fmt.Fprintln(w, strings.TrimRight(plain.Pad(line.String(), before)+part, " "))
			line.Reset()
		}
	}
}

// fitted breaks a cell where it is too long, and keeps the blanks before it.
func fitted(cell string, wide int) []string {
	if plain.Columns(cell) <= wide {
		return []string{cell}
	}
	lead := cell[:len(cell)-len(strings.TrimLeft(cell, " "))]
	lines := plain.Wrap(cell, wide-len(lead))
	for i := range lines {
		lines[i] = lead + lines[i]
	}
	return lines
}

// indented gives a list as it stands below its title, its cells within their bounds.
func (l List) indented() (below List) {
	for _, row := range l.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if n := l.Widths[i]; n > 0 {
				cell = plain.Clip(cell, n)
			}
			cells[i] = cell
		}
		cells[0] = "  " + cells[0]
		below.Rows = append(below.Rows, cells)
	}
	return below
}

// Ends are what stands below everything else.
func Ends(d *rules.Decision) (lines []Line) {
	if d.Outcome != nil {
		lines = append(lines, Line{"passed on", plain.Text(outcome(d))})
	}
	if d.ID != "" {
		lines = append(lines, Line{"decision", plain.Text(d.ID)})
	}
	return lines
}

// Assumed is how the sender was proven where a person asked to take it as
// proven: not at all.
const Assumed = "assumed"
