package smtpd

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/smtpd/nexthop"
)

// certify writes a certificate for a host that vouches for itself, and its key.
func certify(t testing.TB, dir, host string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: host}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		form.IPAddresses = []net.IP{ip}
	} else {
		form.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// behindTLS makes a sink speak TLS with a certificate.
func behindTLS(t testing.TB, cert, key string) func(*sink) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return func(k *sink) { k.ln = tls.NewListener(k.ln, &tls.Config{Certificates: []tls.Certificate{pair}}) }
}

// inTLS puts both sides of a rig within TLS.
func inTLS(cert, key, ca string) func(*Config) {
	return func(c *Config) {
		c.Hops[0].In.Protocol, c.Hops[0].Out.Protocol = "lmtps", "lmtps"
		c.TLSCert, c.TLSKey, c.TLSCA = cert, key, ca
	}
}

// dialTLS is dial within TLS.
func (r *rig) dialTLS(cfg *tls.Config) (*client, error) {
	conn, err := tls.Dial("tcp", r.srv.Addrs()[0].String(), cfg)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	r.t.Cleanup(func() { conn.Close() })
	return &client{r.smtp(), r.t, conn, bufio.NewReader(conn)}, nil
}

func trusting(t *testing.T, cert string) *tls.Config {
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return &tls.Config{RootCAs: pool}
}

func TestR55TLSFromTheFirstByteOnBothSides(t *testing.T) {
	cert, key := certify(t, t.TempDir(), "127.0.0.1", 1)
	r := newRig(t, newSink(t, behindTLS(t, cert, key)), inTLS(cert, key, cert))
	c, err := r.dialTLS(trusting(t, cert))
	if err != nil {
		t.Fatal(err)
	}
	c.begin("u@y.test", "promo@y.test")
	for n := range 3 { // session tickets of the next hop are no words of its
		if n > 0 {
			c.transaction("u@y.test", "promo@y.test")
		}
		c.send(letter + ".\r\n")
		c.expect("250 ")
		c.expect("250 ")
	}
	if n := r.sink.count(); n != 6 {
		t.Errorf("%d deliveries, want 6", n)
	}
	r.sink.mu.Lock()
	if n := len(r.sink.conns); n != 1 {
		t.Errorf("%d connections to the next hop, want 1", n)
	}
	r.sink.mu.Unlock()
	results, err := nexthop.Greet(context.Background(), r.srv.cfg.Hops[0].Out, r.srv.reach)
	if err != nil || len(results) == 0 {
		t.Errorf("greeting the next hop gives %q, %v", results, err)
	}
}

func TestR55SMTPWithinTLSOnBothSides(t *testing.T) {
	cert, key := certify(t, t.TempDir(), "127.0.0.1", 1)
	r := newRig(t, smtpSink(t, behindTLS(t, cert, key)), inTLS(cert, key, cert), func(c *Config) {
		c.Hops[0].In.Protocol, c.Hops[0].Out.Protocol = "smtps", "smtps"
	})
	c, err := r.dialTLS(trusting(t, cert))
	if err != nil {
		t.Fatal(err)
	}
	c.begin("promo@y.test")
	c.send(letter + ".\r\n")
	c.expect("250 2.0.0 queued")
	c.transaction("reject@y.test")
	c.send(letter + ".\r\n")
	c.expect("550 5.7.1")
	if n := r.sink.count(); n != 1 || !strings.HasSuffix(r.sink.transcript(), "RSET\r\nQUIT\r\n") {
		t.Errorf("%d deliveries; the next hop heard %q", n, r.sink.transcript())
	}
}

