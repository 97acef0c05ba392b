//go:build interop

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/rules"
)

// sent is a message on its way through the chain.
type sent struct {
	name, id string
	raw      []byte // with LF
}

// post gives the letters of the demo, and letters that are hard on DKIM, each
// signed by dkimpy.
func (c *chain) post() []sent {
	c.t.Helper()
	files, err := filepath.Glob("demo/*.eml")
	if err != nil || len(files) == 0 {
		c.t.Fatalf("no letters: %v", err)
	}
	var all []sent
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			c.t.Fatal(err)
		}
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
		m := mail.Parse(raw)
		if m.MessageID == "" || !m.Has("Date") || !m.Has("From") || !m.Has("To") {
			continue // Postfix would add what is missing, and the bytes could not be compared
		}
		all = append(all, sent{filepath.Base(f), m.MessageID, raw})
	}
	for name, text := range map[string]string{
		"8-bit":              "Grüße aus Köln, ¥100 und 日本語\n",
		"a line of 5,000":    strings.Repeat("0123456789", 500) + "\nend\n",
		"dots":               ".\n..\n...x\n.x\n",
		"trailing blanks":    "one  \t\ntwo \n\n\n",
		"promotion, signed":  "SALE! 50% off all shoes, only today. Use code SHOES50. Buy now and save 50 EUR. Unsubscribe: https://shop.example/u\n",
		"something in a CTE": "=?utf-8?q?not_a_word?= =3D =20\n",
	} {
		id := fmt.Sprintf("<signed.%d@signed.example>", len(all))
		head := "From: Shop <news@signed.example>\nTo: " + mailbox + "\nSubject: " + name + "\n of\n\t the  odd folds\nDate: Wed, 25 Nov 2026 11:11:11 +0000\nMessage-ID: " + id + "\n"
		if strings.HasPrefix(name, "promotion") {
			head += "List-Unsubscribe: <https://shop.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nPrecedence: bulk\n"
		}
		all = append(all, sent{name, id, c.python(signScript, []byte(head+"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"+text))})
	}
	return all
}

// python runs a script of ours on a message.
func (c *chain) python(script string, in []byte) []byte {
	c.t.Helper()
	p := exec.Command("/usr/bin/python3", "-c", script, filepath.Join(c.Dir, "dkim.pem"))
	p.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	p.Stderr = &errs
	out, err := p.Output()
	if err != nil {
		c.t.Fatalf("python3: %v\n%s", err, errs.String())
	}
	return out
}

const (
	signScript = `
import sys, dkim
raw = sys.stdin.buffer.read().replace(b"\n", b"\r\n")
key = open(sys.argv[1], "rb").read()
sys.stdout.buffer.write((dkim.sign(raw, b"test", b"signed.example", key) + raw).replace(b"\r\n", b"\n"))
`
	verifyScript = `
import sys, dkim, subprocess
raw = sys.stdin.buffer.read().replace(b"\n", b"\r\n")
der = subprocess.run(["openssl", "rsa", "-in", sys.argv[1], "-pubout"], capture_output=True, check=True).stdout
key = b"".join(der.splitlines()[1:-1])
ok = dkim.verify(raw, dnsfunc=lambda name, timeout=5: b"v=DKIM1; k=rsa; p=" + key)
sys.stdout.write("verified" if ok else "broken")
`
)

// TestInteropChain: real messages through Postfix, usher and Dovecot.
func TestInteropChain(t *testing.T) {
	c := newChain(t)
	c.must("openssl", "genrsa", "-traditional", "-out", filepath.Join(c.Dir, "dkim.pem"), "2048")
	post := c.post()
	begun := time.Now()
	for _, m := range post {
		c.submit("sender@signed.example", mailbox, m.raw)
	}
	c.arrived(len(post), 20*time.Second, mailbox)
	t.Logf("%d messages passed the chain in %s", len(post), time.Since(begun).Round(time.Millisecond))

	folders, verified := map[string]int{}, 0
	arrived := c.letters(mailbox)
	for _, m := range post {
		var copies []kept
		for _, l := range arrived {
			if mail.Parse(l.raw).MessageID == m.id {
				copies = append(copies, l)
			}
		}
		if len(copies) != 1 {
			t.Errorf("%s arrived %d times", m.name, len(copies))
			continue
		}
		got := copies[0]
		folders[got.folder]++
		c.whole(m, got)
		c.filed(m, got)
		if bytes.Contains(m.raw, []byte("DKIM-Signature: v=1; a=rsa-sha256; c=")) && strings.HasSuffix(m.id, "@signed.example>") {
			if said := string(c.python(verifyScript, got.raw)); said != "verified" {
				t.Errorf("%s: the DKIM signature is %s after delivery", m.name, said)
			}
			verified++
		}
	}
	found(t, "sendmail → Postfix → usher → Dovecot", "%d messages, each once and whole; folders %v; %d DKIM signatures verify after delivery", len(post), folders, verified)
	if verified < 6 {
		t.Errorf("%d signatures were checked, want 6", verified)
	}
	for _, f := range []string{"INBOX", "Promotions", "Refused"} {
		if folders[f] == 0 {
			t.Errorf("nothing was filed in %s", f)
		}
	}
}

