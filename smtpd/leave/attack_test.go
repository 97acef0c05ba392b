package leave

import (
	"net/netip"
	"testing"
)

func TestMailtoGoesToNoAddressOfNumbers(t *testing.T) {
	for _, uri := range []string{"mailto:root@[127.0.0.1]", "mailto:postmaster@localhost", "mailto:root@10.0.0.1", "mailto:a@[IPv6:::1]", "mailto:a%0d%0ab@x.example", "mailto:a@b.example,c@d.example", "mailto:a%3E@b.example", "mailto:%22a%20b%22@b.example"} {
		if m, err := readMailto(uri); err == nil {
			t.Errorf("%s: %+v", uri, m)
		}
	}
}

func TestMoreThatIsNotPublic(t *testing.T) {
	for _, a := range []string{"3fff::1", "5f00::1", "2001:2::1", "2001:10::1", "::ffff:0:10.0.0.1", "100:0:0:1::1", "2001:20::1", "192.88.99.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::a00:1", "fec0::1"} {
		if isPublic(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
}
