package guard

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// ServerTLS gives what a listener within TLS needs: our certificate and its key,
// files in PEM form, and TLS 1.2 or newer.
func ServerTLS(cert, key string) (*tls.Config, error) {
	own := &certificate{cert: cert, key: key}
	if _, err := own.get(nil); err != nil {
		return nil, err
	}
	return &tls.Config{GetCertificate: own.get, MinVersion: tls.VersionTLS12}, nil
}

// certificate is our own, read anew when its file changes, so that a renewal
// wants no restart.
type certificate struct {
	cert, key string

	mu     sync.Mutex
	read   *tls.Certificate
	at     time.Time // the file's time when it was read
	broken error     // of the last try to read a newer one
}

// get gives the certificate. One that has become unreadable leaves the last
// good one in force.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && (c.read == nil || !info.ModTime().Equal(c.at)) {
		var fresh tls.Certificate
		if fresh, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			c.read, c.at = &fresh, info.ModTime()
		}
	}
	c.broken = err
	if c.read == nil {
		return nil, fmt.Errorf("read the certificate of tls-cert and tls-key: %w", err)
	}
	return c.read, nil
}

// Within gives conn within TLS from its first byte on. The handshake is done by
// whoever first writes, in at most wait: a peer that never finishes it keeps
// nobody waiting but itself.
func Within(conn net.Conn, cfg *tls.Config, wait time.Duration) net.Conn {
	return &greeted{Conn: tls.Server(conn, cfg), within: wait}
}

// greeted is a TLS connection of upstream.
type greeted struct {
	*tls.Conn
	within time.Duration
	once   sync.Once
	err    error
}

// Write implements net.Conn.
func (g *greeted) Write(p []byte) (int, error) {
	g.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), g.within)
		defer cancel()
		if err := g.HandshakeContext(ctx); err != nil {
			g.err = errors.Join(net.ErrClosed, err)
		}
	})
	if g.err != nil {
		return 0, g.err
	}
	return g.Conn.Write(p)
}
