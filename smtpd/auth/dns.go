package auth

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"
)

// Resolver looks up TXT records, one string a record. A name that does not
// exist is a *net.DNSError with IsNotFound; every other error counts as
// temporary.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// NetResolver asks the system's DNS, never with a search domain.
func NetResolver() Resolver { return netResolver{} }

type netResolver struct{}

func (netResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return net.DefaultResolver.LookupTXT(ctx, name+".")
}

// Zone is a Resolver in memory: TXT records by name, in lower case without the
// final dot.
type Zone map[string][]string

// LookupTXT returns the records of a name.
func (z Zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	records, ok := z[strings.ToLower(strings.TrimSuffix(name, "."))]
	if !ok {
		return nil, &net.DNSError{Err: "no such name", Name: name, IsNotFound: true}
	}
	return records, nil
}

// lookup asks the cache, then the resolver. An error is either "not found" or
// temporary: go-msgauth would take an unknown error for a fault of the sender.
func (v *Verifier) lookup(ctx context.Context, name string) (records []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			records, err = nil, temporary{errors.New("the resolver panicked")}
		}
	}()
	host := hostname(name)
	if host == "" {
		return nil, errors.New("no DNS name")
	}
	if records, ok := v.answers.get(host, time.Now()); ok {
		return records, nil
	}
	resolver := v.Resolver
	if resolver == nil {
		resolver = NetResolver()
	}
	records, err = resolver.LookupTXT(ctx, host)
	var dns *net.DNSError
	switch {
	case err == nil:
		v.answers.put(host, records, time.Now())
		return records, nil
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, errors.New("no record at " + host)
	}
	return nil, temporary{err}
}

// temporary makes any error one that go-msgauth knows as temporary.
type temporary struct{ error }

func (temporary) Timeout() bool   { return true }
func (temporary) Temporary() bool { return true }

// Bounds of the cache. The time to live is ours: net.Resolver tells none.
const (
	cacheNames = 1024             // names kept
	cacheBytes = 4 << 10          // bytes of an answer kept
	cacheTTL   = 10 * time.Minute // how long an answer is kept
)

// cache keeps answers, never failures.
type cache struct {
	mu     sync.Mutex
	byName map[string]answer
}

type answer struct {
	records []string
	until   time.Time
}

func (c *cache) get(name string, now time.Time) ([]string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.byName[name]
	if !ok || !now.Before(a.until) {
		return nil, false
	}
	return a.records, true
}

func (c *cache) put(name string, records []string, now time.Time) {
	size := 0
	for _, r := range records {
		size += len(r)
	}
	if size > cacheBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byName == nil {
		c.byName = make(map[string]answer)
	}
	if _, ok := c.byName[name]; !ok && len(c.byName) >= cacheNames {
		for old := range c.byName { // any one: what is in use comes back
			delete(c.byName, old)
			break
		}
	}
	c.byName[name] = answer{records, now.Add(cacheTTL)}
}
