package person

import _ "embed"

// manual is the package comment of rules/intents, which a test holds it to.
//
//go:embed manual.txt
var manual string

// Manual is the manual of the language of intents, for those who read it elsewhere
// than at a command.
func Manual() string { return manual }
