package leave

import (
	"errors"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Bounds of a letter, in bytes.
const (
	maxSubject = 200
	maxBody    = 1000
)

// Errors of Host.
var (
	errURI  = errors.New("the URI cannot be read")
	errHTTP = errors.New("the URI is not https on port 443")
	errUser = errors.New("the URI holds a user's name or a fragment")
	errHost = errors.New("the URI does not name a host of the public DNS")
)

// uris are those that stand between angle brackets (RFC 2369, section 2), without
// the blanks of folding. What stands in comments is no URI.
func uris(field string) (all []string) {
	depth, start := 0, -1
	for i := range len(field) {
		switch c := field[i]; {
		case start >= 0 && c == '>':
			all = append(all, strings.Join(strings.Fields(field[start:i]), ""))
			start = -1
		case start >= 0:
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case c == '<' && depth == 0:
			start = i + 1
		}
	}
	return all
}

// Host gives the host of a URI that a POST may go to, in lower case: https, port
// 443, no user, no address of numbers, two labels or more.
func Host(uri string) (string, error) {
	for i := range len(uri) {
		if uri[i] <= ' ' || uri[i] >= 0x7f {
			return "", errURI
		}
	}
	u, err := url.Parse(uri)
	switch {
	case err != nil:
		return "", errURI
	case u.Scheme != "https" || u.Opaque != "" || u.Port() != "" && u.Port() != "443" || strings.HasSuffix(u.Host, ":"):
		return "", errHTTP
	case u.User != nil || u.Fragment != "":
		return "", errUser
	}
	host := strings.ToLower(u.Hostname())
	if _, err := netip.ParseAddr(host); err == nil || !isName(host) {
		return "", errHost
	}
	return host, nil
}

// isName reports whether a host is a name of two labels or more. One whose last
// label begins with a digit may be read as an address by somebody.
func isName(host string) bool {
	labels := strings.Split(host, ".")
	if len(labels) < 2 || len(host) > 253 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return last[0] >= 'a' && last[0] <= 'z'
}

// Mailto is the letter that a mailto: URI asks for (RFC 6068), of which nothing
// but these three is kept.
type Mailto struct {
	To      string `json:"to"`
	Subject string `json:"subject,omitempty"` // at most 200 bytes
	Body    string `json:"body,omitempty"`    // at most 1,000 bytes
}

func readMailto(uri string) (Mailto, error) {
	if len(uri) < len("mailto:") || !strings.EqualFold(uri[:len("mailto:")], "mailto:") {
		return Mailto{}, errURI
	}
	path, query, _ := strings.Cut(uri[len("mailto:"):], "?")
	path, err := url.PathUnescape(path)
	if err != nil {
		return Mailto{}, errURI
	}
	to, err := mail.ParseAddress(path)
	if err != nil || to.Address != path || clean(path, len(path)) != path || !isName(strings.ToLower(path[strings.LastIndexByte(path, '@')+1:])) {
		return Mailto{}, errURI
	}
	letter := Mailto{To: path}
	for field := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(field, "=")
		if value, err = url.PathUnescape(value); err != nil {
			continue
		}
		switch strings.ToLower(name) {
		case "subject":
			letter.Subject = clean(value, maxSubject)
		case "body":
			letter.Body = clean(value, maxBody)
		}
	}
	return letter, nil
}

// clean drops CR, LF, NUL and every other control character, and what is beyond
// so many bytes.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// Letter is the letter as it goes out, from the address that is to be let go. id is
// its Message-ID, with angle brackets.
func (m Mailto) Letter(from, id string, at time.Time) []byte {
	subject := m.Subject
	if subject == "" {
		subject = "unsubscribe"
	}
	var b strings.Builder
	for _, f := range [][2]string{
		{"From", clean(from, 320)}, {"To", m.To}, {"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", at.UTC().Format(time.RFC1123Z)}, {"Message-ID", clean(id, 320)}, {"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
	} {
		b.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(m.Body + "\r\n")) // a strings.Builder takes all
	w.Close()
	return []byte(b.String())
}
