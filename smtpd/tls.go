package smtpd

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"usher/smtpd/guard"
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

// CheckCertificate says why listeners with TLS could not be opened, or nil.
func (c Config) CheckCertificate() error {
	_, err := c.serverTLS()
	return err
}

// serverTLS gives what listeners with TLS need, nil if there are none.
func (c Config) serverTLS() (*tls.Config, error) {
	for _, h := range c.Hops {
		if h.In.TLS() {
			return guard.ServerTLS(c.TLSCert, c.TLSKey)
		}
	}
	return nil, nil
}
