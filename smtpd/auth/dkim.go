package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-msgauth/dkim"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// lookupFailed begins Signature.Err where the key could not be looked up, so
// that the signature is neither valid nor refuted.
const lookupFailed = "could not look up the key of "

// check verifies up to MaxSignatures signatures. go-msgauth itself refuses
// rsa-sha1, RSA keys under 1024 bits, a passed x=, any l=, and an h= without
// From; the flags of a key, Covers and the bounds of header and body are ours.
// The note is why nothing could be checked. asking bounds the look-ups, and ctx
// the whole.
func (v *Verifier) check(ctx, asking context.Context, h *header, rest io.Reader, msg *mail.Message) ([]mail.Signature, string) {
	if h.count("dkim-signature") == 0 {
		return nil, ""
	}
	keys := keys{v: v, ctx: asking}
	content := &body{ctx: ctx, r: rest}
	verifications, err := dkim.VerifyWithOptions(onlyReader{io.MultiReader(bytes.NewReader(h.raw), content)}, &dkim.VerifyOptions{
		LookupTXT:        keys.lookup,
		MaxVerifications: MaxSignatures,
	})
	if verifications == nil && err != nil {
		return nil, "the signatures could not be checked"
	}
	var fields map[string]int
	signatures := make([]mail.Signature, 0, len(verifications))
	for i, x := range verifications {
		s := mail.Signature{Domain: hostname(x.Domain)}
		switch {
		case content.why != "":
			s.Err = content.why
		case dkim.IsTempFail(x.Err):
			s.Err, s.Unchecked = lookupFailed+s.Domain, true
		case x.Err != nil:
			s.Err = strings.TrimPrefix(x.Err.Error(), "dkim: ")
		case !strings.EqualFold(domainOf(x.Identifier), x.Domain) && keys.sameName(h.selector(i)+"._domainkey."+x.Domain):
			s.Err = "its key is not for subdomains, and it signs for " + domainOf(x.Identifier)
		default:
			s.Valid = true
			if fields == nil {
				fields = counted(h, msg)
			}
			s.Covers, s.Listed = covers(x.HeaderKeys, fields)
		}
		signatures = append(signatures, s)
	}
	return signatures, content.why
}

// onlyReader hides that a reader can write itself, for which it would take a
// buffer of 32 KB.
type onlyReader struct{ io.Reader }

// keys looks up the keys of one message, and heeds their flags (RFC 6376, section
// 3.6.1), which go-msgauth passes over.
type keys struct {
	v   *Verifier
	ctx context.Context

	mu   sync.Mutex
	same map[string]bool // names of keys with t=s
}

// lookup gives the key record of a name. An error is either of the sender, or
// temporary: go-msgauth would take one it does not know for the sender's.
func (k *keys) lookup(name string) ([]string, error) {
	host := hostname(name)
	if host == "" {
		return nil, errors.New("no DNS name")
	}
	records, err := k.v.answers.Ask(k.ctx, dns.Question{Kind: dns.TXT, Name: host})
	switch {
	case err != nil:
		return nil, temporary{err}
	case len(records) == 0:
		return nil, errors.New("no record at " + host)
	case len(records) > 1:
		return records, nil // which go-msgauth refuses
	}
	for flag := range strings.SplitSeq(tag(records[0], "t"), ":") {
		switch strings.TrimSpace(flag) {
		case "y":
			return nil, errors.New("the key is for testing, and to be taken for none")
		case "s":
			k.mu.Lock()
			if k.same == nil {
				k.same = make(map[string]bool)
			}
			k.same[host] = true
			k.mu.Unlock()
		}
	}
	return records, nil
}

// sameName reports whether a key signs for its very domain only.
func (k *keys) sameName(name string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.same[hostname(name)]
}

// temporary makes any error one that go-msgauth knows as temporary.
type temporary struct{ error }

func (temporary) Timeout() bool   { return true }
func (temporary) Temporary() bool { return true }

// selector is that of a signature, counted from the top; go-msgauth does not tell
// it.
func (h *header) selector(n int) string {
	for _, f := range h.fields {
		if f.name != "dkim-signature" {
			continue
		}
		if n == 0 {
			return strings.Join(strings.Fields(tag(f.value, "s")), "")
		}
		n--
	}
	return ""
}

// tag is the value of a tag in a list (RFC 6376, section 3.2). go-msgauth refuses
// a list with two of one name.
func tag(list, name string) (value string) {
	for t := range strings.SplitSeq(list, ";") {
		if n, v, ok := strings.Cut(t, "="); ok && strings.TrimSpace(n) == name {
			value = strings.TrimSpace(v)
		}
	}
	return value
}

// counted tells how often each field stands there, by its lower-case name: as
// often as either reader saw it.
func counted(h *header, msg *mail.Message) map[string]int {
	seen := make(map[string]int, len(h.fields))
	for _, f := range h.fields {
		seen[f.name]++
	}
	read := make(map[string]int, len(msg.Fields))
	for _, f := range msg.Fields {
		name := strings.ToLower(strings.TrimSpace(f.Name))
		read[name]++
		seen[name] = max(seen[name], read[name])
	}
	return seen
}

// covers lists the fields that h= names at least as often as the message has
// them: of a field that stands there once more, someone else may have written
// the one that is read. listed are all that h= names.
func covers(keys []string, fields map[string]int) (names, all []string) {
	listed := make(map[string]int, len(keys))
	for _, k := range keys {
		listed[strings.ToLower(k)]++
	}
	names = make([]string, 0, len(listed))
	all = slices.Sorted(maps.Keys(listed))
	for _, name := range all {
		if listed[name] >= fields[name] {
			names = append(names, name)
		}
	}
	return names, all
}
