package smtpd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"usher/smtpd/nexthop"
)

// Reach says how next hops are talked to. Its error names the file of
// certificates that could not be read.
func (c Config) Reach() (nexthop.Settings, error) {
	c = c.filled()
	set := nexthop.Settings{
		Hostname: c.Hostname, MaxSize: c.MaxSize, WriteTime: c.WriteTime,
		DialTime: c.DialTime, GreetTime: c.GreetTime, ReplyTime: c.HopTime,
	}.Filled()
	if c.TLSCA == "" {
		return set, nil
	}
	text, err := os.ReadFile(c.TLSCA)
	if err != nil {
		return set, fmt.Errorf("read the certificates of tls-ca: %w", err)
	}
	set.RootCAs = x509.NewCertPool()
	if !set.RootCAs.AppendCertsFromPEM(text) {
		return set, fmt.Errorf("read the certificates of tls-ca: %s holds none in PEM form", c.TLSCA)
	}
	return set, nil
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

// serverTLS gives what listeners with TLS need, nil if there are none.
func (c Config) serverTLS() (*tls.Config, error) {
	for _, h := range c.Hops {
		if !h.In.TLS() {
			continue
		}
		own := &certificate{cert: c.TLSCert, key: c.TLSKey}
		if _, err := own.get(nil); err != nil {
			return nil, err
		}
		return &tls.Config{GetCertificate: own.get, MinVersion: tls.VersionTLS12}, nil
	}
	return nil, nil
}

// greeted is a TLS connection of upstream, whose handshake is done by whoever
// first writes to it, within a time of its own: a peer that never finishes it
// keeps nobody waiting but itself.
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
