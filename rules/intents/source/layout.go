package source

import (
	"strings"
	"unicode/utf8"
)

// Columns at which parts of a line stand, counted from 0; what is longer goes on
// after a blank, a comment after two.
const (
	objectColumn  = 9
	clauseColumn  = 2
	valueColumn   = 11
	commentColumn = 40
)

// Layout writes a text without mistakes the way it should look. Every line stays
// on its line. clauses gives the words that begin a clause of a verb, column where
// its object stands, 0 for the usual place.
func Layout(text []byte, clauses func(verb string) []string, column func(verb string) int) []byte {
	rows := Lex(text)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.TrimRight(r.Text, " \t")
		if t := strings.TrimSpace(out[i]); strings.HasPrefix(t, "#") && t != out[i] {
			out[i] = "  " + t
		}
	}
	blocks, _ := Blocks(rows)
	for _, b := range blocks {
		verb := strings.ToLower(b.Rows[0].Toks[0].Text)
		for i, r := range b.Rows {
			l := line{clauses: clauses(verb), toks: r.Toks}
			if i == 0 {
				l.put(verb)
				l.pad(max(column(verb), objectColumn))
				l.toks = r.Toks[1:]
			} else if before := b.Rows[i-1].Toks; before[len(before)-1].Kind == Comma {
				l.pad(valueColumn) // a list goes on
				l.list = true
			} else {
				l.pad(clauseColumn)
				if name := l.clause(); name != "" {
					l.takeClause(name)
					l.pad(valueColumn)
				}
			}
			l.rest()
			out[r.No-1] = l.with(r.Comment())
		}
	}
	end := "\n"
	if strings.Contains(string(text), "\r\n") {
		end = "\r\n"
	}
	return []byte(strings.Join(out, end))
}

// line is one line as it is written.
type line struct {
	strings.Builder
	clauses []string
	toks    []Token // still to be written
	list    bool    // an unquoted list of several items was written last
}

func (l *line) put(s string) { l.WriteString(s) }

func (l *line) width() int { return utf8.RuneCountInString(l.String()) }

// pad goes on at a column, after one blank at least.
func (l *line) pad(column int) {
	l.put(strings.Repeat(" ", max(1, column-l.width())))
}

// clause is the clause that begins at the next words, "" if none does.
func (l *line) clause() string {
	for _, c := range l.clauses {
		words := strings.Fields(c)
		if len(words) > len(l.toks) {
			continue
		}
		same := true
		for i, w := range words {
			same = same && l.toks[i].Kind == Word && strings.EqualFold(l.toks[i].Text, w)
		}
		if same {
			return c
		}
	}
	return ""
}

func (l *line) takeClause(name string) {
	l.put(name)
	l.toks = l.toks[len(strings.Fields(name)):]
	l.list = false
}

// rest writes what is left: one blank between words, two where a clause follows
// a list of plain words, whose end is else hard to see.
func (l *line) rest() {
	fresh := true
	for len(l.toks) > 0 {
		name := l.clause()
		t := l.toks[0]
		switch {
		case t.Kind == Comma || fresh:
		case name != "" && l.list:
			l.put("  ")
		default:
			l.put(" ")
		}
		fresh = false
		if name != "" {
			l.takeClause(name)
			continue
		}
		l.toks = l.toks[1:]
		switch t.Kind {
		case Quoted:
			l.put(`"` + t.Text + `"`)
			l.list = false
		case Angle:
			l.put("<" + t.Text + ">")
		case Comma:
			l.put(",")
			l.list = len(l.toks) > 0 && l.toks[0].Kind == Word && l.clause() == ""
		default:
			l.put(t.Text)
		}
	}
}

// with puts the comment behind the line.
func (l *line) with(comment string) string {
	s := strings.TrimRight(l.String(), " ")
	if comment = strings.TrimSpace(comment); comment == "" {
		return s
	}
	return s + strings.Repeat(" ", max(2, commentColumn-utf8.RuneCountInString(s))) + comment
}
