package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Mailbox gives the normalised form of an address, under which everything that
// belongs to a mailbox is looked up: quotes undone where the address can be
// read without them, local part and domain in lower case, the domain as
// A-labels, and what follows the delimiter in the local part removed. An empty
// delimiter keeps the local part whole. Mailbox(Mailbox(a)) is Mailbox(a); what
// is no address comes back in lower case.
func Mailbox(addr, delimiter string) string {
	local, domain, _ := SplitAddress(addr)
	local = lower(local)
	// A delimiter that comes first leaves no mailbox to cut down to.
	if delimiter = lower(delimiter); delimiter != "" && len(local) > len(delimiter) {
		if i := strings.Index(local[1:], delimiter); i >= 0 {
			local = local[:i+1]
		}
	}
	return joinAddress(local, domain)
}

// Detail gives what Mailbox removes of an address: what follows the delimiter in
// the local part, in lower case; "" if nothing does.
func Detail(addr, delimiter string) string {
	local, _, _ := SplitAddress(addr)
	local, delimiter = lower(local), lower(delimiter)
	if delimiter == "" || len(local) <= len(delimiter) {
		return ""
	}
	_, detail, _ := strings.Cut(local[1:], delimiter)
	return detail
}

// lower makes a part of an address lower case. A letter beyond ASCII never becomes
// one of ASCII: U+212A, the sign of kelvins, would make another person's mailbox,
// and U+0130, the I with a dot, another's domain.
func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); r < utf8.RuneSelf || l >= utf8.RuneSelf {
			return l
		}
		return r
	}, s)
}

// joinAddress writes an address so that SplitAddress reads the same parts
// again, with quotes only where it would not without.
func joinAddress(local, domain string) string {
	at := "@" + domain
	if domain == "" {
		at = ""
	}
	if l, d, _ := SplitAddress(local + at); l == local && d == domain {
		return local + at
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"` + at
}

// SplitAddress takes an address apart: the local part with its quotes undone,
// the domain in lower case A-labels. Angle brackets, blanks around it and a
// source route are dropped. Ok is false for what is no address; the parts are
// then the best that could be read. "postmaster" needs no domain (RFC 5321,
// section 4.1.1.3).
func SplitAddress(addr string) (local, domain string, ok bool) {
	s := strings.TrimSpace(strings.ToValidUTF8(addr, "\uFFFD"))
	if len(s) >= 2 && s[0] == '<' && s[len(s)-1] == '>' {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	if strings.HasPrefix(s, "@") {
		// A source route ends at its colon (RFC 5321, appendix C).
		if i := strings.IndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if l, rest, quoted := cutQuoted(s); quoted {
		domain = Domain(strings.TrimPrefix(rest, "@"))
		return l, domain, validDomain(domain) && printable(l)
	}
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return s, "", strings.EqualFold(s, "postmaster")
	}
	local, domain = s[:i], Domain(s[i+1:])
	return local, domain, validLocal(local) && validDomain(domain)
}

// cutQuoted undoes a quoted string at the beginning of s, if "@" or nothing
// follows it.
func cutQuoted(s string) (local, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"':
			rest = s[i+1:]
			return b.String(), rest, rest == "" || strings.HasPrefix(rest, "@") && rest != "@"
		default:
			b.WriteByte(c)
		}
	}
	return "", s, false
}

// Domain gives a domain name in lower case A-labels, as far as it maps, without a final dot.
func Domain(name string) string {
	// Cut before and after: mapping makes dots of other stops, and fails at too many.
	name = lower(cutTail(name))
	if !isASCII(name) {
		if a, err := idna.Lookup.ToASCII(name); err == nil {
			name = a
		}
	}
	return cutTail(name)
}

func cutTail(name string) string {
	return strings.TrimSpace(strings.TrimRightFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) }))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func printable(s string) bool {
	return strings.IndexFunc(s, unicode.IsControl) < 0
}

func validLocal(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	return printable(s) && !strings.ContainsAny(s, " \"(),:;<>@[\\]\uFFFD")
}

func validDomain(s string) bool {
	if strings.HasPrefix(s, "[") {
		return strings.HasSuffix(s, "]") && printable(s) && !strings.ContainsAny(s, " @<>\"")
	}
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return isASCII(s) && printable(s) && !strings.ContainsAny(s, " \"(),:;<>@[\\]")
}

// maxAddresses bounds the addresses kept of one kind.
const maxAddresses = 1000

// maxUnclosed bounds the entries of one field that are looked through to its end
// for what would close them.
const maxUnclosed = 20

// addresses reads an address field as it came (unfolded, not decoded). It is
// lenient: what has an "@" is taken for an address, groups are opened, comments
// serve as names where there is no other.
func addresses(value string) []Address {
	var out []Address
	unclosed := 0
	for value != "" && len(out) < maxAddresses {
		var one, rest string
		closed := false
		if unclosed < maxUnclosed {
			one, rest, closed = cutAddress(value)
		}
		if !closed {
			// QUIRK: an unclosed quote, comment or bracket must not swallow the list.
			unclosed++
			one, rest, _ = strings.Cut(value, ",")
		}
		if a, ok := oneAddress(one); ok {
			out = append(out, a)
		}
		value = rest
	}
	return out
}

// cutAddress cuts off the first entry of an address list at a comma, or at the
// colon or semicolon of a group, outside quotes, comments and brackets. Closed is
// false where one of these is open at the end.
func cutAddress(s string) (one, rest string, closed bool) {
	var quoted, angle bool
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case angle:
		case c == ',', c == ';', c == ':':
			return s[:i], s[i+1:], true
		}
	}
	return s, "", !quoted && !angle && depth == 0
}

// oneAddress reads "name <local@domain>", "local@domain (name)" or a bare address.
func oneAddress(s string) (Address, bool) {
	bare, comment := cutComments(s)
	name, spec := "", strings.TrimSpace(bare)
	if i := strings.LastIndexByte(bare, '<'); i >= 0 {
		name = strings.TrimSpace(bare[:i])
		spec, _, _ = strings.Cut(bare[i+1:], ">")
	} else if !strings.Contains(bare, "@") {
		return Address{}, false
	}
	if name == "" {
		name = comment
	}
	if l, rest, ok := cutQuoted(name); ok && rest == "" {
		name = l
	} else {
		name = strings.ReplaceAll(name, `"`, "")
	}
	local, domain, _ := SplitAddress(spec)
	if local == "" && domain == "" {
		return Address{}, false
	}
	return Address{Name: clean(collapse(decodeWords(name))), Local: local, Domain: domain}, true
}

// cutComments takes the comments out of s and gives the last of them.
func cutComments(s string) (bare, comment string) {
	if !strings.Contains(s, "(") {
		return s, ""
	}
	var out, last strings.Builder
	var quoted bool
	depth := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			if depth++; depth == 1 {
				last.Reset()
				continue
			}
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				continue
			}
		}
		if depth > 0 {
			last.WriteByte(c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String(), strings.TrimSpace(last.String())
}
