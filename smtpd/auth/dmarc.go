package auth

import (
	"context"
	"strings"

	"golang.org/x/net/publicsuffix"

	"usher/smtpd/auth/dns"
)

// walkQueries bounds one tree walk (RFC 9989, section 4.10).
const walkQueries = 8

// dmarcFailed begins the note where an organisational domain could not be
// looked up, so that nothing is proven of the sender.
const dmarcFailed = "could not look up the DMARC record of "

// policy is what alignment needs of a DMARC record.
type policy struct {
	psd        byte // 'y', 'n' or 'u'
	strictDKIM bool
	strictSPF  bool
}

// parsePolicy reads a DMARC record; ok is false where it is none. A tag that is
// unknown, or whose value is, counts as not given; of two the first counts.
func parsePolicy(text string) (p policy, ok bool) {
	p.psd = 'u'
	seen := map[string]bool{}
	for i, tag := range strings.Split(text, ";") {
		name, value, _ := strings.Cut(tag, "=")
		name, value = strings.ToLower(strings.Trim(name, " \t\r\n")), strings.Trim(value, " \t\r\n")
		if i == 0 && (name != "v" || value != "DMARC1") {
			return policy{}, false
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		switch value = strings.ToLower(value); {
		case name == "psd" && (value == "y" || value == "n"):
			p.psd = value[0]
		case name == "adkim":
			p.strictDKIM = value == "s"
		case name == "aspf":
			p.strictSPF = value == "s"
		}
	}
	return p, true
}

// standing is where a domain stands among those of its owner.
type standing struct {
	domain   string
	org      string // its organisational domain; "" for a public suffix without a record
	recorded bool   // by a DMARC record; else by the Public Suffix List
	policy   policy // of the record that governs mail from the domain
}

// stand finds the organisational domain of a host name by the tree walk. The
// answers of the DNS are kept for as long as they hold, and with them the walk.
func (v *Verifier) stand(ctx context.Context, domain string) (standing, error) {
	s := standing{domain: domain, org: OrgDomain(domain)}
	found := make(map[string]policy)
	last := "" // the shortest name with a record
	for name, n := domain, 0; name != "" && n < walkQueries; name, n = above(name), n+1 {
		p, ok, err := v.policyAt(ctx, name)
		if err != nil {
			return s, err
		}
		if !ok {
			continue
		}
		last, found[name] = name, p
		if p.psd != 'u' {
			break
		}
	}
	if last == "" {
		return s, nil
	}
	s.org, s.recorded = last, true
	// Hosts whose customers are strangers to each other publish records without
	// psd=y; the list knows them.
	suffix, _ := publicsuffix.PublicSuffix(last)
	if psd := found[last].psd; last != domain && (psd == 'y' || psd == 'u' && suffix == last) {
		s.org = below(last, domain)
	}
	for _, name := range []string{domain, s.org, last} {
		if p, ok := found[name]; ok {
			s.policy = p
			break
		}
	}
	return s, nil
}

// policyAt asks for the record at just that name; two or more are none.
func (v *Verifier) policyAt(ctx context.Context, name string) (p policy, found bool, err error) {
	host := "_dmarc." + name
	if len(host) > 253 {
		return policy{}, false, nil
	}
	records, err := v.answers.Ask(ctx, dns.Question{Kind: dns.TXT, Name: host})
	if err != nil {
		return policy{}, false, err
	}
	for _, r := range records {
		if q, ok := parsePolicy(r); ok {
			if found {
				return policy{}, false, nil
			}
			p, found = q, true
		}
	}
	return p, found, nil
}

// above is the name that a walk asks for next, "" after the last.
func above(name string) string {
	for labels := strings.Count(name, ".") + 1; ; labels-- {
		_, name, _ = strings.Cut(name, ".")
		if labels <= 8 {
			return name
		}
	}
}

// below is the name one label below suffix, towards name.
func below(suffix, name string) string {
	rest := strings.TrimSuffix(name, "."+suffix)
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + suffix
}

// shares reports whether a domain has the organisational domain of s. Strangers
// cost no question: an organisational domain is the name itself or above it.
func (v *Verifier) shares(ctx context.Context, domain string, s standing) (bool, error) {
	switch domain = hostname(domain); {
	case domain == "" || s.domain == "":
		return false, nil
	case domain == s.domain:
		return true, nil
	case !s.recorded:
		return s.org != "" && OrgDomain(domain) == s.org, nil
	case domain != s.org && !strings.HasSuffix(domain, "."+s.org):
		return false, nil
	}
	other, err := v.stand(ctx, domain)
	return err == nil && other.org == s.org, err
}
