package from

import (
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestWhoseRequestItIs(t *testing.T) {
	for _, c := range []struct{ name, peer, said, want string }{
		{"a stranger is who connects", "198.51.100.7:1", "203.0.113.9", "198.51.100.7"},
		{"a proxy here says for whom", "127.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		{"the last one counts: the proxy wrote it", "10.0.0.1:1", "192.0.2.1, 203.0.113.9", "203.0.113.9"},
		{"a proxy that says nothing", "127.0.0.1:1", "", "127.0.0.1"},
		{"a proxy that says nonsense", "127.0.0.1:1", "x", "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			r.Header.Set("X-Forwarded-For", c.said)
			if got := Address(r); got.String() != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestANetworkIsCountedByTheHour(t *testing.T) {
	c, now := Counter{Most: 2}, time.Now()
	one, same, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.200"), netip.MustParseAddr("2001:db8::1")
	if !c.Enter(one, now) || c.Full(one, now) || !c.Enter(same, now) || !c.Full(one, now) || c.Enter(one, now) {
		t.Error("two may come of a network, and no third")
	}
	if !c.Enter(other, now) || !c.Enter(netip.MustParseAddr("2001:db8:0:ffff::1"), now) || c.Enter(netip.MustParseAddr("2001:db8:0:1::1"), now) {
		t.Error("a /48 is one network")
	}
	if now = now.Add(time.Hour); c.Full(one, now) || !c.Enter(one, now) {
		t.Error("the next hour is another")
	}
	for i := range 3 * mostNetworks {
		c.Enter(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
		c.Enter(netip.AddrFrom4([4]byte{byte(11 + i>>16), byte(i >> 8), byte(i), 1}), now)
	}
	if len(c.seen) > mostNetworks {
		t.Errorf("%d networks are counted", len(c.seen))
	}
}

// dialled is a listener to which connections came from some addresses.
type dialled struct {
	net.Listener
	from []string
}

func (d *dialled) Accept() (net.Conn, error) {
	if len(d.from) == 0 {
		return nil, net.ErrClosed
	}
	c := &pretended{at: d.from[0]}
	d.from = d.from[1:]
	return c, nil
}

type pretended struct {
	net.Conn
	at string
}

func (p *pretended) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(p.at), 1))
}
func (*pretended) Close() error { return nil }

func TestANetworkHasSoManyConnections(t *testing.T) {
	d := &dialled{from: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"}}
	l := Limit(d, 2)
	var got []string
	var open []net.Conn
	for {
		c, err := l.Accept()
		if err != nil {
			break
		}
		open = append(open, c)
		got = append(got, c.RemoteAddr().(*net.TCPAddr).IP.String())
	}
	if want := "192.0.2.1 192.0.2.2 198.51.100.1 127.0.0.1 127.0.0.1 127.0.0.1 10.0.0.1 10.0.0.1 10.0.0.1"; strings.Join(got, " ") != want {
		t.Errorf("let in are %q", got)
	}
	for _, c := range open {
		c.Close()
		c.Close() // as net/http may
	}
	d.from = []string{"192.0.2.9", "192.0.2.9", "192.0.2.9"}
	for i := range 3 {
		if _, err := l.Accept(); (err == nil) != (i < 2) {
			t.Errorf("after they left, connection %d: %v", i, err)
		}
	}
}
