package auth

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// siteResults reads the Authentication-Results (RFC 8601) that the site itself
// wrote: those with a trusted authserv-id that stand above the border's Received
// field. Where there is no such field, nobody knows who wrote what, and nothing is
// believed.
func (v *Verifier) siteResults(h *header) []authres.Result {
	if len(v.TrustedIDs) == 0 {
		return nil
	}
	var all []authres.Result
	for _, f := range h.fields {
		switch f.name {
		case "received":
			if !v.isOurs(f.value) {
				return all
			}
		case "authentication-results":
			if id, results := parseResults(f.value); contains(v.TrustedIDs, id) {
				all = append(all, results...)
			}
		}
	}
	return nil
}

// isOurs reports whether the client that a Received field names is the site's
// own. The topmost field was written by the server that handed the message to
// us; as long as clients are the site's own, so was the next. The first that
// names another client is the border's: what stands below it came from outside,
// whatever server it says it is by. Postfix puts what its filters add above its
// own field.
func (v *Verifier) isOurs(received string) bool {
	clients := receivedFrom(received)
	return len(clients) > 0 && !slices.ContainsFunc(clients, func(a netip.Addr) bool {
		return !a.IsLoopback() && !slices.ContainsFunc(v.Networks, func(n netip.Prefix) bool { return n.Contains(a) })
	})
}

// parseResults reads one Authentication-Results field. A field that is not well
// formed has no id, and is thus not believed.
func parseResults(value string) (id string, results []authres.Result) {
	plain, ok := plainResults(value)
	if !ok {
		return "", nil
	}
	id, results, err := authres.Parse(plain)
	if err != nil {
		return "", nil
	}
	return id, results
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

// literal is an address as Received fields have it: [192.0.2.1], or
// [IPv6:2001:db8::1].
var literal = regexp.MustCompile(`\[[^][]*\]`)

// receivedFrom gives the addresses that a Received field has before its "by" (RFC
// 5321, section 4.4): that of the client, beside which it may have claimed
// another as its name. There are none where the message came from no client, or
// where that part cannot be read for sure.
func receivedFrom(value string) (clients []netip.Addr) {
	part, ok := fromPart(value)
	if !ok {
		return nil
	}
	for _, l := range literal.FindAllString(part, -1) {
		text := strings.TrimSpace(strings.Trim(l, "[]"))
		if len(text) > 5 && strings.EqualFold(text[:5], "IPv6:") {
			text = text[5:]
		}
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil
		}
		clients = append(clients, a.Unmap())
	}
	return clients
}

// fromPart is what stands before the word "by" outside of comments. A field with
// a backslash, or a quotation outside of comments, is not read: a client's
// greeting might make one part look like another.
func fromPart(value string) (part string, ok bool) {
	if len(value) < 5 || !strings.EqualFold(value[:5], "from ") {
		return "", false
	}
	depth := 0
	for i := range len(value) {
		switch c := value[i]; {
		case c == '\\' || c == '"' && depth == 0:
			return "", false
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return "", false
			}
		case (c == ' ' || c == '\t') && depth == 0:
			if word := value[i+1:]; len(word) > 2 && strings.EqualFold(word[:2], "by") && (word[2] == ' ' || word[2] == '\t') {
				return value[:i], true
			}
		}
	}
	return "", false
}

// contains compares without regard to case.
func contains(list []string, word string) bool {
	return word != "" && slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}
