package intents

import "time"

// Note is something worth knowing about a statement that is no mistake.
type Note struct {
	Line int
	Kind string // "ended", "soon", "shadowed", "dead", "read" or "not yet"
	Text string
}

// Check looks for statements that do nothing, or soon will not.
func (f *File) Check(now time.Time) []Note { return nil }

// Understanding is one statement as understood.
type Understanding struct {
	Line int
	Text string
}

// Understood returns every statement as understood, in the file's order: dates
// absolute, money with its currency, topics quoted.
func (f *File) Understood() []Understanding { return nil }
