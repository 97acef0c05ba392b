//go:build !race

package relevance_test

const (
	one    = 1
	rounds = 1000
)
