package sockets

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"

	"usher/smtpd/nexthop"
)

// Handed is a listening socket that was open before the start, by a service
// manager.
type Handed struct {
	Name string // "hop1" for the first hop of the settings; any other says nothing
	net.Listener
}

// Match finds for each place the socket that was handed over for it, nil where
// there is none: by address, or by its name. A socket that belongs nowhere is an
// error that says what to change.
func Match(handed []Handed, places []nexthop.Endpoint) ([]*Listener, error) {
	found := make([]*Listener, len(places))
	for _, h := range handed {
		at := slices.IndexFunc(places, func(p nexthop.Endpoint) bool { return listensAt(h.Addr(), p) })
		for i := range places {
			if at < 0 && h.Name == "hop"+strconv.Itoa(i+1) {
				at = i
			}
		}
		what := fmt.Sprintf("the socket %s (FileDescriptorName=%s) that systemd hands over", h.Addr(), h.Name)
		switch {
		case at < 0:
			return nil, fmt.Errorf("%s belongs to no hop: let a hop listen there, name it FileDescriptorName=hop1 for the first hop of the settings, or take its ListenStream out of the socket unit", what)
		case found[at] != nil:
			return nil, fmt.Errorf("%s is the second for %s: a hop listens on one; take one ListenStream out of the socket unit", what, places[at])
		case places[at].Local() && !local(h.Addr()):
			return nil, fmt.Errorf("%s can be reached from beyond this machine, and the hop says %s: write ListenStream=%s", what, places[at], places[at].Address)
		}
		found[at] = &Listener{Listener: h.Listener}
	}
	return found, nil
}

// listensAt reports whether a socket with that address is what p asks for.
func listensAt(a net.Addr, p nexthop.Endpoint) bool {
	switch a := a.(type) {
	case *net.UnixAddr:
		return p.Network == "unix" && filepath.Clean(a.Name) == p.Address
	case *net.TCPAddr:
		want, err := net.ResolveTCPAddr("tcp", p.Address)
		return p.Network == "tcp" && err == nil && want.Port == a.Port && want.IP.Equal(a.IP)
	}
	return false
}

// local reports whether only this machine can reach a.
func local(a net.Addr) bool {
	switch a := a.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	}
	return false
}
