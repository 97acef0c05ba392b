package pages

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"usher/classify/mail"
)

// Settings say where browsers are answered.
type Settings struct {
	Listen string // HOST:PORT; "": nowhere
	URL    string // where browsers find it, as it stands in a mailed link; "": http:// and the address of Listen
	From   string // sender of the link mail; "": usher@ and our hostname
	Manual string // of the language of intents
}

// Check says why pages may not be served so, nil if they may.
func (s Settings) Check() error {
	if s.Listen == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(s.Listen)
	if err != nil || port == "" {
		return fmt.Errorf("web-listen %q is no address: write 127.0.0.1:8025", s.Listen)
	}
	secure, err := s.checkURL()
	if err != nil {
		return err
	}
	if !loopback(host) && !secure {
		return fmt.Errorf("web-listen %s would show people's mail in plain text beyond this machine: write 127.0.0.1:%s and let a web server with a certificate stand before it, or name that one's address with web-url = \"https://…\"", s.Listen, port)
	}
	if s.From != "" {
		if local, domain, ok := mail.SplitAddress(s.From); !ok || local == "" || domain == "" || !typed(s.From) {
			return fmt.Errorf("web-from %q is no address: write usher@example.org", s.From)
		}
	}
	return nil
}

// checkURL says what is wrong with the URL, and whether browsers come by TLS.
func (s Settings) checkURL() (secure bool, err error) {
	if s.URL == "" {
		return false, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false, fmt.Errorf("web-url %q is no address of a site: write https://usher.example.org", s.URL)
	}
	if strings.Trim(u.Path, "/") != "" {
		return false, fmt.Errorf("web-url %q has a path: give usher a host name of its own, as in https://usher.example.org", s.URL)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return false, fmt.Errorf("web-url %q is not secure, and whoever reads along could come in: write https://%s", s.URL, u.Host)
	}
	return u.Scheme == "https", nil
}

// Answers reports whether an usher with these settings answers browsers already.
func Answers(ctx context.Context, s Settings) bool {
	ctx, cancel := context.WithTimeout(ctx, headerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Listen+"/", nil)
	if err != nil {
		return false
	}
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		req.Host = u.Host
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Security-Policy") == policy
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// typed reports whether an address is of a form that may stand in a letter's
// header and in a page: no quotes, blanks or brackets, and no longer than RFC
// 5321, section 4.5.3.1 allows.
func typed(address string) bool {
	return len(address) <= 254 && !strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune("\"(),:;<>[\\]\uFFFD", r)
	})
}
