package intents

import "time"

// Change is one line of a file that an edit changed.
type Change struct {
	Line  int  // its number: in the new text if Added, in the old one otherwise
	Added bool // else removed
	Text  string
}

// Add puts a statement beside the last one of its verb, or in the place of the
// one it replaces where a verb is said once (promotions, zone). Relative dates
// are read against at and written out absolute; everything else stays as it is.
func Add(text []byte, statement string, at time.Time) ([]byte, []Change, error) {
	return text, nil, nil
}

// Remove takes out the statement to which the line belongs.
func Remove(text []byte, line int) ([]byte, []Change, error) { return text, nil, nil }

// Init returns a first file for a mailbox, commented, that changes little.
func Init(mailbox string) []byte { return nil }

// Write replaces the file at path so that a reader sees the old text or the
// new one whole, also after a crash.
func Write(path string, text []byte) error { return nil }
