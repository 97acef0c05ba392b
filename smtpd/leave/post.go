package leave

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// Timeout bounds all of one POST, from the look-up of the name on.
	Timeout = 10 * time.Second

	maxAnswer = 64 << 10 // bytes of an answer's header; its body is not read
	maxAddrs  = 32       // addresses of one host; one with more is refused

	// form is the whole body (RFC 8058, section 3.2): 90 bytes.
	form = "--usher\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--usher--\r\n"
)

// Outcome is what became of one POST. It holds nothing of the URI but its host.
type Outcome struct {
	Host   string
	Asked  bool   // the answer was 2xx
	Sent   bool   // a connection stood, so that something of the request may have arrived: never again
	Reason string // why it was not asked; "" if it was
}

// Client sends POSTs, to hosts that strangers name. The zero value asks the system's resolver, and the public
// internet alone. It serves any number of goroutines.
type Client struct {
	Resolver  *net.Resolver  // nil is net.DefaultResolver
	Deny      []netip.Prefix // networks that are refused beside what is not public
	DenyHosts []string       // hosts that are refused, with all below them; lower case

	// For tests alone, which have no public server: from outside nothing loosens
	// what is refused.
	public  func(netip.Addr) bool
	roots   *x509.CertPool
	port    string
	timeout time.Duration
}

// Reasons for which nothing is asked.
var (
	errDenied   = errors.New("this site does not let usher ask that host")
	errResolve  = errors.New("the host's name could not be looked up")
	errPrivate  = errors.New("the host has an address that is not public")
	errMany     = errors.New("the host has too many addresses")
	errConnect  = errors.New("no connection to the host")
	errVerified = errors.New("the host's certificate could not be verified")
	errTime     = errors.New("it took too long")
	errAnswer   = errors.New("the host gave no answer that can be read")
)

// Post asks the host of a URI, once, to let somebody leave a list. It never fails
// otherwise than by Outcome.
func (c *Client) Post(ctx context.Context, uri string) Outcome {
	return c.post(ctx, uri, form, http.Header{"Content-Type": {"multipart/form-data; boundary=usher"}, "User-Agent": {"usher-unsubscribe/1"}, "Sec-Gpc": {"1"}})
}

// Deliver gives a letter to the host of a URI, which asked for it, once.
func (c *Client) Deliver(ctx context.Context, uri string, letter []byte) Outcome {
	return c.post(ctx, uri, string(letter), http.Header{"Content-Type": {"message/rfc822"}, "User-Agent": {"usher-report/1"}})
}

func (c *Client) post(ctx context.Context, uri, body string, header http.Header) (o Outcome) {
	host, err := Host(uri)
	if err != nil {
		o.Reason = err.Error()
		return o
	}
	o.Host = host
	if c.denies(host) {
		o.Reason = errDenied.Error()
		return o
	}
	timeout := Timeout
	if c.timeout > 0 {
		timeout = c.timeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, uri, strings.NewReader(body))
	if err != nil {
		o.Reason = errURI.Error()
		return o
	}
	req.GetBody = nil // there is no second try
	req.Header = header
	// A transport, not a client: it follows no redirect and knows no cookies.
	transport := c.transport(host)
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(req)
	o.Sent = sent.Load()
	if err != nil {
		o.Reason = reason(ctx, err, o.Sent).Error()
		return o
	}
	answer.Body.Close()
	if o.Asked = answer.StatusCode/100 == 2; !o.Asked {
		o.Reason = fmt.Sprintf("the host answered %d", answer.StatusCode)
	}
	return o
}

// transport reaches one host, for one request, by HTTP/1.1.
func (c *Client) transport(host string) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx, host) },
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: c.roots, NextProtos: []string{"http/1.1"}},
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxAnswer,
	}
}

// dial looks the host up once and connects to an address that was checked. It is
// checked again where the socket is about to connect.
func (c *Client) dial(ctx context.Context, host string) (net.Conn, error) {
	resolver := c.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host+".") // the dot: no search list
	switch {
	case err != nil || len(addrs) == 0:
		return nil, errResolve
	case len(addrs) > maxAddrs:
		return nil, errMany
	}
	for i, a := range addrs {
		if addrs[i] = a.Unmap(); !c.allows(addrs[i]) {
			return nil, errPrivate
		}
	}
	d := net.Dialer{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !c.allows(at.Addr().Unmap()) {
			return errPrivate
		}
		return nil
	}}
	port := "443"
	if c.port != "" {
		port = c.port
	}
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port)); err == nil {
			return conn, nil
		}
	}
	if errors.Is(err, errPrivate) {
		return nil, errPrivate
	}
	return nil, errConnect
}

// allows reports whether an address may be connected to.
func (c *Client) allows(a netip.Addr) bool {
	public := isPublic
	if c.public != nil {
		public = c.public
	}
	return public(a) && !within(c.Deny, a)
}

func (c *Client) denies(host string) bool {
	for _, d := range c.DenyHosts {
		if host == d || strings.HasSuffix(host, "."+d) {
			return true
		}
	}
	return false
}

// reason says what went wrong in words of ours: those of the library may quote what
// the other side sent.
func reason(ctx context.Context, err error, sent bool) error {
	var certificate *tls.CertificateVerificationError
	for _, known := range []error{errPrivate, errResolve, errMany} {
		if errors.Is(err, known) && ctx.Err() == nil {
			return known
		}
	}
	switch {
	case ctx.Err() != nil:
		return errTime
	case errors.As(err, &certificate):
		return errVerified
	case sent:
		return errAnswer
	}
	return errConnect
}
