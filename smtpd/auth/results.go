package auth

import (
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// siteResults reads the Authentication-Results (RFC 8601) that the site itself
// wrote: those with a trusted authserv-id that stand above the first Received
// field naming, after "by", a host that is not the site's. Whatever stands
// below that was in the message when it came from outside.
func (v *Verifier) siteResults(h *header) []authres.Result {
	if len(v.TrustedIDs) == 0 {
		return nil
	}
	var all []authres.Result
	for _, f := range h.fields {
		switch f.name {
		case "received":
			if by := receivedBy(f.value); !contains(v.TrustedIDs, by) && !contains(v.Hostnames, by) {
				return all
			}
		case "authentication-results":
			plain, ok := plainResults(f.value)
			if !ok {
				continue
			}
			id, results, err := authres.Parse(plain)
			if err == nil && contains(v.TrustedIDs, id) {
				all = append(all, results...)
			}
		}
	}
	return all
}

func alignedDKIM(results []authres.Result, aligned func(domain string) bool) bool {
	for _, r := range results {
		d, ok := r.(*authres.DKIMResult)
		if !ok || d.Value != authres.ResultPass {
			continue
		}
		signer := d.Domain
		if signer == "" {
			signer = domainOf(d.Identifier)
		}
		if aligned(signer) {
			return true
		}
	}
	return false
}

func alignedSPF(results []authres.Result, aligned func(domain string) bool) bool {
	for _, r := range results {
		s, ok := r.(*authres.SPFResult)
		if !ok || s.Value != authres.ResultPass {
			continue
		}
		sender := domainOf(s.From)
		if s.From == "" {
			sender = s.Helo
		}
		if aligned(sender) {
			return true
		}
	}
	return false
}

// passedSPF gives domain if a result says that SPF passed for just that domain
// as the reverse-path's, "" otherwise.
func passedSPF(results []authres.Result, domain string) string {
	for _, r := range results {
		s, ok := r.(*authres.SPFResult)
		if ok && s.Value == authres.ResultPass && domain != "" && strings.EqualFold(domainOf(s.From), domain) {
			return domain
		}
	}
	return ""
}

// plainResults removes comments and quotation marks, which go-msgauth does not
// know: a semicolon inside either would let a stranger's local part or a
// comment's text begin a result of its own. ok is false where a comment or
// quotation does not end, or a quoted value holds more than a plain word.
func plainResults(value string) (plain string, ok bool) {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
			if quoted {
				b.WriteByte('_')
			}
		case quoted && c == '"':
			quoted = false
		case quoted:
			if c <= ' ' || c == ';' || c == '=' || c == '(' || c == ')' {
				c = '_'
			}
			b.WriteByte(c)
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				b.WriteByte(' ')
			}
		case depth > 0:
		case c == '"':
			quoted = true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), depth == 0 && !quoted
}

// receivedBy is the host after "by" in a Received field (RFC 5321, section
// 4.4), in lower case, or "".
func receivedBy(value string) string {
	plain, ok := plainResults(value)
	if !ok {
		return ""
	}
	words := strings.Fields(strings.ToLower(plain))
	if i := slices.Index(words, "by"); i >= 0 && i+1 < len(words) {
		return strings.TrimSuffix(words[i+1], ";")
	}
	return ""
}

// contains compares without regard to case.
func contains(list []string, word string) bool {
	return word != "" && slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}
