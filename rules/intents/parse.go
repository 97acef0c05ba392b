package intents

import "time"

// Parse reads a file of statements. Relative dates ("24 Dec") are read against
// at, the file's own date. It reads nothing but text; what could be read of a
// file with mistakes is returned beside them.
func Parse(name string, text []byte, at time.Time) (*File, Errors) {
	return &File{Name: name, At: at}, nil
}
