package auth

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"blitiri.com.ar/go/spf"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// Bounds of RFC 7208, section 4.6.4.
const (
	spfLookups = 10
	spfVoid    = 2 // look-ups that find nothing
)

// path is what SPF says of the way a message came.
type path struct {
	checked bool   // by us, to the end
	passed  string // the domain for which it passed, "" for none: the reverse-path's, or HELO's for a null one
}

// checkSPF checks the way of a message whose client is known. Addresses of a
// private network are those of the site's own relays, and say nothing.
func (v *Verifier) checkSPF(ctx context.Context, env *mail.Envelope) path {
	addr, err := netip.ParseAddr(env.Client.Addr)
	addr = addr.WithZone("")
	sender, helo := env.From, hostname(env.Client.Helo)
	domain := hostname(domainOf(sender))
	if sender == "" {
		domain = helo
	}
	if err != nil || !addr.IsGlobalUnicast() || addr.IsPrivate() || domain == "" {
		return path{}
	}
	result, _ := spf.CheckHostWithSender(net.IP(addr.AsSlice()), helo, localOf(sender)+"@"+domain,
		spf.WithContext(ctx), spf.WithResolver(v.spfDNS()),
		spf.OverrideLookupLimit(spfLookups), spf.OverrideVoidLookupLimit(spfVoid))
	p := path{checked: result != spf.TempError && ctx.Err() == nil}
	if p.checked && result == spf.Pass {
		p.passed = domain
	}
	return p
}

// localOf is the local part of a reverse-path; postmaster where there is none
// (RFC 7208, section 4.3), or one in which the library would look for a domain.
func localOf(address string) string {
	local := address[:max(0, strings.LastIndexByte(address, '@'))]
	if local == "" || strings.Contains(local, "@") {
		return "postmaster"
	}
	return local
}

// spfDNS answers the library from our cache, in the words of package net.
type spfDNS struct{ answers *dns.Cache }

func (v *Verifier) spfDNS() spfDNS { return spfDNS{&v.answers} }

func (d spfDNS) ask(ctx context.Context, kind dns.Kind, name string) ([]string, error) {
	host := hostname(name)
	if host == "" {
		return nil, &net.DNSError{Err: "no DNS name", Name: name, IsNotFound: true}
	}
	records, err := d.answers.Ask(ctx, dns.Question{Kind: kind, Name: host})
	switch {
	case err != nil:
		return nil, &net.DNSError{Err: err.Error(), Name: host, IsTemporary: true}
	case len(records) == 0:
		return nil, &net.DNSError{Err: "no record", Name: host, IsNotFound: true}
	}
	return records, nil
}

// LookupTXT gives the TXT records of a name.
func (d spfDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return d.ask(ctx, dns.TXT, name)
}

// LookupMX gives the mail hosts of a name.
func (d spfDNS) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	records, err := d.ask(ctx, dns.MX, name)
	if err != nil {
		return nil, err
	}
	var hosts []*net.MX
	for _, r := range records {
		preference, host, _ := strings.Cut(r, " ")
		n, err := strconv.ParseUint(preference, 10, 16)
		if err == nil {
			hosts = append(hosts, &net.MX{Host: host, Pref: uint16(n)})
		}
	}
	return hosts, nil
}

// LookupIPAddr gives the addresses of a host, of both versions.
func (d spfDNS) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	four, err4 := d.ask(ctx, dns.A, host)
	six, err6 := d.ask(ctx, dns.AAAA, host)
	var all []net.IPAddr
	for _, records := range [][]string{four, six} {
		for _, r := range records {
			if ip := net.ParseIP(r); ip != nil {
				all = append(all, net.IPAddr{IP: ip})
			}
		}
	}
	for _, err := range []error{err4, err6} {
		if failed, ok := err.(*net.DNSError); ok && failed.IsTemporary {
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, err4
	}
	return all, nil
}

// LookupAddr gives the names of an address.
func (d spfDNS) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	name, err := dns.Reverse(addr)
	if err != nil {
		return nil, &net.DNSError{Err: err.Error(), Name: addr, IsNotFound: true}
	}
	return d.ask(ctx, dns.PTR, name)
}
