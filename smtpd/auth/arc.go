package auth

import (
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// maxInstance is the highest instance of an ARC set (RFC 8617, section 4.2.1).
const maxInstance = 50

// vouched gives what the last forwarder found of a message before it passed it
// on: the ARC-Authentication-Results of the highest instance. They are believed
// where the site says arc=pass, since we do not verify the seals ourselves, and
// where a trusted forwarder made that seal.
func (v *Verifier) vouched(h *header, site []authres.Result) []authres.Result {
	if len(v.Forwarders) == 0 || !slices.ContainsFunc(site, passedARC) {
		return nil
	}
	var seals, found [maxInstance + 1][]string
	last := 0
	for _, f := range h.fields {
		switch f.name {
		case "arc-seal":
			if n := instance(tag(f.value, "i")); n > 0 {
				seals[n] = append(seals[n], hostname(tag(f.value, "d")))
				last = max(last, n)
			}
		case "arc-authentication-results":
			first, rest, _ := strings.Cut(f.value, ";")
			if n := instance(tag(first, "i")); n > 0 {
				found[n] = append(found[n], rest)
			}
		}
	}
	if len(seals[last]) != 1 || len(found[last]) != 1 || !v.trustsForwarder(seals[last][0]) {
		return nil
	}
	_, results := parseResults(found[last][0])
	return results
}

func passedARC(r authres.Result) bool {
	a, ok := r.(*authres.ARCResult)
	return ok && a.Value == authres.ResultPass
}

// trustsForwarder reports whether a domain is a trusted forwarder's, or below it.
func (v *Verifier) trustsForwarder(domain string) bool {
	return domain != "" && slices.ContainsFunc(v.Forwarders, func(f string) bool {
		f = hostname(f)
		return f != "" && (domain == f || strings.HasSuffix(domain, "."+f))
	})
}

// instance reads the number of an ARC set; 0 where it is none.
func instance(value string) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxInstance {
		return 0
	}
	return n
}
