package auth

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

func TestMailOfOurOwnIsSignedTwiceAndVerifies(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dkim")
	if _, err := OpenSigner(dir, "mail.example.net"); !errors.Is(err, ErrNoKeys) {
		t.Fatalf("without keys: %v", err)
	}
	made, err := MakeSigner(dir, "mail.example.net")
	if err != nil {
		t.Fatal(err)
	}
	zone := dns.Zone{"_dmarc.mail.example.net": {"v=DMARC1; p=reject; adkim=s"}}
	for _, r := range made.Records() {
		zone[r.Name] = []string{r.Text}
	}
	if len(zone) != 3 {
		t.Fatalf("records %v", made.Records())
	}
	again, err := MakeSigner(dir, "mail.example.net")
	if err != nil || again.Records()[0] != made.Records()[0] || again.Records()[1] != made.Records()[1] {
		t.Fatalf("keys that were there were replaced: %v", err)
	}
	for _, f := range []string{"rsa.pem", "ed25519.pem"} {
		if st, err := os.Stat(filepath.Join(dir, f)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, st.Mode(), err)
		}
	}
	if missing, err := again.Missing(t.Context(), zone); err != nil || len(missing) != 0 {
		t.Errorf("DNS lacks %v, %v", missing, err)
	}
	for what, other := range map[string]dns.Zone{"nothing": {}, "another's keys": {made.Records()[0].Name: {"v=DKIM1; p=x"}, made.Records()[1].Name: {made.Records()[0].Text}}} {
		if missing, err := again.Missing(t.Context(), other); err != nil || len(missing) != 2 {
			t.Errorf("where DNS has %s it lacks %v, %v", what, missing, err)
		}
	}
	raw, err := again.Sign([]byte("From: reports@mail.example.net\r\nTo: rel@shop.example\r\nSubject: hello\r\nAuto-Submitted: auto-generated\r\n\r\nhello\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	id := identify(&Verifier{Resolver: zone}, string(raw))
	valid := 0
	for _, s := range id.Signatures {
		if s.Valid && s.Aligned && s.Domain == "mail.example.net" {
			valid++
		}
	}
	if id.How != mail.ByDKIM || valid != 2 || !id.Covered("Auto-Submitted") {
		t.Errorf("%+v", id)
	}
	for _, added := range []string{"Subject: other\r\n", "From: other@mail.example.net\r\n", "Relevance-Report-Domain: x.example\r\n"} {
		if id := identify(&Verifier{Resolver: zone}, added+string(raw)); id.How == mail.ByDKIM {
			t.Errorf("with %q on top it still verifies", added)
		}
	}
}

func TestKeysThatCannotBeReadAreTold(t *testing.T) {
	dir := t.TempDir()
	if _, err := MakeSigner(dir, "mail.example.net"); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"no PEM": "hello", "no key": "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n"} {
		if err := os.WriteFile(filepath.Join(dir, "rsa.pem"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSigner(dir, "mail.example.net"); err == nil || errors.Is(err, ErrNoKeys) || !strings.Contains(err.Error(), "rsa.pem") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
