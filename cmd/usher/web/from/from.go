// Package from tells from where a request came, and bounds what comes from one network.
// It never keeps an address for longer than an hour.
package from

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Bounds.
const (
	bitsOfIPv4   = 24 // of an address, those that tell its network
	bitsOfIPv6   = 48
	mostNetworks = 10_000 // counted at a time
)

// Address is that which a request came from. What stands before us on this machine or in
// a private network says for whom it asks.
func Address(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	peer, _ := netip.ParseAddr(host)
	if !peer.IsLoopback() && !peer.IsPrivate() {
		return peer
	}
	if list := r.Header.Values("X-Forwarded-For"); len(list) > 0 {
		last := list[len(list)-1] // which the one before us wrote; before it stands what the client did
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if from, err := netip.ParseAddr(last); err == nil {
			peer = from
		} else if from, err := netip.ParseAddrPort(last); err == nil {
			peer = from.Addr()
		}
	}
	return peer
}

// Network is the part of an address that one household or one attacker has.
func Network(a netip.Addr) netip.Prefix {
	bits := bitsOfIPv6
	if a = a.Unmap(); a.Is4() {
		bits = bitsOfIPv4
	}
	p, _ := a.WithZone("").Prefix(bits)
	return p
}

// Counter counts what comes from each network, within hours that begin with the first.
type Counter struct {
	Most int // in an hour

	mu    sync.Mutex
	since time.Time
	seen  map[netip.Prefix]int
}

// Enter counts one more, and reports whether it is within what may come. Where there are
// too many networks to count, those that are not counted may not come.
func (c *Counter) Enter(a netip.Addr, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || now.Sub(c.since) >= time.Hour {
		c.since, c.seen = now, map[netip.Prefix]int{}
	}
	n := Network(a)
	if c.seen[n] >= c.Most || c.seen[n] == 0 && len(c.seen) >= mostNetworks {
		return false
	}
	c.seen[n]++
	return true
}

// Full reports whether a network has had what may come, and counts nothing.
func (c *Counter) Full(a netip.Addr, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Sub(c.since) < time.Hour && c.seen[Network(a)] >= c.Most
}
