package intents

import (
	"strings"

	"usher/rules/intents/calendar"
	"usher/rules/intents/source"
)

// span is a phrase for days, with its first and last word.
type span struct {
	calendar.Phrase
	ends [2]source.Token
}

// date reads the day after until. A phrase that names more than a day means
// its first.
func (p *parser) date() *Date {
	s, ok := p.span()
	if !ok {
		return nil
	}
	w, ok := s.Next(p.today, func(w Window) bool { return !w.From.Before(p.today) })
	if !p.comes(s, w, ok) {
		return nil
	}
	p.write(s.ends, w.From.String())
	return &w.From
}

// window reads "2026-11-01 .. 2026-12-24", or a phrase that names many days: the
// window that is under way, or the next.
func (p *parser) window() *Window {
	from, ok := p.span()
	if !ok {
		return nil
	}
	if p.peek().Kind != source.Dots {
		w, ok := from.Next(p.today, func(w Window) bool { return !w.To.Before(p.today) })
		if !p.comes(from, w, ok) {
			return nil
		}
		if w.From == w.To {
			p.fail(p.peek(), `".." and the last day are missing here`, quote(w.String()))
			return nil
		}
		p.write(from.ends, w.String())
		return &w
	}
	p.pos++
	to, ok := p.span()
	if !ok {
		return nil
	}
	return p.between(from, to)
}

// between finds the window from one phrase to another, shorter than a year where
// its years are not said.
func (p *parser) between(from, to span) *Window {
	last := func(first Date) (Window, bool) {
		return to.Next(first, func(w Window) bool { return !w.To.Before(first) })
	}
	since := p.today
	if end, ok := last(p.today); ok && to.IsOfOneYear() {
		since = end.To.Plus(-366)
	}
	w, ok := from.Next(since, func(w Window) bool {
		end, ok := last(w.From)
		return ok && !end.To.Before(since) && end.To.Before(w.From.Plus(366))
	})
	if !p.comes(from, w, ok) {
		return nil
	}
	end, ok := last(w.From)
	switch {
	case !p.comes(to, end, ok):
		return nil
	case end.To.Before(w.From):
		p.failOver(to.ends[0], to.ends[1], "this window ends before it begins", quote(end.To.String()+" .. "+w.From.String()))
		return nil
	}
	p.write(from.ends, w.From.String())
	p.write(to.ends, end.To.String())
	return &Window{From: w.From, To: end.To}
}

// comes notes a day that never comes, or not within reason.
func (p *parser) comes(s span, w Window, ok bool) bool {
	if ok = ok && w.From.Year <= 2999 && w.To.Year <= 2999; !ok {
		p.failOver(s.ends[0], s.ends[1], "this day never comes", "")
	}
	return ok
}

// span reads one phrase.
func (p *parser) span() (span, bool) {
	text, from, to := p.words()
	if at := p.peek(); at.Kind == source.Comma && p.pos+1 < len(p.toks) && text != "" && len(p.toks[p.pos+1].Text) == 4 {
		p.pos++ // "December 24, 2026"
		var year string
		year, _, to = p.words()
		text += " " + year
	}
	s := span{ends: [2]source.Token{from, to}}
	if text == "" {
		p.fail(from, `a date is missing here: "2026-12-24"`, "")
		return s, false
	}
	ph, bad := calendar.Read(text, p.today)
	if bad == nil {
		s.Phrase = ph
		return s, true
	}
	for _, dash := range []string{" – ", " — ", " - ", " … ", " to ", " until "} {
		first, last, ok := strings.Cut(text, dash)
		if _, bad := calendar.Read(first, p.today); !ok || bad != nil {
			continue
		}
		if _, bad := calendar.Read(last, p.today); bad == nil {
			p.failOver(from, to, `".." stands between the first and the last day`, quote(first+" .. "+last))
			return s, false
		}
	}
	p.failOver(from, to, bad.Message, bad.Suggestion)
	return s, false
}
