package provider

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed providers.txt
var providersFile string

// rank is a provider by its place in providers.txt: tools for campaigns stand
// above the carriers they ride on. The lowest rank is named.
type rank uint8

const (
	none    rank = 255
	carrier rank = 128 // carriers have this rank or a higher one
)

func (r rank) tool() bool { return r < carrier }

// over is the one of two that is named.
func (r rank) over(other rank) rank { return min(r, other) }

// providers is providers.txt, made for looking up.
type providers struct {
	names    map[rank]string
	fields   map[string]marks  // by the name of a header field, in lower case
	prefixes []hostMark        // of names of header fields
	feedback map[string]rank   // by the last part of a Feedback-ID
	hosts    map[string]rank   // by host
	starred  []hostMark        // hosts with a * in them
	lenders  map[string]bool   // hosts with an @ before them
	opens    map[string][]form // shapes of pictures by the first part of their path
	clicks   map[string][]form // shapes of links, likewise
	queries  []form            // found anywhere in a query
}

// marks are what the value of one header field must have in it.
type marks []mark

type mark struct {
	part string // in lower case; "" is in any
	rank rank
}

func (ms marks) in(value string) rank {
	best := none
	lower := ""
	for _, m := range ms {
		if m.part != "" && lower == "" {
			lower = strings.ToLower(value)
		}
		if strings.Contains(lower, m.part) {
			best = best.over(m.rank)
		}
	}
	return best
}

// hostMark is the beginning of a name, and its end.
type hostMark struct {
	text, end string
	rank      rank
}

// table is read once; its file is compiled in, and a test reads it.
var table = sync.OnceValue(func() *providers {
	t, err := read(providersFile)
	if err != nil {
		panic(err)
	}
	return t
})

func read(file string) (*providers, error) {
	t := &providers{
		names: map[rank]string{}, fields: map[string]marks{}, feedback: map[string]rank{},
		hosts: map[string]rank{}, lenders: map[string]bool{}, opens: map[string][]form{}, clicks: map[string][]form{},
	}
	next := map[string]rank{"tool": 0, "carrier": carrier}
	n := 0
	for line := range strings.Lines(file) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "|")
		kind, name, _ := strings.Cut(strings.TrimSpace(columns[0]), " ")
		at, known := next[kind]
		if !known || name == "" || len(columns) != 6 {
			return nil, fmt.Errorf("providers.txt:%d: want \"tool|carrier NAME\" and five columns", n)
		}
		next[kind]++
		t.names[at] = name
		t.addFields(at, columns[1])
		for part := range list(columns[2]) {
			t.feedback[part] = at
		}
		t.addHosts(at, columns[3])
		for shape := range list(columns[4]) {
			t.addShape(t.opens, at, shape)
		}
		for shape := range list(columns[5]) {
			t.addShape(t.clicks, at, shape)
		}
	}
	return t, nil
}

// list gives the entries of a column.
func list(column string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for entry := range strings.SplitSeq(column, ", ") {
			if entry = strings.TrimSpace(entry); entry != "" && !yield(entry) {
				return
			}
		}
	}
}

func (t *providers) addFields(at rank, column string) {
	for entry := range list(strings.ToLower(column)) {
		if prefix, ok := strings.CutSuffix(entry, "*"); ok {
			t.prefixes = append(t.prefixes, hostMark{text: prefix, rank: at})
			continue
		}
		name, part, _ := strings.Cut(entry, "~")
		t.fields[name] = append(t.fields[name], mark{part, at})
	}
}

func (t *providers) addHosts(at rank, column string) {
	for entry := range list(column) {
		if lender, ok := strings.CutPrefix(entry, "@"); ok {
			entry, t.lenders[lender] = lender, true
		}
		if before, after, ok := strings.Cut(entry, "*"); ok {
			t.starred = append(t.starred, hostMark{before, after, at})
		} else {
			t.hosts[entry] = at
		}
	}
}

func (t *providers) name(at rank) string { return t.names[at] }

// ofHost finds a host by its labels from the left on: "a.b.sendgrid.net",
// "b.sendgrid.net", "sendgrid.net".
func (t *providers) ofHost(host string) rank {
	for depth := 0; host != "" && depth < 10; depth++ {
		if at, ok := t.hosts[host]; ok {
			return at
		}
		for _, s := range t.starred {
			if strings.HasPrefix(host, s.text) && s.ends(host[len(s.text):]) {
				return s.rank
			}
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return none
}

// ends reports whether a label's rest is followed by the end of the host; where
// the mark has none, anything may follow.
func (s hostMark) ends(rest string) bool {
	if s.end == "" {
		return true
	}
	label, after, _ := strings.Cut(rest, ".")
	return len(label) <= 3 && "."+after == s.end
}
