// Package show prints for a person: decisions, tables, errors with what to do
// next. It never prints a control character that came with mail.
package show

import "fmt"

// hinted is an error with the next step for a person.
type hinted struct {
	err  error
	hint string
}

func (e hinted) Error() string { return e.err.Error() }
func (e hinted) Unwrap() error { return e.err }

// Hint says what to do next; the errors of the store and the socket have it too.
func (e hinted) Hint() string { return e.hint }

// Hint adds the next step to an error; nil stays nil.
func Hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return hinted{err, fmt.Sprintf(format, args...)}
}
