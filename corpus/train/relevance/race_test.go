//go:build race

package relevance_test

// Under the race detector the whole takes minutes: a tenth of it is measured.
const (
	one    = 10  // of so many wants of a large set
	rounds = 100 // draws
)
