//go:build interop

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/rules/intents"
	"usher/rules/terms"
	"usher/smtpd/auth"
)

// TestInteropTerms: a claim of terms is what a real signature covers, and is shown and
// kept as no more than that.
func TestInteropTerms(t *testing.T) {
	r := newResolved(t)
	site, errs := intents.Parse("site", []byte("promotions promotions\nnewsletters digest\n"), time.Now())
	if errs != nil {
		t.Fatal(errs)
	}
	doc, err := terms.Of(site, terms.Asked{Domain: "example.org", Until: intents.DateOf(time.Now()).Plus(30)}, intents.DateOf(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mail-terms.json")
	if err := os.WriteFile(file, doc.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	key, record, err := auth.NewRSAKey(2048)
	if err != nil {
		t.Fatal(err)
	}
	r.Keys += fmt.Sprintf("t._domainkey.shop.example. TXT %s\n", inStrings(record))
	letter := func(id, claim string, covers ...string) []byte {
		raw := strings.ReplaceAll("From: Shop <a@shop.example>\nTo: "+mailbox+"\nSubject: 50% off all shoes\nDate: Wed, 25 Nov 2026 11:11:11 +0000\nMessage-ID: <"+id+"@shop.example>\n"+
			"Mail-Terms: "+claim+"\nList-Unsubscribe: <https://shop.example/u>\nPrecedence: bulk\nMIME-Version: 1.0\nContent-Type: text/plain\n\n"+
			"SALE! 50% off all shoes, only today. Use code SHOES50. Buy now and save 50 EUR. Unsubscribe: https://shop.example/u\n", "\n", "\r\n")
		var b strings.Builder
		err := auth.Sign(&b, strings.NewReader(raw), auth.SignOptions{Domain: "shop.example", Selector: "t", Signer: key, Headers: append([]string{"from", "from", "subject", "date"}, covers...)})
		if err != nil {
			t.Fatal(err)
		}
		return []byte(b.String())
	}
	claim := doc.URL() + "; sha256=" + terms.Sum(doc.Bytes()) + "; agr=SD-BASE; purpose=promotion; permission=doi:2025-11-02"
	signed := letter("signed", claim, "mail-terms", "mail-terms")
	above := append([]byte("Mail-Terms: https://evil.example/t; agr=PDC-GOOD\r\n"), letter("above", claim, "mail-terms")...)
	unsigned := letter("unsigned", claim)
	r.settings = []string{"--terms-file", file}
	r.start()
	for id, raw := range map[string][]byte{"signed": signed, "above": above, "unsigned": unsigned} {
		if s := r.send(raw, "<"+id+"@shop.example>", "b@esp.example", "192.0.2.7"); s.How != "dkim" {
			t.Errorf("%s: the sender is %+v", id, s)
		}
	}
	for _, step := range []struct {
		args string
		want string
		is   bool
	}{
		{"why <signed@shop.example>", "its sender claims: SD-BASE, purpose promotion, permission doi:2025-11-02", true},
		{"why <above@shop.example>", "claims", false},
		{"why <unsigned@shop.example>", "claims", false},
		{"brand shop.example", "SD-BASE, purpose promotion, permission doi:2025-11-02", true},
		{"export --receipts -", `"event": "terms_acknowledged"`, true},
	} {
		name, rest, _ := strings.Cut(step.args, " ")
		args := append([]string{name, "--socket", r.socket(), "--rcpt", mailbox}, strings.Fields(rest)...)
		out, err := exec.Command(r.binary, args...).CombinedOutput()
		if text := strings.Join(strings.Fields(string(out)), " "); err != nil || strings.Contains(text, step.want) != step.is {
			t.Errorf("usher %s: %v, want %q: %v\n%s", step.args, err, step.want, step.is, out)
		}
	}
	found(t, "swaks → Postfix → usher → NSD", "a Mail-Terms field is read as a claim where a real signature covers it once; one added above the signature spoils it")
}
