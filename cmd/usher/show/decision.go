package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"usher/classify"
	"usher/rules"
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
		for _, part := range Wrap(l.Text, 76) {
			fmt.Fprintf(w, "%-12s %s\n", l.Name, part)
			l.Name = ""
		}
	}
	for _, l := range Lines(d, zone) {
		write(l)
	}
	for _, l := range Lists(d) {
		fmt.Fprintln(w, l.Title)
		Table(w, l.printed())
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
		if value = Plain(value); value != "" {
			lines = append(lines, Line{name, value})
		}
	}
	line("to", d.Recipient)
	line("subject", d.Subject)
	line("sender", strings.TrimPrefix(d.Sender.Name+" · "+proof(d.Sender), " · "))
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
	line("summary", d.Summary)
	return lines
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
	return fmt.Sprintf("%s (%s)", d.Category, Sureness(d.Confidence))
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
		rows = append(rows, []string{a.Source, string(a.Answer), Plain(a.Statement), Plain(a.Text)})
	}
	list("also looked at", []int{0, 0, 44, 60}, rows)
	var agrees, argues [][]string
	for _, e := range d.Evidence {
		row := []string{fmt.Sprintf("%+.1f", e.Weight), string(e.For), Plain(e.Text)}
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
		rows = append(rows, []string{k.Level, Plain(k.Text)})
	}
	list("what it seems to know", []int{0, 90}, rows)
	return lists
}

// printed gives the rows as a terminal has room for them.
func (l List) printed() [][]string {
	var rows [][]string
	for _, row := range l.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if n := l.Widths[i]; n > 0 {
				cell = Clip(cell, n)
			}
			cells[i] = cell
		}
		cells[0] = "  " + cells[0]
		rows = append(rows, cells)
	}
	return rows
}

// Ends are what stands below everything else.
func Ends(d *rules.Decision) (lines []Line) {
	if d.Outcome != nil {
		lines = append(lines, Line{"passed on", Plain(outcome(d))})
	}
	if d.ID != "" {
		lines = append(lines, Line{"decision", Plain(d.ID)})
	}
	return lines
}

// Assumed is how the sender was proven where a person asked to take it as
// proven: not at all.
const Assumed = "assumed"
