package intents

import (
	"fmt"
	"slices"
	"strings"

	"usher/rules/intents/source"
)

// noVerb explains a first word that begins no statement.
func (p *parser) noVerb(t source.Token) {
	for _, words := range clauses {
		if slices.Contains(words, p.verb) || p.verb == "at" || p.verb == "tell" {
			p.fail(t, `"`+t.Text+`" is a clause; indent it, and it belongs to the statement above`, "")
			return
		}
	}
	if t.Kind != source.Word {
		p.fail(t, "a statement begins with a verb", "")
		return
	}
	what, near := fmt.Sprintf("unknown verb %q", t.Text), source.Nearest(t.Text, verbs)
	if near == "" {
		what += "; a statement begins with one of " + strings.Join(verbs, ", ")
	}
	p.fail(t, what, near)
}

// unexpected explains a word that stands where a clause or nothing should.
func (p *parser) unexpected(t source.Token) {
	p.pos-- // so that what follows it can be looked at
	defer func() { p.pos++ }()
	said := strings.ToLower(t.Text)
	own := clauses[p.verb]
	switch {
	case t.Kind == source.Comma:
		p.fail(t, "no list stands here that a comma could go on with; what else there is to say has a line of its own", "")
	case t.Kind == source.Quoted:
		p.fail(t, "nothing asks for a text here", "")
	case t.Kind == source.Word && p.pos > 0 && p.toks[p.pos-1].Kind == source.EOL && slices.Contains(verbs, said) && !slices.Contains(own, said):
		p.fail(t, fmt.Sprintf("%q begins a statement, and stands at the beginning of its line", t.Text), "")
	case len(own) == 0:
		p.fail(t, fmt.Sprintf("nothing may follow here: %q takes no clauses", p.verb), "")
	default:
		suggestion := source.Nearest(t.Text, own)
		if said == "at" && slices.Contains(own, "at most") {
			suggestion = `"at most"`
		}
		p.fail(t, fmt.Sprintf("%q is no clause of %q; it takes %s", t.Text, p.verb, strings.Join(own, ", ")), suggestion)
	}
}

// misplaced explains a word of the grammar among the words of an item.
func (p *parser) misplaced(odd source.Token, words []string) {
	said := strings.ToLower(odd.Text)
	message := fmt.Sprintf("%q is a word of the grammar; inside an item it wants quotes", odd.Text)
	suggestion := quote(strings.Join(words, " "))
	isFirst := strings.EqualFold(words[0], said)
	rest := strings.Join(words[1:], " ")
	switch {
	case p.verb == "protect":
		message, suggestion = "a line protects kinds of mail, or lists, or senders: write a line for each", ""
	case isFirst && rest == "":
	case p.verb == "refuse" && isFirst && said == "from":
		message, suggestion = "a sender is refused as a brand", `"refuse brand `+rest+`"`
	case p.verb == "mute" && isFirst && said == "about":
		suggestion = `"mute topic ` + rest + `"`
	case isFirst && slices.Contains([]string{"refuse topic", "refuse about", "refuse list", "mute brand", "mute brands", "mute from", "grant brand", "grant from"}, p.verb+" "+said):
		message, suggestion = fmt.Sprintf("%q is not said here", odd.Text), `"`+p.verb+" "+rest+`"`
	case said == "tell" && p.verb == "refuse":
		message, suggestion = `what the sender is told stands behind "tell sender"`, `"tell sender"`
	case said == "for" && len(clauses[p.verb]) == 1:
		message, suggestion = fmt.Sprintf("%q asks for a last day", p.verb), `"until 2026-12-24"`
	}
	p.fail(odd, message, suggestion)
}

// isForeign reports a word that is a clause of another verb.
func (p *parser) isForeign(t source.Token) bool {
	for _, words := range clauses {
		if t.Kind == source.Word && slices.Contains(words, strings.ToLower(t.Text)) {
			return len(clauses[p.verb]) > 0
		}
	}
	return false
}

// slip gives the clause that was probably meant by a word of an item which a
// number follows: "untl 2027-01-07". Without it, a slip of the finger would
// become part of the item, and the clause would silently be lost.
func (p *parser) slip(w source.Token) string {
	if p.pos+1 >= len(p.toks) {
		return ""
	}
	next := p.toks[p.pos+1]
	if next.Kind != source.Word || strings.IndexAny(next.Text, "0123456789$€£") != 0 {
		return ""
	}
	var numbered []string
	for _, c := range clauses[p.verb] {
		if slices.Contains([]string{"until", "under", "over", "off", "when"}, c) {
			numbered = append(numbered, c)
		}
	}
	return source.Nearest(w.Text, numbered)
}
