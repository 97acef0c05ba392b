package leave

import (
	"net"
	"net/netip"
)

// notPublic are the networks in which no list is to be left (IANA's registries of
// special-purpose addresses, multicast, and what tunnels to them).
var notPublic = networks(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0/96", "64:ff9b::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func networks(all ...string) (list []netip.Prefix) {
	for _, n := range all {
		list = append(list, netip.MustParsePrefix(n))
	}
	return list
}

// isPublic reports whether an address is of the public internet, and not of this
// host.
func isPublic(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || within(notPublic, a) {
		return false
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false // what cannot be known is refused
	}
	for _, o := range own {
		if p, err := netip.ParsePrefix(o.String()); err == nil && p.Addr().Unmap() == a.Unmap() {
			return false
		}
	}
	return true
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