// whole checks that a message arrived byte for byte, below fields that servers
// put above it.
func (c *chain) whole(m sent, got kept) {
	c.t.Helper()
	above, ok := bytes.CutSuffix(got.raw, m.raw)
	if !ok {
		c.t.Errorf("%s: the bytes differ:\n%.1500s", m.name, got.raw)
		return
	}
	for l := range strings.Lines(string(above)) {
		name, _, _ := strings.Cut(l, ":")
		switch {
		case l[0] == ' ' || l[0] == '\t', strings.HasPrefix(l, mail.HeaderPrefix):
		case name == "Return-Path" || name == "Delivered-To" || name == "Received":
		default:
			c.t.Errorf("%s: there is %q above it", m.name, l)
		}
	}
}

// filed checks that a message lies where its decision says, that its header
// and the stored decision agree, and that usher tells why.
func (c *chain) filed(m sent, got kept) {
	c.t.Helper()
	out, err := exec.Command(c.binary, "why", "--socket", c.socket(), "--rcpt", mailbox, "--json", m.id).Output()
	var d rules.Decision
	if err != nil || json.Unmarshal(out, &d) != nil {
		c.t.Errorf("%s: usher why %s: %v\n%s", m.name, m.id, err, out)
		return
	}
	want := map[rules.Disposition]string{rules.Inbox: "INBOX", rules.Promotions: "Promotions", rules.Digest: "Promotions", rules.Refuse: "Refused"}[d.Disposition]
	if got.folder != want {
		c.t.Errorf("%s lies in %s, its decision says %s (%s)", m.name, got.folder, d.Disposition, d.Because)
	}
	if d.Because == "" || d.Because == "error" {
		c.t.Errorf("%s was decided because of %q", m.name, d.Because)
	}
	if d.Outcome == nil || d.Outcome.Code != 250 || d.Outcome.Applied != d.Disposition {
		c.t.Errorf("%s: the outcome on record is %+v", m.name, d.Outcome)
	}
	if header := mail.Parse(got.raw).Get(mail.HeaderDisposition); header != "" && header != string(d.Disposition) || header == "" && d.Disposition != rules.Inbox {
		c.t.Errorf("%s: its header says %q, its decision %q", m.name, header, d.Disposition)
	}
}

// TestInteropSwaks: two recipients over LMTP, a forged field, and a sender who
// hangs up in the middle.
func TestInteropSwaks(t *testing.T) {
	c := newChain(t)
	casino, err := os.ReadFile("demo/31-gambling.eml")
	if err != nil {
		t.Fatal(err)
	}
	letter := filepath.Join(c.Dir, "casino.eml")
	if err := os.WriteFile(letter, append([]byte("Usher-Disposition: inbox\nX-Odd: 1\n"), casino...), 0o600); err != nil {
		t.Fatal(err)
	}
	swaks := func(more ...string) (string, error) {
		args := append([]string{"--server", "127.0.0.1", "--port", fmt.Sprint(c.Usher), "--protocol", "LMTP", "--from", "a@otter.example", "--to", mailbox + "," + second, "--data", "@" + letter}, more...)
		out, err := exec.Command("swaks", args...).CombinedOutput()
		return string(out), err
	}
	out, err := swaks()
	if err != nil || strings.Count(out, "Saved") != 2 {
		t.Fatalf("swaks: %v\n%s", err, out)
	}
	for _, user := range []string{mailbox, second} {
		got := c.letters(user)
		if len(got) != 1 {
			t.Fatalf("%s has %d messages, want 1", user, len(got))
		}
		if bytes.Contains(got[0].raw, []byte("Usher-Disposition: inbox\nX-Odd")) {
			t.Errorf("the sender's own Usher-Disposition reached %s", user)
		}
		t.Logf("%s: %s", user, got[0].folder)
	}
	if got := c.letters(mailbox)[0].folder; got != "Refused" {
		t.Errorf("the casino lies in %s of someone who refuses gambling", got)
	}
	for _, drop := range [][]string{{"--drop-after", "DATA"}, {"--drop-after-send", "DATA"}, {"--drop-after", "RCPT"}} {
		if out, _ := swaks(drop...); strings.Contains(out, "Saved") {
			t.Errorf("swaks %v was answered:\n%s", drop, out)
		}
	}
	found(t, "swaks → usher → Dovecot", "two recipients, two replies; nothing after three drops; pipelined")
	if out, err := swaks("--pipeline"); err != nil || strings.Count(out, "Saved") != 2 {
		t.Errorf("swaks --pipeline: %v\n%s", err, out)
	}
	for _, user := range []string{mailbox, second} {
		if n := len(c.letters(user)); n != 2 {
			t.Errorf("%s has %d messages after two whole deliveries and three that broke off", user, n)
		}
	}
}
