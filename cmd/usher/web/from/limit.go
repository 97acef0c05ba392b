package from

import (
	"net"
	"net/netip"
	"sync"
)

// Limit lets each network have so many connections at a time; one more is closed at once.
// What stands on this machine or in a private network, such as a proxy, is not counted.
func Limit(l net.Listener, most int) net.Listener {
	return &limited{Listener: l, most: most, open: map[netip.Prefix]int{}}
}

type limited struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[netip.Prefix]int
}

// Accept implements net.Listener.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		at, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if err != nil || at.Addr().Unmap().IsLoopback() || at.Addr().Unmap().IsPrivate() {
			return c, nil
		}
		n := Network(at.Addr())
		if l.enter(n) {
			return &counted{Conn: c, left: sync.OnceFunc(func() { l.leave(n) })}, nil
		}
		c.Close()
	}
}

func (l *limited) enter(n netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[n] >= l.most {
		return false
	}
	l.open[n]++
	return true
}

func (l *limited) leave(n netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[n]--; l.open[n] == 0 {
		delete(l.open, n)
	}
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn
	left func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	defer c.left()
	return c.Conn.Close()
}
