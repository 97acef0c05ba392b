package leave

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// site is a real TLS server and a real name server, on loopback.
type site struct {
	client *Client
	posts  atomic.Int32
	asked  atomic.Int32 // look-ups of A
}

// newSite serves example.com (which is in httptest's certificate). The n-th look-up
// of its A records gives addrs[n], the last one for good; AAAA gives aaaa.
func newSite(t *testing.T, answer http.HandlerFunc, addrs [][]string, aaaa ...string) *site {
	t.Helper()
	s := &site{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.posts.Add(1)
		answer(w, r)
	}))
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	names, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { names.Close() })
	go s.serveNames(names, addrs, aaaa)
	s.client = &Client{roots: roots, port: port, public: loopback, Resolver: &net.Resolver{PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp", names.LocalAddr().String())
		}}}
	return s
}

// loopback takes this one address for public, beside what is.
func loopback(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") || isPublic(a) }

func (s *site) serveNames(names net.PacketConn, addrs [][]string, aaaa []string) {
	buf := make([]byte, 1500)
	for {
		n, from, err := names.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.Additionals = true, nil
		list := aaaa
		if q.Type == dnsmessage.TypeA {
			list = addrs[min(int(s.asked.Add(1)), len(addrs))-1]
		}
		for _, a := range list {
			addr := netip.MustParseAddr(a)
			var body dnsmessage.ResourceBody = &dnsmessage.AAAAResource{AAAA: addr.As16()}
			if q.Type == dnsmessage.TypeA {
				body = &dnsmessage.AResource{A: addr.As4()}
			}
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: body})
		}
		if raw, err := m.Pack(); err == nil {
			names.WriteTo(raw, from)
		}
	}
}

// ways are the two POSTs: what is refused to one is refused to the other.
var ways = map[string]func(c *Client, ctx context.Context) Outcome{
	"to leave a list":     func(c *Client, ctx context.Context) Outcome { return c.Post(ctx, secret) },
	"to deliver a letter": func(c *Client, ctx context.Context) Outcome { return c.Deliver(ctx, secret, []byte("hello")) },
}

const secret = "https://example.com/u?k=s3cret"

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(code)
	}
}

func TestThePostIsThatOfTheRFC(t *testing.T) {
	var got *http.Request
	var body []byte
	s := newSite(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		got = r.Clone(context.Background()) // the server goes on with its own
	}, [][]string{{"127.0.0.1"}})
	if o := s.client.Post(t.Context(), secret); !o.Asked || !o.Sent || o.Reason != "" || o.Host != "example.com" {
		t.Fatalf("got %+v", o)
	}
	if got.Method != "POST" || got.Proto != "HTTP/1.1" || got.RequestURI != "/u?k=s3cret" || got.Host != "example.com" || len(body) != 90 {
		t.Errorf("got %s %s %s at %s with %d bytes", got.Method, got.RequestURI, got.Proto, got.Host, len(body))
	}
	want := map[string]string{"Content-Type": "multipart/form-data; boundary=usher", "User-Agent": "usher-unsubscribe/1", "Sec-Gpc": "1", "Content-Length": "90", "Connection": "close"}
	for name, v := range got.Header {
		if want[name] != v[0] || len(v) != 1 {
			t.Errorf("it says %s: %q", name, v)
		}
	}
	if len(got.Header) != len(want) {
		t.Errorf("it has %d fields, want %d", len(got.Header), len(want))
	}
	got.Body = io.NopCloser(strings.NewReader(string(body)))
	if v := got.PostFormValue("List-Unsubscribe"); v != "One-Click" {
		t.Errorf("the form says %q", v)
	}
}

func TestAnAnswerIsTakenOnceAndNeverFollowed(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		asked  bool
		reason string
	}{
		{"200 is asked", status(200), true, ""},
		{"202 is asked", status(202), true, ""},
		{"302 is not followed", status(302), false, "the host answered 302"},
		{"307 is not posted again", status(307), false, "the host answered 307"},
		{"500 is not tried again", status(500), false, "the host answered 500"},
		{"a header over 64 KiB is not read", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100<<10)) }, false, errAnswer.Error()},
		{"a body without end is not read", func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			for _, err := w.Write([]byte("x")); err == nil; {
				_, err = w.Write(make([]byte, 64<<10))
			}
		}, true, ""},
		{"no answer ends in time", func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // the server hears of a hang-up only then
			<-r.Context().Done()
		}, false, errTime.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, c.answer, [][]string{{"127.0.0.1"}})
			if c.reason == errTime.Error() {
				s.client.timeout = time.Second
			}
			o := s.client.Post(t.Context(), secret)
			if o.Asked != c.asked || o.Reason != c.reason || !o.Sent || s.posts.Load() != 1 {
				t.Errorf("got %+v after %d requests", o, s.posts.Load())
			}
			if strings.Contains(o.Reason+o.Host, "s3cret") {
				t.Errorf("the outcome tells the URI: %+v", o)
			}
		})
	}
}

