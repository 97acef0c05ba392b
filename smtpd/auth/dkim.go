package auth

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"usher/classify/mail"
)

// lookupFailed begins Signature.Err where the key could not be looked up, so
// that the signature is neither valid nor refuted.
const lookupFailed = "could not look up the key of "

// check verifies up to MaxSignatures signatures. go-msgauth itself refuses
// rsa-sha1, RSA keys under 1024 bits, a passed x=, any l=, and an h= without
// From; Covers and the bounds of header and body are ours. The note is why
// nothing could be checked.
func (v *Verifier) check(ctx context.Context, h *header, rest io.Reader, msg *mail.Message) ([]mail.Signature, string) {
	if h.count("dkim-signature") == 0 {
		return nil, ""
	}
	timeout := v.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	asking, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	content := &body{ctx: ctx, r: rest}
	verifications, err := dkim.VerifyWithOptions(io.MultiReader(bytes.NewReader(h.raw), content), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return v.lookup(asking, name) },
		MaxVerifications: MaxSignatures,
	})
	if verifications == nil && err != nil {
		return nil, "the signatures could not be checked"
	}
	signatures := make([]mail.Signature, 0, len(verifications))
	for _, x := range verifications {
		s := mail.Signature{Domain: hostname(x.Domain)}
		switch {
		case content.why != "":
			s.Err = content.why
		case dkim.IsTempFail(x.Err):
			s.Err, s.Unchecked = lookupFailed+s.Domain, true
		case x.Err != nil:
			s.Err = strings.TrimPrefix(x.Err.Error(), "dkim: ")
		default:
			s.Valid = true
			s.Covers = covers(x.HeaderKeys, h, msg)
		}
		signatures = append(signatures, s)
	}
	return signatures, content.why
}

// covers lists the fields that h= names at least as often as the message has
// them: of a field that stands there once more, someone else may have written
// the one that is read. A field counts as often as either reader saw it.
func covers(keys []string, h *header, msg *mail.Message) []string {
	listed := make(map[string]int, len(keys))
	for _, k := range keys {
		listed[strings.ToLower(k)]++
	}
	seen := make(map[string]int, len(h.fields))
	for _, f := range h.fields {
		seen[f.name]++
	}
	read := make(map[string]int, len(msg.Fields))
	for _, f := range msg.Fields {
		read[strings.ToLower(strings.TrimSpace(f.Name))]++
	}
	var names []string
	for name, n := range listed {
		if n >= max(seen[name], read[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
