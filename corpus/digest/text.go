package digest

import (
	"fmt"
	"strings"

	"usher/classify/plain"
	"usher/rules"
)

const (
	columns = 78      // of the plain text
	below   = "     " // before what goes on below a number
)

// oneLine makes the words of a sender one line of at most so many cells.
func oneLine(s string, cells int) string { return plain.Clip(s, cells) }

// Subject is that of the message.
func (e *Edition) Subject() string {
	if len(e.Sections) == 0 {
		return "usher cannot read your intents file"
	}
	return "Your digest: " + e.told()
}

// told is what is in the digest, the most wanted first.
func (e *Edition) told() string {
	var parts []string
	for _, s := range e.Sections {
		switch s.Title {
		case wanted:
			parts = append(parts, fmt.Sprintf("%d you wanted", s.Mails))
		case unsure:
			parts = append(parts, fmt.Sprintf("%d not sure", s.Mails))
		case ending:
			parts = append(parts, fmt.Sprintf("%d ending soon", s.Mails))
		}
	}
	return strings.Join(append(parts, count(e.SetAside, "mail")+" set aside"), ", ")
}

// Since tells of which time the digest is.
func (e *Edition) Since() string {
	from := e.From.In(e.Zone).Format("Mon 2 Jan 15:04")
	if e.Away {
		return "While you were away, since " + from + ", without what has ended by now:"
	}
	return "Since " + from + ":"
}

// Text writes the digest as plain text of 78 columns.
func (e *Edition) Text(how How) string {
	var b strings.Builder
	hang := func(first, indent, text string) { // what goes on stands below
		for _, line := range plain.Wrap(text, columns-plain.Columns(indent)) {
			b.WriteString(first + line + "\n")
			first = indent
		}
	}
	wrap := func(indent, text string) { hang(indent, indent, text) }
	if e.Fault != "" {
		wrap("", "Your intents file cannot be read, and its last good version is in force. Mend it with `usher intents edit`:")
		for line := range strings.Lines(e.Fault) {
			b.WriteString("    " + plain.Clip(line, columns-4) + "\n")
		}
		b.WriteString("\n")
	}
	wrap("", e.Since()+" "+e.Share())
	for _, s := range e.Sections {
		b.WriteString("\n" + strings.ToUpper(s.Title) + "\n")
		for _, x := range s.Entries {
			first := below
			if x.N > 0 {
				first = fmt.Sprintf("%3d  ", x.N)
			}
			for _, line := range x.lines() {
				hang(first, below, line)
				first = below
			}
		}
		if s.More != "" {
			wrap(below, s.More)
		}
	}
	if len(e.Learnt) > 0 {
		b.WriteString("\nLEARNT FROM YOU\n")
		for _, l := range e.Learnt {
			wrap(below, l)
		}
	}
	b.WriteString("\n")
	for _, line := range how.lines(len(e.Numbered()) > 0) {
		wrap("", line)
	}
	return b.String()
}

// lines are those of an entry: the sender with its words, the facts, the reason.
func (x Entry) lines() (lines []string) {
	first := x.Brand
	if x.Count > 0 {
		first += fmt.Sprintf(" (%d)", x.Count)
	}
	if x.Words != "" {
		first += ": “" + x.Words + "”"
	}
	lines = append(lines, first)
	if x.Facts != "" {
		lines = append(lines, x.Facts)
	}
	if x.Why != "" && x.Count == 0 {
		lines = append(lines, x.Why)
	}
	return lines
}

// wantOf names the want that decided, by the person's own words in quotes.
func wantOf(d *rules.Decision) string {
	if words, is := strings.CutPrefix(d.Statement, "want "); is {
		if _, quoted, _ := strings.Cut(words, `"`); quoted != "" {
			if name, _, closed := strings.Cut(quoted, `"`); closed && name != "" {
				return "your want “" + plain.Clip(name, 40) + "”"
			}
		}
	}
	return "your want"
}

// How is what a person may do about a digest, as far as it is set up.
type How struct {
	Replies bool                                // answers are read
	Link    func(number int, act string) string // the address of a page that does it, "" where it cannot be done; nil where there are none
	Leave   bool                                // lists are left for people
	Site    string                              // the address of the person's pages; "" where there are none
}

// lines are the words for it.
func (h How) lines(numbered bool) (lines []string) {
	if h.Replies && numbered {
		leave := ""
		if h.Leave {
			leave = "“5 unsubscribe”, "
		}
		lines = append(lines, "Answer with a number and a word, a line each: “3 inbox”, “3 receipt”, “5 refuse”, “5 mute 30d”, "+leave+"or “undo”. It holds for mail of that kind from that brand, from the next one on.")
	}
	lines = append(lines, "Everything is in your folders: nothing was deleted. `usher why` tells more of each mail, `usher intents edit` changes what you have stated, and its line `digest` when this comes.")
	if h.Site != "" {
		lines = append(lines, "In a browser: "+h.Site)
	}
	return lines
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
