package leaving

import (
	"cmp"
	"strings"
	"time"
)

// Sentence tells what a request asks of whom, or what stands of it, with times as in
// the zone.
func (r Request) Sentence(zone *time.Location) string {
	at := func(t time.Time) string { return t.In(zone).Format("Mon 2 Jan 15:04") }
	what := "Mail of " + r.Brand
	if _, list, is := strings.Cut(r.Stream, " "); is {
		what += " (" + list + ")"
	}
	switch r.State {
	case Proposed:
		return what + ": " + r.how() + "."
	case Waiting:
		when := "goes out after " + at(r.Due)
		if r.Reason != "" {
			when = "waits for " + r.Reason
		}
		return what + ": " + when + ": " + r.how() + "."
	case Failed:
		return what + ": not by usher: " + r.Reason + "."
	}
	return what + ": asked on " + at(cmp.Or(r.Done, r.At)) + " already, and nobody is asked twice."
}

// how tells in words what goes where.
func (r Request) how() string {
	switch r.Way {
	case byPost:
		return "one POST to " + r.Where + ", which says List-Unsubscribe=One-Click and nothing of you but what the link holds"
	case byMail:
		return "one letter from your address to " + r.Where
	}
	return "one request, as soon as a message says how"
}

// Stands tells in a few words what became of a request.
func (r Request) Stands(zone *time.Location) string {
	at := func(t time.Time) string { return t.In(zone).Format("2 Jan 15:04") }
	switch {
	case !r.Since.IsZero():
		return "asked " + at(r.Done) + ", and mail goes on since " + at(r.Since)
	case r.State == Asked:
		return "asked " + at(r.Done)
	case r.State == Waiting && r.Reason != "":
		return "waits for " + r.Reason
	case r.State == Waiting:
		return "goes out after " + at(r.Due)
	case r.State == Failed:
		return "failed: " + r.Reason
	}
	return string(r.State)
}
