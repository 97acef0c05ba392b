package rules

import (
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

// A signature whose key could not be looked up is not known to be bad: a
// silent DNS must not file signed mail among the refused.
func TestUnsignedIsUnknownWhereTheKeyCouldNotBeLookedUp(t *testing.T) {
	for _, c := range []struct {
		name       string
		signatures []mail.Signature
		want       classify.Answer
	}{
		{"no signature at all", nil, classify.Yes},
		{"a bad signature", []mail.Signature{{Err: "signature did not verify"}}, classify.Yes},
		{"a key that could not be looked up", []mail.Signature{{Err: "time out", Unchecked: true}}, classify.Unknown},
		{"a valid one of somebody else", []mail.Signature{{Valid: true}}, ""},
	} {
		h := &hearing{verdict: &classify.Verdict{Category: classify.Promotion}, sender: mail.Identity{How: mail.ByNone, Signatures: c.signatures}}
		if got := h.unsigned().Answer; got != c.want {
			t.Errorf("%s: refuse unsigned answers %q, want %q", c.name, got, c.want)
		}
	}
}
