package nexthop

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
)

// Endpoint is where a server listens and what it speaks there.
type Endpoint struct {
	Protocol string // "lmtp", "smtp", "lmtps" or "smtps"
	Network  string // "tcp" or "unix"
	Address  string // host:port, or the path of a unix socket
}

// ParseEndpoint reads PROTOCOL:HOST:PORT or PROTOCOL:/path/of/a/socket.
func ParseEndpoint(s string) (Endpoint, error) {
	protocol, address, ok := strings.Cut(s, ":")
	protocol = strings.ToLower(protocol)
	switch {
	case !ok:
		return Endpoint{}, fmt.Errorf("%q is no endpoint: write PROTOCOL:HOST:PORT or PROTOCOL:/path", s)
	case protocol != "lmtp" && protocol != "smtp" && protocol != "lmtps" && protocol != "smtps":
		return Endpoint{}, fmt.Errorf("%q is no protocol: write lmtp, smtp, lmtps or smtps", protocol)
	case strings.HasPrefix(address, "/"):
		return Endpoint{Protocol: protocol, Network: "unix", Address: filepath.Clean(address)}, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return Endpoint{}, fmt.Errorf("%q is neither HOST:PORT nor a path that begins with /", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return Endpoint{}, fmt.Errorf("%q: %q is no port: write a number from 1 to 65535", address, port)
	}
	return Endpoint{Protocol: protocol, Network: "tcp", Address: address}, nil
}

// TLS reports whether e is spoken within TLS from the first byte on.
func (e Endpoint) TLS() bool { return strings.HasSuffix(e.Protocol, "s") }

// LMTP reports whether LMTP is spoken at e, and not SMTP.
func (e Endpoint) LMTP() bool { return strings.HasPrefix(e.Protocol, "lmtp") }

// String gives the form that ParseEndpoint reads.
func (e Endpoint) String() string { return e.Protocol + ":" + e.Address }

// Local reports whether only this machine can reach e.
func (e Endpoint) Local() bool {
	if e.Network == "unix" {
		return true
	}
	host, _, err := net.SplitHostPort(e.Address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Meets reports whether a connection to e would reach the listener l.
func (e Endpoint) Meets(l Endpoint) bool {
	if e.Network != l.Network {
		return false
	}
	if e.Address == l.Address {
		return e.Network == "unix" || !strings.HasSuffix(e.Address, ":0")
	}
	if e.Network == "unix" {
		return false
	}
	toHost, toPort, _ := net.SplitHostPort(e.Address)
	onHost, onPort, _ := net.SplitHostPort(l.Address)
	if toPort != onPort || toPort == "0" {
		return false
	}
	to := Endpoint{Network: "tcp", Address: net.JoinHostPort(toHost, toPort)}
	if onHost == "0.0.0.0" || onHost == "::" {
		return to.Local()
	}
	return to.Local() && l.Local() && (toHost == "localhost" || onHost == "localhost")
}
