package leave

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
)

// byShop is a sender whose aligned signature covers so many fields.
func byShop(covers ...string) mail.Identity {
	return mail.Identity{Domain: "shop.example", OrgDomain: "shop.example", SenderKey: "shop.example", StreamKey: "shop.example news", How: mail.ByDKIM,
		Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: covers}}}
}

const (
	unsub = "list-unsubscribe"
	post  = "list-unsubscribe-post"
	click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)

func TestReadTakesOnlyWhatTheSenderSigned(t *testing.T) {
	both := byShop(unsub, post)
	unaligned := byShop(unsub, post)
	unaligned.Signatures[0].Aligned = false
	byField := byShop(unsub, post)
	byField.How = mail.ByAR
	apart := byShop(unsub)
	apart.Signatures = append(apart.Signatures, byShop(post).Signatures...)
	const uri, letter = "https://out.shop.example/u?k=1", "mailto:out@shop.example?subject=stop"
	for _, c := range []struct {
		name, header     string
		id               mail.Identity
		post, mail, link string
		err              error
	}{
		{"one click is a POST", "List-Unsubscribe: <" + letter + ">, <" + uri + ">\r\n" + click, both, uri, "", "", nil},
		{"the first https URI counts", "List-Unsubscribe: <http://a.example/>, <" + uri + ">, <https://b.example/>\r\n" + click, both, uri, "", "", nil},
		{"without one click the letter serves", "List-Unsubscribe: <" + uri + ">, <" + letter + ">\r\n", both, "", "out@shop.example", "", nil},
		{"another value than One-Click is no one click", "List-Unsubscribe: <" + uri + ">\r\nList-Unsubscribe-Post: yes\r\n", both, "", "", uri, nil},
		{"without either the person follows the link", "List-Unsubscribe: <" + uri + ">\r\n", both, "", "", uri, nil},
		{"a folded URI is one", "List-Unsubscribe: <https://out.shop.example/\r\n u?k=1>\r\n" + click, both, uri, "", "", nil},
		{"a URI in a comment is none", "List-Unsubscribe: (<https://bad.example/>) <" + uri + ">\r\n" + click, both, uri, "", "", nil},
		{"two fields that are both signed are read in order", "List-Unsubscribe: <" + uri + ">\r\nList-Unsubscribe: <https://b.example/>\r\n" + click, both, uri, "", "", nil},
		{"nothing said", "", both, "", "", "", ErrNone},
		{"http alone", "List-Unsubscribe: <http://shop.example/>\r\n" + click, both, "", "", "", ErrNoURI},
		{"too long", "List-Unsubscribe: <" + uri + strings.Repeat("x", 2000) + ">\r\n" + click, both, "", "", "", ErrLong},
		{"a discussion list", "List-Post: <mailto:list@shop.example>\r\nList-Unsubscribe: <" + uri + ">\r\n" + click, both, "", "", "", ErrList},
		{"a list to which nobody may post", "List-Post: NO (closed)\r\nList-Unsubscribe: <" + uri + ">\r\n" + click, both, uri, "", "", nil},
		{"marked as spam", "X-Spam-Status: Yes, score=9\r\nList-Unsubscribe: <" + uri + ">\r\n" + click, both, "", "", "", ErrSpam},
		{"looked at for spam, and none", "X-Spam-Flag: NO\r\nList-Unsubscribe: <" + uri + ">\r\n" + click, both, uri, "", "", nil},
		{"the POST's field is not signed", "List-Unsubscribe: <" + uri + ">\r\n" + click, byShop(unsub), "", "", "", ErrSigned},
		{"the URI is not signed", "List-Unsubscribe: <" + uri + ">\r\n" + click, byShop(post), "", "", "", ErrSigned},
		{"each field is signed by another signature", "List-Unsubscribe: <" + uri + ">\r\n" + click, apart, "", "", "", ErrSigned},
		{"the signature is not aligned", "List-Unsubscribe: <" + uri + ">\r\n" + click, unaligned, "", "", "", ErrSigned},
		{"another server says that it was signed", "List-Unsubscribe: <" + uri + ">\r\n" + click, byField, "", "", "", ErrSigned},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mail.Parse([]byte("From: a@shop.example\r\n" + c.header + "\r\nhello\r\n"))
			s, err := Read(m, c.id)
			if !errors.Is(err, c.err) || s.Post != c.post || s.Mail.To != c.mail || s.Link != c.link {
				t.Errorf("got %+v, %v; want post %q, mail %q, link %q, %v", s, err, c.post, c.mail, c.link, c.err)
			}
		})
	}
}

