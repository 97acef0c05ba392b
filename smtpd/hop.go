package smtpd

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
)

// Hop is a listener and the one server that its mail goes to.
type Hop struct{ In, Out Endpoint }

// Endpoint is where a server listens and what it speaks there.
type Endpoint struct {
	Protocol string // "lmtp"; "smtp", "lmtps" and "smtps" are known but not yet spoken
	Network  string // "tcp" or "unix"
	Address  string // host:port, or the path of a unix socket
}

// ParseHop reads IN=OUT, as in "lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24" or
// "lmtp:/run/usher/lmtp=lmtp:/run/dovecot/usher".
func ParseHop(s string) (Hop, error) {
	in, out, ok := strings.Cut(s, "=")
	if !ok {
		return Hop{}, fmt.Errorf("hop %q has no next hop: write it as IN=OUT, for example lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24", s)
	}
	var h Hop
	var err error
	if h.In, err = ParseEndpoint(in); err != nil {
		return Hop{}, fmt.Errorf("hop %q, where mail comes in: %w", s, err)
	}
	if h.Out, err = ParseEndpoint(out); err != nil {
		return Hop{}, fmt.Errorf("hop %q, where mail goes: %w", s, err)
	}
	return h, nil
}

// ParseEndpoint reads PROTOCOL:HOST:PORT or PROTOCOL:/path/of/a/socket.
func ParseEndpoint(s string) (Endpoint, error) {
	protocol, address, ok := strings.Cut(s, ":")
	protocol = strings.ToLower(protocol)
	switch {
	case !ok:
		return Endpoint{}, fmt.Errorf("%q is no endpoint: write PROTOCOL:HOST:PORT or PROTOCOL:/path", s)
	case protocol != "lmtp" && protocol != "smtp" && protocol != "lmtps" && protocol != "smtps":
		return Endpoint{}, fmt.Errorf("%q is no protocol: write lmtp", protocol)
	case strings.HasPrefix(address, "/"):
		return Endpoint{Protocol: protocol, Network: "unix", Address: filepath.Clean(address)}, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return Endpoint{}, fmt.Errorf("%q is neither HOST:PORT nor a path that begins with /", address)
	}
	return Endpoint{Protocol: protocol, Network: "tcp", Address: address}, nil
}

// String gives the form that ParseEndpoint reads.
func (e Endpoint) String() string { return e.Protocol + ":" + e.Address }

// String gives the form that ParseHop reads.
func (h Hop) String() string { return h.In.String() + "=" + h.Out.String() }

// local reports whether only this machine can reach e.
func (e Endpoint) local() bool {
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

// meets reports whether a connection to e would reach the listener l.
func (e Endpoint) meets(l Endpoint) bool {
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
		return to.local()
	}
	return to.local() && l.local() && (toHost == "localhost" || onHost == "localhost")
}

// speakable says why this version cannot serve h, or nil.
func (h Hop) speakable() error {
	if strings.HasPrefix(h.In.Protocol, "smtp") && strings.HasPrefix(h.Out.Protocol, "lmtp") {
		return fmt.Errorf("hop %s: SMTP in with LMTP out cannot work, since one reply cannot tell several results; let mail come in by lmtp", h)
	}
	for _, e := range []Endpoint{h.In, h.Out} {
		if e.Protocol != "lmtp" {
			return fmt.Errorf("hop %s: %s comes with a later version; use lmtp", h, e.Protocol)
		}
	}
	return nil
}
