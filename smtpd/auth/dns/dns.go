// Package dns asks the DNS about a sender, and remembers answers and failures
// for a while. It never waits beyond its bounds, and never takes silence for an
// answer.
package dns

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Kind is the type of the records asked for.
type Kind uint16

// The kinds that are asked for. Each record is one string: TXT its text, joined
// as it is split; A and AAAA an address; MX a preference, a blank and a host;
// PTR a host.
const (
	TXT  = Kind(dns.TypeTXT)
	A    = Kind(dns.TypeA)
	AAAA = Kind(dns.TypeAAAA)
	MX   = Kind(dns.TypeMX)
	PTR  = Kind(dns.TypePTR)
)

// String is the kind as zone files write it.
func (k Kind) String() string { return dns.TypeToString[uint16(k)] }

// Question is what is asked; Name is in lower case A-labels, without the final
// dot.
type Question struct {
	Kind Kind
	Name string
}

// Answer is what the DNS said. No records: there is no such name, or it has none
// of that kind.
type Answer struct {
	Records []string
	TTL     time.Duration // how long it holds, by its owner
}

// Bounds of an answer. What is larger counts as a failure: the largest sets of
// TXT records in use are those of big companies, some 10 KB of them.
const (
	maxRecords = 256
	maxBytes   = 16 << 10 // text of all records together
)

func (a Answer) size() int {
	n := 0
	for _, r := range a.Records {
		n += len(r)
	}
	return n
}

// Source answers questions. Every error is a failure of the DNS, never an
// answer.
type Source interface {
	Ask(ctx context.Context, q Question) (Answer, error)
}

// Zone is a Source in memory. Its keys are names in lower case without the final
// dot, whose values are TXT records; other records stand under the kind and the
// name, as in "MX shop.example".
type Zone map[string][]string

// Ask returns the records of a name.
func (z Zone) Ask(ctx context.Context, q Question) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	key := strings.ToLower(strings.TrimSuffix(q.Name, "."))
	if q.Kind != TXT {
		key = q.Kind.String() + " " + key
	}
	return Answer{Records: slices.Clone(z[key]), TTL: time.Hour}, nil
}

// Reverse is the name under which the names of an address stand.
func Reverse(addr string) (string, error) {
	name, err := dns.ReverseAddr(addr)
	return strings.TrimSuffix(name, "."), err
}
