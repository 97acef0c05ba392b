package digest

import (
	"fmt"
	"strings"

	"usher/classify/plain"
)

// columns of the plain text.
const columns = 78

// oneLine makes the words of a sender one line of at most so many cells.
func oneLine(s string, cells int) string { return plain.Clip(s, cells) }

// Subject is that of the message: what is in it, the most wanted first.
func (e *Edition) Subject() string {
	if len(e.Sections) == 0 {
		return "usher cannot read your intents file"
	}
	var parts []string
	for _, s := range e.Sections {
		mails := 0
		for _, x := range s.Entries {
			mails += max(1, x.Count)
		}
		switch s.Title {
		case wanted:
			parts = append(parts, fmt.Sprintf("%d you wanted", mails))
		case unsure:
			parts = append(parts, fmt.Sprintf("%d not sure", mails))
		case ending:
			parts = append(parts, fmt.Sprintf("%d ending soon", mails))
		}
	}
	return "Your digest: " + strings.Join(append(parts, count(e.SetAside, "mail")+" set aside"), ", ")
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
	wrap := func(indent, text string) {
		for _, line := range plain.Wrap(text, columns-plain.Columns(indent)) {
			b.WriteString(indent + line + "\n")
		}
	}
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
			for i, line := range x.lines() {
				indent := "     "
				if i == 0 && x.N > 0 {
					indent = fmt.Sprintf("%3d  ", x.N)
				}
				if i == 0 {
					first := plain.Wrap(line, columns-5)
					b.WriteString(indent + first[0] + "\n")
					for _, more := range first[1:] {
						b.WriteString("     " + more + "\n")
					}
					continue
				}
				wrap(indent, line)
			}
		}
		if s.More != "" {
			wrap("     ", s.More)
		}
	}
	if len(e.Learnt) > 0 {
		b.WriteString("\nLEARNT FROM YOU\n")
		for _, l := range e.Learnt {
			wrap("     ", l)
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

// How is what a person may do about a digest, as far as it is set up.
type How struct {
	Replies bool                                // answers are read
	Link    func(number int, act string) string // the address of a page that does it; nil where there is none
	Site    string                              // the address of the person's pages; "" where there are none
}

// lines are the words for it.
func (h How) lines(numbered bool) (lines []string) {
	if h.Replies && numbered {
		lines = append(lines, "Answer with a number and a word, a line each: “3 inbox”, “3 receipt”, “5 refuse”, “5 mute 30d”, or “undo”. It holds for mail of that kind from that brand, from the next one on.")
	}
	lines = append(lines, "Everything is in your folders: nothing was deleted. `usher why` tells more of each mail, `usher intents edit` changes what you have stated, the line `digest` in it when this comes.")
	if h.Site != "" {
		lines = append(lines, h.Site)
	}
	return lines
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
