// Package answer reads what a person wrote in answer to a digest. It never reads what
// they quote, and never takes a line for an order that says more than one.
package answer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"usher/rules/lessons"
)

// Bounds of what is read of an answer.
const (
	maxLines   = 40 // the person's own
	maxNumbers = 20 // in one line
)

// What a line may have done beside a correction.
const (
	Mute   = "mute"
	Unmute = "unmute"
	Undo   = "undo"
	Leave  = "unsubscribe"
)

// Line is one line of an answer.
type Line struct {
	Text    string        // as it was written
	Numbers []int         // which mails; none of an undo of the last correction
	Act     string        // Mute, Unmute, Undo, Leave, a target of lessons.Target, or "": the line was not understood
	Scope   lessons.Scope // of a correction, "" for the default
	Until   string        // of a mute: "" for ever, else days, weeks or months: "30d", "2w", "3m"
}

// scopes are the words for how far a correction reaches.
var scopes = map[string]lessons.Scope{
	"kind": lessons.Kind, "message": lessons.Message, "once": lessons.Message, "only": lessons.Message,
	"brand": lessons.Brand, "all": lessons.Brand, "always": lessons.Brand,
}

// short are words that say both where mail goes and how far.
var short = map[string]Line{
	"stop": {Act: "refuse", Scope: lessons.Brand}, "never": {Act: "refuse", Scope: lessons.Brand}, "want": {Act: "inbox"}, "yes": {Act: "inbox"},
}

var (
	numbered = regexp.MustCompile(`^(?:#?[0-9]{1,3}\b[.:)]?(?:\s*,\s*|\s+and\s+|\s+|$))+`)
	number   = regexp.MustCompile(`[0-9]+`)
	span     = regexp.MustCompile(`^[1-9][0-9]{0,2}[dwm]$`)
	// said introduces what is quoted without marks: the header that Outlook and others
	// repeat, or a line that says so.
	said = regexp.MustCompile(`(?i)^(-{2,}.*(message|nachricht|mensaje|viesti|meddelande).*-{2,}|_{10,}|\*?(from|von|de|da|van|från|fra|lähettäjä):\*?\s.*)$`)
)

// Read gives the person's own lines in the text of an answer, which they write above,
// below or between what they quote.
func Read(text string) (lines []Line) {
	for _, own := range ownLines(text) {
		if len(lines) < maxLines {
			lines = append(lines, read(own))
		}
	}
	return lines
}

// ownLines takes away what is quoted, who was said to have written it, and a
// signature.
func ownLines(text string) (own []string) {
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		quoted := strings.HasPrefix(strings.TrimSpace(l), ">")
		switch {
		case quoted:
			own = beforeQuote(own)
			continue
		case l == "-- " || l == "--" || said.MatchString(strings.TrimSpace(l)):
			return slices.DeleteFunc(own, blank)
		}
		own = append(own, strings.Join(strings.Fields(l), " "))
	}
	return slices.DeleteFunc(own, blank)
}

func blank(l string) bool { return l == "" }

// beforeQuote takes away the lines that introduce a quote, in whatever language: one
// or two that end in a colon.
func beforeQuote(own []string) []string {
	end := len(own)
	for end > 0 && own[end-1] == "" {
		end--
	}
	if end == 0 || !strings.HasSuffix(own[end-1], ":") {
		return own
	}
	end--
	if end > 0 && own[end-1] != "" && !strings.ContainsAny(own[end], "0123456789") && read(own[end-1]).Act == "" {
		end-- // the date stands on a line of its own
	}
	return own[:end]
}

// read reads one line.
func read(text string) Line {
	l := Line{Text: text}
	rest := strings.ToLower(strings.TrimRight(text, " .!"))
	lead := numbered.FindString(rest)
	words := strings.Fields(rest[len(lead):])
	for _, n := range number.FindAllString(lead, maxNumbers+1) {
		i, _ := strconv.Atoi(n) // at most three digits
		if i > 0 && !slices.Contains(l.Numbers, i) {
			l.Numbers = append(l.Numbers, i)
		}
	}
	if len(words) == 0 || len(l.Numbers) > maxNumbers {
		return Line{Text: text}
	}
	act, more := words[0], words[1:]
	switch to, is := lessons.Target(act); {
	case act == Undo && len(more) == 0, act == Unmute && len(more) == 0 && len(l.Numbers) > 0:
		l.Act = act
	case len(l.Numbers) == 0:
		return Line{Text: text}
	case act == Leave && len(more) == 0:
		l.Act = act
	case act == Mute && (len(more) == 0 || len(more) == 1 && span.MatchString(more[0])):
		l.Act = act
		l.Until = strings.Join(more, "")
	case short[act].Act != "" && len(more) == 0:
		l.Act, l.Scope = short[act].Act, short[act].Scope
	case is && (len(more) == 0 || len(more) == 1 && scopes[more[0]] != ""):
		l.Act = to
		if len(more) == 1 {
			l.Scope = scopes[more[0]]
		}
	default:
		return Line{Text: text}
	}
	return l
}