func TestR55WhoeverIsNotTheNextHopGetsNoMail(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	cert, key := certify(t, dir, "127.0.0.1", 1)
	elseCert, elseKey := certify(t, other, "mail.else.test", 2)
	for _, c := range []struct {
		name          string
		cert, key, ca string
	}{
		{"a certificate for another name", elseCert, elseKey, elseCert},
		{"a certificate that nobody vouches for", cert, key, elseCert},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, newSink(t, behindTLS(t, c.cert, c.key)), func(cfg *Config) {
				cfg.Hops[0].Out.Protocol, cfg.TLSCA = "lmtps", c.ca
			})
			cl := r.dial()
			cl.expect("220 ")
			cl.send("LHLO c.test\r\n")
			cl.expect("421 4.3.2")
			if heard := r.sink.transcript(); heard != "" {
				t.Errorf("it heard %q", heard)
			}
		})
	}
	t.Run("a next hop that speaks no TLS", func(t *testing.T) {
		r := newRig(t, newSink(t), func(cfg *Config) { cfg.Hops[0].Out.Protocol, cfg.TLSCA, cfg.GreetTime = "lmtps", cert, time.Second })
		cl := r.dial()
		cl.expect("220 ")
		cl.send("LHLO c.test\r\n")
		cl.expect("421 4.3.2")
	})
}

func TestR55APlainOrOldClientIsNotSpokenTo(t *testing.T) {
	cert, key := certify(t, t.TempDir(), "127.0.0.1", 1)
	r := start(t, func(c *Config) { inTLS(cert, key, "")(c); c.Hops[0].Out.Protocol = "lmtp" })
	plain := r.dial()
	plain.send("LHLO c.test\r\n")
	if !plain.closed() {
		t.Error("a plain client is still connected")
	}
	old := trusting(t, cert)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := r.dialTLS(old); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
}

func TestR55APeerThatNeverFinishesItsHandshakeHoldsUpNobody(t *testing.T) {
	cert, key := certify(t, t.TempDir(), "127.0.0.1", 1)
	r := start(t, func(c *Config) {
		inTLS(cert, key, "")(c)
		c.Hops[0].Out.Protocol, c.GreetTime = "lmtp", 500*time.Millisecond
	})
	silent := r.dial()
	c, err := r.dialTLS(trusting(t, cert))
	if err != nil {
		t.Fatal(err)
	}
	c.begin("u@y.test")
	c.send(letter + ".\r\n")
	c.expect("250 ")
	if !silent.closed() {
		t.Error("the silent peer is still connected")
	}
}

func TestR55ARenewedCertificateIsUsedFromTheNextConnectionOn(t *testing.T) {
	dir := t.TempDir()
	cert, key := certify(t, dir, "127.0.0.1", 1)
	r := start(t, func(c *Config) { inTLS(cert, key, "")(c); c.Hops[0].Out.Protocol = "lmtp" })
	serial := func() int64 {
		c, err := r.dialTLS(&tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		return c.conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Errorf("serial %d, want 1", n)
	}
	certify(t, dir, "127.0.0.1", 2)
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("serial %d after the renewal, want 2", n)
	}
	if err := os.WriteFile(cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("serial %d while the file is broken, want the last good one", n)
	}
}

func TestSendSpeaksWhatTheServerSpeaks(t *testing.T) {
	smtpSink := newSink(t, func(k *sink) { k.smtp = true })
	results, err := nexthop.Send(context.Background(), smtpSink.endpoint(), "usher@y.test", []string{"u@y.test"}, strings.NewReader("Subject: x\n\n.x\n"))
	if err != nil || results[0].Code != 250 {
		t.Fatalf("over SMTP: %+v, %v", results, err)
	}
	if got := smtpSink.got("u@y.test"); len(got) != 1 || got[0] != "Subject: x\r\n\r\n.x\r\n" {
		t.Errorf("the server got %q", got)
	}
	if _, err := nexthop.Send(context.Background(), smtpSink.endpoint(), "usher@y.test", []string{"käyttäjä@y.test"}, strings.NewReader("x")); err == nil || smtpSink.asked("MAIL") != 1 {
		t.Errorf("an address that the server cannot read was said to it: %v", err)
	}
}
