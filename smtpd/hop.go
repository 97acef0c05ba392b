package smtpd

import (
	"fmt"
	"strings"

	"usher/smtpd/nexthop"
)

// Hop is a listener and the one server that its mail goes to.
type Hop struct{ In, Out nexthop.Endpoint }

// ParseHop reads IN=OUT, as in "lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24" or
// "lmtp:/run/usher/lmtp=lmtp:/run/dovecot/usher".
func ParseHop(s string) (Hop, error) {
	in, out, ok := strings.Cut(s, "=")
	if !ok {
		return Hop{}, fmt.Errorf("hop %q has no next hop: write it as IN=OUT, for example lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24", s)
	}
	var h Hop
	var err error
	if h.In, err = nexthop.ParseEndpoint(in); err != nil {
		return Hop{}, fmt.Errorf("hop %q, where mail comes in: %w", s, err)
	}
	if h.Out, err = nexthop.ParseEndpoint(out); err != nil {
		return Hop{}, fmt.Errorf("hop %q, where mail goes: %w", s, err)
	}
	return h, nil
}

// String gives the form that ParseHop reads.
func (h Hop) String() string { return h.In.String() + "=" + h.Out.String() }

// entries are where mail comes in, hop by hop.
func (c Config) entries() []nexthop.Endpoint {
	in := make([]nexthop.Endpoint, len(c.Hops))
	for i, h := range c.Hops {
		in[i] = h.In
	}
	return in
}

// takesSMTP reports whether mail comes in by SMTP: one answer for all recipients.
func (h Hop) takesSMTP() bool { return strings.HasPrefix(h.In.Protocol, "smtp") }

// speakable says why this version cannot serve h, or nil.
func (h Hop) speakable() error {
	if !h.In.LMTP() && h.Out.LMTP() {
		return fmt.Errorf("hop %s: SMTP in with LMTP out cannot work, since one reply cannot tell several results; let mail come in by lmtp", h)
	}
	for _, e := range []nexthop.Endpoint{h.In, h.Out} {
		if e.TLS() && e.Network == "unix" {
			return fmt.Errorf("hop %s: nothing crosses a network at the unix socket %s; write it without TLS", h, e)
		}
	}
	return nil
}
