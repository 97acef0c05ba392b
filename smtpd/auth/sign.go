package auth

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// SignOptions say who signs a message.
type SignOptions struct {
	Domain   string        // d=
	Selector string        // s=
	Identity string        // i=, an address or @domain; "" is left out
	Signer   crypto.Signer // from NewKey or NewRSAKey
	Headers  []string      // h=; nil is every usual field of the message, each named once more than it stands there
	Expires  time.Time     // x=; zero is none
}

// Sign copies a message from r to w with a DKIM signature on top, relaxed in
// header and body. Lines should end in CRLF; a bare LF is signed as CRLF.
func Sign(w io.Writer, r io.Reader, o SignOptions) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("sign for %s: %w", o.Domain, err)
	}
	h, err := readHeader(bufio.NewReader(bytes.NewReader(content)))
	if err != nil {
		return fmt.Errorf("sign for %s: %w", o.Domain, err)
	}
	headers := o.Headers
	if headers == nil {
		headers = usualHeaders(h)
	}
	err = dkim.Sign(w, bytes.NewReader(content), &dkim.SignOptions{
		Domain: o.Domain, Selector: o.Selector, Identifier: o.Identity, Signer: o.Signer,
		HeaderKeys: headers, Expiration: o.Expires,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return fmt.Errorf("sign for %s: %w", o.Domain, err)
	}
	return nil
}

// usualHeaders names each field that readers see or act on, once more than it
// stands there, so that none can be added.
func usualHeaders(h *header) []string {
	var names []string
	for _, name := range []string{"from", "reply-to", "subject", "date", "message-id", "to", "cc", "in-reply-to",
		"references", "mime-version", "content-type", "content-transfer-encoding", "list-id", "list-unsubscribe",
		"list-unsubscribe-post", "feedback-id", "auto-submitted", "relevance-report-domain", "relevance-report-submitter"} {
		for range h.count(name) + 1 {
			names = append(names, name)
		}
	}
	return names
}

// NewKey makes an Ed25519 key and the TXT record to publish for it.
func NewKey() (signer crypto.Signer, txt string) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // rand.Reader never fails
	}
	return private, keyText("ed25519", public)
}

// NewRSAKey makes an RSA key of at least 1024 bits and the TXT record to
// publish for it.
func NewRSAKey(bits int) (signer crypto.Signer, txt string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, "", fmt.Errorf("make a key of %d bits: %w", bits, err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, "", fmt.Errorf("write a key of %d bits: %w", bits, err)
	}
	return key, keyText("rsa", public), nil
}

// keyText is the TXT record of a public key.
func keyText(kind string, public []byte) string {
	return "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}
