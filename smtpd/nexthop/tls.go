package nexthop

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// secure puts TLS on a connection to a next hop, from its first byte on, and
// verifies that the next hop is who its endpoint says.
func secure(ctx context.Context, conn net.Conn, to Endpoint, set *Settings) (net.Conn, error) {
	host, _, err := net.SplitHostPort(to.Address)
	if err != nil {
		return nil, fmt.Errorf("name the next hop %s: %w", to, err)
	}
	c := tls.Client(conn, &tls.Config{RootCAs: set.RootCAs, ServerName: host, MinVersion: tls.VersionTLS12})
	ctx, cancel := context.WithTimeout(ctx, set.GreetTime)
	defer cancel()
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("agree on TLS with the next hop %s: %w", to, err)
	}
	return newAhead(c), nil
}

// ahead reads a TLS connection ahead of who reads it. What the next hop says
// without having been asked stands in a socket's buffer, where it can be seen;
// under TLS it cannot be told there from records that are no words at all, such
// as session tickets.
type ahead struct {
	*tls.Conn
	from   net.Conn     // its words, as they are read from us
	unread atomic.Int64 // bytes come and not yet read
	over   atomic.Bool  // it hung up
}

func newAhead(c *tls.Conn) *ahead {
	from, to := net.Pipe()
	a := &ahead{Conn: c, from: from}
	go func() {
		defer to.Close()
		buf := make([]byte, 4<<10)
		for {
			n, err := c.Read(buf)
			a.unread.Add(int64(n))
			if n > 0 {
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				a.over.Store(true)
				return
			}
		}
	}()
	return a
}

// Unread reports whether something has come that nobody read, or the end of the
// connection.
func (a *ahead) Unread() bool { return a.unread.Load() > 0 || a.over.Load() }

// Read implements net.Conn.
func (a *ahead) Read(p []byte) (int, error) {
	n, err := a.from.Read(p)
	a.unread.Add(-int64(n))
	if errors.Is(err, io.ErrClosedPipe) {
		err = net.ErrClosed
	}
	return n, err
}

// SetReadDeadline implements net.Conn.
func (a *ahead) SetReadDeadline(t time.Time) error { return a.from.SetReadDeadline(t) }

// SetDeadline implements net.Conn.
func (a *ahead) SetDeadline(t time.Time) error {
	return errors.Join(a.from.SetReadDeadline(t), a.Conn.SetWriteDeadline(t))
}

// Close implements net.Conn.
func (a *ahead) Close() error {
	a.from.Close()
	return a.Conn.Close()
}
