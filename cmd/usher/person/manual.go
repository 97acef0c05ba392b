package person

import _ "embed"

// manual is the package comment of rules/intents, which a test holds it to.
//
//go:embed manual.txt
var manual string
