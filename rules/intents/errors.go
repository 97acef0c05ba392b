package intents

import "strings"

// Error is one mistake in a file.
type Error struct {
	File       string
	Line       int    // from 1
	Column     int    // in characters, from 1
	Words      string // the offending words as written; "" where something is missing
	Message    string
	Suggestion string // the nearest thing that the language can say; "" if none is near
	Source     string // the line as written
}

// Errors are the mistakes of a file, in its order.
type Errors []Error

func (e Errors) Error() string {
	var b strings.Builder
	for i := range e {
		b.WriteString(e[i].Error())
	}
	return b.String()
}

func (e Error) Error() string { return e.Message }

// Err returns the errors as an error, nil if there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}
