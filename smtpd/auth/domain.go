package auth

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"usher/classify/mail"
	"usher/classify/provider"
)

// OrgDomain is the domain that its owner registered: one label below the
// public suffix, by the Public Suffix List with its private section, in lower
// case A-labels. It is "" for a public suffix itself, a single label, an
// address literal, and what is no domain at all.
func OrgDomain(domain string) string {
	host := hostname(domain)
	if host == "" {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return org
}

// toASCII is lenient about hyphens and underscores, which real names have where
// IDNA allows none: "_domainkey", "r3---sn".
var toASCII = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// hostname is the domain in lower case A-labels without the final dot, or ""
// if it is none.
func hostname(domain string) string {
	domain = strings.TrimSuffix(strings.TrimSpace(domain), ".")
	host, err := toASCII.ToASCII(domain)
	if err != nil {
		host = strings.ToLower(domain)
	}
	if host == "" || len(host) > 253 {
		return ""
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"()<>@,;:\[]`, c) >= 0 {
			return ""
		}
	}
	if host[0] == '.' || strings.Contains(host, "..") {
		return ""
	}
	return host
}

// senderKey is the name under which a proven sender is known: its
// organisational domain; the whole address at a freemail domain, and at a
// provider's host that lends addresses; nothing at a public suffix or another
// host of a mail provider, from where many strangers send.
func senderKey(id *mail.Identity) string {
	switch {
	case id.OrgDomain == "":
		return ""
	case provider.IsFreemail(id.Domain) || provider.IsFreemail(id.OrgDomain) || provider.LendsAddresses(id.Domain):
		return strings.ToLower(id.Address)
	case provider.OfHost(id.Domain) != "" || provider.OfHost(id.OrgDomain) != "":
		return ""
	}
	return id.OrgDomain
}

// domainOf is what follows the last @ of an address, or all of it.
func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}