func TestHostRefusesWhatIsNoNameOfThePublicDNS(t *testing.T) {
	for uri, want := range map[string]string{
		"https://Out.Shop.example/u": "out.shop.example", "https://a.example:443/": "a.example",
		"http://a.example/": "", "https://a.example:8443/": "", "https://a.example:/": "", "https://me:pw@a.example/": "",
		"https://localhost/": "", "https://10.0.0.1/": "", "https://[::1]/": "", "https://0x7f.1/": "", "https://2130706433/": "",
		"https://a..example/": "", "https://a.example./": "", "https://a.example/\nx": "", "https:a.example": "", "https://a.exämple/": "", "https://a.example/#x": "",
	} {
		if got, _ := Host(uri); got != want {
			t.Errorf("the host of %q is %q, want %q", uri, got, want)
		}
	}
}

func TestALetterCarriesNothingThatTheSenderSlippedIn(t *testing.T) {
	m, err := readMailto("mailto:out%40shop.example?subject=stop%0D%0ABcc:%20x@evil.example&body=a%00b%0Ac&cc=you@evil.example&attach=/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Mailto{To: "out@shop.example", Subject: "stopBcc: x@evil.example", Body: "abc"}); m != want {
		t.Errorf("got %+v, want %+v", m, want)
	}
	read := mail.Parse(m.Letter("me@example.net\r\nX: y", "<1@example.net>", time.Unix(0, 0)))
	if read.Has("Bcc") || read.Has("Cc") || read.Has("X") || read.Subject != m.Subject || strings.TrimSpace(read.Text) != "abc" {
		t.Errorf("the letter reads %+v", read.Fields)
	}
	for _, bad := range []string{"mailto:a@b.example,c@d.example", "mailto:", "mailto:a%0Db@c.example", "mailto:A%20<a@b.example>", "tel:1"} {
		if m, err := readMailto(bad); err == nil {
			t.Errorf("%q gave %+v", bad, m)
		}
	}
}

func TestEveryNetworkThatIsNotPublicIsRefused(t *testing.T) {
	for _, n := range notPublic {
		last := n.Masked().Addr().AsSlice()
		for i := range last {
			if bits := min(8, max(0, n.Bits()-8*i)); bits < 8 {
				last[i] |= 0xff >> bits
			}
		}
		end, _ := netip.AddrFromSlice(last)
		if isPublic(n.Addr()) || isPublic(end) {
			t.Errorf("an end of %s, %s to %s, is taken for public", n, n.Addr(), end)
		}
	}
	for _, a := range []string{"1.1.1.1", "9.255.255.255", "11.0.0.0", "172.32.0.0", "2606:4700::1111"} {
		if !isPublic(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
	if isPublic(netip.Addr{}) || isPublic(netip.MustParseAddr("2606:4700::1%eth0")) {
		t.Error("no address, or one of a zone, is taken for public")
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"<https://a.example/u>, <mailto:a@b.example?subject=x>", "((<https://a.example>", "<mailto:%0d%0a@x>", "<>,<<>>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, field string) {
		for _, uri := range uris(field) {
			if host, err := Host(uri); err == nil && (!isName(host) || !strings.HasPrefix(strings.ToLower(uri), "https://")) {
				t.Errorf("%q went as host %q", uri, host)
			}
			if m, err := readMailto(uri); err == nil && (strings.ContainsAny(m.To+m.Subject+m.Body, "\r\n\x00") || len(m.Subject) > maxSubject || len(m.Body) > maxBody) {
				t.Errorf("%q became %+v", uri, m)
			}
		}
	})
}
