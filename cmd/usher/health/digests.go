package health

import "github.com/prometheus/client_golang/prometheus"

// What becomes of a digest that is due.
const (
	DigestSent    = "sent"
	DigestWaiting = "waiting" // for the next hop, which does not answer
	DigestRefused = "refused" // for good, by the next hop
	DigestFailed  = "failed"  // for now
)

// Digests counts digests, about nobody.
type Digests struct {
	registry *prometheus.Registry
	results  *prometheus.CounterVec
}

// NewDigests has every count at 0.
func NewDigests() *Digests {
	d := &Digests{prometheus.NewRegistry(), prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "usher_digests_total", Help: "Digests that were due, by what became of them; one that waits, is refused or fails counts at each attempt.",
	}, []string{"result"})}
	d.registry.MustRegister(d.results)
	for _, result := range []string{DigestSent, DigestWaiting, DigestRefused, DigestFailed} {
		d.results.WithLabelValues(result)
	}
	return d
}

// Count counts one attempt.
func (d *Digests) Count(result string) { d.results.WithLabelValues(result).Inc() }

// All are the metrics of the wire and those of digests.
func All(wire prometheus.Gatherer, d *Digests) prometheus.Gatherer {
	return prometheus.Gatherers{wire, d.registry}
}