func TestAHostThatIsNotPublicIsNeverReached(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Client)
		addrs  [][]string
		aaaa   []string
		reason error
	}{
		{"one address of many is private", nil, [][]string{{"127.0.0.1", "10.0.0.7"}}, nil, errPrivate},
		{"an IPv4 address hides in one of IPv6", func(c *Client) { c.public = isPublic }, [][]string{{}}, []string{"::ffff:127.0.0.1"}, errPrivate},
		{"it is this machine", func(c *Client) { c.public = isPublic }, [][]string{{"127.0.0.1"}}, nil, errPrivate},
		{"the address changes between the check and the socket", func(c *Client) {
			var n atomic.Int32
			c.public = func(a netip.Addr) bool { return n.Add(1) == 1 }
		}, [][]string{{"127.0.0.1"}}, nil, errPrivate},
		{"the network is denied", func(c *Client) { c.Deny = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }, [][]string{{"127.0.0.1"}}, nil, errPrivate},
		{"the host is denied", func(c *Client) { c.DenyHosts = []string{"example.com"} }, [][]string{{"127.0.0.1"}}, nil, errDenied},
		{"the name has no address", nil, [][]string{{}}, nil, errResolve},
		{"the certificate is not verified", func(c *Client) { c.roots = x509.NewCertPool() }, [][]string{{"127.0.0.1"}}, nil, errVerified},
	} {
		t.Run(c.name, func(t *testing.T) {
			for way, post := range ways {
				s := newSite(t, status(200), c.addrs, c.aaaa...)
				if c.change != nil {
					c.change(s.client)
				}
				if o := post(s.client, t.Context()); o.Asked || o.Sent || o.Reason != c.reason.Error() || s.posts.Load() != 0 {
					t.Errorf("%s: got %+v, want %q", way, o, c.reason)
				}
			}
		})
	}
}

func TestANameThatIsRebound(t *testing.T) {
	for way, post := range ways {
		s := newSite(t, status(200), [][]string{{"127.0.0.1"}, {"10.0.0.7"}})
		if o := post(s.client, t.Context()); !o.Asked || s.asked.Load() != 1 {
			t.Errorf("%s: got %+v after %d look-ups: the checked address is the one to dial", way, o, s.asked.Load())
		}
		if o := post(s.client, t.Context()); o.Asked || o.Sent || o.Reason != errPrivate.Error() {
			t.Errorf("%s: rebound to a private address it gave %+v", way, o)
		}
	}
}

func TestALetterIsDeliveredAsItIs(t *testing.T) {
	letter := []byte("From: relevance-reports@mail.example.net\r\n\r\nhello\r\n")
	var got *http.Request
	var body []byte
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		got = r.Clone(context.Background())
		w.WriteHeader(http.StatusAccepted)
	}, [][]string{{"127.0.0.1"}})
	if o := s.client.Deliver(t.Context(), secret, letter); !o.Asked || string(body) != string(letter) {
		t.Fatalf("got %+v, and it has %q", o, body)
	}
	if got.Method != "POST" || got.Header.Get("Content-Type") != "message/rfc822" || got.Header.Get("User-Agent") != "usher-report/1" || got.Header.Get("Cookie") != "" || got.Header.Get("Sec-Gpc") != "" {
		t.Errorf("it says %v", got.Header)
	}
}

func TestTLSBefore12IsRefused(t *testing.T) {
	s := newSite(t, status(200), [][]string{{"127.0.0.1"}})
	old := httptest.NewUnstartedServer(status(200))
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	t.Cleanup(old.Close)
	_, s.client.port, _ = net.SplitHostPort(old.Listener.Addr().String())
	if o := s.client.Post(t.Context(), secret); o.Asked || o.Sent || o.Reason == "" {
		t.Errorf("got %+v", o)
	}
}

func TestNoProxyIsAsked(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	s := newSite(t, status(200), [][]string{{"127.0.0.1"}})
	if o := s.client.Post(t.Context(), secret); !o.Asked {
		t.Errorf("got %+v", o)
	}
}
