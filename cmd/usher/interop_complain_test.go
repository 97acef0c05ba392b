//go:build interop

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/smtpd/auth"
	"usher/smtpd/complain"
)

// readARF reads a complaint by Python's own library, which knows nothing of ours.
const readARF = `
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print(m.get_content_type(), m["Content-Type"].params["report-type"], m["To"], m["Auto-Submitted"], len(m.defects))
for p in m.iter_parts():
    print(p.get_content_type(), len(p.defects))
report = list(m.iter_parts())[1].get_payload()
inner = report[0] if isinstance(report, list) else email.message_from_string(report)
for name in ("Feedback-Type", "User-Agent", "Version", "Original-Mail-From", "Arrival-Date", "Reported-Domain"):
    print(name + ": " + str(inner[name]))
print(email.message_from_string(list(m.iter_parts())[2].get_payload())["CFBL-Feedback-ID"])
`

// TestInteropComplain: to whom one may complain is what a real signature covers; the
// complaint is read by a parser of others.
func TestInteropComplain(t *testing.T) {
	r := newResolved(t)
	sign := func(id, above string) []byte {
		raw := strings.Replace(string(r.signedBy("", "news@shop.example")), "Message-ID: ", "CFBL-Address: fbl@shop.example; report=arf\r\nCFBL-Feedback-ID: 111:222:333:4444\r\nX-Id: ", 1)
		raw = "Message-ID: <" + id + ">\r\n" + raw
		return []byte(above + string(r.sign("shop.example", raw, "From", "To", "Subject", "Message-ID", "CFBL-Address", "CFBL-Feedback-ID")))
	}
	good, forged := sign("good@shop.example", ""), sign("forged@shop.example", "CFBL-Address: fbl@evil.example\r\n")
	r.settings = []string{"--complaints", "--relay", "smtp:127.0.0.1:1"}
	r.change = func(c *chain) {
		if _, err := auth.MakeSigner(filepath.Join(c.Dir, "state", "dkim"), "usher.mail.example.org"); err != nil {
			t.Fatal(err)
		}
		c.settings = append(c.settings, "--complaints-minimal")
	}
	r.start()
	r.send(good, "<good@shop.example>", "b+maria@shop.example", "192.0.2.7")
	r.send(forged, "<forged@shop.example>", "b+maria@shop.example", "192.0.2.7")
	for _, step := range []struct {
		args string
		fail bool
		want string
	}{
		{"complain --dry-run good@shop.example", false, "This tells shop.example (fbl@shop.example) which message it was, and so that it was you."},
		{"complain --yes forged@shop.example", true, "no signature that usher verified covers the address for complaints"},
		{"complain --yes --reason too-often good@shop.example", false, "leaves after"},
		{"complain --yes good@shop.example", false, "leaves after"},
		{"complain list", false, "too-often"},
		{"complain cancel", false, "Taken back: shop.example is not told."},
	} {
		words := strings.Fields(step.args)
		at := 1
		if words[1] == "list" || words[1] == "cancel" {
			at = 2
		}
		out, err := exec.Command(r.binary, append(append(words[:at:at], "--socket", r.socket(), "--rcpt", mailbox), words[at:]...)...).CombinedOutput()
		if (err != nil) != step.fail || !strings.Contains(string(out), step.want) {
			t.Errorf("usher %s: %v\n%s\nwant %q", step.args, err, out, step.want)
		}
	}

	id := mail.Identity{Address: "news@shop.example", Domain: "shop.example", OrgDomain: "shop.example", How: mail.ByDKIM, Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: []string{"cfbl-address", "cfbl-feedback-id"}}}}
	slip, err := complain.Read(&mail.Object{Envelope: mail.Envelope{From: "b+maria@shop.example"}, Message: mail.Parse(good), Identity: id}, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	letter, err := slip.Letter(complain.Letter{From: "complaints@usher.example", To: slip.To[0].Address, ID: "1@usher.example", Host: "usher.example", Agent: "usher/1.0", Reason: "other",
		Arrived: time.Date(2026, 11, 21, 17, 42, 9, 0, time.UTC), At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "complaint.eml")
	if err := os.WriteFile(file, letter, 0o600); err != nil {
		t.Fatal(err)
	}
	want := "multipart/report feedback-report fbl@shop.example auto-generated 0\ntext/plain 0\nmessage/feedback-report 0\ntext/rfc822-headers 0\nFeedback-Type: abuse\nUser-Agent: usher/1.0\nVersion: 1\nOriginal-Mail-From: <" +
		complain.Redact([]byte("key"), "b+maria@shop.example") + ">\nArrival-Date: Sat, 21 Nov 2026 00:00:00 +0000\nReported-Domain: shop.example\n111:222:333:4444\n"
	if got := script(t, readARF, file); got != want {
		t.Errorf("Python reads\n%s\nwant\n%s", got, want)
	}
	found(t, "swaks → Postfix → usher → NSD", "complaints go where a signature covers CFBL-Address and nowhere else; Python's email library reads the report")
}
