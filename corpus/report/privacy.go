// Package report adds up, for a sender who asks, how relevant its mail is here, and
// blurs it so that nobody can be told from it. It never reads a store, a clock or a
// network, and knows no address.
package report

// What is promised about one mailbox. No setting loosens any of it.
const (
	Epsilon   = 0.5  // of each histogram of a row
	Total     = 4.5  // for a mailbox, sender and 7 days: two rows of four histograms, and topics once
	Delta     = 1e-4 // of two rows: above twice 4.66e-5, which is P(noise >= 19), the chance of a row of Least
	Least     = 10   // mailboxes that a row has before noise, else it is not there
	PublishAt = 29   // mailboxes that it has with noise, else it is not there
	NoiseSD   = 2.8  // standard deviation of the noise, rounded
	Site      = 50   // mailboxes that take part at the window's start, else the site reports nothing

	// e^-Epsilon as the sampler has it: s/t.
	noiseT, noiseS = 2, 1

	foldShare = 20 // a reason below one in so many printed recipients is among the others
	maxRows   = 100
)

// noise is what is added to a count.
func (s Sampler) noise() (int64, error) { return s.Laplace(noiseT, noiseS) }

// blur adds noise to a count; below nothing is nothing.
func (s Sampler) blur(n int) (int, error) {
	x, err := s.noise()
	return max(0, n+int(x)), err
}
